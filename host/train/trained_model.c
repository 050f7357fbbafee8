#include "train/trained_model.h"

#include <string.h>

#include "base/digest.h"
#include "doctor/verified_executor.h"
#include "launch/opencl_executor.h"
#include "reference/reference.h"

static ds_shape sample_shape(const ds_encoding *encoding) {
    ds_shape shape = {0};
    shape.rank = ds_encoding_sample_shape(encoding, shape.extent);
    return shape.rank ? shape : ds_shape_flat(ds_encoding_features(encoding));
}

ds_status ds_model_assemble(ds_model **out, ds_layer *layer, int layers,
                            const ds_encoding *encoding) {
    ds_status status = DS_OK;
    ds_model *model = NULL;
    DS_TRY(ds_new(&model, 1, sizeof *model));
    model->layer = layer;
    model->layers = layers;
    model->sample = sample_shape(encoding);
    layer = NULL;
    DS_TRY(ds_layers_shape(model->layer, layers, &model->sample));
    DS_TRY(
        ds_parameters_list(&model->entry, &model->entries, &model->values, model->layer, layers));
    DS_TRY(ds_new(&model->parameters, (size_t)model->values, sizeof *model->parameters));
    DS_TRY(ds_encoding_copy(&model->encoding, encoding));
    DS_TRY(ds_copy_text(&model->recipe, ""));
    *out = model;
    model = NULL;

cleanup:
    ds_free(layer);
    ds_model_destroy(model);
    return status;
}

ds_status ds_model_make(ds_model **out, const ds_encoding *encoding, const ds_node *layers,
                        const ds_node *init, const char *folder, uint64_t seed, ds_text *notes) {
    ds_status status = DS_OK;
    ds_model *model = NULL;
    ds_layer *layer = NULL;
    int count = 0;
    DS_TRY(ds_layers_parse(&layer, &count, layers));
    DS_TRY(ds_model_assemble(&model, layer, count, encoding));
    if (model->values == 0) {
        status = ds_node_fail(layers, "add a layer such as - dense: 1",
                              "model: no layer has parameters to train");
        goto cleanup;
    }
    model->seed = seed;
    DS_TRY(ds_parameters_start(model->parameters, model->entry, model->entries, init, folder, seed,
                               notes));
    *out = model;
    model = NULL;

cleanup:
    ds_model_destroy(model);
    return status;
}

ds_status ds_model_create(ds_model **out, const ds_data *data, const char *layers, const char *init,
                          uint64_t seed) {
    ds_status status = DS_OK;
    ds_node *layers_node = NULL, *init_node = NULL;
    DS_TRY(ds_node_parse(&layers_node, layers, "model"));
    if (init)
        DS_TRY(ds_node_parse(&init_node, init, "init"));
    DS_TRY(ds_model_make(out, data->encoding, layers_node, init_node, NULL, seed, NULL));

cleanup:
    ds_node_destroy(layers_node);
    ds_node_destroy(init_node);
    return status;
}

void ds_model_destroy(ds_model *model) {
    if (!model)
        return;
    ds_free(model->layer);
    ds_free(model->entry);
    ds_free(model->parameters);
    ds_encoding_destroy(model->encoding);
    ds_free(model->recipe);
    ds_free(model);
}

static const ds_layer *last_layer(const ds_model *model) {
    return model->layers ? &model->layer[model->layers - 1] : NULL;
}

int64_t ds_model_outputs(const ds_model *model) {
    const ds_layer *last = last_layer(model);
    return ds_shape_count(last ? &last->out : &model->sample);
}

const ds_operation *ds_model_link(const ds_model *model) {
    bool one_for_two = ds_model_outputs(model) == 1 && ds_encoding_classes(model->encoding) == 2;
    switch (ds_encoding_kind(model->encoding)) {
    case DS_TARGET_CLASSES:
        return one_for_two ? &ds_op_sigmoid : &ds_op_softmax;
    case DS_TARGET_BINARY:
        return &ds_op_sigmoid;
    default:
        return NULL;
    }
}

int ds_model_trained_layers(const ds_model *model) {
    const ds_operation *link = ds_model_link(model);
    const ds_layer *last = last_layer(model);
    return last && link && last->operation == link ? model->layers - 1 : model->layers;
}

