#include "model/plan_build.h"

#include <stdio.h>
#include <string.h>

#include "ops/memory_plan.h"

/* A plan under construction. Tensors and ops are appended; the arrays grow by doubling. */
typedef struct builder {
    const ds_plan_request *request;
    ds_plan *plan;
    int tensor_room, op_room;
    int64_t next[DS_STORAGES]; /* free offset in the storages that fill from the start */
    int *output;               /* per layer: its output tensor; [-1 + 1] is the batch's features */
    int *saved;                /* per layer: what forward keeps for backward, or DS_ABSENT */
    int *parameter;            /* per layer, two each: weight and bias, or DS_ABSENT */
    int batch_targets, record, prediction_gradient;
} builder;

ds_status ds_layers_shape(ds_layer *layer, int layers, const ds_shape *sample) {
    ds_shape shape = *sample;
    for (int i = 0; i < layers; i++) {
        layer[i].in = shape;
        if (layer[i].operation->shape)
            DS_CHECK(layer[i].operation->shape(layer[i].attribute, &layer[i].in, &shape));
        layer[i].out = shape;
    }
    return DS_OK;
}

/* ---- appending ---- */

static ds_status add_tensor(builder *b, const char *name, ds_storage storage, bool per_sample,
                            ds_shape shape, int *out) {
    ds_plan *plan = b->plan;
    if (plan->tensors == b->tensor_room) {
        int room = b->tensor_room ? 2 * b->tensor_room : 32;
        DS_CHECK(ds_resize(&plan->tensor, (size_t)room, sizeof *plan->tensor));
        b->tensor_room = room;
    }
    ds_tensor *tensor = &plan->tensor[plan->tensors];
    *tensor = (ds_tensor){.element = ds_storage_element(storage),
                          .layout = DS_ROW_MAJOR,
                          .storage = storage,
                          .per_sample = per_sample,
                          .shape = shape,
                          .first_op = DS_ABSENT};
    snprintf(tensor->name, sizeof tensor->name, "%s", name);
    if (storage != DS_ACTIVATIONS && !per_sample) {
        tensor->offset = b->next[storage];
        b->next[storage] += ds_shape_count(&shape);
    }
    *out = plan->tensors++;
    return DS_OK;
}

static ds_status add_activation(builder *b, int layer, const char *what, ds_shape shape, int *out) {
    char name[64];
    snprintf(name, sizeof name, "%d.%s", layer, what);
    return add_tensor(b, name, DS_ACTIVATIONS, true, shape, out);
}

static ds_status add_op(builder *b, const ds_op *op) {
    ds_plan *plan = b->plan;
    if (plan->ops == b->op_room) {
        int room = b->op_room ? 2 * b->op_room : 32;
        DS_CHECK(ds_resize(&plan->op, (size_t)room, sizeof *plan->op));
        b->op_room = room;
    }
    plan->op[plan->ops++] = *op;
    return DS_OK;
}

static ds_op new_op(const ds_operation *operation, ds_part part, ds_phase phase, int layer) {
    return (ds_op){.operation = operation,
                   .part = part,
                   .phase = phase,
                   .layer = layer,
                   .in_training = true,
                   .in_evaluation = phase <= DS_PHASE_LOSS,
                   .scratch = DS_ABSENT};
}

static void take(ds_op *op, int tensor) {
    op->input[op->inputs++] = tensor;
}

static void give(ds_op *op, int tensor) {
    op->output[op->outputs++] = tensor;
}

/* ---- the phases ---- */

