/* The parameters of kernels that may be tuned, within the limits that launch.h names. */
#include <stddef.h>
#include <string.h>

#include "launch/tuned.h"

#define PLACE(field) #field, .place = offsetof(ds_shaping, field)

const ds_tunable ds_tunables[DS_TUNABLES] = {
    {PLACE(strip_lanes), .subject = DS_PRODUCT, .kind = DS_STRIPS, .candidate = {4, 8, 16}},
    {PLACE(strip_width), .subject = DS_PRODUCT, .kind = DS_STRIPS, .candidate = {8, 16, 32, 48}},
    {PLACE(strip_rows), .subject = DS_PRODUCT, .kind = DS_STRIPS, .candidate = {4, 6, 8, 12, 14}},
    {PLACE(strip_few), .subject = DS_PRODUCT, .kind = DS_STRIPS, .candidate = {1, 2, 4}},
    {PLACE(strip_depth), .subject = DS_PRODUCT, .kind = DS_STRIPS, .candidate = {128, 256, 512}},
    {PLACE(strip_most), .subject = DS_PRODUCT, .kind = DS_STRIPS, .candidate = {192, 384, 768}},
    {PLACE(turn_vectors), .subject = DS_PRODUCT, .kind = DS_STRIPS, .candidate = {2, 4, 8, 16}},
    {PLACE(tile_group), .subject = DS_PRODUCT, .kind = DS_TILES, .candidate = {4, 8, 16, 32}},
    {PLACE(tile_item), .subject = DS_PRODUCT, .kind = DS_TILES, .candidate = {4, 8}},
    {PLACE(tile_depth), .subject = DS_PRODUCT, .kind = DS_TILES, .candidate = {4, 8, 16, 32}},
    {PLACE(tile_part), .subject = DS_PRODUCT, .kind = DS_TILES, .candidate = {32, 128, 512, 4096}},
    {PLACE(group), .subject = DS_ROWS, .candidate = {1, 4, 8, 16, 32, 64, 128, 256}},
    {PLACE(network_blocks), .subject = DS_NETWORK, .kind = DS_STRIPS, .candidate = {1, 2, 4, 8}},
    {PLACE(network_lanes), .subject = DS_NETWORK, .kind = DS_STRIPS, .candidate = {4, 8, 16}},
    {PLACE(network_vectors), .subject = DS_NETWORK, .kind = DS_STRIPS, .candidate = {1, 2, 4, 8}},
    {PLACE(network_rows), .subject = DS_NETWORK, .kind = DS_STRIPS, .candidate = {4, 5, 8, 10, 12}},
    {PLACE(network_across), .subject = DS_NETWORK, .kind = DS_STRIPS, .candidate = {1, 2, 4}},
    {PLACE(network_width), .subject = DS_NETWORK, .kind = DS_STRIPS, .candidate = {4, 8, 16}},
    {PLACE(network_group), .subject = DS_NETWORK, .kind = DS_TILES,
     .candidate = {32, 64, 128, 512}},
    {PLACE(network_vectors), .subject = DS_NETWORK, .kind = DS_TILES,
     .candidate = {8, 16, 32, 128}},
    {PLACE(network_global), .subject = DS_NETWORK, .candidate = {1}},
    {PLACE(network), .subject = DS_NETWORK, .candidate = {DS_OP_BY_OP}},
};

bool ds_tunable_applies(const ds_tunable *tunable, ds_subject subject, const ds_shaping *shaping) {
    return tunable->subject == subject &&
           (tunable->kind == DS_EITHER || (tunable->kind == DS_STRIPS) == shaping->strip);
}

unsigned ds_tunable_get(const ds_tunable *tunable, const ds_shaping *shaping) {
    unsigned value;
    memcpy(&value, (const char *)shaping + tunable->place, sizeof value);
    return value;
}

void ds_tunable_set(const ds_tunable *tunable, ds_shaping *shaping, unsigned value) {
    memcpy((char *)shaping + tunable->place, &value, sizeof value);
    ds_shaping *s = shaping;
    if (s->strip_width % s->strip_lanes != 0)
        s->strip_width = 2 * s->strip_lanes;
    while (s->strip_few > 1 && s->strip_rows % s->strip_few != 0)
        s->strip_few--;
    if (s->network == DS_OP_BY_OP) /* the kernel that they would shape is not used */
        s->network_blocks = s->network_group = s->network_lanes = s->network_vectors =
            s->network_rows = s->network_across = s->network_width = s->network_global = 0;
}

static bool is_power_of_two(unsigned value) {
    return value > 0 && (value & (value - 1)) == 0;
}

/* The most that keeps every size a kernel computes small. */
enum { MOST_WIDTH = 256, MOST_ROWS = 64, MOST_DEPTH = 4096, MOST_BLOCK = 1 << 16 };

/* Each 0 or within what network.cl can do. */
static bool network_is_possible(const ds_shaping *s, const ds_device_info *about) {
    const struct {
        unsigned value, most;
    } powers[] = {{s->network_group, about->group_size < 1024 ? (unsigned)about->group_size : 1024},
                  {s->network_lanes, 16},
                  {s->network_vectors, 128},
                  {s->network_across, 8},
                  {s->network_width, 16}};
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++)
        if (powers[i].value &&
            (!is_power_of_two(powers[i].value) || powers[i].value > powers[i].most))
            return false;
    return s->network <= DS_WHOLE && s->network_global <= 1 && s->network_rows <= MOST_ROWS &&
           s->network_blocks <= MOST_ROWS;
}

bool ds_shaping_is_possible(const ds_shaping *s, const ds_device_info *about) {
    bool strips = (s->strip_lanes == 4 || s->strip_lanes == 8 || s->strip_lanes == 16) &&
                  s->strip_width > 0 && s->strip_width <= MOST_WIDTH &&
                  s->strip_width % s->strip_lanes == 0 && s->strip_few > 0 && s->strip_rows > 0 &&
                  s->strip_rows <= MOST_ROWS && s->strip_rows % s->strip_few == 0 &&
                  s->strip_depth > 0 && s->strip_depth <= MOST_DEPTH && s->strip_most > 0 &&
                  s->strip_most <= MOST_BLOCK && s->strip_most % s->strip_few == 0 &&
                  s->turn_vectors > 0 && s->turn_vectors <= MOST_WIDTH;
    bool tiles = is_power_of_two(s->tile_group) && s->tile_group <= MOST_WIDTH &&
                 (s->tile_item == 4 || s->tile_item == 8) && s->tile_depth > 0 &&
                 s->tile_depth <= MOST_DEPTH && s->tile_part > 0 &&
                 (uint64_t)s->tile_group * s->tile_group <= about->group_size &&
                 16ull * (s->tile_group * s->tile_item + 4) * s->tile_depth <= about->local_bytes;
    return (s->strip ? strips : tiles) && network_is_possible(s, about) &&
           is_power_of_two(s->group) && s->group <= about->group_size;
}

ds_status ds_shaping_print(const ds_shaping *shaping, ds_subject subject, ds_text *out) {
    for (int i = 0; i < DS_TUNABLES; i++) {
        const ds_tunable *t = &ds_tunables[i];
        if (ds_tunable_applies(t, subject, shaping))
            DS_CHECK(ds_text_add(out, " %s=%u", t->name, ds_tunable_get(t, shaping)));
    }
    return DS_OK;
}
