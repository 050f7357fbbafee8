/* The program of a plan that is run op by op: its kernel files and build options. */
#include <string.h>

#include "launch/launch.h"

enum { MOST_FILES = 64 };

/* In the order in which they need each other. */
static int list_files(const ds_plan *plan, const ds_shaping *shaping,
                      const char *files[MOST_FILES]) {
    bool dense = false;
    int count = 0;
    files[count++] = "common.cl";
    if (shaping->portable)
        files[count++] = "portable.cl";
    files[count++] = "functions.cl";
    for (int i = 0; i < plan->ops; i++) {
        const char *file = plan->op[i].operation->program;
        int k = 0;
        if (plan->op[i].operation == &ds_op_dense) {
            dense = true;
            continue;
        }
        while (file && k < count && strcmp(files[k], file) != 0)
            k++;
        if (file && k == count)
            files[count++] = file;
    }
    if (dense) {
        files[count++] = "dense.cl";
        files[count++] = shaping->strip ? "dense_strip.cl" : "dense_tile.cl";
    }
    return count;
}

const char *ds_arithmetic_options(const ds_launcher *launcher) {
    const ds_device_info *about = ds_device_about(launcher->device);
    if (!launcher->shaping.portable)
        return about->has_fma ? " -DHAS_FMA" : "";
    return about->has_exact_division
               ? " -DPORTABLE -DHAS_EXACT_DIVISION -cl-fp32-correctly-rounded-divide-sqrt"
               : " -DPORTABLE";
}

ds_status ds_build_kernels(ds_launcher *launcher) {
    ds_status status = DS_OK;
    const ds_plan *plan = launcher->base.plan;
    const ds_shaping *s = &launcher->shaping;
    const char *files[MOST_FILES];
    ds_text options = {0};
    bool cpu = strcmp(ds_device_about(launcher->device)->type, "cpu") == 0;
    if (launcher->program)
        return DS_OK;
    int count = list_files(plan, s, files);
    DS_TRY(ds_text_add(&options, "-cl-std=CL1.2 -w -DGROUP=%u -DPARTIALS=%d -DWIDTH=%u%s", s->group,
                       DS_PARTIALS, ds_item_width(s), ds_arithmetic_options(launcher)));
    if (s->strip)
        DS_TRY(ds_text_add(&options,
                           " -DDENSE_FINISH=%u -DSTRIP_LANES=%u -DSTRIP_WIDTH=%u -DSTRIP_ROWS=%u "
                           "-DSTRIP_FEW=%u -DSTRIP_DEPTH=%u -DTURN_VECTORS=%u",
                           s->strip_width, s->strip_lanes, s->strip_width, s->strip_rows,
                           s->strip_few, s->strip_depth, s->turn_vectors));
    else
        DS_TRY(ds_text_add(
            &options, " -DDENSE_FINISH=%u -DTILE_GROUP=%u -DTILE_ITEM=%u -DTILE_DEPTH=%u%s",
            s->tile_item, s->tile_group, s->tile_item, s->tile_depth, cpu ? " -DCPU" : ""));
    DS_TRY(ds_groups_options(plan, launcher->group, &options));
    int64_t scratch = ds_dense_scratch(plan, s);
    if (scratch > 0 && !launcher->scratch)
        DS_TRY(ds_buffer_create(&launcher->scratch, launcher->device, 4 * (size_t)scratch));
    DS_TRY(ds_program_build(&launcher->program, launcher->device, "", files, count,
                            options.characters));

cleanup:
    ds_text_clear(&options);
    return status;
}
