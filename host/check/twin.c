#include "check/twin.h"

#include "launch/opencl_executor.h"

ds_status ds_twin_open(ds_twin *twin, const ds_plan *plan, const ds_device *device,
                       const int64_t count[DS_STORAGES]) {
    if (ds_device_is_plain(device))
        return DS_OK;
    DS_CHECK(ds_device_open(&twin->plain, "plain"));
    ds_device_take_as_compiled(twin->plain);
    DS_CHECK(ds_opencl_executor_create(&twin->executor, plan, twin->plain));
    for (int s = 0; s < DS_STORAGES; s++)
        if (count[s] && !plan->storage_count[s])
            DS_CHECK(twin->executor->reserve(twin->executor, (ds_storage)s, count[s]));
    return DS_OK;
}

void ds_twin_close(ds_twin *twin) {
    if (twin->executor)
        twin->executor->destroy(twin->executor);
    ds_device_close(twin->plain);
    *twin = (ds_twin){0};
}
