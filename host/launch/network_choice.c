/* Which plans run whole, in one kernel, and in which shape of it: what suits the device, or what
 * was found by tuning. */
#include <string.h>

#include "base/whole.h"
#include "launch/network.h"

/* Floating-point operations of one update. */
static double operations_of(const ds_plan *plan, int64_t batch) {
    double operations = 0;
    for (int i = 0; i < plan->ops; i++)
        if (plan->op[i].in_training)
            operations += ds_op_cost(plan, &plan->op[i], batch).operations;
    return operations;
}

static int64_t activations_of(const ds_plan *plan, int64_t samples) {
    int64_t count = 0;
    for (int i = 0; i < plan->tensors; i++)
        if (plan->tensor[i].storage == DS_ACTIVATIONS)
            count += ds_tensor_count(&plan->tensor[i], samples);
    return count;
}

/* What a processor does in a second, roughly, for choices that are wrong only where they matter
 * little: operations and bytes of one core, and the pause until cores have agreed. */
static const double core_operations = 1e11, core_bytes = 2e10, turn_seconds = 2e-6;

/* Seconds of one update by so many blocks. */
static double seconds_of(double operations, double values, unsigned blocks, unsigned cores) {
    double apply = values * sizeof(float) * (6 + blocks) / core_bytes / (blocks > 1 ? cores : 1);
    return operations / blocks / core_operations + apply + (blocks > 1 ? 2 * turn_seconds : 0);
}

/* MOST_DENSE_OF_GPU: every layer takes some thirty registers, of 256 that an item may have. */
enum {
    MOST_BLOCKS = 64,
    MOST_VALUES = 1 << 20,
    TINY = 1024,
    MOST_DENSE_OF_GPU = 4,
    MOST_PORTABLE = 30000000 /* floating-point operations */
};

/* What the shaping asks for, or the usual. */
static unsigned asked(unsigned value, unsigned usual) {
    return value ? value : usual;
}

static unsigned blocks_for(const ds_plan *plan, const ds_device_info *about, int64_t batch,
                           unsigned wide) {
    double operations = operations_of(plan, batch);
    double values = (double)plan->storage_count[DS_PARAMETERS];
    unsigned best = 1;
    for (unsigned blocks = 2; !plan->portable && blocks <= about->compute_units &&
                              blocks <= MOST_BLOCKS && (int64_t)blocks * wide <= batch;
         blocks++)
        if (seconds_of(operations, values, blocks, about->compute_units) <
            seconds_of(operations, values, best, about->compute_units))
            best = blocks;
    return best;
}

/* Vectors at a time, at most so many, of those that a block needs, in as few rounds of one size. */
static unsigned vectors_for(int64_t needed, unsigned most) {
    int64_t rounds = (needed + most - 1) / most, vectors = (needed + rounds - 1) / rounds;
    return (unsigned)(vectors > 4 ? (vectors + 1) / 2 * 2 : vectors);
}

static void shape_for_cpu(const ds_plan *plan, const ds_device_info *about, const ds_shaping *ask,
                          int64_t batch, ds_network_shape *s) {
    unsigned wide = about->float_vector_width >= 16 ? 16 : about->float_vector_width >= 8 ? 8 : 4;
    unsigned most = asked(ask->network_vectors, 4);
    s->group = 1;
    s->blocks =
        (unsigned)ds_least(asked(ask->network_blocks, blocks_for(plan, about, batch, wide)), batch);
    s->blocks = plan->portable ? 1 : s->blocks;
    int64_t share = (batch + s->blocks - 1) / s->blocks;
    s->lanes = ds_power_of_two(ds_least(2 * share - 1, asked(ask->network_lanes, wide)));
    /* Up to 64 samples a block: more would not fit next to the weights in a core's cache. */
    s->vectors = vectors_for((share + s->lanes - 1) / s->lanes, most);
    /* With `across` vectors each, within 32 or 16 registers. */
    unsigned across = s->vectors == 3 ? 3 : wide == 16 ? 4 : 2;
    s->across = (unsigned)ds_least(asked(ask->network_across, across), s->vectors);
    while (s->vectors % s->across != 0)
        s->across--;
    const unsigned rows[2][5] = {{0, 5, 5, 4, 4}, {0, 10, 10, 8, 6}};
    s->rows = asked(ask->network_rows, rows[wide == 16][s->across < 4 ? s->across : 4]);
    s->width = asked(ask->network_width, wide);
    int64_t floats = plan->storage_count[DS_PARAMETERS] * (2 + plan->moments) +
                     activations_of(plan, (int64_t)s->lanes * s->vectors);
    s->space = DS_SPACE_GLOBAL;
    if (s->blocks == 1 && floats <= TINY && !ask->network_global) {
        s->space = DS_SPACE_PRIVATE;
        s->width = 1;
    }
}

