#include "ops/memory_plan.h"

#include <string.h>

/* Offsets are multiples of 64 bytes, so that vector loads and caches lines are not split. */
enum { ALIGNMENT = 16 };

static void touch(ds_plan *plan, int index, int op) {
    if (index == DS_ABSENT)
        return;
    ds_tensor *tensor = &plan->tensor[index];
    if (tensor->first_op == DS_ABSENT)
        tensor->first_op = op;
    tensor->last_op = op;
}

static void find_lifetimes(ds_plan *plan) {
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        for (int k = 0; k < op->inputs; k++)
            touch(plan, op->input[k], i);
        for (int k = 0; k < op->outputs; k++)
            touch(plan, op->output[k], i);
        touch(plan, op->scratch, i);
        /* The op behind a dense layer may be launched with it and write while it still reads. */
        for (int k = 0; k < op->inputs && op->operation == &ds_op_dense; k++)
            touch(plan, op->input[k], i + 1);
    }
    /* The prediction is read after the last op. */
    plan->tensor[plan->prediction].last_op = plan->ops;
}

static int64_t room(const ds_plan *plan, const ds_tensor *tensor) {
    int64_t count = ds_tensor_count(tensor, plan->batch);
    return (count + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool overlap_in_time(const ds_tensor *a, const ds_tensor *b) {
    return a->first_op <= b->last_op && b->first_op <= a->last_op;
}

/* First fit: the lowest offset that no placed tensor alive at the same time covers. */
static int64_t first_fit(const ds_plan *plan, int index) {
    const ds_tensor *tensor = &plan->tensor[index];
    int64_t offset = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < index; i++) {
            const ds_tensor *other = &plan->tensor[i];
            if (other->storage != DS_ACTIVATIONS || other->first_op == DS_ABSENT ||
                !overlap_in_time(tensor, other) || offset >= other->offset + room(plan, other) ||
                other->offset >= offset + room(plan, tensor))
                continue;
            offset = other->offset + room(plan, other);
            moved = true;
        }
    }
    return offset;
}

ds_status ds_plan_memory(ds_plan *plan, bool separate) {
    int64_t end = 0;
    find_lifetimes(plan);
    for (int i = 0; i < plan->tensors; i++) {
        ds_tensor *tensor = &plan->tensor[i];
        if (tensor->storage != DS_ACTIVATIONS || tensor->first_op == DS_ABSENT)
            continue;
        tensor->offset = separate ? end + DS_GUARD : first_fit(plan, i);
        int64_t size = separate ? ds_tensor_count(tensor, plan->batch) : room(plan, tensor);
        if (tensor->offset + size > end)
            end = tensor->offset + size;
    }
    plan->storage_count[DS_ACTIVATIONS] = end + (separate ? DS_GUARD : 0);
    return DS_OK;
}

ds_status ds_plan_apart(ds_plan **out, const ds_plan *plan) {
    ds_status status = DS_OK;
    ds_plan *copy = NULL;
    DS_CHECK(ds_new(&copy, 1, sizeof *copy));
    *copy = *plan;
    copy->tensor = NULL;
    copy->op = NULL;
    DS_TRY(ds_new(&copy->tensor, (size_t)plan->tensors, sizeof *plan->tensor));
    DS_TRY(ds_new(&copy->op, (size_t)plan->ops, sizeof *plan->op));
    memcpy(copy->tensor, plan->tensor, (size_t)plan->tensors * sizeof *plan->tensor);
    memcpy(copy->op, plan->op, (size_t)plan->ops * sizeof *plan->op);
    DS_TRY(ds_plan_memory(copy, true));
    *out = copy;
    copy = NULL;

cleanup:
    ds_plan_destroy(copy);
    return status;
}

void ds_plan_memory_turned(ds_plan *plan) {
    int64_t end = 0;
    find_lifetimes(plan);
    for (int i = plan->tensors - 1; i >= 0; i--) {
        ds_tensor *tensor = &plan->tensor[i];
        if (tensor->storage != DS_ACTIVATIONS || tensor->first_op == DS_ABSENT)
            continue;
        tensor->offset = end;
        end += room(plan, tensor);
    }
    plan->storage_count[DS_ACTIVATIONS] = end;
}
