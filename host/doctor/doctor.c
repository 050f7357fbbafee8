#include <stdio.h>

#include "doctor/parts.h"
#include "doctor/passport.h"

/* The first case that is not right; a wrong one before one that failed. */
static ds_status conclude(const ds_doctor_table *table, const ds_device *device) {
    ds_verdict worst = table->wrong ? DS_WRONG : DS_FAILED;
    if (table->wrong + table->failed == 0)
        return DS_OK;
    const ds_doctor_case *first = table->list;
    while (first->verdict != worst)
        first++;
    char hint[512];
    snprintf(hint, sizeof hint, "repeat it: descent doctor --device %s --case '%s'",
             ds_device_about(device)->id, first->name);
    return ds_fail(worst == DS_WRONG ? DS_WRONG_RESULT : DS_DEVICE_FAILED, hint, "%s: %s",
                   first->name, first->words);
}

ds_status ds_doctor(ds_device *device, const ds_doctor_options *options, ds_doctor_table *table) {
    ds_doctor_table found = {0};
    if (ds_device_is_reference(device))
        return ds_fail(DS_BAD_INPUT, "name an OpenCL device; descent devices lists them",
                       "the reference has no kernels to judge");
    ds_status status = ds_examine_parts(&found, device, options);
    if (status == DS_OK && found.cases == 0)
        status =
            ds_fail(DS_BAD_INPUT, "descent doctor --json lists their names",
                    "there is no case \"%s\" on this device", options->only ? options->only : "");
    if (status != DS_OK) {
        ds_saved_error saved;
        ds_error_take(&saved);
        ds_doctor_clear(&found);
        return ds_error_give(&saved);
    }
    if (!options->only)
        status = ds_passport_set_doctor(device, &found, !options->small && !options->first);
    *table = found;
    DS_CHECK(status);
    return conclude(table, device);
}

void ds_doctor_clear(ds_doctor_table *table) {
    for (size_t i = 0; i < table->cases; i++)
        ds_free(table->list[i].words);
    ds_free(table->list);
    ds_free(table->row);
    *table = (ds_doctor_table){0};
}
