#include <stdio.h>
#include <string.h>

#include "ops/operation.h"

#define DS_ADDRESS(name) &ds_op_##name,
static const ds_operation *const layers[] = {DS_LAYERS(DS_ADDRESS) NULL};
static const ds_operation *const losses[] = {DS_LOSSES(DS_ADDRESS) NULL};
static const ds_operation *const optimizers[] = {DS_OPTIMIZERS(DS_ADDRESS) NULL};
static const ds_operation *const services[] = {DS_SERVICES(DS_ADDRESS) NULL};

const ds_operation *const *ds_operations(ds_family family) {
    const ds_operation *const *list[] = {layers, losses, optimizers, services};
    return list[family];
}

const ds_operation *ds_operation_find(ds_family family, const char *name) {
    const ds_operation *const *list = ds_operations(family);
    while (*list && strcmp((*list)->name, name) != 0)
        list++;
    return *list;
}

int ds_operation_options(const ds_operation *operation) {
    int count = 0;
    while (count < DS_MAX_ATTRIBUTES && operation->option[count].name)
        count++;
    return count;
}

int ds_op_scalars(const ds_op *op, const ds_pass *pass, double scalar[DS_MAX_SCALARS]) {
    if (op->operation->scalars)
        return op->operation->scalars(op, pass, scalar);
    int count = ds_operation_options(op->operation);
    memcpy(scalar, op->attribute, (size_t)count * sizeof *scalar);
    return count;
}

static double tensor_bytes(const ds_plan *plan, int tensor, int64_t count) {
    return tensor == DS_ABSENT ? 0 : 4.0 * (double)ds_tensor_count(&plan->tensor[tensor], count);
}

ds_cost ds_op_cost(const ds_plan *plan, const ds_op *op, int64_t count) {
    ds_cost cost = {0, 0};
    for (int i = 0; i < op->inputs; i++)
        cost.bytes += tensor_bytes(plan, op->input[i], count);
    for (int i = op->outputs - 1; i >= 0; i--) {
        double bytes = tensor_bytes(plan, op->output[i], count);
        cost.bytes += bytes;
        if (bytes > 0)
            cost.operations = op->operation->work[op->part] * bytes / 4;
    }
    if (op->operation->operations)
        cost.operations = op->operation->operations(plan, op, count);
    return cost;
}

void ds_op_name(const ds_op *op, char name[64]) {
    if (op->operation->family != DS_LAYER)
        snprintf(name, 64, "%s", op->operation->name);
    else
        snprintf(name, 64, "%s_%s", op->operation->name,
                 op->part == DS_FORWARD ? "forward" : "backward");
}
