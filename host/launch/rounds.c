/* Work for devices that end a work-item's loops after so many rounds of all of them together: a
 * dense product is launched piece by piece of its depth, each going on with the sums of the one
 * before, so that the bits stay; what cannot be divided is refused. */
#include "base/whole.h"
#include "launch/launch.h"

/* Rounds of dense_strip.cl to read, finish and write a row. */
static int64_t rounds_of_row(const ds_shaping *s) {
    return 8 * ((int64_t)s->strip_width + 3);
}

/* And for one k, where loops that are unrolled do not count. */
static int64_t rounds_of_strip(const ds_shaping *s, int64_t rows, bool sums_rows) {
    int64_t pack = 2 * (int64_t)s->strip_width + 4;
    int64_t tiles = rows / s->strip_rows + s->strip_rows / s->strip_few + 1;
    return pack + tiles +
           (sums_rows ? ds_groups_of(rows, s->strip_lanes) * (s->strip_lanes + 2) : 0);
}

/* An eighth of the rounds go to what does not depend on the depth. */
int64_t ds_most_strip_rows(const ds_shaping *s) {
    int64_t most = s->rounds ? (int64_t)s->rounds / 8 / rounds_of_row(s) : s->strip_most;
    return most < s->strip_few ? s->strip_few : ds_least(most, s->strip_most);
}

/* Half of the rounds: what a compiler makes of a loop is not known for certain. */
int64_t ds_piece_depth(const ds_shaping *s, int64_t rows, int64_t k, bool sums_rows) {
    enum { TILE_ROUNDS = 6 }; /* of dense_tile.cl for one k */
    int64_t depth = k;
    if (s->rounds)
        depth =
            (int64_t)s->rounds / 2 / (s->strip ? rounds_of_strip(s, rows, sums_rows) : TILE_ROUNDS);
    if (s->rounds && s->strip) /* a panel */
        depth = ds_least(depth, s->strip_depth);
    return depth > 1 ? depth : 1;
}

/* ---- what cannot be divided ---- */

/* Rounds of an item along a row, which some kernels go through again and again, or along the
 * samples. Groups of several items take shares of either in native math alone. */
static int64_t rounds_of_op(const ds_plan *plan, const ds_op *op, int64_t samples) {
    enum { TIMES = 3 };
    int64_t columns = 0;
    if (op->operation == &ds_op_dense)
        return 0;
    for (int i = 0; i < op->inputs; i++) {
        const ds_tensor *t = op->input[i] == DS_ABSENT ? NULL : &plan->tensor[op->input[i]];
        if (t && t->per_sample && ds_shape_count(&t->shape) > columns)
            columns = ds_shape_count(&t->shape);
    }
    bool along_rows = op->operation->space == DS_SPACE_ROWS;
    bool along_samples = op->operation == &ds_op_record || op->operation == &ds_op_gradient_norm ||
                         op->operation == &ds_op_layer_norm;
    return (along_rows ? TIMES * (columns + 1) : 0) + (along_samples ? samples : 0) + DS_PARTIALS;
}

ds_status ds_rounds_suffice(const ds_plan *plan, const ds_shaping *s, const ds_device *device) {
    for (int i = 0; i < plan->ops && s->rounds; i++) {
        char name[64];
        int64_t rounds = rounds_of_op(plan, &plan->op[i], plan->batch);
        if (rounds <= s->rounds)
            continue;
        ds_op_name(&plan->op[i], name);
        return ds_fail(DS_DEVICE_FAILED, "choose another device, or a smaller batch",
                       "device \"%s\" ends loops after %u rounds, and %s takes %lld",
                       ds_device_about(device)->name, s->rounds, name, (long long)rounds);
    }
    return DS_OK;
}
