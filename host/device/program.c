#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/files.h"
#include "device/kernel_source.h"
#include "device/program_cache.h"
#include "device/recording_parts.h"

enum { MOST_KERNELS = 128 };

struct ds_kernel {
    ds_device *device;
    cl_kernel handle;
    ds_plain_kernel plain; /* in its place on the plain device, with the arguments set so far */
    ds_plain_value argument[DS_PLAIN_ARGUMENTS];
    const ds_program *program;
    ds_argument *noted; /* the arguments for who records launches; else NULL */
    char name[64];
};

struct ds_program {
    ds_device *device;
    cl_program handle;
    char hash[65];
    char *source, *options; /* for who records launches; else NULL */
    ds_kernel kernel[MOST_KERNELS];
    int kernels;
};

/* Appends a kernel file: of DESCENT_KERNEL_DIR where it is there, else the embedded one. */
static ds_status add_source(ds_text *source, const char *name) {
    ds_status status = DS_OK;
    char *path = NULL;
    ds_bytes bytes = {0};
    const char *folder = getenv("DESCENT_KERNEL_DIR");
    if (folder && *folder && !ds_folder_exists(folder)) {
        status = ds_fail(DS_BAD_INPUT, "correct or unset DESCENT_KERNEL_DIR",
                         "DESCENT_KERNEL_DIR=%s: there is no such folder", folder);
        goto cleanup;
    }
    if (folder && *folder) {
        DS_TRY(ds_path_join(&path, folder, name));
        if (ds_file_exists(path)) {
            DS_TRY(ds_file_read(&bytes, path));
            DS_TRY(ds_text_add(source, "#line 1 \"%s\"\n%s\n", name, (char *)bytes.data));
            goto cleanup;
        }
    }
    for (const ds_kernel_source *kernel = ds_kernel_sources; kernel->name; kernel++)
        if (strcmp(kernel->name, name) == 0) {
            DS_TRY(ds_text_add(source, "#line 1 \"%s\"\n%s\n", name, kernel->text));
            goto cleanup;
        }
    status = ds_fail(DS_DEVICE_FAILED, "rebuild descent", "there is no kernel file \"%s\"", name);

cleanup:
    ds_free(path);
    ds_free(bytes.data);
    return status;
}

bool ds_device_info_key(char key[65], const ds_device_info *about) {
    ds_text source = {0};
    char hash[65];
    ds_status status = DS_OK;
    for (const ds_kernel_source *kernel = ds_kernel_sources; kernel->name; kernel++)
        if (status == DS_OK)
            status = add_source(&source, kernel->name);
    if (status == DS_OK) {
        ds_sha256(hash, source.characters, source.length);
        ds_built_key(key, hash, about);
    }
    ds_text_clear(&source);
    return status == DS_OK;
}

bool ds_device_key(char key[65], const ds_device *device) {
    return ds_device_info_key(key, &device->about);
}

/* The build log goes into the error whole; its first line with an error into the message. */
static ds_status build_failed(const ds_program *program, cl_int code) {
    ds_device *device = program->device;
    char *log = NULL;
    size_t size = 0;
    clGetProgramBuildInfo(program->handle, device->id, CL_PROGRAM_BUILD_LOG, 0, NULL, &size);
    DS_CHECK(ds_new(&log, size + 1, 1));
    clGetProgramBuildInfo(program->handle, device->id, CL_PROGRAM_BUILD_LOG, size, log, NULL);
    const char *line = strstr(log, "error");
    while (line && line > log && line[-1] != '\n')
        line--;
    int length = line ? (int)strcspn(line, "\n") : 0;
    ds_status status =
        ds_fail(DS_DEVICE_FAILED,
                getenv("DESCENT_KERNEL_DIR")
                    ? "check the files in DESCENT_KERNEL_DIR; --verbose shows the whole build log"
                    : "run with --verbose for the whole build log; try another device",
                "device \"%s\": the kernels do not build (%d)%s%.*s", device->about.name, (int)code,
                line ? ": " : ", and its driver does not say why", length > 300 ? 300 : length,
                line ? line : "");
    ds_fail_detail(log);
    ds_free(log);
    return status;
}

static ds_status build_from_source(ds_program *program, const ds_text *source, const char *key,
                                   const char *options) {
    ds_device *device = program->device;
    const char *text = source->characters;
    uint64_t began = ds_built_clock();
    cl_int code;
    program->handle = clCreateProgramWithSource(device->context, 1, &text, &source->length, &code);
    DS_CHECK(ds_opencl_check(code, "clCreateProgramWithSource", device));
    ds_opencl_count(1);
    code = clBuildProgram(program->handle, 1, &device->id, options, NULL, NULL);
    if (code != CL_SUCCESS)
        return build_failed(program, code);
    ds_built_keep(device, key, program->handle, text, options, ds_built_clock() - began);
    return DS_OK;
}

