/* What is in a model, for a person. */
#include <stdlib.h>

#include "train/trained_model.h"

static ds_status describe_layers(const ds_model *model, ds_text *out) {
    char in[64], shape[64];
    for (int i = 0; i < model->layers; i++) {
        const ds_layer *layer = &model->layer[i];
        ds_text name = {0};
        ds_status status = ds_operation_print(layer->operation, layer->attribute, &name);
        if (status == DS_OK)
            status =
                ds_text_add(out, "  %-3d %-40s %s -> %s", i, name.characters,
                            ds_shape_print(&layer->in, in), ds_shape_print(&layer->out, shape));
        ds_text_clear(&name);
        DS_CHECK(status);
        for (int k = 0; k < model->entries; k++) {
            const ds_parameter_entry *entry = &model->entry[k];
            if (atoi(entry->name) == i)
                DS_CHECK(ds_text_add(out, "  %s %s", entry->name,
                                     ds_shape_print(&entry->rule.shape, shape)));
        }
        DS_CHECK(ds_text_add(out, "\n"));
    }
    return DS_OK;
}

ds_status ds_model_describe(const ds_model *model, char **text) {
    ds_status status = DS_OK;
    ds_text out = {0};
    char hash[65];
    ds_weights_hash(model->parameters, model->values, hash);
    DS_TRY(ds_text_add(&out, "layers\n"));
    DS_TRY(describe_layers(model, &out));
    DS_TRY(ds_text_add(&out, "parameters    %lld\n", (long long)model->values));
    DS_TRY(ds_text_add(&out, "weights_hash  %s\n", hash));
    if (model->loss)
        DS_TRY(ds_text_add(&out, "loss          %s\n", model->loss->name));
    DS_TRY(ds_text_add(&out, "columns\n"));
    DS_TRY(ds_encoding_describe(model->encoding, &out));
    if (model->updates || model->device[0])
        DS_TRY(ds_text_add(&out, "trained       %lld epoch%s, %lld update%s, seed %llu, on %s\n",
                           (long long)model->epochs, model->epochs == 1 ? "" : "s",
                           (long long)model->updates, model->updates == 1 ? "" : "s",
                           (unsigned long long)model->seed, model->device));
    if (model->best_epoch)
        DS_TRY(ds_text_add(&out, "kept          epoch %lld, that of the least validation loss\n",
                           (long long)model->best_epoch));
    if (model->updates || model->device[0])
        DS_TRY(ds_text_add(&out, "plan_hash     %s\n", model->plan_hash));
    if (model->recipe[0])
        DS_TRY(ds_text_add(&out, "recipe\n%s", model->recipe));
    DS_TRY(ds_text_take(&out, text));

cleanup:
    ds_text_clear(&out);
    return status;
}
