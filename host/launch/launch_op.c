#include "launch/launch.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/whole.h"

ds_status ds_begin(ds_launcher *launcher, const char *kernel, ds_launch *launch) {
    ds_kernel *found = NULL;
    DS_CHECK(ds_build_kernels(launcher));
    DS_CHECK(ds_program_kernel(launcher->program, kernel, &found));
    *launch = ds_launch_begin(found);
    return DS_OK;
}

void ds_add_tensor(ds_launcher *launcher, ds_launch *launch, int tensor, int64_t extra) {
    const ds_tensor *t = &launcher->base.plan->tensor[tensor];
    ds_launch_tensor(launch, launcher->buffer[t->storage], t->offset + extra);
}

unsigned ds_item_width(const ds_shaping *shaping) {
    return shaping->portable ? 1 : shaping->width;
}

ds_status ds_over_items(ds_launcher *launcher, ds_launch *launch, int64_t items) {
    enum { ENOUGH = 4 }; /* groups of a compute unit */
    const ds_shaping *s = &launcher->shaping;
    bool many = items >= (int64_t)ENOUGH * s->units * s->long_group;
    size_t group = many ? s->long_group : s->group;
    return ds_launch_enqueue(launch, (size_t[2]){((size_t)items + group - 1) / group, 1},
                             (size_t[2]){group, 1});
}

ds_status ds_over_groups(ds_launcher *launcher, ds_launch *launch, int64_t groups) {
    return ds_launch_enqueue(launch, (size_t[2]){(size_t)groups, 1},
                             (size_t[2]){launcher->shaping.group, 1});
}

ds_status ds_over_rows(ds_launcher *launcher, ds_launch *launch, int64_t rows) {
    return launcher->shaping.portable ? ds_over_items(launcher, launch, rows)
                                      : ds_over_groups(launcher, launch, rows);
}

/* ---- generic ---- */

static void add_present(ds_launcher *launcher, ds_launch *launch, const int *tensor, int count) {
    for (int i = 0; i < count; i++)
        if (tensor[i] != DS_ABSENT)
            ds_add_tensor(launcher, launch, tensor[i], 0);
}

static int first_present(const int *tensor, int count) {
    int i = 0;
    while (i < count - 1 && tensor[i] == DS_ABSENT)
        i++;
    return tensor[i];
}

/* A kernel has a name of its own where the tensors at hand differ: an optimizer that keeps a
 * momentum beside its least number of moments, a loss without gradient. */
void ds_kernel_name(const ds_op *op, char name[96]) {
    const ds_operation *operation = op->operation;
    char plain[64];
    const char *suffix = "";
    ds_op_name(op, plain);
    if (operation->family == DS_OPTIMIZER &&
        op->outputs > 1 + operation->moments((double[DS_MAX_ATTRIBUTES]){0}))
        suffix = "_momentum";
    if (operation->family == DS_LOSS && op->output[0] == DS_ABSENT)
        suffix = "_evaluate";
    snprintf(name, 96, "%s%s", plain, suffix);
}

/* By items that take WIDTH neighbours each. */
static ds_status over_numbers(ds_launcher *launcher, ds_launch *launch, int64_t count) {
    return ds_over_items(launcher, launch, ds_groups_of(count, ds_item_width(&launcher->shaping)));
}

static ds_status launch_generic(ds_launcher *launcher, const ds_op *op, const ds_pass *pass) {
    const ds_plan *plan = launcher->base.plan;
    ds_launch launch;
    char name[96];
    double scalar[DS_MAX_SCALARS];
    bool rows = op->operation->space == DS_SPACE_ROWS;
    ds_kernel_name(op, name);
    DS_CHECK(ds_begin(launcher, name, &launch));
    add_present(launcher, &launch, op->input, op->inputs);
    add_present(launcher, &launch, op->output, op->outputs);
    /* A row is one sample of the first input: a loss's output may be its record. */
    const ds_tensor *shaped = &plan->tensor[rows ? first_present(op->input, op->inputs)
                                                 : first_present(op->output, op->outputs)];
    int64_t items = ds_tensor_count(shaped, pass->count);
    if (rows) {
        ds_launch_uint(&launch, (uint64_t)pass->count);
        ds_launch_uint(&launch, (uint64_t)ds_shape_count(&shaped->shape));
    } else {
        ds_launch_uint(&launch, (uint64_t)items);
    }
    if (op->part == DS_BACKWARD)
        ds_launch_uint(&launch, ds_op_accumulates(plan, op, 0, pass));
    int scalars = ds_op_scalars(op, pass, scalar);
    for (int i = 0; i < scalars; i++)
        ds_launch_float(&launch, scalar[i]);
    if (rows)
        return ds_over_rows(launcher, &launch, pass->count);
    return op->operation->family == DS_OPTIMIZER ? over_numbers(launcher, &launch, items)
                                                 : ds_over_items(launcher, &launch, items);
}