static ds_status build_data(builder *b) {
    const ds_plan_request *r = b->request;
    ds_plan *plan = b->plan;
    int indices;
    bool targets = r->loss != NULL;
    ds_op op = new_op(&ds_op_gather, DS_FORWARD, DS_PHASE_FORWARD, -1);
    DS_CHECK(add_tensor(b, "features", DS_FEATURES, true, r->sample, &plan->features));
    plan->targets = DS_ABSENT;
    if (targets)
        DS_CHECK(
            add_tensor(b, "targets", DS_TARGETS, true, ds_shape_flat(r->targets), &plan->targets));
    DS_CHECK(add_tensor(b, "indices", DS_INDICES, true, ds_shape_flat(1), &indices));
    DS_CHECK(add_tensor(b, "batch", DS_ACTIVATIONS, true, r->sample, &b->output[0]));
    b->batch_targets = DS_ABSENT;
    if (targets)
        DS_CHECK(add_tensor(b, "batch_targets", DS_ACTIVATIONS, true, ds_shape_flat(r->targets),
                            &b->batch_targets));
    take(&op, plan->features);
    take(&op, plan->targets);
    take(&op, indices);
    give(&op, b->output[0]);
    give(&op, b->batch_targets);
    return add_op(b, &op);
}

/* All parameters first, so that the flat buffers are in layer order, weight before bias. */
static ds_status build_parameters(builder *b) {
    const ds_plan_request *r = b->request;
    for (int i = 0; i < r->layers; i++) {
        const ds_layer *layer = &r->layer[i];
        ds_parameter_rule rule[2];
        int count = layer->operation->parameters
                        ? layer->operation->parameters(layer->attribute, &layer->in, rule)
                        : 0;
        for (int k = 0; k < 2; k++) {
            b->parameter[2 * i + k] = DS_ABSENT;
            if (k >= count)
                continue;
            char name[64];
            snprintf(name, sizeof name, "%d.%s", i, rule[k].name);
            DS_CHECK(
                add_tensor(b, name, DS_PARAMETERS, false, rule[k].shape, &b->parameter[2 * i + k]));
        }
    }
    return DS_OK;
}

static ds_status build_forward(builder *b) {
    const ds_plan_request *r = b->request;
    for (int i = 0; i < r->layers; i++) {
        const ds_layer *layer = &r->layer[i];
        const ds_operation *operation = layer->operation;
        ds_op op = new_op(operation, DS_FORWARD, DS_PHASE_FORWARD, i);
        memcpy(op.attribute, layer->attribute, sizeof op.attribute);
        b->saved[i] = DS_ABSENT;
        /* What is the identity outside training needs no op where nothing is trained. */
        if (operation->training_only && !r->optimizer) {
            b->output[i + 1] = b->output[i];
            continue;
        }
        DS_CHECK(add_activation(b, i, "output", layer->out, &b->output[i + 1]));
        if (operation->saved)
            DS_CHECK(add_activation(b, i, "saved", ds_shape_flat(operation->saved), &b->saved[i]));
        take(&op, b->output[i]);
        for (int k = 0; k < 2; k++)
            take(&op, b->parameter[2 * i + k]);
        give(&op, b->output[i + 1]);
        give(&op, b->saved[i]);
        DS_CHECK(add_op(b, &op));
        if (operation->training_only) {
            b->plan->op[b->plan->ops - 1].in_evaluation = false;
            ds_op same = new_op(&ds_op_identity, DS_FORWARD, DS_PHASE_FORWARD, i);
            same.in_training = false;
            take(&same, b->output[i]);
            give(&same, b->output[i + 1]);
            DS_CHECK(add_op(b, &same));
        }
    }
    b->plan->prediction = b->output[r->layers];
    return DS_OK;
}

