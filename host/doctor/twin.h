/* The device plain beside another: whatever is right in portable math must have its bits, too. */
#ifndef DS_TWIN_H
#define DS_TWIN_H

#include "check/checker.h"
#include "device/device.h"

/* An executor of the device plain for the plan, op by op, into `options->twin`; the options say
 * what it must reserve. `plain` is opened where it is NULL, and lives longer. Nothing happens where
 * `device` is the device plain itself. */
ds_status ds_twin_open(ds_check_options *options, ds_device **plain, const ds_plan *plan,
                       const ds_device *device);
void ds_twin_close(ds_check_options *options);

#endif
