/* The device plain beside another: whatever is right in portable math must have its bits, too. */
#ifndef DS_TWIN_H
#define DS_TWIN_H

#include "device/device.h"
#include "ops/executor.h"

typedef struct ds_twin {
    ds_device *plain;
    ds_executor *executor; /* NULL: there is none */
} ds_twin;

/* An executor of the device plain for the plan, op by op. `count`: elements to be reserved in the
 * storages that the data decides. Nothing happens where `device` is the device plain itself. */
ds_status ds_twin_open(ds_twin *twin, const ds_plan *plan, const ds_device *device,
                       const int64_t count[DS_STORAGES]);
void ds_twin_close(ds_twin *twin);

#endif