/* The plain device's kernels were compiled with descent. */
static ds_status check_folder(const ds_device *device) {
    const char *folder = getenv("DESCENT_KERNEL_DIR");
    if (device->plain && !device->as_compiled && folder && *folder)
        return ds_fail(DS_BAD_INPUT, "unset it, or build descent with these kernels",
                       "DESCENT_KERNEL_DIR=%s: the device plain takes no kernels at run time",
                       folder);
    return DS_OK;
}

/* What launches of it are recorded with. */
static ds_status note_program(ds_program *program, const char *source, const char *options) {
    ds_device *device = program->device;
    if (!device->recording)
        return DS_OK;
    DS_CHECK(ds_copy_text(&program->source, device->plain ? "" : source));
    DS_CHECK(ds_copy_text(&program->options, options));
    return ds_recording_program(device, program->hash, program->source, options);
}

ds_status ds_program_build(ds_program **out, ds_device *device, const char *head,
                           const char *const *files, int count, const char *usual_options) {
    ds_status status = DS_OK;
    ds_program *program = NULL;
    ds_text source = {0}, all_options = {0};
    char key[65];
    DS_TRY(check_folder(device));
    DS_TRY(ds_new(&program, 1, sizeof *program));
    program->device = device;
    DS_TRY(ds_text_add(&all_options, "%s%s", usual_options,
                       device->unoptimized ? " -cl-opt-disable" : ""));
    const char *options = all_options.characters;
    DS_TRY(ds_text_add(&source, "/* options: %s */\n%s", options, head));
    for (int i = 0; i < count; i++)
        DS_TRY(add_source(&source, files[i]));
    ds_sha256(program->hash, source.characters, source.length);
    DS_TRY(note_program(program, source.characters, options));
    if (device->plain) {
        *out = program;
        program = NULL;
        goto cleanup;
    }
    ds_built_key(key, program->hash, &device->about);
    program->handle = ds_built_find(device, key, options);
    if (!program->handle)
        DS_TRY(build_from_source(program, &source, key, options));
    *out = program;
    program = NULL;

cleanup:
    ds_program_destroy(program);
    ds_text_clear(&source);
    ds_text_clear(&all_options);
    return status;
}

void ds_program_destroy(ds_program *program) {
    if (!program)
        return;
    for (int i = 0; i < program->kernels; i++) {
        if (program->kernel[i].handle)
            clReleaseKernel(program->kernel[i].handle);
        ds_free(program->kernel[i].noted);
        ds_opencl_count(-1);
    }
    if (program->handle) {
        clReleaseProgram(program->handle);
        ds_opencl_count(-1);
    }
    ds_free(program->source);
    ds_free(program->options);
    ds_free(program);
}

const char *ds_program_hash(const ds_program *program) {
    return program->hash;
}

ds_status ds_program_kernel(ds_program *program, const char *name, ds_kernel **out) {
    for (int i = 0; i < program->kernels; i++)
        if (strcmp(program->kernel[i].name, name) == 0) {
            *out = &program->kernel[i];
            return DS_OK;
        }
    if (program->kernels == MOST_KERNELS || strlen(name) >= sizeof program->kernel[0].name)
        return ds_fail(DS_DEVICE_FAILED, "", "too many kernels, or too long a name: \"%s\"", name);
    cl_int code = CL_SUCCESS;
    cl_kernel handle = NULL;
    ds_plain_kernel plain = NULL;
    if (program->device->plain)
        plain = ds_plain_find(name);
    else
        handle = clCreateKernel(program->handle, name, &code);
    if (!handle && !plain)
        return ds_fail(DS_DEVICE_FAILED,
                       getenv("DESCENT_KERNEL_DIR")
                           ? "check the files in DESCENT_KERNEL_DIR"
                           : "try another device, or empty the cache of its driver",
                       "device \"%s\": no kernel \"%s\" in the program (%d)",
                       program->device->about.name, name, (int)code);
    ds_opencl_count(1);
    ds_kernel *kernel = &program->kernel[program->kernels++];
    kernel->device = program->device;
    kernel->program = program;
    kernel->handle = handle;
    kernel->plain = plain;
    memcpy(kernel->name, name, strlen(name) + 1);
    if (program->source)
        DS_CHECK(ds_new(&kernel->noted, DS_PLAIN_ARGUMENTS, sizeof *kernel->noted));
    *out = kernel;
    return DS_OK;
}

