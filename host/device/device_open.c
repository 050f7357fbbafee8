#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "device/pocl_cache.h"
#include "device/program_cache.h"
#include "device/recording.h"

static bool contains(const char *text, const char *part) {
    for (size_t length = strlen(part); *text; text++)
        if (strncasecmp(text, part, length) == 0)
            return true;
    return false;
}

/* A GPU before an accelerator before a CPU; the first of equals. */
static int preference(const ds_device_info *about) {
    if (!about->available)
        return -1;
    return strcmp(about->type, "gpu") == 0 ? 3 : strcmp(about->type, "accelerator") == 0 ? 2 : 1;
}

static ds_status choice_failed(const ds_device_info *about, size_t count, const char *name,
                               const char *problem) {
    ds_text hint = {0};
    ds_status status = DS_OK;
    if (count == 0)
        status = ds_text_add(&hint, "install an OpenCL driver (on Debian: pocl-opencl-icd runs on "
                                    "the processor), or use --device plain or reference");
    else
        status = ds_text_add(&hint, "devices:");
    for (size_t i = 0; i < count && status == DS_OK; i++)
        status = ds_text_add(&hint, "%s %s \"%s\"", i ? "," : "", about[i].id, about[i].name);
    if (status == DS_OK && count)
        status = ds_text_add(&hint, "; or plain, reference");
    if (status == DS_OK)
        status = ds_fail(DS_NO_DEVICE, hint.characters, "%s \"%s\"", problem, name);
    ds_text_clear(&hint);
    return status;
}

static ds_status choose(const ds_device_info *about, size_t count, const char *name, size_t *out) {
    size_t matches = 0;
    if (count == 0)
        return choice_failed(about, count, name, "no OpenCL device was found for");
    if (strcmp(name, "auto") == 0) {
        int best = -1;
        for (size_t i = 0; i < count; i++)
            if (preference(&about[i]) > best) {
                best = preference(&about[i]);
                *out = i;
            }
        return best >= 0 ? DS_OK : choice_failed(about, count, name, "no device is available for");
    }
    for (size_t i = 0; i < count; i++)
        if (strcmp(about[i].id, name) == 0) {
            *out = i;
            return DS_OK;
        }
    for (size_t i = 0; i < count; i++)
        if (*name && contains(about[i].name, name)) {
            *out = i;
            matches++;
        }
    if (matches == 1)
        return DS_OK;
    return choice_failed(about, count, name,
                         matches ? "several devices fit" : "there is no device");
}

static ds_status open_queues(ds_device *device) {
    cl_int code;
    device->context = clCreateContext(NULL, 1, &device->id, NULL, NULL, &code);
    DS_CHECK(ds_opencl_check(code, "clCreateContext", device));
    ds_opencl_count(1);
    device->queue = clCreateCommandQueue(device->context, device->id, 0, &code);
    DS_CHECK(ds_opencl_check(code, "clCreateCommandQueue", device));
    ds_opencl_count(1);
    device->aside = clCreateCommandQueue(device->context, device->id, 0, &code);
    DS_CHECK(ds_opencl_check(code, "clCreateCommandQueue", device));
    ds_opencl_count(1);
    return DS_OK;
}

ds_status ds_device_open(ds_device **out, const char *name) {
    ds_status status = DS_OK;
    ds_device *device = NULL;
    ds_device_info *about = NULL;
    cl_device_id *ids = NULL;
    size_t count = 0, chosen = 0;
    DS_TRY(ds_new(&device, 1, sizeof *device));
    if (strcmp(name, "reference") == 0) {
        device->reference = true;
        snprintf(device->about.name, sizeof device->about.name, "reference");
        snprintf(device->about.id, sizeof device->about.id, "reference");
    } else if (strcmp(name, "plain") == 0) {
        device->plain = true;
        device->about = (ds_device_info){.name = "plain",
                                         .id = "plain",
                                         .type = "other",
                                         .compute_units = 1,
                                         .float_vector_width = 1,
                                         .allocation_bytes = SIZE_MAX / 2,
                                         .local_bytes = SIZE_MAX / 2,
                                         .group_size = 1,
                                         .keeps_denormals = true,
                                         .has_exact_division = true,
                                         .available = true};
    } else {
        DS_TRY(ds_opencl_list(&about, &ids, &count));
        DS_TRY(choose(about, count, name, &chosen));
        device->about = about[chosen];
        device->id = ids[chosen];
        DS_TRY(open_queues(device));
    }
    *out = device;
    device = NULL;

cleanup:
    ds_device_close(device);
    ds_free(about);
    ds_free(ids);
    return status;
}

/* Behind what is in it: a run that failed leaves some, and a thread of PoCL that still compiles a
 * kernel when the program ends finds LLVM taken apart. */
static void close_queue(cl_command_queue queue) {
    if (!queue)
        return;
    (void)clFinish(queue);
    clReleaseCommandQueue(queue);
    ds_opencl_count(-1);
}

void ds_device_close(ds_device *device) {
    if (!device)
        return;
    ds_built_release(device);
    ds_profile_discard(device);
    ds_recording_end(device);
    close_queue(device->aside);
    close_queue(device->queue);
    if (device->context) {
        clReleaseContext(device->context);
        ds_opencl_count(-1);
        ds_pocl_cache_note();
    }
    ds_free(device);
}

void ds_device_discard(ds_device *device) {
    if (device)
        ds_built_forget(device);
    ds_device_close(device);
}

const char *ds_device_name(const ds_device *device) {
    return device->about.name;
}

bool ds_device_is_reference(const ds_device *device) {
    return device->reference;
}

bool ds_device_is_plain(const ds_device *device) {
    return device->plain;
}

bool ds_device_is_verified(const ds_device *device) {
    return !device->unverified;
}

void ds_device_take_as_compiled(ds_device *device) {
    device->as_compiled = true;
}

bool ds_device_is_portable(const ds_device *device) {
    return device->portable;
}

void ds_device_set_portable(ds_device *device) {
    device->portable = true;
}

void ds_device_optimize(ds_device *device, bool optimize) {
    device->unoptimized = !optimize;
}

void ds_device_verify(ds_device *device, bool verify) {
    device->unverified = !verify;
}

void ds_device_notes(ds_device *device, ds_note_callback note, void *context) {
    device->note = note;
    device->note_context = context;
}

const char *ds_device_kept_out(const ds_device *device) {
    return device->kept_out;
}

void ds_device_tell(ds_device *device, const char *note) {
    snprintf(device->kept_out, sizeof device->kept_out, "%s", note);
    if (device->note)
        device->note(note, device->note_context);
}

const ds_device_info *ds_device_about(const ds_device *device) {
    return &device->about;
}

void ds_device_say(const char *note, void *device) {
    const ds_device *to = device;
    if (to->note)
        to->note(note, to->note_context);
}
