/* The examination in parts, which need nothing of each other: whoever runs them, in whatever order,
 * finds the same. */
#ifndef DS_PARTS_H
#define DS_PARTS_H

#include "doctor/examination.h"

typedef struct ds_doctor_part {
    enum {
        DS_PART_OPS, /* those of a family */
        DS_PART_NORM,
        DS_PART_SUMS,
        DS_PART_GROUPS, /* ops launched together */
        DS_PART_NETWORK
    } kind;
    int variant; /* of ops */
    int which;   /* family of ops, part of the networks */
} ds_doctor_part;

enum { DS_PARTS = 8 * DS_VARIANTS + 64 };

typedef struct ds_doctor_parts {
    ds_variant variant[DS_VARIANTS];
    ds_doctor_part part[DS_PARTS];
    int count;
} ds_doctor_parts;

/* `small`: what simulators and other slow devices are given. */
void ds_doctor_parts_list(ds_doctor_parts *parts, const ds_device *device, bool small);

ds_status ds_doctor_part_examine(const ds_doctor_parts *parts, int part, ds_examination *e);

/* Everything, or what the options ask for; `table` begins empty. Of cases that are wrong `among`
 * others, unless that is NULL, the device's kernels on the one that the options have against it. */
ds_status ds_examine_parts(ds_doctor_table *table, ds_device *device,
                           const ds_doctor_options *options, const ds_doctor_table *among);

#endif
