/* The three matrix products of a dense layer; see kernels/dense.cl. */
#include "base/whole.h"
#include "launch/launch.h"

enum {
    SCRATCH = -2, /* a tensor: scratch memory */
    FLAG_BIAS = 1,
    FLAG_ADD = 2,
    FLAG_KEEP = 4,
    FLAG_SUM_ROWS = 8,
    FLAG_SUM_ADD = 16,
    LEAST_BLOCK = 4, /* tiles of rows: fewer do not repay packing a panel */
    LITTLE = 400000  /* multiply-adds */
};

/* C (M x N) = sum_k A(m, k) B(k, n), by strides. */
typedef struct product {
    int a, b, bias, c, other; /* tensors, DS_ABSENT or SCRATCH */
    int64_t a_at, b_at;       /* elements behind the tensor's first */
    int64_t bias_at;          /* in scratch memory */
    int64_t m, n, k;
    bool deep; /* k is the samples, else m */
    int64_t a_m, a_k, b_k, b_n;
    unsigned flags, finish;
    double option;
} product;

static int64_t round_up(int64_t value, int64_t step) {
    return ds_groups_of(value, step) * step;
}

/* Rows of the transposed dy: whole vectors, and no power of two that caches trip over. */
static int64_t turned_stride(const ds_shaping *s, int64_t samples) {
    return round_up(samples, s->strip_lanes) + s->strip_lanes;
}

/* Whether the gradient of weight wants dy transposed first. */
static bool turns(const ds_shaping *s, int64_t samples, int64_t units) {
    return s->strip && !s->rounds && samples * units > s->strip_columns;
}

int64_t ds_dense_scratch(const ds_plan *plan, const ds_shaping *shaping) {
    int64_t most = 0;
    if (!shaping->strip)
        return ds_parts_scratch(plan, shaping);
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        if (op->operation != &ds_op_dense || op->part != DS_BACKWARD)
            continue;
        int64_t units = plan->tensor[op->input[4]].shape.extent[0];
        if (!turns(shaping, plan->batch, units))
            continue;
        int64_t count = units * turned_stride(shaping, plan->batch);
        most = count > most ? count : most;
    }
    return most;
}

/* Rows of C that a work-group takes: all of them, so that every panel is packed once, unless the
 * compute units would not have alike to do, or the rows of A not stay in the second cache. What is
 * done sooner than another unit comes to work is left together. */
static int64_t block_rows(const ds_shaping *s, const product *p, int64_t strips) {
    int64_t rows = p->m, blocks = ds_groups_of(rows, ds_most_strip_rows(s));
    int64_t most = rows / ((int64_t)s->strip_rows * LEAST_BLOCK);
    bool little = (double)p->m * (double)p->n * (double)p->k < LITTLE;
    for (; !little && blocks < most; blocks++) {
        int64_t groups = strips * blocks;
        if (10 * groups >= 9 * round_up(groups, s->units))
            break;
    }
    return round_up(ds_groups_of(rows, blocks), s->strip_few);
}

static void add(ds_launcher *launcher, ds_launch *launch, int tensor, int64_t at) {
    if (tensor == SCRATCH)
        ds_launch_tensor(launch, launcher->scratch, at);
    else
        ds_add_tensor(launcher, launch, tensor, at);
}

/* C and what goes with it; something where nothing is read. */
static void add_result(ds_launcher *launcher, ds_launch *launch, const product *p) {
    add(launcher, launch, p->bias == DS_ABSENT ? p->c : p->bias, p->bias_at);
    add(launcher, launch, p->c, 0);
    add(launcher, launch, p->other == DS_ABSENT ? p->c : p->other, 0);
    ds_launch_uint(launch, (uint64_t)p->m);
    ds_launch_uint(launch, (uint64_t)p->n);
}

static void add_finish(ds_launch *launch, const product *p) {
    ds_launch_uint(launch, p->flags);
    ds_launch_uint(launch, p->finish);
    ds_launch_float(launch, p->option);
}

/* By `groups` of work-items, each with a `block`. */
static ds_status multiply_by(ds_launcher *launcher, const char *kernel, const product *p,
                             int64_t block, const size_t groups[2], size_t group) {
    ds_launch launch;
    DS_CHECK(ds_begin(launcher, kernel, &launch));
    add(launcher, &launch, p->a, p->a_at);
    add(launcher, &launch, p->b, p->b_at);
    add_result(launcher, &launch, p);
    int64_t sizes[] = {p->k, p->a_m, p->a_k, p->b_k, p->b_n, block};
    for (int i = 0; i < 6; i++)
        ds_launch_uint(&launch, (uint64_t)sizes[i]);
    add_finish(&launch, p);
    return ds_launch_enqueue(&launch, groups, (size_t[2]){group, group});
}

