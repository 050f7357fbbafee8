/* The shapes of kernels that a device could be given. */
#include <stdio.h>
#include <string.h>

#include "doctor/examination.h"
#include "launch/tuned.h"

static const char *family_name(const ds_shaping *shaping) {
    return shaping->strip ? "strips" : "tiles";
}

/* How kernels are shaped for the other kind of device. */
static ds_shaping shaping_of_other_family(const ds_device_info *about) {
    ds_device_info other = *about;
    bool cpu = strcmp(about->type, "cpu") == 0;
    snprintf(other.type, sizeof other.type, "%s", cpu ? "gpu" : "cpu");
    return ds_shaping_for(&other);
}

/* As little as a kernel can take at a time, where larger groups or vectors are too much. */
static ds_shaping small_shaping(const ds_device_info *about) {
    ds_shaping s = ds_shaping_for(about);
    s.group = 1;
    s.long_group = 2 < s.long_group ? 2 : s.long_group;
    s.strip_lanes = s.strip_width = 4;
    s.strip_rows = 4;
    s.strip_few = 2;
    s.strip_depth = 64;
    s.strip_most = 64;
    s.strip_columns = 64;
    s.turn_vectors = 2;
    s.tile_group = s.tile_group < 2 ? s.tile_group : 2;
    s.tile_depth = 4;
    return s;
}

/* Small tiles and parts for many compute units, so that small products are cut into parts. A tile
 * has more rows than items, where there are four. */
ds_shaping ds_shaping_in_parts(const ds_shaping *tiles) {
    ds_shaping s = *tiles;
    s.tile_group = s.tile_group < 2 ? s.tile_group : 2;
    s.tile_part = 16;
    s.units = 128;
    return s;
}

static void add(ds_variant *variant, int *count, const char *name, const ds_shaping *shaping,
                int stride) {
    ds_variant *v = &variant[(*count)++];
    *v = (ds_variant){.shaping = *shaping, .stride = stride};
    snprintf(v->name, sizeof v->name, "%s", name);
}

int ds_usual_variants_of(ds_variant variant[DS_USUAL_VARIANTS], const ds_device *device) {
    const ds_device_info *about = ds_device_about(device);
    const ds_shaping own = ds_shaping_for(about), other = shaping_of_other_family(about),
                     small = small_shaping(about);
    int count = 0;
    add(variant, &count, family_name(&own), &own, 1);
    if (ds_device_is_plain(device)) /* compiled in this shape alone */
        return count;
    add(variant, &count, family_name(&other), &other, 3);
    add(variant, &count, "small", &small, 5);
    return count;
}

int ds_variants_of(ds_variant variant[DS_VARIANTS], const ds_device *device) {
    const ds_tuned tuned = ds_tuned_read(device);
    int count = ds_usual_variants_of(variant, device);
    const ds_shaping own = variant[0].shaping;
    ds_shaping portable = own;
    portable.portable = true;
    if (ds_device_is_plain(device)) {
        add(variant, &(int){0}, "portable", &portable, 1);
        return 1;
    }
    const ds_shaping parts = ds_shaping_in_parts(own.strip ? &variant[1].shaping : &own);
    add(variant, &count, "parts", &parts, 2);
    variant[count - 1].products = true;
    add(variant, &count, "portable", &portable, 3);
    portable = variant[1].shaping;
    portable.portable = true;
    portable.tile_group = 1; /* an item alone loads all of a tile, and has many sums */
    portable.tile_item = 8;
    portable.tile_depth = 4;
    add(variant, &count, portable.strip ? "portable-strips" : "portable-tiles", &portable, 3);
    variant[count - 1].products = true;
    for (int s = 0; s < DS_SUBJECTS; s++)
        for (int b = 0; b < DS_BUCKETS; b++) {
            char name[64];
            if (!tuned.known[s][b])
                continue;
            snprintf(name, sizeof name, "tuned-%s-%s", ds_subject_name((ds_subject)s),
                     ds_bucket_name((ds_subject)s, b));
            add(variant, &count, name, &tuned.shaping[s][b], 3);
        }
    return count;
}
