/* Dense products by tiles that are cut into parts along their depth, so that there are groups for
 * all compute units; see kernels/dense_tile.cl. Parts follow from the plan and the shaping alone:
 * the order of a sum must not depend on anything else; in portable math not even on these. */
#include "base/whole.h"
#include "launch/launch.h"

enum {
    GROUPS_OF_UNIT = 2, /* that keep a compute unit busy */
    MOST_PARTS = 64     /* dense_join adds them one after the other */
};

int64_t ds_part_depth(const ds_shaping *s, const ds_plan *plan, int64_t m, int64_t n, int64_t k,
                      bool deep) {
    int64_t tile = (int64_t)s->tile_group * s->tile_item;
    if (s->portable)
        return k;
    int64_t *samples = deep ? &k : &m;
    *samples = *samples <= plan->training_batch ? plan->training_batch : plan->batch;
    int64_t tiles = ds_groups_of(m, tile) * ds_groups_of(n, tile);
    int64_t parts = ds_least((int64_t)s->units * GROUPS_OF_UNIT / tiles, k / s->tile_part);
    parts = ds_least(parts, MOST_PARTS);
    return parts > 1 ? ds_groups_of(ds_groups_of(k, parts), s->tile_depth) * s->tile_depth : k;
}

/* Product number `which` of an op, for so many samples: how many parts, and what they need of
 * scratch memory. 0 parts: there is no such product. */
static int64_t parts_of(const ds_shaping *s, const ds_plan *plan, const ds_op *op, int which,
                        int64_t samples, int64_t *scratch) {
    bool forward = op->part == DS_FORWARD, deep = which == 1;
    const ds_shape *weight = &plan->tensor[op->input[forward ? 1 : 4]].shape;
    int64_t units = weight->extent[0], inputs = weight->extent[1];
    if ((forward && deep) || op->output[which] == DS_ABSENT)
        return 0;
    int64_t m = deep ? units : samples, n = forward ? units : inputs;
    int64_t k = forward ? inputs : deep ? samples : units;
    int64_t parts = ds_groups_of(k, ds_part_depth(s, plan, m, n, k, deep));
    *scratch = parts > 1 ? parts * m * (n + 1) : 0;
    return parts;
}

int64_t ds_parts_scratch(const ds_plan *plan, const ds_shaping *shaping) {
    const int64_t samples[] = {plan->training_batch, plan->batch};
    int64_t most = 0, count = 0;
    for (int i = 0; i < plan->ops; i++)
        for (int k = 0; k < 4 && plan->op[i].operation == &ds_op_dense; k++)
            if (parts_of(shaping, plan, &plan->op[i], k % 2, samples[k / 2], &count) > 1)
                most = count > most ? count : most;
    return most;
}

ds_status ds_dense_describe(const ds_plan *plan, const ds_shaping *s, const ds_op *op,
                            ds_text *out) {
    static const char *const product[] = {"dx ", "dW "};
    int64_t count;
    if (s->strip)
        return ds_text_add(out, "dense_strip %ux%u, depth %u", s->strip_rows, s->strip_width,
                           s->strip_depth);
    unsigned tile = s->tile_group * s->tile_item;
    DS_CHECK(ds_text_add(out, "dense_tile %ux%u, depth %u", tile, tile, s->tile_depth));
    for (int which = 0; which < 2; which++) {
        int64_t parts = parts_of(s, plan, op, which, plan->training_batch, &count);
        int64_t evaluated =
            op->in_evaluation ? parts_of(s, plan, op, which, plan->batch, &count) : parts;
        if (parts > 1)
            DS_CHECK(ds_text_add(out, ", %ssplit %lld",
                                 op->part == DS_FORWARD ? "" : product[which], (long long)parts));
        if (evaluated != parts)
            DS_CHECK(ds_text_add(out, ", in evaluation split %lld", (long long)evaluated));
    }
    return DS_OK;
}
