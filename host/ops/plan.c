#include "ops/plan.h"

#include <stdio.h>

#include "ops/operation.h"

ds_shape ds_shape_flat(int64_t extent) {
    return (ds_shape){1, {extent}};
}

int64_t ds_shape_count(const ds_shape *shape) {
    int64_t count = 1;
    for (int i = 0; i < shape->rank; i++)
        count *= shape->extent[i];
    return count;
}

char *ds_shape_print(const ds_shape *shape, char text[64]) {
    int length = 0;
    text[0] = '\0';
    for (int i = 0; i < shape->rank && length < 48; i++)
        length += snprintf(text + length, 64 - (size_t)length, "%s%lld", i ? "x" : "",
                           (long long)shape->extent[i]);
    return text;
}

const char *ds_storage_name(ds_storage storage) {
    static const char *const name[] = {"parameters",  "gradients", "moments",
                                       "activations", "features",  "targets",
                                       "indices",     "history",   "status"};
    return name[storage];
}

ds_element ds_storage_element(ds_storage storage) {
    return storage == DS_INDICES || storage == DS_STATUS ? DS_INT32 : DS_FLOAT32;
}

int64_t ds_tensor_count(const ds_tensor *tensor, int64_t count) {
    return ds_shape_count(&tensor->shape) * (tensor->per_sample ? count : 1);
}

const char *ds_phase_name(ds_phase phase) {
    static const char *const name[] = {"forward", "loss", "backward", "reduce", "update"};
    return name[phase];
}

void ds_plan_destroy(ds_plan *plan) {
    if (!plan)
        return;
    ds_free(plan->tensor);
    ds_free(plan->op);
    ds_free(plan);
}

bool ds_op_runs(const ds_op *op, const ds_pass *pass) {
    return pass->training ? op->in_training : op->in_evaluation;
}

bool ds_op_accumulates(const ds_plan *plan, const ds_op *op, int output, const ds_pass *pass) {
    if (op->part != DS_BACKWARD || op->output[output] == DS_ABSENT)
        return false;
    return op->accumulate ||
           (pass->accumulate && plan->tensor[op->output[output]].storage == DS_GRADIENTS);
}

bool ds_tensor_is_read_outside(const ds_plan *plan, int tensor, const ds_op *first, int ops) {
    bool read = tensor == plan->prediction;
    for (const ds_op *op = plan->op; op < plan->op + plan->ops; op++)
        for (int i = 0; i < op->inputs && (op < first || op >= first + ops); i++)
            read = read || op->input[i] == tensor;
    return read;
}

/* ---- updates in 32 bits ---- */

uint32_t ds_update_number(uint64_t update) {
    return update == 0 ? 0 : (uint32_t)((update - 1) % UINT32_MAX) + 1;
}

double ds_status_word(uint64_t update) {
    return (double)(int32_t)ds_update_number(update);
}

uint64_t ds_status_update(double word, uint64_t first) {
    uint32_t number = (uint32_t)(int64_t)word, from = ds_update_number(first);
    return first + (number >= from ? number - from : UINT32_MAX - (from - number));
}