/* ---- operations with arguments of their own ---- */

ds_dropout ds_dropout_of(const ds_op *op) {
    double p = op->attribute[0];
    return (ds_dropout){p < 1 ? (uint32_t)floor(p * 0x1p32) : UINT32_MAX, p < 1 ? 1 / (1 - p) : 0};
}

static ds_status launch_dropout(ds_launcher *launcher, const ds_op *op, const ds_pass *pass) {
    const ds_plan *plan = launcher->base.plan;
    const ds_tensor *out = &plan->tensor[op->output[0]];
    ds_dropout d = ds_dropout_of(op);
    ds_launch launch;
    char name[64];
    ds_op_name(op, name);
    DS_CHECK(ds_begin(launcher, name, &launch));
    add_present(launcher, &launch, op->input, op->inputs);
    add_present(launcher, &launch, op->output, op->outputs);
    ds_launch_uint(&launch, (uint64_t)ds_tensor_count(out, pass->count));
    ds_launch_uint(&launch, (uint64_t)ds_shape_count(&out->shape));
    ds_launch_uint(&launch, d.threshold);
    ds_launch_float(&launch, d.scale);
    ds_launch_uint(&launch, (uint64_t)op->layer);
    ds_launch_uint(&launch, ds_update_number(pass->update));
    ds_launch_uint(&launch, (uint64_t)pass->position);
    ds_launch_uint(&launch, pass->seed);
    ds_launch_uint(&launch, pass->seed >> 32);
    if (op->part == DS_BACKWARD)
        ds_launch_uint(&launch, ds_op_accumulates(plan, op, 0, pass));
    int64_t counters = ds_groups_of(ds_shape_count(&out->shape), 4);
    int64_t width = ds_item_width(&launcher->shaping);
    return ds_over_items(launcher, &launch, pass->count * ds_groups_of(counters, width));
}

/* Inputs dy, x, (y), saved, weight; outputs dx, dweight, dbias. */
static ds_status launch_layer_norm_backward(ds_launcher *launcher, const ds_op *op,
                                            const ds_pass *pass) {
    const ds_plan *plan = launcher->base.plan;
    int64_t columns = ds_shape_count(&plan->tensor[op->input[0]].shape);
    ds_launch launch;
    if (op->output[0] != DS_ABSENT) {
        int tensors[] = {op->input[0], op->input[1], op->input[3], op->input[4], op->output[0]};
        DS_CHECK(ds_begin(launcher, "layer_norm_backward", &launch));
        add_present(launcher, &launch, tensors, 5);
        ds_launch_uint(&launch, (uint64_t)pass->count);
        ds_launch_uint(&launch, (uint64_t)columns);
        ds_launch_uint(&launch, ds_op_accumulates(plan, op, 0, pass));
        DS_CHECK(ds_over_rows(launcher, &launch, pass->count));
    }
    int tensors[] = {op->input[0], op->input[1], op->input[3], op->output[1], op->output[2]};
    DS_CHECK(ds_begin(launcher, "layer_norm_backward_parameters", &launch));
    add_present(launcher, &launch, tensors, 5);
    ds_launch_uint(&launch, (uint64_t)pass->count);
    ds_launch_uint(&launch, (uint64_t)columns);
    ds_launch_uint(&launch, ds_op_accumulates(plan, op, 1, pass));
    return over_numbers(launcher, &launch, columns);
}