static ds_status multiply_by_strips(ds_launcher *launcher, const product *p) {
    int64_t across = ds_groups_of(p->n, launcher->shaping.strip_width);
    int64_t block = block_rows(&launcher->shaping, p, across);
    size_t groups[2] = {(size_t)across, (size_t)ds_groups_of(p->m, block)};
    return multiply_by(launcher, "dense_strip", p, block, groups, 1);
}

/* What the parts have left in scratch memory. */
static ds_status join(ds_launcher *launcher, const product *p, int64_t parts) {
    ds_launch launch;
    DS_CHECK(ds_begin(launcher, "dense_join", &launch));
    ds_launch_buffer(&launch, launcher->scratch);
    ds_launch_uint(&launch, (uint64_t)parts);
    add_result(launcher, &launch, p);
    add_finish(&launch, p);
    return ds_over_items(launcher, &launch, p->m * ds_groups_of(p->n, launcher->shaping.tile_item));
}

static ds_status multiply_by_tiles(ds_launcher *launcher, const product *p) {
    const ds_shaping *s = &launcher->shaping;
    int64_t tile = (int64_t)s->tile_group * s->tile_item;
    int64_t depth = ds_part_depth(s, launcher->base.plan, p->m, p->n, p->k, p->deep);
    int64_t parts = ds_groups_of(p->k, depth);
    size_t groups[2] = {(size_t)(parts * ds_groups_of(p->n, tile)),
                        (size_t)ds_groups_of(p->m, tile)};
    product part = *p;
    if (parts == 1)
        return multiply_by(launcher, "dense_tile", p, depth, groups, s->tile_group);
    part.bias = part.c = part.other = SCRATCH;
    part.bias_at = parts * p->m * p->n;
    part.flags &= FLAG_SUM_ROWS;
    part.finish = 0;
    DS_CHECK(multiply_by(launcher, "dense_tile", &part, depth, groups, s->tile_group));
    return join(launcher, p, parts);
}

/* In one piece, or, where a device ends loops early, in several: a later one goes on with the sums
 * that it finds, the last one finishes them. */
static ds_status multiply(ds_launcher *launcher, const product *p) {
    const ds_shaping *s = &launcher->shaping;
    int64_t rows = p->m < ds_most_strip_rows(s) ? p->m : ds_most_strip_rows(s);
    int64_t depth = ds_piece_depth(s, rows, p->k, p->flags & FLAG_SUM_ROWS);
    product piece = *p;
    for (int64_t k = 0; k == 0 || k < p->k; k += depth) {
        bool last = k + depth >= p->k;
        piece.k = last ? p->k - k : depth;
        piece.a_at = k * p->a_k;
        piece.b_at = k * p->b_k;
        piece.finish = last ? p->finish : 0;
        DS_CHECK(s->strip ? multiply_by_strips(launcher, &piece)
                          : multiply_by_tiles(launcher, &piece));
        piece.flags = (p->flags & ~(unsigned)FLAG_BIAS) | FLAG_ADD | FLAG_SUM_ADD;
    }
    return DS_OK;
}

/* Inputs x, weight, bias. */
static ds_status multiply_forward(ds_launcher *launcher, const ds_op *op, const ds_op *behind,
                                  const ds_pass *pass) {
    const ds_plan *plan = launcher->base.plan;
    const ds_shape *weight = &plan->tensor[op->input[1]].shape;
    int64_t units = weight->extent[0], inputs = weight->extent[1];
    product p = {.a = op->input[0],
                 .b = op->input[1],
                 .bias = op->input[2],
                 .c = op->output[0],
                 .other = DS_ABSENT,
                 .m = pass->count,
                 .n = units,
                 .k = inputs,
                 .a_m = inputs,
                 .a_k = 1,
                 .b_k = 1,
                 .b_n = inputs,
                 .flags = op->input[2] != DS_ABSENT ? FLAG_BIAS : 0};
    if (behind && ds_tensor_is_read_outside(plan, p.c, op, 2)) {
        p.other = behind->output[0];
        p.flags |= FLAG_KEEP;
    } else if (behind) {
        p.c = behind->output[0];
    }
    if (behind)
        p.finish = ds_finish_of(behind, &p.option);
    return multiply(launcher, &p);
}