/* Whether all tensors of a network of this shape have room in local memory, as network.cl declares
 * them; some is left for what a compiler adds. */
static bool fits_local(const ds_plan *plan, const ds_device_info *about,
                       const ds_network_shape *s) {
    enum { SPARE = 1024 };
    ds_network_text text;
    bool written = ds_network_write(&text, plan, s) == DS_OK;
    int64_t floats =
        text.values * (2 + text.moments) + 6 * s->width + text.work * s->lanes + s->group;
    ds_network_text_clear(&text);
    return written && (uint64_t)floats * sizeof(float) + SPARE <= about->local_bytes;
}

/* One group: its items share a block's numbers. */
static void shape_for_gpu(const ds_plan *plan, const ds_device_info *about, const ds_shaping *ask,
                          int64_t batch, ds_network_shape *s) {
    s->group =
        ds_power_of_two(ds_least((int64_t)about->group_size, asked(ask->network_group, 256)));
    s->blocks = s->lanes = s->width = s->across = 1;
    s->rows = 1;
    s->vectors = ds_power_of_two(ds_least(2 * batch - 1, asked(ask->network_vectors, 64)));
    s->space = DS_SPACE_LOCAL;
    if (ask->network_global || !fits_local(plan, about, s))
        s->space = DS_SPACE_GLOBAL;
}

double ds_network_operations(const ds_plan *plan) {
    int64_t values = plan->storage_count[DS_PARAMETERS];
    bool trains = false;
    for (int i = 0; i < plan->ops; i++)
        trains |= plan->op[i].operation->family == DS_OPTIMIZER && values > 0;
    return plan->fuse && trains && values <= MOST_VALUES ? operations_of(plan, plan->training_batch)
                                                         : 0;
}

bool ds_network_suits(const ds_plan *plan, const ds_device_info *about, const ds_shaping *ask,
                      ds_network_shape *shape) {
    bool cpu = strcmp(about->type, "cpu") == 0;
    double operations = ds_network_operations(plan);
    int dense = 0;
    for (int i = 0; i < plan->ops; i++)
        dense += plan->op[i].operation == &ds_op_dense && plan->op[i].part == DS_FORWARD;
    if (about->most_rounds > 0) /* one work-item would go through thousands of updates */
        return false;
    if (operations == 0 || ask->network == DS_OP_BY_OP || (!cpu && dense > MOST_DENSE_OF_GPU))
        return false;
    if (!cpu && operations > 2e6 && ask->network != DS_WHOLE)
        return false;
    /* Vectors are divided by the device's own division alone, and one block is one core. */
    if (cpu && plan->portable && (!about->has_exact_division || operations > MOST_PORTABLE))
        return false;
    *shape = (ds_network_shape){.portable = plan->portable};
    if (cpu)
        shape_for_cpu(plan, about, ask, plan->training_batch, shape);
    else
        shape_for_gpu(plan, about, ask, plan->training_batch, shape);
    return true;
}
