/* What is known of a device's kernels: a text in the user's cache, kept under a name made of
 * device, driver and all kernels' text, so that it holds for no other:
 *
 *     descent passport 1
 *     doctor dense_forward strips right
 *     plan 0c1e... right
 *     plan 8d20... wrong wrong value in relu_forward of layer 1: ...
 *
 * A line for each operation and variant that the whole doctor judged, and for each plan, named by
 * a hash of it and its batches, of which the kernels were judged before they were used. A text
 * that is not exactly so counts as none. */
#ifndef DS_PASSPORT_H
#define DS_PASSPORT_H

#include "device/device.h"

typedef enum ds_known { DS_UNKNOWN, DS_KNOWN_RIGHT, DS_KNOWN_WRONG } ds_known;

typedef struct ds_passport {
    char *text; /* whole lines behind the title, or "" */
} ds_passport;

/* An empty one where there is none, or it is damaged. */
ds_status ds_passport_read(ds_passport *out, const ds_device *device);
void ds_passport_clear(ds_passport *passport);

/* Of an operation's kernels in a variant; of a plan. `words` receives what is wrong. Of two lines on
 * the same the first counts. */
ds_known ds_passport_operation(const ds_passport *passport, const char *operation,
                               const char *variant);
ds_known ds_passport_plan(const ds_passport *passport, const char *hash, char words[512]);

/* Whether the doctor found a kernel wrong whose operation's name begins so. */
bool ds_passport_any_wrong(const ds_passport *passport, const char *operation);

/* Adds a plan's verdict. Puts all rows of the whole doctor in the place of those that are there,
 * and forgets the plans that were wrong: they are judged again. Of a doctor that did not look at
 * all only what is wrong is added. Where there is no cache nothing is kept. */
ds_status ds_passport_add_plan(const ds_device *device, const char *hash, bool right,
                               const char *words);
ds_status ds_passport_set_doctor(const ds_device *device, const ds_doctor_table *table, bool whole);

/* Whether a text is a passport's. */
bool ds_passport_is_sound(const char *text);

#endif
