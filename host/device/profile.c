/* When each launch began and ended, by the device's own clock: the events of a profiling queue. */
#include "device/opencl.h"

enum { MOST_EVENTS = 1 << 16 };

struct ds_profile {
    struct ds_noted {
        cl_event event;
        const char *kernel;
    } * noted;
    ds_launch_time *time;
    size_t count, room;
};

static void forget(ds_profile *profile) {
    for (size_t i = 0; i < profile->count; i++) {
        clReleaseEvent(profile->noted[i].event);
        ds_opencl_count(-1);
    }
    profile->count = 0;
}

void ds_profile_discard(ds_device *device) {
    if (!device->profile)
        return;
    forget(device->profile);
    ds_free(device->profile->noted);
    ds_free(device->profile->time);
    ds_free(device->profile);
    device->profile = NULL;
}

ds_status ds_device_profile(ds_device *device, bool on) {
    cl_int code;
    ds_profile *profile = NULL;
    if (on == (device->profile != NULL))
        return DS_OK;
    if (device->plain)
        return ds_fail(DS_BAD_INPUT, "name an OpenCL device; descent devices lists them",
                       "the device plain has no clock to measure kernels by");
    DS_CHECK(ds_device_finish(device));
    if (on)
        DS_CHECK(ds_new(&profile, 1, sizeof *profile));
    cl_command_queue queue = clCreateCommandQueue(device->context, device->id,
                                                  on ? CL_QUEUE_PROFILING_ENABLE : 0, &code);
    if (code != CL_SUCCESS) {
        ds_free(profile);
        return ds_opencl_check(code, "clCreateCommandQueue", device);
    }
    clReleaseCommandQueue(device->queue);
    device->queue = queue;
    ds_profile_discard(device);
    device->profile = profile;
    return DS_OK;
}

ds_status ds_profile_note(ds_device *device, cl_event event, const char *kernel) {
    ds_profile *profile = device->profile;
    ds_status status = DS_OK;
    ds_opencl_count(1);
    if (profile->count == MOST_EVENTS)
        forget(profile);
    if (profile->count == profile->room) {
        size_t room = profile->room ? 2 * profile->room : 64;
        DS_TRY(ds_resize(&profile->noted, room, sizeof *profile->noted));
        DS_TRY(ds_resize(&profile->time, room, sizeof *profile->time));
        profile->room = room;
    }
    profile->noted[profile->count].event = event;
    profile->noted[profile->count++].kernel = kernel;
    return DS_OK;

cleanup:
    clReleaseEvent(event);
    ds_opencl_count(-1);
    return status;
}

static ds_status moment(cl_ulong *out, const ds_device *device, cl_event event,
                        cl_profiling_info which) {
    return ds_opencl_check(clGetEventProfilingInfo(event, which, sizeof *out, out, NULL),
                           "clGetEventProfilingInfo", device);
}

ds_status ds_device_launch_times(ds_device *device, const ds_launch_time **time, size_t *count) {
    ds_profile *profile = device->profile;
    DS_CHECK(ds_device_finish(device));
    for (size_t i = 0; i < profile->count; i++) {
        cl_ulong began, ended;
        DS_CHECK(moment(&began, device, profile->noted[i].event, CL_PROFILING_COMMAND_START));
        DS_CHECK(moment(&ended, device, profile->noted[i].event, CL_PROFILING_COMMAND_END));
        profile->time[i] = (ds_launch_time){profile->noted[i].kernel,
                                            ended > began ? 1e-9 * (double)(ended - began) : 0};
    }
    *time = profile->time;
    *count = profile->count;
    forget(profile);
    return DS_OK;
}