static ds_status build_loss(builder *b) {
    const ds_plan_request *r = b->request;
    ds_plan *plan = b->plan;
    int history;
    DS_CHECK(
        add_tensor(b, "record", DS_ACTIVATIONS, true, ds_shape_flat(DS_RECORD_SIZE), &b->record));
    DS_CHECK(add_tensor(b, "history", DS_HISTORY, false, ds_shape_flat(DS_RECORD_SIZE), &history));
    b->prediction_gradient = DS_ABSENT;
    if (r->optimizer)
        DS_CHECK(add_tensor(b, "prediction.gradient", DS_ACTIVATIONS, true,
                            plan->tensor[plan->prediction].shape, &b->prediction_gradient));
    for (int training = r->optimizer != NULL; training >= 0; training--) {
        ds_op op = new_op(r->loss, DS_FORWARD, DS_PHASE_LOSS, r->layers);
        memcpy(op.attribute, r->loss_attribute, sizeof op.attribute);
        op.in_training = training;
        op.in_evaluation = !training;
        take(&op, plan->prediction);
        take(&op, b->batch_targets);
        give(&op, training ? b->prediction_gradient : DS_ABSENT);
        give(&op, b->record);
        DS_CHECK(add_op(b, &op));
    }
    ds_op sum = new_op(&ds_op_record, DS_FORWARD, DS_PHASE_LOSS, r->layers);
    take(&sum, b->record);
    give(&sum, history);
    return add_op(b, &sum);
}

/* The first layer whose input's gradient something needs. */
static int first_with_gradient(const builder *b) {
    const ds_plan_request *r = b->request;
    if (r->input_gradient)
        return 0;
    for (int i = 0; i < r->layers; i++)
        if (b->parameter[2 * i] != DS_ABSENT)
            return i + 1; /* this layer's parameters need the gradient of its output alone */
    return r->layers;
}

static ds_status build_backward(builder *b) {
    const ds_plan_request *r = b->request;
    int parameters[2], gradient = b->prediction_gradient, first = first_with_gradient(b);
    /* Gradients mirror the parameters, in the same order. */
    int *mirror = NULL;
    DS_CHECK(ds_new(&mirror, (size_t)r->layers * 2 + 1, sizeof *mirror));
    ds_status status = DS_OK;
    for (int i = 0; i < 2 * r->layers; i++) {
        mirror[i] = DS_ABSENT;
        if (b->parameter[i] == DS_ABSENT)
            continue;
        char name[80];
        ds_tensor *parameter = &b->plan->tensor[b->parameter[i]];
        snprintf(name, sizeof name, "%s.gradient", parameter->name);
        name[63] = '\0';
        DS_TRY(add_tensor(b, name, DS_GRADIENTS, false, parameter->shape, &mirror[i]));
    }
    for (int i = r->layers - 1; i >= 0; i--) {
        const ds_layer *layer = &r->layer[i];
        const ds_operation *operation = layer->operation;
        bool needs_input_gradient = i >= first;
        memcpy(parameters, &mirror[2 * i], sizeof parameters);
        if (!needs_input_gradient && parameters[0] == DS_ABSENT)
            break;
        ds_op op = new_op(operation, DS_BACKWARD, DS_PHASE_BACKWARD, i);
        memcpy(op.attribute, layer->attribute, sizeof op.attribute);
        int input_gradient = DS_ABSENT;
        if (needs_input_gradient)
            DS_TRY(add_activation(b, i, "input.gradient", layer->in, &input_gradient));
        take(&op, gradient);
        take(&op, operation->backward_reads_input ? b->output[i] : DS_ABSENT);
        take(&op, operation->backward_reads_output ? b->output[i + 1] : DS_ABSENT);
        take(&op, b->saved[i]);
        take(&op, operation->backward_reads_parameters ? b->parameter[2 * i] : DS_ABSENT);
        give(&op, input_gradient);
        give(&op, parameters[0]);
        give(&op, parameters[1]);
        DS_TRY(add_op(b, &op));
        gradient = input_gradient;
    }

cleanup:
    ds_free(mirror);
    return status;
}

enum { NORM_PARTIALS = 2 * 64 };

