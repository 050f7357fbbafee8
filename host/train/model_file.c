/* model.safetensors: float32 tensors named as PyTorch's nn.Sequential names them, and in
 * __metadata__ the key "recipe" with everything that predict needs, as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "model/safetensors.h"
#include "train/trained_model.h"

#define FORMAT_VERSION "1"

/* ---- metadata ---- */

static ds_status operation_text(const ds_operation *operation, const double *attribute,
                                char **out) {
    ds_text text = {0};
    ds_status status = ds_text_add(&text, "{");
    if (status == DS_OK)
        status = ds_operation_print(operation, attribute, &text);
    if (status == DS_OK && ds_operation_options(operation) == 0)
        status = ds_text_add(&text, ": ");
    if (status == DS_OK)
        status = ds_text_add(&text, "}");
    if (status == DS_OK)
        *out = text.characters;
    else
        ds_text_clear(&text);
    return status;
}

static ds_status layers_text(const ds_model *model, ds_text *out) {
    for (int i = 0; i < model->layers; i++) {
        DS_CHECK(ds_text_add(out, "- "));
        DS_CHECK(ds_operation_print(model->layer[i].operation, model->layer[i].attribute, out));
        DS_CHECK(ds_text_add(out, "\n"));
    }
    return DS_OK;
}

ds_status ds_model_metadata(const ds_model *model, char **json) {
    ds_status status = DS_OK;
    cJSON *root = cJSON_CreateObject(), *encoding = NULL;
    ds_text layers = {0};
    char *loss = NULL, *printed = NULL;
    bool good = root != NULL;
    DS_TRY(layers_text(model, &layers));
    DS_TRY(ds_encoding_to_json(model->encoding, &encoding));
    good = good && cJSON_AddStringToObject(root, "model", layers.characters);
    if (model->loss) {
        DS_TRY(operation_text(model->loss, model->loss_attribute, &loss));
        good = good && cJSON_AddStringToObject(root, "loss", loss);
    }
    char seed[32];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)model->seed);
    good = good && cJSON_AddStringToObject(root, "seed", seed) &&
           cJSON_AddNumberToObject(root, "epochs", (double)model->epochs) &&
           cJSON_AddNumberToObject(root, "updates", (double)model->updates) &&
           (!model->portable || cJSON_AddTrueToObject(root, "portable")) &&
           (!model->best_epoch ||
            cJSON_AddNumberToObject(root, "best_epoch", (double)model->best_epoch)) &&
           cJSON_AddStringToObject(root, "device", model->device) &&
           cJSON_AddStringToObject(root, "plan_hash", model->plan_hash) &&
           cJSON_AddStringToObject(root, "text", model->recipe);
    if (good) {
        good = cJSON_AddItemToObject(root, "encoding", encoding);
        encoding = good ? NULL : encoding;
    }
    printed = good ? cJSON_PrintUnformatted(root) : NULL;
    if (!printed) {
        status = ds_fail(DS_OUT_OF_MEMORY, "", "no memory to describe a model");
        goto cleanup;
    }
    DS_TRY(ds_copy_text(json, printed));

cleanup:
    cJSON_free(printed);
    cJSON_Delete(root);
    cJSON_Delete(encoding);
    ds_text_clear(&layers);
    ds_free(loss);
    return status;
}

static ds_status damaged(const char *source) {
    return ds_fail(DS_BAD_INPUT,
                   "use a model.safetensors that descent wrote; a recipe starts from another's "
                   "tensors by init: {file: F}",
                   "%s: it does not say how the model is made (\"recipe\" in its metadata)",
                   source);
}

static const char *text_of(const cJSON *root, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, key);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

static int64_t number_of(const cJSON *root, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, key);
    return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 9e15
               ? (int64_t)item->valuedouble
               : 0;
}

static ds_status parse_loss(ds_model *model, const char *text, const char *source) {
    ds_node *node = NULL;
    DS_CHECK(ds_node_parse(&node, text, source));
    ds_status status =
        ds_operation_parse(node, DS_LOSS, "loss", &model->loss, model->loss_attribute);
    ds_node_destroy(node);
    return status;
}

