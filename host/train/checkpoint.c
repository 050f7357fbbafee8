/* checkpoint.safetensors: parameters and moments (float64 on the reference, so that nothing is
 * lost), the best parameters where they are kept, the history, and in __metadata__ where the run
 * was.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "model/safetensors.h"
#include "train/run_identity.h"
#include "train/run_settings.h"
#include "train/upload.h"

#define FORMAT_VERSION "3"
enum { MOST_TENSORS = 8 };

/* ---- numbers as JSON, with all their bits (cJSON's own printing drops some); NAN and infinity are
 * null ---- */

static cJSON *number_item(double value) {
    char text[32] = "null";
    if (isfinite(value))
        ds_number_print(text, value);
    return cJSON_CreateRaw(text);
}

static bool put_number(cJSON *to, const char *key, double value) {
    return cJSON_AddItemToObject(to, key, number_item(value));
}

static double take_number(const cJSON *from, const char *key, double otherwise) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(from, key);
    return cJSON_IsNumber(item) ? item->valuedouble : otherwise;
}

/* A whole number from 0 to 2^53. */
static bool take_count(const cJSON *from, const char *key, int64_t *count) {
    double value = take_number(from, key, 0);
    if (!(value >= 0 && value <= 0x1p53 && value == floor(value)))
        return false;
    *count = (int64_t)value;
    return true;
}

/* ---- writing ---- */

static ds_status state_json(const ds_trainer *t, char **out) {
    cJSON *state = cJSON_CreateObject(), *identity = NULL, *settings = NULL;
    ds_status status = ds_run_identity(t, &identity);
    cJSON_AddItemToObject(state, "identity", identity);
    if (status == DS_OK)
        status = ds_run_settings(t, &settings);
    cJSON_AddItemToObject(state, "settings", settings);
    if (status != DS_OK) {
        cJSON_Delete(state);
        return status;
    }
    cJSON *tally = cJSON_AddArrayToObject(state, "tally");
    bool good = tally != NULL;
    for (int i = 0; good && i < DS_RECORD_SIZE; i++)
        good = cJSON_AddItemToArray(tally, number_item(t->tally.record[i]));
    good = good && put_number(state, "updates", (double)t->updates) &&
           put_number(state, "total_updates", (double)t->total_updates) &&
           put_number(state, "rate", t->updates ? ds_trainer_rate(t, t->updates - 1) : 0) &&
           put_number(state, "tally_samples", (double)t->tally.samples) &&
           put_number(state, "history_stride", (double)t->history.stride) &&
           put_number(state, "seconds", t->seconds) &&
           put_number(state, "best_loss", t->best_loss) &&
           put_number(state, "best_epoch", (double)t->best_epoch) &&
           put_number(state, "since_best", (double)t->since_best) &&
           cJSON_AddStringToObject(state, "device", ds_device_name(t->device)) &&
           cJSON_AddStringToObject(state, "driver", ds_device_about(t->device)->driver) &&
           cJSON_AddStringToObject(state, "plan_hash", t->plan_hash) &&
           cJSON_AddStringToObject(state, "plan_hash_before", t->plan_hash_before) &&
           cJSON_AddBoolToObject(state, "portable", t->options.portable);
    char *printed = good ? cJSON_PrintUnformatted(state) : NULL;
    cJSON_Delete(state);
    if (!printed)
        return ds_fail(DS_OUT_OF_MEMORY, "", "no memory for a checkpoint");
    status = ds_copy_text(out, printed);
    cJSON_free(printed);
    return status;
}

/* Where a tensor is on the device. */
typedef struct place {
    ds_trainer *trainer;
    ds_storage storage;
    int64_t offset;
} place;

static ds_status fetch(const void *context, int64_t first, int64_t count, double *values) {
    const place *from = context;
    return ds_trainer_read(from->trainer, from->storage, from->offset + first, count, values);
}

ds_status ds_checkpoint_write(ds_trainer *t, const char *path) {
    ds_status status = DS_OK;
    ds_stored_tensor tensor[MOST_TENSORS];
    place from[MOST_TENSORS];
    char name[MOST_TENSORS][24];
    int tensors = 0;
    char *state = NULL;
    int64_t count = t->model->values;
    ds_tensor_type type = ds_device_is_reference(t->device) ? DS_TYPE_F64 : DS_TYPE_F32;
    tensor[tensors++] =
        (ds_stored_tensor){"history",
                           DS_TYPE_F64,
                           {.rank = 2, .extent = {t->history.rows, t->history.columns}},
                           t->history.value};
    for (int i = 0; i <= t->plan->moments; i++, tensors++) {
        from[i] = i == 0 ? (place){t, DS_PARAMETERS, 0} : (place){t, DS_MOMENTS, (i - 1) * count};
        snprintf(name[i], sizeof *name, i == 0 ? "parameters" : "moment%d", i);
        tensor[tensors] = (ds_stored_tensor){name[i], type, ds_shape_flat(count), .fetch = fetch,
                                             .context = &from[i]};
    }
    if (t->best)
        tensor[tensors++] = (ds_stored_tensor){"best", type, ds_shape_flat(count), t->best};
    DS_TRY(state_json(t, &state));
    ds_stored_text texts[] = {{"descent", FORMAT_VERSION},
                              {"state", state},
                              {"text", t->recipe_text ? t->recipe_text : ""},
                              {"folder", t->recipe_folder ? t->recipe_folder : ""}};
    DS_TRY(ds_safetensors_write(path, tensor, tensors, texts, 4));

cleanup:
    ds_free(state);
    return status;
}

