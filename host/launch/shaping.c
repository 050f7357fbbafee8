#include <string.h>

#include "base/whole.h"
#include "launch/launch.h"
#include "plain/plain.h"

/* Two tiles of either side are kept in local memory; see launch.h. */
static uint64_t tile_bytes(const ds_shaping *s) {
    return 16ull * (s->tile_group * s->tile_item + 4) * s->tile_depth;
}

ds_shaping ds_shaping_for(const ds_device_info *about) {
    bool cpu = strcmp(about->type, "cpu") == 0;
    unsigned lanes = about->float_vector_width >= 16 ? 16 : about->float_vector_width >= 8 ? 8 : 4;
    unsigned group = ds_power_of_two((int64_t)about->group_size);
    ds_shaping shaping = {
        .group = (unsigned)ds_least(cpu ? 16 : 128, group),
        /* What begins a group takes a CPU as long as dozens of elements. */
        .long_group = (unsigned)ds_least(cpu ? 1024 : 128, group),
        .width = cpu ? lanes : 1,
        .rounds = (unsigned)about->most_rounds,
        .units = about->compute_units > 0 ? about->compute_units : 1,
        .strip = cpu,
        /* rows x 2 vectors of accumulators, 2 of B and one of A fit the 32 or 16 registers */
        .strip_rows = lanes == 16 ? 12 : 6,
        .strip_lanes = lanes,
        .strip_width = 2 * lanes,
        .strip_few = lanes == 16 ? 4 : 2,
        .strip_depth = 512,
        .strip_most = 512,
        .strip_columns = 1 << 15,
        .turn_vectors = 8,
        .tile_group = group >= 256  ? 16
                      : group >= 64 ? 8
                      : group >= 16 ? 4
                      : group >= 4  ? 2
                                    : 1,
        .tile_item = 4,
        .tile_depth = 16,
        .tile_part = 256,
    };
    while (tile_bytes(&shaping) > about->local_bytes && shaping.tile_depth * shaping.tile_group > 4)
        *(shaping.tile_depth > 4 ? &shaping.tile_depth : &shaping.tile_group) /= 2;
    if (strcmp(about->id, "plain") == 0) {
        shaping.tile_item = DS_PLAIN_TILE_ITEM;
        shaping.tile_depth = DS_PLAIN_TILE_DEPTH;
    }
    return shaping;
}