ds_status ds_model_from_metadata(ds_model **out, const char *json, const char *source) {
    ds_status status = DS_OK;
    cJSON *root = cJSON_Parse(json);
    ds_encoding *encoding = NULL;
    ds_node *list = NULL;
    ds_layer *layer = NULL;
    ds_model *model = NULL;
    int layers = 0;
    const char *text = text_of(root, "model"), *loss = text_of(root, "loss");
    const char *device = text_of(root, "device"), *plan_hash = text_of(root, "plan_hash");
    const char *recipe = text_of(root, "text"), *seed = text_of(root, "seed");
    if (!text) {
        status = damaged(source);
        goto cleanup;
    }
    DS_TRY(ds_encoding_from_json(&encoding, cJSON_GetObjectItemCaseSensitive(root, "encoding"),
                                 source));
    DS_TRY(ds_node_parse(&list, text, source));
    DS_TRY(ds_layers_parse(&layer, &layers, list));
    DS_TRY(ds_model_assemble(&model, layer, layers, encoding));
    if (loss)
        DS_TRY(parse_loss(model, loss, source));
    snprintf(model->device, sizeof model->device, "%s", device ? device : "");
    snprintf(model->plan_hash, sizeof model->plan_hash, "%s", plan_hash ? plan_hash : "");
    if (seed)
        model->seed = strtoull(seed, NULL, 10);
    model->epochs = number_of(root, "epochs");
    model->updates = number_of(root, "updates");
    model->best_epoch = number_of(root, "best_epoch");
    model->portable = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "portable"));
    if (recipe) {
        ds_free(model->recipe);
        model->recipe = NULL;
        DS_TRY(ds_copy_text(&model->recipe, recipe));
    }
    *out = model;
    model = NULL;

cleanup:
    cJSON_Delete(root);
    ds_encoding_destroy(encoding);
    ds_node_destroy(list);
    ds_model_destroy(model);
    return status;
}

/* ---- files ---- */

ds_status ds_model_save(const ds_model *model, const char *path) {
    ds_status status = DS_OK;
    char *metadata = NULL;
    ds_stored_tensor *tensor = NULL;
    DS_TRY(ds_model_metadata(model, &metadata));
    DS_TRY(ds_new(&tensor, (size_t)model->entries, sizeof *tensor));
    for (int i = 0; i < model->entries; i++) {
        tensor[i].name = model->entry[i].name;
        tensor[i].type = DS_TYPE_F32;
        tensor[i].shape = model->entry[i].rule.shape;
        tensor[i].values = model->parameters + model->entry[i].offset;
    }
    ds_stored_text texts[] = {{"descent", FORMAT_VERSION}, {"recipe", metadata}};
    DS_TRY(ds_safetensors_write(path, tensor, model->entries, texts, 2));

cleanup:
    ds_free(metadata);
    ds_free(tensor);
    return status;
}

static ds_status fill_parameters(ds_model *model, const ds_stored_file *file, const char *path) {
    for (int i = 0; i < model->entries; i++) {
        const ds_parameter_entry *entry = &model->entry[i];
        const ds_stored_tensor *tensor = ds_stored_find(file, entry->name);
        if (!tensor || !ds_same_shape(&tensor->shape, &entry->rule.shape))
            return ds_fail(DS_BAD_INPUT, "use a model.safetensors that descent wrote",
                           "%s: tensor \"%s\" is missing, or of another shape or type", path,
                           entry->name);
        memcpy(model->parameters + entry->offset, tensor->values,
               (size_t)ds_shape_count(&tensor->shape) * sizeof(double));
    }
    return DS_OK;
}

ds_status ds_model_load(ds_model **out, const char *path) {
    ds_status status = DS_OK;
    ds_stored_file file = {0};
    ds_model *model = NULL;
    char *inside = NULL;
    if (ds_folder_exists(path)) {
        DS_TRY(ds_path_join(&inside, path, "model.safetensors"));
        path = inside;
    }
    DS_TRY(ds_safetensors_read(&file, path));
    const char *version = ds_stored_metadata(&file, "descent");
    const char *recipe = ds_stored_metadata(&file, "recipe");
    if (version && strcmp(version, FORMAT_VERSION) != 0) {
        status = ds_fail(DS_BAD_INPUT, "use a newer descent",
                         "%s: format version \"%s\", this descent reads \"%s\"", path, version,
                         FORMAT_VERSION);
        goto cleanup;
    }
    if (!recipe) {
        status = damaged(path);
        goto cleanup;
    }
    DS_TRY(ds_model_from_metadata(&model, recipe, path));
    DS_TRY(fill_parameters(model, &file, path));
    *out = model;
    model = NULL;

cleanup:
    ds_model_destroy(model);
    ds_stored_file_clear(&file);
    ds_free(inside);
    return status;
}
