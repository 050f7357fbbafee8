/* The three matrix products of a dense layer; see kernels/dense.cl. */
#include "launch/launch.h"

enum { FLAG_BIAS = 1, FLAG_ADD = 2 };

/* C (M x N) = sum_k A(m, k) B(k, n), by strides. */
typedef struct product {
    int a, b, bias, c; /* tensors; bias may be absent */
    int64_t m, n, k;
    int64_t a_m, a_k, b_k, b_n;
    bool add;
} product;

static int64_t round_up(int64_t value, int64_t step) {
    return (value + step - 1) / step;
}

static ds_status multiply(ds_launcher *launcher, const product *p) {
    const ds_shaping *s = &launcher->shaping;
    ds_launch launch;
    bool bias = p->bias != DS_ABSENT;
    DS_CHECK(ds_begin(launcher, s->strip ? "dense_strip" : "dense_tile", &launch));
    ds_add_tensor(launcher, &launch, p->a, 0);
    ds_add_tensor(launcher, &launch, p->b, 0);
    ds_add_tensor(launcher, &launch, bias ? p->bias : p->b, 0); /* something where none is read */
    ds_add_tensor(launcher, &launch, p->c, 0);
    int64_t sizes[] = {p->m, p->n, p->k, p->a_m, p->a_k, p->b_k, p->b_n};
    for (int i = 0; i < 7; i++)
        ds_launch_uint(&launch, (uint64_t)sizes[i]);
    ds_launch_uint(&launch, (bias ? FLAG_BIAS : 0u) | (p->add ? FLAG_ADD : 0u));
    if (s->strip)
        return ds_launch_enqueue(&launch,
                                 (size_t[2]){(size_t)round_up(p->n, s->strip_width),
                                             (size_t)round_up(p->m, s->strip_block)},
                                 (size_t[2]){1, 1});
    int64_t tile = (int64_t)s->tile_group * s->tile_item;
    return ds_launch_enqueue(
        &launch, (size_t[2]){(size_t)round_up(p->n, tile), (size_t)round_up(p->m, tile)},
        (size_t[2]){s->tile_group, s->tile_group});
}

static ds_status sum_bias_gradient(ds_launcher *launcher, const ds_op *op, const ds_pass *pass,
                                   int64_t units) {
    ds_launch launch;
    DS_CHECK(ds_begin(launcher, "dense_bias_gradient", &launch));
    ds_add_tensor(launcher, &launch, op->input[0], 0);
    ds_add_tensor(launcher, &launch, op->output[2], 0);
    ds_launch_uint(&launch, (uint64_t)pass->count);
    ds_launch_uint(&launch, (uint64_t)units);
    ds_launch_uint(&launch, ds_op_accumulates(launcher->base.plan, op, 2, pass));
    return ds_over_items(launcher, &launch, units);
}

ds_status ds_launch_dense(ds_launcher *launcher, const ds_op *op, const ds_pass *pass) {
    const ds_plan *plan = launcher->base.plan;
    if (op->part == DS_FORWARD) { /* x, weight, bias -> y */
        const ds_shape *weight = &plan->tensor[op->input[1]].shape;
        int64_t units = weight->extent[0], inputs = weight->extent[1];
        return multiply(launcher,
                        &(product){op->input[0], op->input[1], op->input[2], op->output[0],
                                   pass->count, units, inputs, inputs, 1, 1, inputs, false});
    }
    /* dy, x, (y), (saved), weight -> dx, dweight, dbias */
    const ds_shape *weight = &plan->tensor[op->input[4]].shape;
    int64_t units = weight->extent[0], inputs = weight->extent[1];
    if (op->output[0] != DS_ABSENT)
        DS_CHECK(multiply(launcher, &(product){op->input[0], op->input[4], DS_ABSENT, op->output[0],
                                               pass->count, inputs, units, units, 1, inputs, 1,
                                               ds_op_accumulates(plan, op, 0, pass)}));
    DS_CHECK(multiply(launcher, &(product){op->input[0], op->input[1], DS_ABSENT, op->output[1],
                                           units, inputs, pass->count, 1, units, inputs, 1,
                                           ds_op_accumulates(plan, op, 1, pass)}));
    return op->output[2] == DS_ABSENT ? DS_OK : sum_bias_gradient(launcher, op, pass, units);
}