/* Inputs features, targets, indices; outputs the batch's. */
static ds_status launch_gather(ds_launcher *launcher, const ds_op *op, const ds_pass *pass) {
    const ds_plan *plan = launcher->base.plan;
    bool targets = op->input[1] != DS_ABSENT;
    int64_t columns = ds_shape_count(&plan->tensor[op->input[0]].shape);
    int64_t target_columns = targets ? ds_shape_count(&plan->tensor[op->input[1]].shape) : 0;
    ds_launch launch;
    DS_CHECK(ds_begin(launcher, targets ? "gather" : "gather_features", &launch));
    add_present(launcher, &launch, op->input, 2);
    ds_add_tensor(launcher, &launch, op->input[2], pass->first);
    add_present(launcher, &launch, op->output, op->outputs);
    ds_launch_uint(&launch, (uint64_t)pass->count);
    ds_launch_uint(&launch, (uint64_t)columns);
    if (targets)
        ds_launch_uint(&launch, (uint64_t)target_columns);
    /* A group a row; where rows are shorter than a group, fewer that copy several. */
    int64_t group = launcher->shaping.group;
    int64_t groups = (pass->count * (columns < group ? columns : group) + group - 1) / group;
    return ds_over_groups(launcher, &launch, groups);
}

static ds_status launch_record(ds_launcher *launcher, const ds_op *op, const ds_pass *pass) {
    ds_launch launch;
    DS_CHECK(ds_begin(launcher, "record", &launch));
    ds_add_tensor(launcher, &launch, op->input[0], 0);
    ds_add_tensor(launcher, &launch, op->output[0], pass->slot * DS_RECORD_SIZE);
    ds_launch_uint(&launch, (uint64_t)pass->count);
    return launcher->shaping.portable ? ds_over_items(launcher, &launch, DS_RECORD_SIZE)
                                      : ds_over_groups(launcher, &launch, 1);
}

/* Inputs gradients, record; outputs norm, status. */
static ds_status launch_gradient_norm(ds_launcher *launcher, const ds_op *op, const ds_pass *pass) {
    const ds_plan *plan = launcher->base.plan;
    ds_launch launch;
    DS_CHECK(ds_begin(launcher, "gradient_norm_partial", &launch));
    ds_add_tensor(launcher, &launch, op->input[0], 0);
    ds_add_tensor(launcher, &launch, op->scratch, 0);
    ds_launch_ulong(&launch, (uint64_t)ds_tensor_count(&plan->tensor[op->input[0]], 1));
    DS_CHECK(ds_over_rows(launcher, &launch, DS_PARTIALS));
    DS_CHECK(ds_begin(launcher, "gradient_norm_total", &launch));
    ds_add_tensor(launcher, &launch, op->scratch, 0);
    ds_add_tensor(launcher, &launch, op->input[1], 0);
    ds_add_tensor(launcher, &launch, op->output[0], 0);
    ds_add_tensor(launcher, &launch, op->output[1], 0);
    ds_launch_uint(&launch, (uint64_t)pass->count);
    ds_launch_float(&launch, op->attribute[0]);
    ds_launch_int(&launch, (int32_t)ds_update_number(pass->update));
    return ds_over_groups(launcher, &launch, 1);
}

ds_status ds_launch_op(ds_launcher *launcher, const ds_op *op, const ds_pass *pass) {
    const ds_operation *operation = op->operation;
    if (operation == &ds_op_dense)
        return ds_launch_dense(launcher, op, NULL, pass);
    if (operation == &ds_op_dropout)
        return launch_dropout(launcher, op, pass);
    if (operation == &ds_op_layer_norm && op->part == DS_BACKWARD)
        return launch_layer_norm_backward(launcher, op, pass);
    if (operation == &ds_op_gather)
        return launch_gather(launcher, op, pass);
    if (operation == &ds_op_record)
        return launch_record(launcher, op, pass);
    if (operation == &ds_op_gradient_norm)
        return launch_gradient_norm(launcher, op, pass);
    if (operation == &ds_op_reduce)
        return DS_OK; /* one device has nothing to reduce over */
    return launch_generic(launcher, op, pass);
}
