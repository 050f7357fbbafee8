/* What the files on whole networks share: a case of one, its executor opened when it is wanted. */
#ifndef DS_NETWORK_EXAMINATION_H
#define DS_NETWORK_EXAMINATION_H

#include "doctor/examination.h"
#include "doctor/network_stage.h"

typedef struct ds_network_visit {
    ds_examination *e;
    ds_network_stage stage;
    char variant[64], shape[64];
} ds_network_visit;

ds_status ds_network_visit_begin(ds_network_visit *visit, ds_examination *e,
                                 const ds_network_case *test);
/* Whether a device has groups of so many items and, in portable math, divides vectors. */
bool ds_network_case_is_possible(const ds_network_case *test, const ds_device_info *about);

void ds_network_visit_end(ds_network_visit *visit);

/* Begins a case; where it is wanted, `*status` says whether the executor could be made. */
ds_status ds_network_case_begin(ds_network_visit *visit, const char *style, bool *wanted,
                                ds_status *status);
ds_status ds_network_case_end(ds_network_visit *visit, ds_status status,
                              const ds_check_report *report);

/* One network: updates of every size, evaluation, several passes together. */
ds_status ds_examine_network(ds_examination *e, const ds_network_case *test, uint64_t seed);

/* ---- network_stops.c ---- */

/* What ends a training run inside of a dispatch, in a shape of the kernel; and what must not. */
enum { DS_STOPS = 6 };
ds_status ds_examine_stop(ds_examination *e, int which);

#endif
