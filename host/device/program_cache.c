/* Which programs are worth storing? Some drivers have a cache of their own: PoCL builds a program
 * in 0.03 s that it has seen before, but takes seconds to give its binary out, because it compiles
 * every kernel for it. Others build for seconds every time and give the binary out at once. So an
 * entry begins as a note of how long the build took, and the binary joins it when a program that
 * was built before is slow to build again. */
#include "device/program_cache.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/cache.h"

static const char subject[] = "programs";

static _Atomic uint64_t slow = 200000000;

void ds_built_slow_from(uint64_t nanoseconds) {
    atomic_store(&slow, nanoseconds);
}

/* The head of an entry; the binary follows, if there is one. */
typedef struct entry {
    uint64_t nanoseconds; /* of the quickest build from source */
    uint64_t kernels;     /* in the binary */
} entry;

void ds_built_key(char key[65], const char *source_hash, const ds_device_info *about) {
    char text[2048];
    int length =
        snprintf(text, sizeof text, "%s\n%s\n%s\n%s\n%s\n%s\n", source_hash, about->platform,
                 about->vendor, about->name, about->version, about->driver);
    ds_sha256(key, text, (size_t)length);
}

static bool read_entry(ds_bytes *bytes, entry *head, const char *key) {
    if (!ds_cache_read(bytes, subject, key))
        return false;
    if (bytes->size >= sizeof *head) {
        memcpy(head, bytes->data, sizeof *head);
        return true;
    }
    ds_free(bytes->data);
    return false;
}

/* ---- reading ---- */

static uint64_t kernels_of(cl_program program) {
    size_t kernels = 0;
    if (clGetProgramInfo(program, CL_PROGRAM_NUM_KERNELS, sizeof kernels, &kernels, NULL) !=
        CL_SUCCESS)
        return 0;
    return kernels;
}

static cl_program load(ds_device *device, const char *options, const ds_bytes *bytes,
                       uint64_t kernels) {
    size_t size = bytes->size - sizeof(entry);
    const unsigned char *binary = bytes->data + sizeof(entry);
    cl_int code, accepted;
    if (size == 0)
        return NULL;
    cl_program program = clCreateProgramWithBinary(device->context, 1, &device->id, &size, &binary,
                                                   &accepted, &code);
    if (code != CL_SUCCESS)
        return NULL;
    if (accepted == CL_SUCCESS &&
        clBuildProgram(program, 1, &device->id, options, NULL, NULL) == CL_SUCCESS &&
        kernels_of(program) == kernels) {
        ds_opencl_count(1);
        return program;
    }
    clReleaseProgram(program);
    return NULL;
}

cl_program ds_built_find(ds_device *device, const char *key, const char *options) {
    ds_bytes bytes;
    entry head;
    for (int i = 0; i < DS_BUILT; i++) {
        const ds_built *built = &device->built[i];
        if (built->handle && strcmp(built->key, key) == 0 &&
            clRetainProgram(built->handle) == CL_SUCCESS) {
            ds_opencl_count(1);
            return built->handle;
        }
    }
    if (!read_entry(&bytes, &head, key))
        return NULL;
    cl_program program = load(device, options, &bytes, head.kernels);
    ds_free(bytes.data);
    if (program)
        ds_built_keep(device, key, program, 0);
    return program;
}

/* ---- writing ---- */

static void write_binary(const ds_built *built, entry head) {
    unsigned char *bytes = NULL;
    size_t size = 0;
    if (clGetProgramInfo(built->handle, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, NULL) !=
            CL_SUCCESS ||
        size == 0 || !ds_new_quietly(&bytes, sizeof head + size))
        return;
    unsigned char *binary = bytes + sizeof head;
    head.kernels = kernels_of(built->handle);
    memcpy(bytes, &head, sizeof head);
    if (clGetProgramInfo(built->handle, CL_PROGRAM_BINARIES, sizeof binary, &binary, NULL) ==
        CL_SUCCESS)
        ds_cache_write(subject, built->key, bytes, sizeof head + size);
    ds_free(bytes);
}

static void store(const ds_built *built) {
    ds_bytes bytes;
    entry head, before;
    uint64_t limit = atomic_load(&slow);
    bool known = read_entry(&bytes, &before, built->key);
    if (known)
        ds_free(bytes.data);
    head = (entry){built->nanoseconds, 0};
    if (!known || (before.nanoseconds >= limit && head.nanoseconds < limit))
        ds_cache_write(subject, built->key, &head, sizeof head);
    else if (before.nanoseconds >= limit)
        write_binary(built, head);
}

static void release(ds_built *built) {
    if (!built->handle)
        return;
    if (built->nanoseconds)
        store(built);
    clReleaseProgram(built->handle);
    ds_opencl_count(-1);
    *built = (ds_built){0};
}

void ds_built_keep(ds_device *device, const char *key, cl_program program, uint64_t nanoseconds) {
    ds_built *built = &device->built[device->builds++ % DS_BUILT];
    if (clRetainProgram(program) != CL_SUCCESS)
        return;
    ds_opencl_count(1);
    release(built);
    memcpy(built->key, key, sizeof built->key);
    built->handle = program;
    built->nanoseconds = nanoseconds;
}

void ds_built_release(ds_device *device) {
    for (int i = 0; i < DS_BUILT; i++)
        release(&device->built[i]);
}