/* ---- reading ---- */

static ds_status unfit(const char *path, const char *what) {
    return ds_fail(DS_BAD_INPUT, "resume with the recipe and data it was made with, or start anew",
                   "%s: the checkpoint does not fit: %s", path, what);
}

static ds_status restore_tensor(ds_trainer *t, const ds_stored_file *file, const char *name,
                                ds_storage storage, int64_t offset, const char *path) {
    const ds_stored_tensor *tensor = ds_stored_find(file, name);
    if (!tensor || ds_shape_count(&tensor->shape) != t->model->values)
        return unfit(path, "the network or the optimizer is another");
    return ds_upload(t->executor, storage, offset, t->model->values, tensor->values);
}

static ds_status restore_history(ds_trainer *t, const ds_stored_file *file, const char *path) {
    const ds_stored_tensor *tensor = ds_stored_find(file, "history");
    if (!tensor || tensor->shape.rank != 2)
        return unfit(path, "it has no history");
    const ds_history stored = {.value = (double *)tensor->values,
                               .rows = tensor->shape.extent[0],
                               .columns = (int)tensor->shape.extent[1]};
    if (stored.rows && stored.columns != ds_history_columns(t->set[1]->rows > 0))
        return unfit(path, "its history is of other sets");
    for (int64_t i = 0; i < stored.rows; i++) {
        ds_history_row row = ds_history_at(&stored, i);
        /* The row of an epoch that a stop rule cut short comes again when the run ends, or that of
         * the whole epoch does. */
        if (row.updates % t->batches != 0)
            continue;
        DS_CHECK(ds_history_add(&t->history, &row));
    }
    return DS_OK;
}

static const char *word_of(const cJSON *state, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(state, key);
    return cJSON_IsString(item) ? item->valuestring : "";
}

/* The same device, driver and plan give the same bits, and so does portable math everywhere;
 * another goes on, and this says so. */
static ds_status note_other_bits(ds_trainer *t, const cJSON *state, const char *plan_hash,
                                 ds_text *notes) {
    const char *device = word_of(state, "device"), *driver = word_of(state, "driver");
    const char *now = ds_device_name(t->device), *driver_now = ds_device_about(t->device)->driver;
    bool other_device = strcmp(device, now) != 0, other_driver = strcmp(driver, driver_now) != 0;
    bool other_plan = strcmp(plan_hash, t->plan_hash) != 0;
    snprintf(t->plan_hash_before, sizeof t->plan_hash_before, "%s",
             word_of(state, "plan_hash_before"));
    if (t->options.portable && cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(state, "portable")))
        return DS_OK;
    if (other_plan)
        snprintf(t->plan_hash_before, sizeof t->plan_hash_before, "%s", plan_hash);
    if (!other_device && !other_driver && !other_plan)
        return DS_OK;
    DS_CHECK(ds_text_add(notes, "the checkpoint was made "));
    if (other_device)
        DS_CHECK(ds_text_add(notes, "on %s, not %s", device, now));
    else if (other_driver)
        DS_CHECK(ds_text_add(notes, "by driver %s, not %s", driver, driver_now));
    else
        DS_CHECK(ds_text_add(notes,
                             "by another plan, %.12s (other kernels, their tuning, `fuse`, "
                             "`math`, or the optimizer's options)",
                             plan_hash));
    return ds_text_add(notes, ": from update %.0f on the bits are those of plan %.12s here\n",
                       take_number(state, "updates", 0) + 1, t->plan_hash);
}

