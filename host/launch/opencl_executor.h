/* Runs a plan on an OpenCL device: one buffer per storage, one program per plan. */
#ifndef DS_OPENCL_EXECUTOR_H
#define DS_OPENCL_EXECUTOR_H

#include "device/device.h"
#include "ops/executor.h"

ds_status ds_opencl_executor_create(ds_executor **out, const ds_plan *plan, ds_device *device);

/* SHA-256 of the plan's ops and tensors, of every kernel's source and of the build options: equal
 * hashes on one device and driver mean equal bits. Works for any executor. */
ds_status ds_plan_hash(ds_executor *executor, char hash[65]);

#endif
