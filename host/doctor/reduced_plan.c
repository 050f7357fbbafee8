#include "doctor/reduced_plan.h"

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
        }
    }
}

static double operations_of(const ds_plan *plan, int64_t samples) {
    double operations = 0;
    for (int i = 0; i < plan->ops; i++)
        operations += ds_op_cost(plan, &plan->op[i], samples).operations;
    return operations;
}

/* As many samples as the operations allow; of those that must not be left out, three. */
static int64_t samples_for(const ds_plan *plan, const ds_reduction *r) {
    enum { LEAST = 3 };
    int64_t samples = r->most;
    while (samples > LEAST && operations_of(plan, samples) > r->operations)
        samples -= samples / 4 > 0 ? samples / 4 : 1;
    return samples > LEAST ? samples : LEAST;
}

ds_status ds_plan_reduce(ds_plan **out, const ds_operation **loss, const ds_plan *plan,
                         const ds_reduction *reduction) {
    ds_status status = DS_OK;
    ds_layer *layer = NULL;
    ds_plan *trial = NULL;
    const ds_shape *sample = &plan->tensor[plan->features].shape;
    ds_plan_request request = {.sample = *sample,
                               .batch = 1,
                               .stop_gradient = -1,
                               .fuse = plan->fuse,
                               .portable = plan->portable,
                               .separate = reduction->separate};
    int64_t inputs = ds_shape_count(sample);
    if (reduce(inputs, reduction->widest) != inputs)
        request.sample = ds_shape_flat(reduce(inputs, reduction->widest));
    DS_TRY(ds_new(&layer, (size_t)plan->ops + 1, sizeof *layer));
    ask_again(&request, layer, plan, reduction->widest);
    request.layer = layer;
    DS_TRY(ds_layers_shape(layer, request.layers, &request.sample));
    const ds_shape *outputs = request.layers ? &layer[request.layers - 1].out : &request.sample;
    request.targets = request.loss == &ds_op_cross_entropy ? 1 : ds_shape_count(outputs);
    DS_TRY(ds_plan_build(&trial, &request));
    request.batch = samples_for(trial, reduction);
    DS_TRY(ds_plan_build(out, &request));
    *loss = request.loss;

cleanup:
    ds_plan_destroy(trial);
    ds_free(layer);
    return status;
}
