/* Parts of an examination run by other processes, side by side: a driver may compile one kernel at
 * a time in a process, and where it crashes that is a verdict on what was under way. */
#ifndef DS_HELPERS_H
#define DS_HELPERS_H

#include "device/device.h"

/* How many; 0: this process judges everything itself. */
int ds_helpers_for(const ds_doctor_options *options);

/* `found` receives a table for each part. */
ds_status ds_helpers_examine(int helpers, int parts, ds_doctor_table *found,
                             const ds_device *device, const ds_doctor_options *options);

#endif
