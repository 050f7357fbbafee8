/* An executor whose kernels were judged on its device: the best of those that are right. */
#ifndef DS_VERIFIED_EXECUTOR_H
#define DS_VERIFIED_EXECUTOR_H

#include "device/device.h"
#include "ops/executor.h"

/* In order of preference: a whole network in one kernel, with what tuning found; op by op; shaped
 * as usual; for the other kind of device; small. What the device's passport does not know is judged
 * on a reduced plan, and remembered, as are kernels that do not build where others are right.
 * Where kernels are kept out of use the device's notes say so. DS_WRONG_RESULT where none is right.
 * A device that is not to be verified gets the first. */
ds_status ds_verified_executor_create(ds_executor **out, const ds_plan *plan, ds_device *device);

/* Judges the kernels of a device that is not to be verified, by drawn numbers; `words` receives what
 * is wrong, or "". */
ds_status ds_kernels_judge(const ds_plan *plan, ds_device *device, char words[512]);

#endif
