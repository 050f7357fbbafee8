/* What the files of this folder share: handles, error texts, the count of living objects. */
#ifndef DS_OPENCL_H
#define DS_OPENCL_H

#include <CL/cl.h>

#include "device/device.h"

/* A built program that a device keeps for the next one of the same key. */
typedef struct ds_built {
    char key[65];
    cl_program handle;      /* NULL: none */
    char *source, *options; /* of one that was slow to build; else NULL */
} ds_built;

enum { DS_BUILT = 16 };

typedef struct ds_profile ds_profile;     /* profile.c */
typedef struct ds_recording ds_recording; /* recording.h */

struct ds_device {
    bool reference, plain, unverified, portable, as_compiled, unoptimized;
    ds_note_callback note; /* or NULL */
    void *note_context;
    char kept_out[1024]; /* the last note */
    ds_device_info about;
    cl_device_id id;
    cl_context context;
    cl_command_queue queue, aside;
    ds_profile *profile;     /* NULL: launches are not timed */
    ds_recording *recording; /* NULL: they are not recorded */
    ds_built built[DS_BUILT];
    unsigned builds;
};

/* The loader's own code where no platform is installed; not in the 1.2 headers. */
#define DS_NO_PLATFORM (-1001)

/* DS_OK for CL_SUCCESS; else an error that names the call and the device. */
ds_status ds_opencl_check(cl_int code, const char *call, const ds_device *device);

/* Counts an object made (+1) or released (-1). */
void ds_opencl_count(int change);

/* ---- profile.c ---- */

/* Takes over the event of a launch while the device is profiled; ends profiling. */
ds_status ds_profile_note(ds_device *device, cl_event event, const char *kernel);
void ds_profile_discard(ds_device *device);

/* A buffer as a kernel's argument; of the plain device. */
cl_mem ds_buffer_handle(const ds_buffer *buffer);
void *ds_buffer_memory(const ds_buffer *buffer);
ds_device *ds_buffer_device(const ds_buffer *buffer);
size_t ds_buffer_bytes(const ds_buffer *buffer); /* at least 4 */

/* Fills what a device says of itself. */
ds_status ds_opencl_describe(ds_device_info *about, cl_device_id id, unsigned platform,
                             unsigned device, cl_platform_id platform_id);

/* Every device with its id, beside what ds_devices gives. */
ds_status ds_opencl_list(ds_device_info **about, cl_device_id **id, size_t *count);

#endif