static ds_status build_update(builder *b) {
    const ds_plan_request *r = b->request;
    ds_plan *plan = b->plan;
    int64_t count = b->next[DS_PARAMETERS];
    int gradients, parameters, moment[2] = {DS_ABSENT, DS_ABSENT}, norm, partial, state;
    b->next[DS_PARAMETERS] = b->next[DS_GRADIENTS] = 0; /* the flat buffers again, as one tensor */
    DS_CHECK(add_tensor(b, "gradients", DS_GRADIENTS, false, ds_shape_flat(count), &gradients));
    DS_CHECK(add_tensor(b, "parameters", DS_PARAMETERS, false, ds_shape_flat(count), &parameters));
    DS_CHECK(add_tensor(b, "status", DS_STATUS, false, ds_shape_flat(DS_STATUS_WORDS), &state));
    DS_CHECK(add_tensor(b, "norm", DS_ACTIVATIONS, false, ds_shape_flat(1), &norm));
    DS_CHECK(add_tensor(b, "norm.partial", DS_ACTIVATIONS, false, ds_shape_flat(NORM_PARTIALS),
                        &partial));

    ds_op reduce = new_op(&ds_op_reduce, DS_FORWARD, DS_PHASE_REDUCE, -1);
    take(&reduce, gradients);
    give(&reduce, gradients);
    DS_CHECK(add_op(b, &reduce));

    ds_op watch = new_op(&ds_op_gradient_norm, DS_FORWARD, DS_PHASE_UPDATE, -1);
    watch.attribute[0] = r->stop_gradient;
    watch.scratch = partial;
    take(&watch, gradients);
    take(&watch, b->record);
    give(&watch, norm);
    give(&watch, state);
    DS_CHECK(add_op(b, &watch));

    ds_op update = new_op(r->optimizer, DS_FORWARD, DS_PHASE_UPDATE, -1);
    memcpy(update.attribute, r->optimizer_attribute, sizeof update.attribute);
    update.attribute[DS_MAX_ATTRIBUTES - 1] = r->clip;
    plan->moments = r->optimizer->moments(update.attribute);
    for (int i = 0; i < plan->moments; i++)
        DS_CHECK(add_tensor(b, i ? "moment2" : "moment1", DS_MOMENTS, false, ds_shape_flat(count),
                            &moment[i]));
    take(&update, gradients);
    take(&update, norm);
    take(&update, state);
    give(&update, parameters);
    for (int i = 0; i < plan->moments; i++)
        give(&update, moment[i]);
    return add_op(b, &update);
}

ds_status ds_plan_build(ds_plan **out, const ds_plan_request *request) {
    ds_status status = DS_OK;
    builder b = {.request = request};
    size_t layers = (size_t)request->layers;
    DS_TRY(ds_new(&b.plan, 1, sizeof *b.plan));
    DS_TRY(ds_new(&b.output, layers + 1, sizeof *b.output));
    DS_TRY(ds_new(&b.saved, layers, sizeof *b.saved));
    DS_TRY(ds_new(&b.parameter, layers * 2, sizeof *b.parameter));
    b.plan->batch = request->batch;
    b.plan->fuse = request->fuse;
    b.plan->portable = request->portable;
    b.plan->training_batch = request->training_batch ? request->training_batch : request->batch;
    DS_TRY(build_data(&b));
    DS_TRY(build_parameters(&b));
    DS_TRY(build_forward(&b));
    if (request->loss)
        DS_TRY(build_loss(&b));
    if (request->loss && request->optimizer) {
        DS_TRY(build_backward(&b));
        DS_TRY(build_update(&b));
    }
    for (int i = 0; i < DS_STORAGES; i++)
        b.plan->storage_count[i] = b.next[i];
    b.plan->storage_count[DS_HISTORY] = 0; /* as long as a chunk of work needs */
    DS_TRY(ds_plan_memory(b.plan, request->separate));
    *out = b.plan;
    b.plan = NULL;

cleanup:
    ds_plan_destroy(b.plan);
    ds_free(b.output);
    ds_free(b.saved);
    ds_free(b.parameter);
    return status;
}
