#include <stdio.h>

#include "device/recording.h"
#include "doctor/helpers.h"
#include "doctor/parts.h"
#include "launch/passport.h"

/* The first case that is not right; a wrong one before one that failed. */
static ds_status conclude(const ds_doctor_table *table, const ds_device *device,
                          const ds_doctor_options *options) {
    ds_verdict worst = table->wrong ? DS_WRONG : DS_FAILED;
    if (table->wrong + table->failed == 0)
        return DS_OK;
    const ds_doctor_case *first = table->list;
    while (first->verdict != worst)
        first++;
    char hint[512], seed[32] = "";
    if (first->seed)
        snprintf(seed, sizeof seed, " --seed %llu", (unsigned long long)first->seed);
    snprintf(hint, sizeof hint, "repeat it: descent doctor --device %s --case '%s'%s%s%s",
             ds_device_about(device)->id, first->name, seed, options->small ? " --quick" : "",
             options->no_optimizer ? " --no-optimizer" : "");
    return ds_fail(worst == DS_WRONG ? DS_WRONG_RESULT : DS_DEVICE_FAILED, hint, "%s: %s",
                   first->name, first->words);
}

/* ---- the same on another device ---- */

static ds_status add_there(ds_doctor_case *c, const ds_doctor_case *there,
                           const ds_device_info *about) {
    static const char *const verdicts[] = {"is right", "is wrong, too: ", "cannot be judged: "};
    char words[2048];
    snprintf(words, sizeof words, "%s; on %s \"%s\" it %s%s", c->words, about->id, about->name,
             verdicts[there ? there->verdict : DS_FAILED],
             !there         ? "that device is not given this kernel"
             : there->words ? there->words
                            : "");
    ds_free(c->words);
    c->words = NULL;
    return ds_copy_text(&c->words, words);
}

static ds_status judge_against(ds_doctor_table *table, ds_device *device,
                               const ds_doctor_options *options) {
    ds_doctor_table there = {0};
    ds_device_take_as_compiled(options->against);
    ds_status status = ds_examine_parts(&there, device, options, table);
    for (size_t i = 0; i < table->cases && status == DS_OK; i++) {
        ds_doctor_case *c = &table->list[i];
        if (c->verdict == DS_WRONG)
            status = add_there(c, ds_doctor_table_find(&there, c->name, c->seed),
                               ds_device_about(options->against));
    }
    ds_doctor_clear(&there);
    ds_recording_end(options->against);
    return status;
}

/* ---- all of it ---- */

/* What is to be written is run here, where no driver may crash: a helper goes first. */
static ds_status run(ds_doctor_table *found, ds_device *device, const ds_doctor_options *options) {
    ds_doctor_options first = *options;
    first.dump = NULL;
    if (options->dump && ds_helpers_for(&first)) {
        DS_CHECK(ds_examine_parts(found, device, &first, NULL));
        if (found->cases != 1 || !found->list->options)
            return DS_OK;
        ds_doctor_clear(found);
    }
    return ds_examine_parts(found, device, options, NULL);
}

static ds_status examine(ds_doctor_table *found, ds_device *device,
                         const ds_doctor_options *options) {
    if (ds_device_is_reference(device) ||
        (options->against && ds_device_is_reference(options->against)))
        return ds_fail(DS_BAD_INPUT, "name an OpenCL device; descent devices lists them",
                       "the reference has no kernels to judge");
    if (options->dump)
        DS_CHECK(ds_recording_check(device, options->dump));
    DS_CHECK(run(found, device, options));
    if (found->cases == 0)
        return ds_fail(DS_BAD_INPUT, "descent doctor --json lists their names",
                       "there is no case \"%s\" on this device",
                       options->only ? options->only : "");
    if (options->dump && found->cases > 1)
        return ds_fail(DS_BAD_INPUT, "give the whole name of one; descent doctor --json lists them",
                       "one case can be written, and %zu fit \"%s\", such as %s", found->cases,
                       options->only ? options->only : "", found->list->name);
    if (found->wrong && options->against)
        DS_CHECK(judge_against(found, device, options));
    if (options->dump && found->list->options) /* else the driver has crashed */
        DS_CHECK(ds_recording_write(device, options->dump, found->list));
    bool whole = !options->only && !options->small && !options->first;
    return options->no_optimizer ? DS_OK : ds_passport_set_doctor(device, found, whole);
}

ds_status ds_doctor(ds_device *device, const ds_doctor_options *options, ds_doctor_table *table) {
    ds_doctor_table found = {0};
    ds_status status = examine(&found, device, options);
    ds_recording_end(device);
    if (status == DS_OK) {
        *table = found;
        return conclude(table, device, options);
    }
    ds_saved_error saved;
    ds_error_take(&saved);
    ds_doctor_clear(&found);
    return ds_error_give(&saved);
}

void ds_doctor_clear(ds_doctor_table *table) {
    for (size_t i = 0; i < table->cases; i++)
        ds_doctor_case_clear(&table->list[i]);
    ds_free(table->list);
    ds_free(table->row);
    *table = (ds_doctor_table){0};
}
