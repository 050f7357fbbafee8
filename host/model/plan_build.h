/* From a list of layers, a loss and an optimizer to a plan. */
#ifndef DS_PLAN_BUILD_H
#define DS_PLAN_BUILD_H

#include "ops/operation.h"

typedef struct ds_layer {
    const ds_operation *operation;
    double attribute[DS_MAX_ATTRIBUTES];
    ds_shape in, out; /* of a sample; filled by ds_layers_shape */
} ds_layer;

/* What a plan is asked to do. */
typedef struct ds_plan_request {
    const ds_layer *layer;
    int layers;
    ds_shape sample;        /* of the features */
    int64_t batch;          /* most samples in one pass */
    int64_t training_batch; /* in one that trains; 0: as many */
    int64_t targets;        /* columns of the targets */

    const ds_operation *loss; /* NULL: a plan that only predicts */
    double loss_attribute[DS_MAX_ATTRIBUTES];

    const ds_operation *optimizer; /* NULL: a plan that only evaluates */
    double optimizer_attribute[DS_MAX_ATTRIBUTES];
    double clip;          /* 0: none */
    double stop_gradient; /* norm of the gradient to stop at; negative: none */

    bool fuse;           /* ops may be run together */
    bool portable;       /* the same bits on every device */
    bool separate;       /* every tensor keeps its own memory, so that any op can be replayed */
    bool input_gradient; /* the gradient of the features, too: for checking backward ops */
} ds_plan_request;

/* Works out in and out of every layer for a sample's shape. */
ds_status ds_layers_shape(ds_layer *layer, int layers, const ds_shape *sample);

ds_status ds_plan_build(ds_plan **out, const ds_plan_request *request);

#endif
