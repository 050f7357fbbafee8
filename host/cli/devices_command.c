/* descent devices: every OpenCL device, its name for --device, and what it can do. */
#include <inttypes.h>
#include <stdio.h>

#include "command.h"
#include "report.h"
#include "scores_output.h"

static bool add_device(cJSON *list, const ds_device_info *device) {
    cJSON *object = cJSON_CreateObject();
    if (!object || !cJSON_AddItemToArray(list, object)) {
        cJSON_Delete(object);
        return false;
    }
    return cJSON_AddStringToObject(object, "id", device->id) &&
           cJSON_AddStringToObject(object, "name", device->name) &&
           cJSON_AddStringToObject(object, "platform", device->platform) &&
           cJSON_AddStringToObject(object, "vendor", device->vendor) &&
           cJSON_AddStringToObject(object, "version", device->version) &&
           cJSON_AddStringToObject(object, "driver", device->driver) &&
           cJSON_AddStringToObject(object, "type", device->type) &&
           scores_add_integer(object, "compute_units", device->compute_units) &&
           scores_add_integer(object, "clock_mhz", device->clock_mhz) &&
           scores_add_integer(object, "float_vector_width", device->float_vector_width) &&
           scores_add_integer(object, "memory_bytes", (int64_t)device->memory_bytes) &&
           scores_add_integer(object, "allocation_bytes", (int64_t)device->allocation_bytes) &&
           scores_add_integer(object, "local_bytes", (int64_t)device->local_bytes) &&
           scores_add_integer(object, "group_size", (int64_t)device->group_size) &&
           cJSON_AddBoolToObject(object, "double", device->has_double) &&
           cJSON_AddBoolToObject(object, "half", device->has_half) &&
           cJSON_AddBoolToObject(object, "keeps_denormals", device->keeps_denormals) &&
           cJSON_AddBoolToObject(object, "unified_memory", device->unified_memory) &&
           cJSON_AddBoolToObject(object, "available", device->available);
}

static bool print_json(const ds_device_info *device, size_t count) {
    cJSON *list = cJSON_CreateArray();
    bool made = list != NULL;
    for (size_t i = 0; made && i < count; i++)
        made = add_device(list, &device[i]);
    if (made)
        return scores_print_json(list);
    cJSON_Delete(list);
    return false;
}

static void print_text(const ds_device_info *device) {
    printf("%s  %s%s\n", device->id, device->name, device->available ? "" : "  (not available)");
    printf("     %s on %s, %s, driver %s\n", device->type, device->platform, device->version,
           device->driver);
    printf("     %u compute units at %u MHz, float vectors of %u, groups of up to %" PRIu64 "\n",
           device->compute_units, device->clock_mhz, device->float_vector_width,
           device->group_size);
    printf("     %" PRIu64 " MiB of memory, at most %" PRIu64 " MiB a buffer, %" PRIu64
           " KiB local\n",
           device->memory_bytes >> 20, device->allocation_bytes >> 20, device->local_bytes >> 10);
    printf("     double %s, half %s, denormals %s\n", device->has_double ? "yes" : "no",
           device->has_half ? "yes" : "no", device->keeps_denormals ? "kept" : "flushed");
}

static int run(const cli_options *options) {
    ds_device_info *device = NULL;
    size_t count = 0;
    int exit_status = EXIT_DONE;
    ds_status status = ds_devices(&device, &count);
    if (status != DS_OK)
        return report_error(status);
    if (count == 0)
        report_line("no OpenCL device here; install a driver such as pocl-opencl-icd, or use "
                    "--device reference");
    if (!options->json)
        for (size_t i = 0; i < count; i++)
            print_text(&device[i]);
    else if (!print_json(device, count))
        exit_status = report_no_memory();
    ds_free(device);
    return exit_status;
}

const cli_command devices_command = {
    .name = "devices",
    .usage = "[--json]",
    .summary = "every OpenCL device and its name for --device",
    .about =
        "A device is named by its id, such as 0:0, or by a part of its name that fits no other.\n",
    .options = TAKES_JSON,
    .run = run,
};