/* dx = dy W. */
static ds_status multiply_input_gradient(ds_launcher *launcher, const ds_op *op,
                                         const ds_op *behind, const ds_pass *pass) {
    const ds_plan *plan = launcher->base.plan;
    const ds_shape *weight = &plan->tensor[op->input[4]].shape;
    int64_t units = weight->extent[0], inputs = weight->extent[1];
    product p = {.a = op->input[0],
                 .b = op->input[4],
                 .bias = DS_ABSENT,
                 .c = op->output[0],
                 .other = DS_ABSENT,
                 .m = pass->count,
                 .n = inputs,
                 .k = units,
                 .a_m = units,
                 .a_k = 1,
                 .b_k = inputs,
                 .b_n = 1,
                 .flags = ds_op_accumulates(plan, op, 0, pass) ? FLAG_ADD : 0};
    if (behind) {
        p.c = behind->output[0];
        p.other = behind->input[1] != DS_ABSENT ? behind->input[1] : behind->input[2];
        p.finish = ds_finish_of(behind, &p.option);
    }
    return multiply(launcher, &p);
}

/* The transposed dy, to scratch memory, and the gradient of bias. */
static ds_status transpose(ds_launcher *launcher, const ds_op *op, const ds_pass *pass,
                           int64_t units, unsigned flags) {
    const ds_shaping *s = &launcher->shaping;
    ds_launch launch;
    DS_CHECK(ds_begin(launcher, "dense_transpose", &launch));
    ds_add_tensor(launcher, &launch, op->input[0], 0);
    ds_launch_tensor(&launch, launcher->scratch, 0);
    ds_add_tensor(launcher, &launch, op->output[flags ? 2 : 1], 0);
    ds_launch_uint(&launch, (uint64_t)pass->count);
    ds_launch_uint(&launch, (uint64_t)units);
    ds_launch_uint(&launch, (uint64_t)turned_stride(s, pass->count));
    ds_launch_uint(&launch, flags);
    int64_t width = (int64_t)s->strip_lanes * s->turn_vectors;
    return ds_launch_enqueue(&launch, (size_t[2]){(size_t)ds_groups_of(units, width), 1},
                             (size_t[2]){1, 1});
}

/* dW = dy^T x, db = dy^T 1. */
static ds_status multiply_parameter_gradients(ds_launcher *launcher, const ds_op *op,
                                              const ds_pass *pass) {
    const ds_plan *plan = launcher->base.plan;
    const ds_shape *weight = &plan->tensor[op->input[4]].shape;
    int64_t units = weight->extent[0], inputs = weight->extent[1];
    unsigned sums = op->output[2] == DS_ABSENT ? 0 : FLAG_SUM_ROWS;
    if (ds_op_accumulates(plan, op, 2, pass))
        sums |= FLAG_SUM_ADD;
    product p = {.a = op->input[0],
                 .b = op->input[1],
                 .bias = op->output[2],
                 .c = op->output[1],
                 .other = DS_ABSENT,
                 .m = units,
                 .n = inputs,
                 .k = pass->count,
                 .deep = true,
                 .a_m = 1,
                 .a_k = units,
                 .b_k = inputs,
                 .b_n = 1,
                 .flags = ds_op_accumulates(plan, op, 1, pass) ? FLAG_ADD : 0};
    if (turns(&launcher->shaping, pass->count, units)) {
        DS_CHECK(transpose(launcher, op, pass, units, sums));
        p.a = SCRATCH;
        p.bias = DS_ABSENT;
        p.a_m = turned_stride(&launcher->shaping, pass->count);
        p.a_k = 1;
    } else {
        p.flags |= sums;
    }
    return multiply(launcher, &p);
}

ds_status ds_launch_dense(ds_launcher *launcher, const ds_op *op, const ds_op *behind,
                          const ds_pass *pass) {
    if (op->part == DS_FORWARD)
        return multiply_forward(launcher, op, behind, pass);
    if (op->output[0] != DS_ABSENT)
        DS_CHECK(multiply_input_gradient(launcher, op, behind, pass));
    return multiply_parameter_gradients(launcher, op, pass);
}
