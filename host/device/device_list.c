#include <stdio.h>
#include <string.h>

#include "device/opencl.h"
#include "device/pocl_cache.h"

enum { MOST_PLATFORMS = 64, MOST_DEVICES = 64 };

static void text_of(cl_device_id id, cl_device_info key, char *out, size_t size) {
    char text[1024] = "";
    if (clGetDeviceInfo(id, key, sizeof text - 1, text, NULL) != CL_SUCCESS)
        text[0] = '\0';
    const char *start = text;
    while (*start == ' ')
        start++;
    snprintf(out, size, "%s", start);
}

/* A number of 4 or 8 bytes; 0 where the device does not say. */
static uint64_t number_of(cl_device_id id, cl_device_info key) {
    unsigned char raw[sizeof(uint64_t)] = {0};
    size_t size = 0;
    uint32_t narrow;
    uint64_t wide;
    if (clGetDeviceInfo(id, key, sizeof raw, raw, &size) != CL_SUCCESS)
        return 0;
    memcpy(&narrow, raw, sizeof narrow);
    memcpy(&wide, raw, sizeof wide);
    return size == sizeof narrow ? narrow : wide;
}

/* llvmpipe ends every loop of a work-item once all its loops together have made so many rounds, and
 * says nothing: LP_MAX_TGSI_LOOP_ITERATIONS in Mesa. OpenCL knows of no such limit. */
static uint64_t most_rounds_of(const ds_device_info *about) {
    return strncmp(about->name, "llvmpipe", 8) == 0 ? 65535 : 0;
}

ds_status ds_opencl_describe(ds_device_info *about, cl_device_id id, unsigned platform,
                             unsigned device, cl_platform_id platform_id) {
    *about = (ds_device_info){0};
    snprintf(about->id, sizeof about->id, "%u:%u", platform, device);
    text_of(id, CL_DEVICE_NAME, about->name, sizeof about->name);
    text_of(id, CL_DEVICE_VENDOR, about->vendor, sizeof about->vendor);
    text_of(id, CL_DEVICE_VERSION, about->version, sizeof about->version);
    text_of(id, CL_DRIVER_VERSION, about->driver, sizeof about->driver);
    if (clGetPlatformInfo(platform_id, CL_PLATFORM_NAME, sizeof about->platform - 1,
                          about->platform, NULL) != CL_SUCCESS)
        about->platform[0] = '\0';
    /* A device may claim several types, as simulators do: what is said first here counts. */
    uint64_t type = number_of(id, CL_DEVICE_TYPE);
    snprintf(about->type, sizeof about->type, "%s",
             type & CL_DEVICE_TYPE_CPU           ? "cpu"
             : type & CL_DEVICE_TYPE_GPU         ? "gpu"
             : type & CL_DEVICE_TYPE_ACCELERATOR ? "accelerator"
                                                 : "other");
    about->compute_units = (unsigned)number_of(id, CL_DEVICE_MAX_COMPUTE_UNITS);
    about->clock_mhz = (unsigned)number_of(id, CL_DEVICE_MAX_CLOCK_FREQUENCY);
    about->float_vector_width = (unsigned)number_of(id, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT);
    about->memory_bytes = number_of(id, CL_DEVICE_GLOBAL_MEM_SIZE);
    about->allocation_bytes = number_of(id, CL_DEVICE_MAX_MEM_ALLOC_SIZE);
    about->local_bytes = number_of(id, CL_DEVICE_LOCAL_MEM_SIZE);
    about->group_size = number_of(id, CL_DEVICE_MAX_WORK_GROUP_SIZE);
    about->most_rounds = most_rounds_of(about);
    about->has_double = number_of(id, CL_DEVICE_DOUBLE_FP_CONFIG) != 0;
    about->has_half = number_of(id, CL_DEVICE_NATIVE_VECTOR_WIDTH_HALF) != 0;
    about->keeps_denormals = number_of(id, CL_DEVICE_SINGLE_FP_CONFIG) & CL_FP_DENORM;
    about->has_fma = number_of(id, CL_DEVICE_SINGLE_FP_CONFIG) & CL_FP_FMA;
    about->has_exact_division =
        number_of(id, CL_DEVICE_SINGLE_FP_CONFIG) & CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT;
    about->unified_memory = number_of(id, CL_DEVICE_HOST_UNIFIED_MEMORY) != 0;
    about->available =
        number_of(id, CL_DEVICE_AVAILABLE) != 0 && number_of(id, CL_DEVICE_COMPILER_AVAILABLE) != 0;
    return DS_OK;
}

ds_status ds_opencl_list(ds_device_info **about_out, cl_device_id **id_out, size_t *count_out) {
    ds_status status = DS_OK;
    ds_device_info *about = NULL;
    cl_device_id *ids = NULL;
    size_t count = 0;
    cl_platform_id platforms[MOST_PLATFORMS];
    cl_uint platform_count = 0;
    ds_pocl_cache_begin();
    /* No platform is not an error here: the list is empty then. */
    if (clGetPlatformIDs(MOST_PLATFORMS, platforms, &platform_count) != CL_SUCCESS)
        platform_count = 0;
    if (platform_count > MOST_PLATFORMS)
        platform_count = MOST_PLATFORMS;
    DS_TRY(ds_new(&about, 1, sizeof *about));
    DS_TRY(ds_new(&ids, 1, sizeof *ids));
    for (cl_uint p = 0; p < platform_count; p++) {
        cl_device_id found[MOST_DEVICES];
        cl_uint devices = 0;
        if (clGetDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, MOST_DEVICES, found, &devices) !=
            CL_SUCCESS)
            continue;
        if (devices > MOST_DEVICES)
            devices = MOST_DEVICES;
        DS_TRY(ds_resize(&about, count + devices + 1, sizeof *about));
        DS_TRY(ds_resize(&ids, count + devices + 1, sizeof *ids));
        for (cl_uint d = 0; d < devices; d++, count++) {
            ids[count] = found[d];
            DS_TRY(ds_opencl_describe(&about[count], found[d], p, d, platforms[p]));
        }
    }
    *about_out = about;
    *id_out = ids;
    *count_out = count;
    about = NULL;
    ids = NULL;

cleanup:
    ds_free(about);
    ds_free(ids);
    return status;
}

ds_status ds_devices(ds_device_info **list, size_t *count) {
    cl_device_id *ids = NULL;
    DS_CHECK(ds_opencl_list(list, &ids, count));
    ds_free(ids);
    return DS_OK;
}
