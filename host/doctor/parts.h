/* The examination in parts, which need nothing of each other: whoever runs them, in whatever order,
 * finds the same. */
#ifndef DS_PARTS_H
#define DS_PARTS_H

#include "doctor/examination.h"

/* A family of a variant's ops, or another kind of its cases; then, part by part, whole networks. */
typedef struct ds_doctor_parts {
    ds_variant variant[DS_VARIANTS];
    int variants, networks;
} ds_doctor_parts;

/* How many there are. `small`: what simulators and other slow devices are given. */
int ds_doctor_parts_list(ds_doctor_parts *parts, const ds_device *device, bool small);

ds_status ds_doctor_part_examine(const ds_doctor_parts *parts, int part, ds_examination *e);

/* Everything, or what the options ask for; `table` begins empty. Of cases that are wrong `among`
 * others, unless that is NULL, the device's kernels on the one that the options have against it. */
ds_status ds_examine_parts(ds_doctor_table *table, ds_device *device,
                           const ds_doctor_options *options, const ds_doctor_table *among);

#endif
