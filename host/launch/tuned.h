/* What `descent tune` may change about a device's kernels, and what it found: a text in the user's
 * cache, a line for each bucket of work:
 *
 *     descent tuning 1
 *     product large strip_lanes=16 strip_width=32 strip_rows=14 ...
 *
 * kept under a name made of device, driver and all kernels' text. A text that is not exactly so,
 * with values that the device can do, counts as none. */
#ifndef DS_TUNED_H
#define DS_TUNED_H

#include "launch/launch.h"

/* What is tuned together, by buckets of a plan's work. */
typedef enum ds_subject {
    DS_ROWS,    /* all that runs row by row or element by element: by the plan's widest rows */
    DS_PRODUCT, /* dense products: by the plan's largest */
    DS_NETWORK, /* whether a network runs whole, and how: by the operations of an update */
    DS_SUBJECTS
} ds_subject;

enum { DS_BUCKETS = 4, DS_CANDIDATES = 8 };

/* Names; NULL where there is no such bucket. */
const char *ds_subject_name(ds_subject subject);
const char *ds_bucket_name(ds_subject subject, int bucket);

/* A product of samples x inputs x units; rows of so many columns. */
int ds_product_bucket(int64_t samples, int64_t inputs, int64_t units);
int ds_rows_bucket(int64_t columns);
int ds_network_bucket(double operations);

/* A parameter of the kernels, and what is worth trying. */
typedef struct ds_tunable {
    const char *name;
    ds_subject subject;
    enum { DS_EITHER, DS_STRIPS, DS_TILES } kind; /* of devices, by their dense products */
    size_t place;                                 /* of an unsigned in ds_shaping */
    unsigned candidate[DS_CANDIDATES];            /* 0 ends them */
} ds_tunable;

enum { DS_TUNABLES = 22 };
extern const ds_tunable ds_tunables[DS_TUNABLES];

/* Whether it has a meaning for a shaping. */
bool ds_tunable_applies(const ds_tunable *tunable, ds_subject subject, const ds_shaping *shaping);

unsigned ds_tunable_get(const ds_tunable *tunable, const ds_shaping *shaping);

/* Sets it, and others to what must go with it. */
void ds_tunable_set(const ds_tunable *tunable, ds_shaping *shaping, unsigned value);

/* Whether a device can have kernels of this shape, as far as it says. */
bool ds_shaping_is_possible(const ds_shaping *shaping, const ds_device_info *about);

/* " strip_rows=14 ...". */
ds_status ds_shaping_print(const ds_shaping *shaping, ds_subject subject, ds_text *out);

/* ---- what was found ---- */

typedef struct ds_tuned {
    bool known[DS_SUBJECTS][DS_BUCKETS];
    ds_shaping shaping[DS_SUBJECTS][DS_BUCKETS]; /* only the subject's parameters count */
} ds_tuned;

ds_status ds_tuned_print(const ds_tuned *tuned, ds_text *out);
bool ds_tuned_parse(ds_tuned *out, const char *text, const ds_device_info *about);

/* Of this device; nothing known where there is none. */
ds_tuned ds_tuned_read(const ds_device *device);
ds_tuned ds_tuned_read_for(const ds_device_info *about); /* that need not be open */
ds_status ds_tuned_write(const ds_tuned *tuned, const ds_device *device);

/* Where it lies; false where there is no cache. */
bool ds_tuned_path(char path[4096], const ds_device *device);

/* What was found for a plan's work takes the place of the usual. */
void ds_tuned_apply(ds_shaping *shaping, const ds_plan *plan, const ds_device *device);

#endif