/* ---- launches ---- */

ds_launch ds_launch_begin(ds_kernel *kernel) {
    return (ds_launch){.kernel = kernel, .status = DS_OK};
}

static void set_argument(ds_launch *launch, size_t size, const void *value, ds_argument_kind kind,
                         const ds_buffer *buffer) {
    if (launch->status != DS_OK)
        return;
    if (launch->kernel->noted && launch->next < DS_PLAIN_ARGUMENTS) {
        ds_argument *noted = &launch->kernel->noted[launch->next];
        *noted = (ds_argument){.kind = kind, .buffer = buffer};
        memcpy(&noted->value, value, size);
    }
    if (launch->kernel->plain) {
        memcpy(&launch->kernel->argument[launch->next++], value, size);
        return;
    }
    cl_int code = clSetKernelArg(launch->kernel->handle, launch->next, size, value);
    if (code != CL_SUCCESS)
        launch->status = ds_fail(DS_DEVICE_FAILED, "check the files in DESCENT_KERNEL_DIR",
                                 "device \"%s\": kernel \"%s\" refuses argument %u (%d)",
                                 launch->kernel->device->about.name, launch->kernel->name,
                                 launch->next, (int)code);
    launch->next++;
}

void ds_launch_buffer(ds_launch *launch, const ds_buffer *buffer) {
    cl_mem handle = ds_buffer_handle(buffer);
    void *memory = ds_buffer_memory(buffer);
    if (memory)
        set_argument(launch, sizeof memory, &memory, DS_ARGUMENT_BUFFER, buffer);
    else
        set_argument(launch, sizeof handle, &handle, DS_ARGUMENT_BUFFER, buffer);
}

void ds_launch_tensor(ds_launch *launch, const ds_buffer *buffer, int64_t offset) {
    ds_launch_buffer(launch, buffer);
    ds_launch_ulong(launch, (uint64_t)offset);
}

void ds_launch_uint(ds_launch *launch, uint64_t value) {
    cl_uint narrow = (cl_uint)value;
    set_argument(launch, sizeof narrow, &narrow, DS_ARGUMENT_UINT, NULL);
}

void ds_launch_ulong(ds_launch *launch, uint64_t value) {
    cl_ulong wide = value;
    set_argument(launch, sizeof wide, &wide, DS_ARGUMENT_ULONG, NULL);
}

void ds_launch_int(ds_launch *launch, int64_t value) {
    cl_int narrow = (cl_int)value;
    set_argument(launch, sizeof narrow, &narrow, DS_ARGUMENT_INT, NULL);
}

void ds_launch_float(ds_launch *launch, double value) {
    cl_float narrow = (cl_float)value;
    set_argument(launch, sizeof narrow, &narrow, DS_ARGUMENT_FLOAT, NULL);
}

static ds_status note_launch(const ds_launch *launch, const size_t global[2],
                             const size_t local[2]) {
    const ds_kernel *kernel = launch->kernel;
    const ds_program *program = kernel->program;
    if (!kernel->device->recording || !kernel->noted)
        return DS_OK;
    DS_CHECK(
        ds_recording_program(kernel->device, program->hash, program->source, program->options));
    return ds_recording_launch(kernel->device, kernel->name, kernel->noted, launch->next, global,
                               local);
}

ds_status ds_launch_enqueue(ds_launch *launch, const size_t groups[2], const size_t group[2]) {
    DS_CHECK(launch->status);
    size_t global[2] = {groups[0] * group[0], groups[1] * group[1]};
    if (global[0] == 0 || global[1] == 0)
        return DS_OK;
    ds_device *device = launch->kernel->device;
    DS_CHECK(note_launch(launch, global, group));
    if (launch->kernel->plain) {
        ds_plain_run(launch->kernel->plain, launch->kernel->argument, groups);
        return DS_OK;
    }
    cl_event event = NULL;
    cl_int code = clEnqueueNDRangeKernel(device->queue, launch->kernel->handle, 2, NULL, global,
                                         group, 0, NULL, device->profile ? &event : NULL);
    if (code == CL_SUCCESS)
        return event ? ds_profile_note(device, event, launch->kernel->name) : DS_OK;
    ds_text call = {0};
    ds_status status = ds_text_add(&call, "launch of kernel \"%s\"", launch->kernel->name);
    if (status == DS_OK)
        status = ds_opencl_check(code, call.characters, device);
    ds_text_clear(&call);
    return status;
}
