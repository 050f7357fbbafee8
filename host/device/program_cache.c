/* Which programs are worth storing? Some drivers have a cache of their own: PoCL builds a program
 * in 0.03 s that it has seen before, but takes seconds to give its binary out, because it compiles
 * every kernel for it. Others build for seconds every time and give the binary out at once. So a
 * program that was slow to build is built once more, after the results are out: if that is slow,
 * too, its binary is stored; else a note that this driver needs no help. The
 * processor's time counts: on a busy machine the clock would call everything slow. */
#include "device/program_cache.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cache.h"
#include "base/digest.h"

static const char subject[] = "programs";

static _Atomic uint64_t slow = 200000000;

void ds_built_slow_from(uint64_t nanoseconds) {
    atomic_store(&slow, nanoseconds);
}

uint64_t ds_built_clock(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void ds_built_key(char key[65], const char *source_hash, const ds_device_info *about) {
    char text[2048];
    int length =
        snprintf(text, sizeof text, "%s\n%s\n%s\n%s\n%s\n%s\n", source_hash, about->platform,
                 about->vendor, about->name, about->version, about->driver);
    ds_sha256(key, text, (size_t)length);
}

/* An entry is the number of kernels and the binary; a note is 0 kernels and nothing. */
enum { HEAD = sizeof(uint64_t) };

static bool read_entry(ds_bytes *bytes, uint64_t *kernels, const char *key) {
    if (!ds_cache_read(bytes, subject, key))
        return false;
    if (bytes->size >= HEAD) {
        memcpy(kernels, bytes->data, HEAD);
        return true;
    }
    ds_free(bytes->data);
    return false;
}

/* ---- from the cache ---- */

static uint64_t kernels_of(cl_program program) {
    size_t kernels = 0;
    if (clGetProgramInfo(program, CL_PROGRAM_NUM_KERNELS, sizeof kernels, &kernels, NULL) !=
        CL_SUCCESS)
        return 0;
    return kernels;
}

static cl_program load(ds_device *device, const char *options, const ds_bytes *bytes,
                       uint64_t kernels) {
    size_t size = bytes->size - HEAD;
    const unsigned char *binary = bytes->data + HEAD;
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

/* ---- into the cache ---- */

/* What a second build takes; 0 where it fails. */
static uint64_t build_again(const ds_device *device, const ds_built *built) {
    const char *text = built->source;
    uint64_t began = ds_built_clock();
    cl_int code;
    cl_program program = clCreateProgramWithSource(device->context, 1, &text, NULL, &code);
    if (code != CL_SUCCESS)
        return 0;
    code = clBuildProgram(program, 1, &device->id, built->options, NULL, NULL);
    clReleaseProgram(program);
    return code == CL_SUCCESS ? ds_built_clock() - began : 0;
}

static void write_binary(const ds_built *built) {
    unsigned char *bytes = NULL;
    size_t size = 0;
    if (clGetProgramInfo(built->handle, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, NULL) !=
            CL_SUCCESS ||
        size == 0 || !ds_new_quietly(&bytes, HEAD + size))
        return;
    unsigned char *binary = bytes + HEAD;
    uint64_t kernels = kernels_of(built->handle);
    memcpy(bytes, &kernels, HEAD);
    if (clGetProgramInfo(built->handle, CL_PROGRAM_BINARIES, sizeof binary, &binary, NULL) ==
        CL_SUCCESS)
        ds_cache_write(subject, built->key, bytes, HEAD + size);
    ds_free(bytes);
}

static void store(const ds_device *device, const ds_built *built) {
    static const uint64_t note = 0;
    ds_bytes bytes;
    uint64_t kernels = 1;
    if (read_entry(&bytes, &kernels, built->key))
        ds_free(bytes.data);
    if (kernels == 0 /* a note */ || !ds_cache_takes(subject))
        return;
    if (build_again(device, built) >= atomic_load(&slow))
        write_binary(built);
    else
        ds_cache_write(subject, built->key, &note, sizeof note);
}

static void release(const ds_device *device, ds_built *built) {
    if (!built->handle)
        return;
    if (built->source && built->options)
        store(device, built);
    ds_free(built->source);
    ds_free(built->options);
    clReleaseProgram(built->handle);
    ds_opencl_count(-1);
    *built = (ds_built){0};
}

/* ---- a device's own ---- */

static char *copy(const char *text) {
    char *copied = NULL;
    return ds_new_quietly(&copied, strlen(text) + 1) ? strcpy(copied, text) : NULL;
}

static ds_built *keep(ds_device *device, const char *key, cl_program program) {
    ds_built *built = &device->built[device->builds++ % DS_BUILT];
    release(device, built);
    if (clRetainProgram(program) != CL_SUCCESS)
        return NULL;
    ds_opencl_count(1);
    memcpy(built->key, key, sizeof built->key);
    built->handle = program;
    return built;
}

cl_program ds_built_find(ds_device *device, const char *key, const char *options) {
    ds_bytes bytes;
    uint64_t kernels;
    for (int i = 0; i < DS_BUILT; i++) {
        const ds_built *built = &device->built[i];
        if (built->handle && strcmp(built->key, key) == 0 &&
            clRetainProgram(built->handle) == CL_SUCCESS) {
            ds_opencl_count(1);
            return built->handle;
        }
    }
    if (!read_entry(&bytes, &kernels, key))
        return NULL;
    cl_program program = load(device, options, &bytes, kernels);
    ds_free(bytes.data);
    if (program)
        (void)keep(device, key, program);
    return program;
}

void ds_built_keep(ds_device *device, const char *key, cl_program program, const char *source,
                   const char *options, uint64_t nanoseconds) {
    ds_built *built = keep(device, key, program);
    /* A device that is profiled builds many programs that nobody needs again. */
    if (built && nanoseconds >= atomic_load(&slow) && !device->profile) {
        built->source = copy(source);
        built->options = copy(options);
    }
}

void ds_built_release(ds_device *device) {
    for (int i = 0; i < DS_BUILT; i++)
        release(device, &device->built[i]);
}

void ds_built_forget(ds_device *device) {
    for (int i = 0; i < DS_BUILT; i++) {
        ds_free(device->built[i].source);
        device->built[i].source = NULL;
    }
}
