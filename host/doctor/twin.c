#include "doctor/twin.h"

#include "launch/opencl_executor.h"

ds_status ds_twin_open(ds_check_options *options, ds_device **plain, const ds_plan *plan,
                       const ds_device *device) {
    if (ds_device_is_plain(device))
        return DS_OK;
    if (!*plain) {
        DS_CHECK(ds_device_open(plain, "plain"));
        ds_device_take_as_compiled(*plain);
    }
    DS_CHECK(ds_opencl_executor_create(&options->twin, plan, *plain));
    for (int s = 0; s < DS_STORAGES; s++)
        if (options->count[s])
            DS_CHECK(options->twin->reserve(options->twin, (ds_storage)s, options->count[s]));
    return DS_OK;
}

void ds_twin_close(ds_check_options *options) {
    if (options->twin)
        options->twin->destroy(options->twin);
    options->twin = NULL;
}
