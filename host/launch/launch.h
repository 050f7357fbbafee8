/* What the files of this folder share: from an op to kernel launches. */
#ifndef DS_LAUNCH_H
#define DS_LAUNCH_H

#include "device/device.h"
#include "ops/executor.h"
#include "ops/operation.h"

/* How kernels are shaped for a device: chosen from what it reports, given to the kernels as build
 * options. */
typedef struct ds_shaping {
    unsigned group; /* work-items in a group of row and reduction kernels: a power of two */
    bool strip;     /* dense products by strips (one work-item a group) instead of tiles */
    unsigned strip_rows, strip_lanes, strip_width, strip_depth, strip_block;
    unsigned tile_group, tile_item, tile_depth;
} ds_shaping;

ds_shaping ds_shaping_for(const ds_device_info *about);

/* An executor whose kernels are shaped so, whatever the device: for tests of every shape. */
ds_status ds_shaped_executor_create(ds_executor **out, const ds_plan *plan, ds_device *device,
                                    const ds_shaping *shaping);

typedef struct ds_launcher {
    ds_executor base;
    ds_device *device;
    ds_program *program;
    ds_shaping shaping;
    ds_buffer *buffer[DS_STORAGES];
    int64_t room[DS_STORAGES]; /* elements */
    ds_mark *mark[2];
} ds_launcher;

/* Groups of the partial sums of gradient_norm. */
enum { DS_PARTIALS = 64 };

/* Begins a kernel; adds a tensor's buffer and offset, plus `extra` elements. */
ds_status ds_begin(ds_launcher *launcher, const char *kernel, ds_launch *launch);
void ds_add_tensor(ds_launcher *launcher, ds_launch *launch, int tensor, int64_t extra);

/* Enqueues over `items` work-items, rounded up to groups; over one group per row. */
ds_status ds_over_items(ds_launcher *launcher, ds_launch *launch, int64_t items);
ds_status ds_over_groups(ds_launcher *launcher, ds_launch *launch, int64_t groups);

/* The kernels of an op: generic by its space, or its own. */
ds_status ds_launch_op(ds_launcher *launcher, const ds_op *op, const ds_pass *pass);
ds_status ds_launch_dense(ds_launcher *launcher, const ds_op *op, const ds_pass *pass);

#endif
