#include <stdio.h>

#include "doctor/examination.h"
#include "doctor/passport.h"

static ds_status examine_variant(ds_examination *e, const ds_variant *variant, bool own) {
    for (int family = DS_LAYER; family <= DS_SERVICE; family++)
        DS_CHECK(ds_examine_ops(e, variant, (ds_family)family));
    if (!variant->products) {
        DS_CHECK(ds_examine_norm(e, variant));
        DS_CHECK(ds_examine_long_sums(e, variant));
    }
    /* Those of the device's own variant are enough for a first look: they take long to build. */
    return own || !e->options.small ? ds_examine_groups(e, variant) : DS_OK;
}

static ds_status examine(ds_examination *e) {
    ds_variant variant[DS_VARIANTS];
    int variants = ds_variants_of(variant, e->device);
    /* The device's own and the other family's. */
    for (int i = 0; i < variants && (i < 2 || !e->options.small); i++)
        DS_CHECK(examine_variant(e, &variant[i], i == 0));
    /* The plain device, and those that end loops early, run op by op. */
    if (!ds_device_is_plain(e->device) && ds_device_about(e->device)->most_rounds == 0)
        DS_CHECK(ds_examine_networks(e));
    if (e->table.cases == 0)
        return ds_fail(DS_BAD_INPUT, "descent doctor --json lists their names",
                       "there is no case \"%s\" on this device",
                       e->options.only ? e->options.only : "");
    return DS_OK;
}

/* Those of which no case was wanted. */
static void drop_empty_rows(ds_doctor_table *table) {
    size_t kept = 0;
    for (size_t i = 0; i < table->rows; i++)
        if (table->row[i].cases > 0)
            table->row[kept++] = table->row[i];
    table->rows = kept;
}

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
    ds_examination e = {.device = device, .options = *options};
    if (ds_device_is_reference(device))
        return ds_fail(DS_BAD_INPUT, "name an OpenCL device; descent devices lists them",
                       "the reference has no kernels to judge");
    ds_status status = examine(&e);
    ds_free(e.begun);
    if (status != DS_OK) {
        ds_saved_error saved;
        ds_error_take(&saved);
        ds_doctor_clear(&e.table);
        return ds_error_give(&saved);
    }
    drop_empty_rows(&e.table);
    if (!options->only)
        status = ds_passport_set_doctor(device, &e.table);
    *table = e.table;
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
