/* Predictions and evaluation of a trained model on new data. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/notes.h"
#include "train/result.h"
#include "train/scores.h"
#include "train/session.h"

/* ---- predictions ---- */

typedef struct output_rows {
    double *values;
    int64_t columns;
} output_rows;

static void take_outputs(void *context, int64_t first, int64_t count, const double *outputs) {
    const output_rows *rows = context;
    memcpy(rows->values + first * rows->columns, outputs,
           (size_t)(count * rows->columns) * sizeof *outputs);
}

ds_status ds_model_predict_set(const ds_model *model, ds_device *device, const ds_set *set,
                               double *outputs) {
    ds_session session = {0};
    output_rows rows = {outputs, ds_model_outputs(model)};
    if (set->rows == 0)
        return DS_OK;
    ds_status status = ds_session_open(&session, model, device, NULL, &set, 1, false);
    if (status == DS_OK)
        status = ds_session_outputs(&session, 0, take_outputs, &rows);
    ds_session_close(&session);
    return status;
}

ds_status ds_model_predict(const ds_model *model, ds_device *device, ds_array features,
                           float *outputs) {
    ds_status status = DS_OK;
    ds_set set = {0};
    double *values = NULL;
    int64_t count = features.rows * ds_model_outputs(model);
    DS_TRY(ds_encoding_apply_array(model->encoding, features, &set.features));
    set.rows = features.rows;
    DS_TRY(ds_new(&values, (size_t)count, sizeof *values));
    DS_TRY(ds_model_predict_set(model, device, &set, values));
    for (int64_t i = 0; i < count; i++)
        outputs[i] = (float)values[i];

cleanup:
    ds_set_clear(&set);
    ds_free(values);
    return status;
}

/* ---- evaluation ---- */

static void take_errors(void *context, int64_t first, int64_t count, const double *outputs) {
    ds_errors_add(context, first, count, outputs);
}

ds_status ds_session_score(ds_session *session, int which, int set, ds_result *result) {
    const ds_model *model = session->model;
    ds_errors errors;
    ds_status status = ds_errors_open(&errors, session->set[which], model->encoding, model->loss,
                                      model->loss_attribute);
    if (status == DS_OK)
        status = ds_session_outputs(session, which, take_errors, &errors);
    if (status == DS_OK)
        ds_result_take(result, set, &errors);
    ds_errors_close(&errors);
    return status;
}

/* Of classes, from the records of a plan with a loss. */
static ds_status score_classes(ds_session *s, ds_scores *scores) {
    const ds_model *model = s->model;
    const ds_units units = ds_units_of(model->encoding, model->loss, model->loss_attribute);
    const int64_t rows = s->set[0]->rows, batch = s->plan->batch;
    ds_tally tally = {0};
    double record[DS_RECORD_SIZE];
    DS_CHECK(s->executor->reserve(s->executor, DS_HISTORY, DS_RECORD_SIZE));
    DS_CHECK(ds_feed_visit(s->feed, 0, -1, 0, batch));
    for (int64_t row = 0; row < rows; row += batch) {
        int64_t count = rows - row < batch ? rows - row : batch;
        ds_pass pass = {.count = count, .global_count = count};
        DS_CHECK(ds_feed_next(s->feed, count, &pass.first));
        DS_CHECK(ds_run_phases(s->executor, DS_PHASE_FORWARD, DS_PHASE_LOSS, &pass));
        DS_CHECK(s->executor->read(s->executor, DS_HISTORY, 0, DS_RECORD_SIZE, record));
        ds_tally_add(&tally, record, count);
    }
    *scores = ds_tally_scores(&tally, &units, NAN);
    return DS_OK;
}

enum { TEST = 2 }; /* as whose scores a file's are given */

static ds_status score_file(const ds_model *model, ds_device *device, const ds_set *set,
                            ds_result *result) {
    bool numbers = ds_encoding_kind(model->encoding) == DS_TARGET_NUMBERS;
    ds_session session = {0};
    ds_status status =
        ds_session_open(&session, model, device, numbers ? NULL : model->loss, &set, 1, false);
    if (status == DS_OK)
        status = numbers ? ds_session_score(&session, 0, TEST, result)
                         : score_classes(&session, &result->test);
    ds_session_close(&session);
    return status;
}

ds_status ds_evaluate(const ds_model *model, ds_device *device, const char *data,
                      ds_result *result) {
    ds_status status = DS_OK;
    ds_set set = {0};
    ds_result r = {.seed = ds_model_seed(model)};
    ds_text notes = {0};
    int64_t rows;
    if (!model->loss)
        return ds_fail(DS_BAD_INPUT, "train it first", "the model was not trained: it has no loss");
    snprintf(r.device, sizeof r.device, "%s", ds_device_name(device));
    DS_TRY(ds_dataset_apply(&set, model->encoding, data, true, &rows, &notes));
    ds_notes_tell(&notes, ds_device_say, device);
    if (set.rows == 0) {
        status = ds_fail(DS_BAD_INPUT, "give it at least one row that can be predicted",
                         "%s: there is nothing to evaluate", data);
        goto cleanup;
    }
    DS_TRY(ds_target_scores_make(&r.target, &r.targets, model->encoding));
    DS_TRY(score_file(model, device, &set, &r));
    *result = r;
    r.target = NULL;

cleanup:
    ds_text_clear(&notes);
    ds_result_clear(&r);
    ds_set_clear(&set);
    return status;
}

ds_status ds_evaluate_file(const ds_model *model, ds_device *device, const char *data,
                           ds_scores *scores) {
    ds_result result = {0};
    DS_CHECK(ds_evaluate(model, device, data, &result));
    *scores = result.test;
    ds_result_clear(&result);
    return DS_OK;
}