ds_status ds_model_check_outputs(const ds_model *model, const ds_operation *loss,
                                 const ds_node *place) {
    const ds_encoding *encoding = model->encoding;
    int64_t outputs = ds_model_outputs(model), classes = ds_encoding_classes(encoding);
    int64_t expected = ds_encoding_targets(encoding);
    ds_target_kind kind = ds_encoding_kind(encoding);
    const char *unit = expected == 1 ? "column" : "columns";
    ds_text hint = {0};
    bool wants_classes = loss == &ds_op_cross_entropy;
    bool wants_binary = loss == &ds_op_binary_cross_entropy;
    bool fits = wants_classes ? kind == DS_TARGET_CLASSES
                : wants_binary
                    ? kind == DS_TARGET_BINARY || (kind == DS_TARGET_CLASSES && classes == 2)
                    : kind == DS_TARGET_NUMBERS;
    if (!fits)
        return ds_fail(DS_BAD_INPUT,
                       kind == DS_TARGET_NUMBERS ? "use mse, mae or huber, or give classes"
                                                 : "use cross_entropy",
                       "loss \"%s\" does not fit a target of %s", loss->name,
                       kind == DS_TARGET_NUMBERS   ? "numbers"
                       : kind == DS_TARGET_CLASSES ? "classes"
                                                   : "two classes");
    if (wants_classes) {
        expected = classes;
        unit = "classes";
    }
    if (outputs == expected)
        return DS_OK;
    int last = model->layers - 1;
    while (last >= 0 && strcmp(model->layer[last].operation->name, "dense") != 0)
        last--;
    if (last >= 0)
        DS_CHECK(ds_text_add(&hint, "--set model.%d.dense.units=%lld", last, (long long)expected));
    else
        DS_CHECK(ds_text_add(&hint, "add a layer `dense: %lld`", (long long)expected));
    const char *values = outputs == 1 ? "value" : "values";
    ds_status status =
        place ? ds_node_fail(place, hint.characters,
                             "model: its last layer gives %lld %s, the target has %lld %s",
                             (long long)outputs, values, (long long)expected, unit)
              : ds_fail(DS_BAD_INPUT, hint.characters,
                        "model: its last layer gives %lld %s, the target has %lld %s",
                        (long long)outputs, values, (long long)expected, unit);
    ds_text_clear(&hint);
    return status;
}

uint64_t ds_model_seed(const ds_model *model) {
    return model->seed;
}

size_t ds_model_parameters(const ds_model *model) {
    return (size_t)model->entries;
}

ds_parameter ds_model_parameter(const ds_model *model, size_t index) {
    const ds_parameter_entry *entry = &model->entry[index];
    ds_parameter parameter = {.rank = entry->rule.shape.rank,
                              .count = ds_shape_count(&entry->rule.shape),
                              .values = model->parameters + entry->offset};
    memcpy(parameter.name, entry->name, sizeof parameter.name);
    memcpy(parameter.shape, entry->rule.shape.extent, sizeof parameter.shape);
    return parameter;
}

void ds_weights_hash(const double *values, int64_t count, char hash[65]) {
    enum { BLOCK = 1024 };
    unsigned char bytes[BLOCK * sizeof(float)];
    ds_digest digest;
    ds_digest_begin(&digest);
    for (int64_t i = 0; i < count; i += BLOCK) {
        size_t block = (size_t)(count - i < BLOCK ? count - i : BLOCK);
        for (size_t k = 0; k < block; k++) {
            float narrow = (float)values[(size_t)i + k];
            uint32_t bits;
            memcpy(&bits, &narrow, sizeof bits);
            for (size_t byte = 0; byte < sizeof bits; byte++)
                bytes[4 * k + byte] = (unsigned char)(bits >> (8 * byte));
        }
        ds_digest_add(&digest, bytes, block * sizeof(float));
    }
    ds_digest_end(&digest, hash);
}

ds_status ds_executor_open(ds_executor **out, const ds_plan *plan, ds_device *device) {
    return ds_device_is_reference(device) ? ds_reference_executor_create(out, plan)
                                          : ds_verified_executor_create(out, plan, device);
}
