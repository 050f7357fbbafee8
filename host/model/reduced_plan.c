#include "model/reduced_plan.h"

#include <string.h>

/* Neither a multiple of a vector nor of a tile, and not the same for all. */
static int64_t reduce(int64_t extent, int64_t widest) {
    enum { RAGGED = 13 };
    return widest > 0 && extent > widest ? widest - RAGGED + extent % RAGGED : extent;
}

/* What the plan was asked to do, as far as its ops say; evaluation has a second op of a dropout. */
static void ask_again(ds_plan_request *request, ds_layer *layer, const ds_plan *plan,
                      int64_t widest) {
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        if (op->phase == DS_PHASE_FORWARD && op->operation->family == DS_LAYER && op->in_training) {
            ds_layer *next = &layer[request->layers++];
            *next = (ds_layer){.operation = op->operation};
            memcpy(next->attribute, op->attribute, sizeof next->attribute);
            if (op->operation == &ds_op_dense)
                next->attribute[0] = (double)reduce((int64_t)op->attribute[0], widest);
        } else if (op->operation->family == DS_LOSS) {
            request->loss = op->operation;
            memcpy(request->loss_attribute, op->attribute, sizeof request->loss_attribute);
        } else if (op->operation->family == DS_OPTIMIZER) {
            request->optimizer = op->operation;
            memcpy(request->optimizer_attribute, op->attribute,
                   sizeof request->optimizer_attribute);
            request->clip = op->attribute[DS_MAX_ATTRIBUTES - 1];
        } else if (op->operation == &ds_op_gradient_norm) {
            request->stop_gradient = op->attribute[0];
        } else if (op->part == DS_BACKWARD && op->layer == 0) {
            request->input_gradient = op->output[0] != DS_ABSENT;
        }
    }
}

/* Of a plan for one sample. */
static double numbers_of(const ds_plan *plan, int64_t samples) {
    double fixed = 0, of_sample = 0;
    for (int t = 0; t < plan->tensors; t++)
        if (plan->tensor[t].per_sample && plan->tensor[t].storage == DS_ACTIVATIONS)
            of_sample += (double)ds_shape_count(&plan->tensor[t].shape);
    for (int s = 0; s < DS_STORAGES; s++)
        fixed += s == DS_ACTIVATIONS ? 0 : (double)plan->storage_count[s];
    if (plan->features != DS_ABSENT)
        of_sample += (double)ds_shape_count(&plan->tensor[plan->features].shape);
    return fixed + of_sample * (double)samples;
}

enum { LEAST = 3 };

/* As many samples as there is room for; of those that must not be left out, three. */
static int64_t samples_for(const ds_plan *plan, const ds_reduction *r) {
    int64_t samples = r->most;
    while (samples > LEAST && numbers_of(plan, samples) > (double)r->numbers)
        samples -= samples / 4 > 0 ? samples / 4 : 1;
    return samples;
}

static int64_t widest_of(const ds_plan *plan) {
    int64_t widest = ds_shape_count(&plan->tensor[plan->features].shape);
    for (int i = 0; i < plan->ops; i++)
        if (plan->op[i].operation == &ds_op_dense && plan->op[i].attribute[0] > (double)widest)
            widest = (int64_t)plan->op[i].attribute[0];
    return widest;
}

/* A plan of one sample, and how it was asked for; `layer` is the request's. */
static ds_status narrow(ds_plan **out, ds_plan_request *request, ds_layer *layer,
                        const ds_plan *plan, int64_t widest) {
    const ds_shape *sample = &plan->tensor[plan->features].shape;
    int64_t inputs = ds_shape_count(sample);
    *request = (ds_plan_request){.sample = *sample,
                                 .batch = 1,
                                 .stop_gradient = -1,
                                 .fuse = plan->fuse,
                                 .portable = plan->portable,
                                 .separate = true};
    if (reduce(inputs, widest) != inputs)
        request->sample = ds_shape_flat(reduce(inputs, widest));
    ask_again(request, layer, plan, widest);
    request->layer = layer;
    DS_CHECK(ds_layers_shape(layer, request->layers, &request->sample));
    const ds_shape *outputs = request->layers ? &layer[request->layers - 1].out : &request->sample;
    request->targets = request->loss == &ds_op_cross_entropy ? 1 : ds_shape_count(outputs);
    return ds_plan_build(out, request);
}

ds_status ds_plan_reduce(ds_plan **out, const ds_operation **loss, const ds_plan *plan,
                         const ds_reduction *r) {
    enum { NARROW = 64 };
    ds_status status = DS_OK;
    ds_layer *layer = NULL;
    ds_plan *trial = NULL;
    ds_plan_request request;
    DS_TRY(ds_new(&layer, (size_t)plan->ops + 1, sizeof *layer));
    bool fits = false;
    for (int64_t w = r->widest ? r->widest : widest_of(plan); !fits; w = w * 3 / 4) {
        ds_plan_destroy(trial);
        trial = NULL;
        DS_TRY(narrow(&trial, &request, layer, plan, w));
        fits = r->widest || w <= NARROW || numbers_of(trial, LEAST) <= (double)r->numbers;
    }
    request.batch = samples_for(trial, r);
    request.training_batch =
        plan->training_batch < request.batch ? plan->training_batch : request.batch;
    DS_TRY(ds_plan_build(out, &request));
    *loss = request.loss;

cleanup:
    ds_plan_destroy(trial);
    ds_free(layer);
    return status;
}
