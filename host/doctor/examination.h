/* What the files of this folder share: the examination of a device, case after case.
 *
 * A case is begun by its name's parts and, where it is wanted, run and ended. A device's failure is
 * a verdict like any other; only what keeps the doctor from judging ends the examination. */
#ifndef DS_EXAMINATION_H
#define DS_EXAMINATION_H

#include "check/checker.h"
#include "launch/launch.h"

enum { DS_VARIANTS = 24, DS_USUAL_VARIANTS = 3 };

/* Kernels of ops in a shape that the device could be given. */
typedef struct ds_variant {
    char name[64]; /* "strips", "tiles", "small", "parts", "portable", ... */
    ds_shaping shaping;
    int stride;    /* every how manieth shape of work */
    bool products; /* differs from another in its dense products alone */
} ds_variant;

typedef struct ds_examination {
    ds_device *device;
    ds_doctor_options options;
    /* Told of every case that is run, before, with NULL, and behind it. NULL: nobody is. */
    ds_status (*listener)(const char *name, const ds_doctor_case *found);
    const char *behind;           /* no case is run up to this one; NULL: from the first on */
    const ds_doctor_table *among; /* only those that are wrong in it; NULL: all */
    ds_doctor_table table;
    ds_doctor_table begun; /* rows of cases, wanted or not: they number the next */
    char name[160];        /* of the case at hand */
} ds_examination;

/* Takes the case over, words and all, whatever comes of it, and makes or changes its row. */
ds_status ds_doctor_table_add(ds_doctor_table *table, const ds_doctor_case *c);

void ds_doctor_case_clear(const ds_doctor_case *c);

/* The case of that name that was run with that seed; NULL: there is none. */
ds_doctor_case *ds_doctor_table_find(const ds_doctor_table *table, const char *name, uint64_t seed);

typedef struct ds_case_name {
    const char *operation, *variant, *shape, *style;
} ds_case_name;

/* Whether a case is wanted; it must then be ended. */
ds_status ds_case_begin(ds_examination *e, const ds_case_name *name, bool *wanted);

/* What running and checking it came to; `plan` is what the report speaks of. */
ds_status ds_case_end(ds_examination *e, ds_status status, const ds_check_report *report,
                      const ds_plan *plan);

void ds_examination_clear(ds_examination *e);

/* Tells what is judged next; DS_INTERRUPTED where that is not wanted any more. */
ds_status ds_doctor_announce(const ds_doctor_options *options, const char *what);
ds_status ds_examination_announce(const ds_examination *e, const char *what, const char *variant);

/* The shapes of kernels of single ops and of those launched together, in a fixed order: the
 * device's own, the other kind's, a small one. */
int ds_usual_variants_of(ds_variant variant[DS_USUAL_VARIANTS], const ds_device *device);

/* Those, and portable and tuned ones. */
int ds_variants_of(ds_variant variant[DS_VARIANTS], const ds_device *device);

/* These tiles, with dense products cut into parts along their depth. */
ds_shaping ds_shaping_in_parts(const ds_shaping *tiles);

/* ---- op_examination.c ---- */

/* The cases of a family's operations. */
ds_status ds_examine_ops(ds_examination *e, const ds_variant *variant, ds_family family);

/* Dense layers with every activation applied by the same kernel. */
ds_status ds_examine_groups(ds_examination *e, const ds_variant *variant);

/* Sums of 1e5 and 1e6 terms. */
ds_status ds_examine_long_sums(ds_examination *e, const ds_variant *variant);

/* One gradient or loss that is not finite, and a norm that equals the rule it stops by. */
ds_status ds_examine_norm(ds_examination *e, const ds_variant *variant);

/* ---- peak_examination.c ---- */

/* The kernels that a device's peak is measured by. */
ds_status ds_examine_peak(ds_examination *e, const ds_variant *variant);

/* ---- transfer_examination.c ---- */

/* What the host writes, fills, copies, maps and reads. */
ds_status ds_examine_transfers(ds_examination *e);

/* ---- network_examination.c ---- */

/* Whole networks in one kernel, in every shape of it: so many parts. */
int ds_network_parts(void);
ds_status ds_examine_network_part(ds_examination *e, int part);

#endif