static ds_status restore_state(ds_trainer *t, const cJSON *state, const char *path,
                               ds_text *notes) {
    const cJSON *hash = cJSON_GetObjectItemCaseSensitive(state, "plan_hash");
    const cJSON *tally = cJSON_GetObjectItemCaseSensitive(state, "tally");
    char *difference = NULL;
    if (!cJSON_IsString(hash) || cJSON_GetArraySize(tally) != DS_RECORD_SIZE)
        return unfit(path, "its state is not readable");
    DS_CHECK(ds_run_identity_compare(t, cJSON_GetObjectItemCaseSensitive(state, "identity"),
                                     &difference));
    if (difference) {
        ds_status status = unfit(path, difference);
        ds_free(difference);
        return status;
    }
    DS_CHECK(note_other_bits(t, state, hash->valuestring, notes));
    DS_CHECK(ds_run_settings_note(t, cJSON_GetObjectItemCaseSensitive(state, "settings"), notes));
    int64_t total_updates = 0;
    if (!take_count(state, "total_updates", &total_updates) ||
        !take_count(state, "updates", &t->updates) ||
        !take_count(state, "tally_samples", &t->tally.samples) ||
        !take_count(state, "history_stride", &t->history.stride) ||
        !take_count(state, "best_epoch", &t->best_epoch) ||
        !take_count(state, "since_best", &t->since_best))
        return unfit(path, "its state is not readable");
    t->samples = t->updates / t->batches * t->set[0]->rows + t->updates % t->batches * t->batch;
    for (int i = 0; i < DS_RECORD_SIZE; i++) {
        const cJSON *number = cJSON_GetArrayItem(tally, i);
        t->tally.record[i] = cJSON_IsNumber(number) ? number->valuedouble : NAN;
    }
    t->seconds = take_number(state, "seconds", 0);
    t->best_loss = take_number(state, "best_loss", INFINITY);
    return ds_run_length_note(t, total_updates, take_number(state, "rate", 0), notes);
}

/* This moment is only there where the optimizer has a momentum, and then begins with 0. */
static bool is_of_momentum(const ds_trainer *t, int moment) {
    const ds_operation *optimizer = t->options.optimizer;
    return (optimizer == &ds_op_sgd && moment == 0) || (optimizer == &ds_op_rmsprop && moment == 1);
}

/* A run that did not keep the best parameters has none but, after its best epoch, the last. */
static ds_status restore_best(ds_trainer *t, const ds_stored_file *file, ds_text *notes) {
    const ds_stored_tensor *best = ds_stored_find(file, "best");
    const size_t count = (size_t)t->model->values;
    if (!t->options.keep_best || !(t->best_loss < INFINITY))
        return DS_OK;
    if (!best && t->best_epoch * t->batches == t->updates)
        best = ds_stored_find(file, "parameters");
    if (best && (size_t)ds_shape_count(&best->shape) == count) {
        DS_CHECK(ds_new(&t->best, count, sizeof *t->best));
        memcpy(t->best, best->values, count * sizeof *t->best);
        return DS_OK;
    }
    t->best_loss = INFINITY;
    return ds_text_add(notes,
                       "keep: the parameters of epoch %lld, the best so far, are gone: the best "
                       "from here on are kept\n",
                       (long long)t->best_epoch);
}

ds_status ds_checkpoint_read(ds_trainer *t, const char *path, ds_text *notes) {
    ds_status status = DS_OK;
    ds_stored_file file = {0};
    cJSON *state = NULL;
    int64_t count = t->model->values;
    DS_TRY(ds_safetensors_read(&file, path));
    const char *version = ds_stored_metadata(&file, "descent");
    if (!version || strcmp(version, FORMAT_VERSION) != 0) {
        status = ds_fail(DS_BAD_INPUT, "start anew, without --resume",
                         "%s: a checkpoint of format \"%.20s\"; this descent resumes those of "
                         "format " FORMAT_VERSION,
                         path, version ? version : "");
        goto cleanup;
    }
    const char *text = ds_stored_metadata(&file, "state");
    state = cJSON_Parse(text ? text : "");
    if (!state) {
        status = unfit(path, "its state is not readable");
        goto cleanup;
    }
    DS_TRY(restore_state(t, state, path, notes));
    DS_TRY(restore_history(t, &file, path));
    DS_TRY(restore_tensor(t, &file, "parameters", DS_PARAMETERS, 0, path));
    for (int i = 0; i < t->plan->moments; i++) {
        char name[24];
        snprintf(name, sizeof name, "moment%d", i + 1);
        if (ds_stored_find(&file, name) || !is_of_momentum(t, i))
            DS_TRY(restore_tensor(t, &file, name, DS_MOMENTS, i * count, path));
    }
    DS_TRY(restore_best(t, &file, notes));

cleanup:
    cJSON_Delete(state);
    ds_stored_file_clear(&file);
    return status;
}

void ds_checkpoint_plan(const char *path, char hash[65]) {
    ds_stored_file file = {0};
    cJSON *state = NULL;
    hash[0] = '\0';
    if (ds_safetensors_read(&file, path) != DS_OK)
        return;
    const char *text = ds_stored_metadata(&file, "state");
    state = cJSON_Parse(text ? text : "");
    snprintf(hash, 65, "%s", word_of(state, "plan_hash"));
    cJSON_Delete(state);
    ds_stored_file_clear(&file);
}
