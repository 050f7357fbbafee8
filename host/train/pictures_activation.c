/* An activation with its slope, as the device computes them; and for the sigmoid its inverse. */
#include <stdio.h>
#include <string.h>

#include "train/pictures_kinds.h"
#include "train/upload.h"

enum { PLACES = 481 };
static const double reach = 6; /* from -6 to 6 */

/* ---- which ---- */

static bool is_activation(const ds_operation *operation) {
    return operation->family == DS_LAYER && operation->space == DS_SPACE_ELEMENTS &&
           !operation->parameters && !operation->training_only;
}

/* `activation: gelu`, `activation: {leaky_relu: 0.1}`; the network's first one where nothing is
 * said. */
static ds_status parse(const ds_picture_source *source, const ds_picture *picture,
                       ds_layer *layer) {
    const ds_model *model = source->model;
    *layer = (ds_layer){0};
    if (picture->options) {
        DS_CHECK(ds_operation_parse(picture->options, DS_LAYER, "activation", &layer->operation,
                                    layer->attribute));
        if (!is_activation(layer->operation))
            return ds_node_fail(picture->options, "name one such as sigmoid, tanh or relu",
                                "\"%s\" is no function of one number", layer->operation->name);
        return DS_OK;
    }
    for (int i = 0; i < model->layers && !layer->operation; i++)
        if (is_activation(model->layer[i].operation))
            *layer = model->layer[i];
    if (!layer->operation)
        return ds_node_fail(picture->place, "name one: activation: sigmoid",
                            "plots: the network has no activation");
    return DS_OK;
}

ds_status ds_picture_activation_check(const ds_picture_source *source, const ds_picture *picture) {
    ds_layer layer;
    return parse(source, picture, &layer);
}

/* ---- from the device ---- */

static const ds_op *backward_of(const ds_plan *plan) {
    const ds_op *op = plan->op;
    while (op->part != DS_BACKWARD)
        op++;
    return op;
}

/* One sample whose numbers are the places: forward gives the values, and backward of a gradient of
 * ones the slopes. */
static ds_status evaluate(const ds_layer *layer, ds_device *device, const double *z, double *value,
                          double *slope) {
    ds_status status = DS_OK;
    ds_layer only = *layer;
    ds_plan *plan = NULL;
    ds_executor *executor = NULL;
    ds_pass pass = {.training = true, .count = 1, .global_count = 1, .update = 1};
    const double first = 0;
    ds_plan_request request = {.layer = &only,
                               .layers = 1,
                               .sample = ds_shape_flat(PLACES),
                               .batch = 1,
                               .targets = PLACES,
                               .loss = &ds_op_mse,
                               .optimizer = &ds_op_sgd,
                               .stop_gradient = -1,
                               .separate = true,
                               .input_gradient = true};
    DS_TRY(ds_layers_shape(&only, 1, &request.sample));
    DS_TRY(ds_plan_build(&plan, &request));
    DS_TRY(ds_executor_open(&executor, plan, device));
    DS_TRY(executor->reserve(executor, DS_FEATURES, PLACES));
    DS_TRY(executor->reserve(executor, DS_TARGETS, PLACES));
    DS_TRY(executor->reserve(executor, DS_INDICES, 1));
    DS_TRY(ds_upload(executor, DS_FEATURES, 0, PLACES, z));
    DS_TRY(ds_upload(executor, DS_TARGETS, 0, PLACES, z));
    DS_TRY(ds_upload(executor, DS_INDICES, 0, 1, &first));
    DS_TRY(ds_run_phases(executor, DS_PHASE_FORWARD, DS_PHASE_FORWARD, &pass));
    DS_TRY(executor->read(executor, DS_ACTIVATIONS, plan->tensor[plan->prediction].offset, PLACES,
                          value));
    const ds_op *backward = backward_of(plan);
    for (int i = 0; i < PLACES; i++)
        slope[i] = 1;
    DS_TRY(ds_upload(executor, DS_ACTIVATIONS, plan->tensor[backward->input[0]].offset, PLACES,
                     slope));
    DS_TRY(executor->run(executor, backward, &pass));
    DS_TRY(executor->read(executor, DS_ACTIVATIONS, plan->tensor[backward->output[0]].offset,
                          PLACES, slope));

cleanup:
    if (executor)
        executor->destroy(executor);
    ds_plan_destroy(plan);
    return status;
}

/* ---- the pictures ---- */

static ds_status draw_logit(const double *z, const double *value, const char *folder,
                            ds_text *drawn, ds_text *notes) {
    ds_series series = {NULL, DS_LOOK_LINE, PLACES, value, z};
    ds_chart chart = {.title = "logit, the inverse of sigmoid",
                      .x = {.label = "p = sigmoid(z)", .from = 0, .to = 1},
                      .y = {.label = "z = logit(p)"},
                      .series = &series,
                      .series_count = 1};
    return ds_picture_chart(&chart, folder, "logit", drawn, notes);
}

ds_status ds_picture_activation_draw(const ds_picture_source *source, const ds_picture *picture,
                                     const char *folder, ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    ds_layer layer;
    double z[PLACES], value[PLACES], slope[PLACES];
    char file[80], label[80];
    ds_text title = {0};
    DS_TRY(parse(source, picture, &layer));
    for (int i = 0; i < PLACES; i++)
        z[i] = -reach + 2 * reach * i / (PLACES - 1);
    DS_TRY(evaluate(&layer, source->device, z, value, slope));
    DS_TRY(ds_operation_print(layer.operation, layer.attribute, &title));
    snprintf(label, sizeof label, "%.60s(z)", layer.operation->name);
    snprintf(file, sizeof file, "activation_%.60s", layer.operation->name);
    ds_series series[] = {{label, DS_LOOK_LINE, PLACES, z, value},
                          {"slope", DS_LOOK_DASHED, PLACES, z, slope}};
    ds_chart chart = {.title = title.characters,
                      .x = {.label = "z"},
                      .y = {.label = label},
                      .series = series,
                      .series_count = 2};
    DS_TRY(ds_picture_chart(&chart, folder, file, drawn, notes));
    if (layer.operation == &ds_op_sigmoid)
        DS_TRY(draw_logit(z, value, folder, drawn, notes));

cleanup:
    ds_text_clear(&title);
    return status;
}
