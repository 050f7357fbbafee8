/* What a run gives to a device is compared, when it has arrived, with what the device holds: that a
 * value is lost on its way is told, instead of a result that follows from another one. All fail with
 * DS_WRONG_RESULT then. */
#ifndef DS_UPLOAD_H
#define DS_UPLOAD_H

#include "check/verdict.h"

/* Writes values behind all work issued so far, and waits for it. */
ds_status ds_upload(ds_executor *executor, ds_storage storage, int64_t offset, int64_t count,
                    const double *values);
ds_status ds_upload_floats(ds_executor *executor, ds_storage storage, int64_t offset, int64_t count,
                           const float *values);

ds_status ds_upload_indices(ds_executor *executor, int64_t offset, int64_t count,
                            const int32_t *values);

/* Fills the half that is not in use; see write_ahead. */
ds_status ds_upload_ahead(ds_executor *executor, ds_storage storage, int64_t count,
                          const float *values);

/* Whether the device holds these floats or indices: if not, a fault of the report, which is at
 * element `offset` or behind it, and of no tensor. Waits for all work issued so far. */
ds_status ds_find_lost(ds_executor *executor, ds_storage storage, int64_t offset, int64_t count,
                       const void *bits, ds_check_report *report);

/* The error that a fault of a report is. `place`: "update 3: ", or "". */
ds_status ds_tell_lost(const ds_plan *plan, const ds_check_report *report, const char *place);

#endif
