/* Predictions and evaluation of a trained model on new data. */
#include <math.h>
#include <string.h>

#include "model/plan_build.h"
#include "train/feed.h"
#include "train/notes.h"
#include "train/scores.h"
#include "train/trained_model.h"

enum { BATCH = 256 };

/* A plan and an executor with a model's parameters, and a set fed to it. */
typedef struct session {
    ds_plan *plan;
    ds_executor *executor;
    ds_feed *feed;
    ds_layer *layer;
    double *units;
} session;

static void session_close(session *s) {
    ds_feed_destroy(s->feed);
    if (s->executor)
        s->executor->destroy(s->executor);
    ds_plan_destroy(s->plan);
    ds_free(s->layer);
    ds_free(s->units);
}

/* With a loss the plan evaluates; without, it ends in what `predict` gives. */
static ds_status session_open(session *s, const ds_model *model, ds_device *device,
                              const ds_operation *loss, const ds_set *set) {
    int layers = ds_model_trained_layers(model);
    const ds_operation *link = ds_model_link(model);
    int64_t targets = ds_encoding_targets(model->encoding);
    double shift;
    DS_CHECK(ds_new(&s->layer, (size_t)layers + 1, sizeof *s->layer));
    DS_CHECK(ds_new(&s->units, (size_t)targets, sizeof *s->units));
    for (int64_t i = 0; i < targets; i++)
        ds_encoding_target_units(model->encoding, i, &s->units[i], &shift);
    memcpy(s->layer, model->layer, (size_t)layers * sizeof *s->layer);
    if (!loss && link) {
        s->layer[layers] = (ds_layer){.operation = link};
        layers++;
    }
    DS_CHECK(ds_layers_shape(s->layer, layers, &model->sample));
    ds_plan_request request = {.fuse = true,
                               .layer = s->layer,
                               .layers = layers,
                               .sample = model->sample,
                               .batch = set->rows < BATCH ? set->rows : BATCH,
                               .targets = targets,
                               .units = s->units,
                               .loss = loss,
                               .stop_gradient = -1};
    memcpy(request.loss_attribute, model->loss_attribute, sizeof request.loss_attribute);
    DS_CHECK(ds_plan_build(&s->plan, &request));
    DS_CHECK(ds_executor_open(&s->executor, s->plan, device));
    DS_CHECK(s->executor->write(s->executor, DS_PARAMETERS, 0, model->values, model->parameters));
    ds_feed_options feed = {.set = {set}, .sets = 1, .device = device, .batch = s->plan->batch};
    DS_CHECK(ds_feed_create(&s->feed, s->executor, &feed));
    return ds_feed_visit(s->feed, 0, -1, 0, s->plan->batch);
}

ds_status ds_model_predict_set(const ds_model *model, ds_device *device, const ds_set *set,
                               double *outputs) {
    ds_status status = DS_OK;
    session s = {0};
    int64_t columns = ds_model_outputs(model);
    bool numbers = ds_encoding_kind(model->encoding) == DS_TARGET_NUMBERS;
    if (set->rows == 0)
        return DS_OK;
    DS_TRY(session_open(&s, model, device, NULL, set));
    const ds_tensor *prediction = &s.plan->tensor[s.plan->prediction];
    for (int64_t row = 0; row < set->rows; row += s.plan->batch) {
        int64_t count = set->rows - row < s.plan->batch ? set->rows - row : s.plan->batch;
        ds_pass pass = {.count = count, .global_count = count};
        DS_TRY(ds_feed_next(s.feed, count, &pass.first));
        DS_TRY(ds_run_phases(s.executor, DS_PHASE_FORWARD, DS_PHASE_FORWARD, &pass));
        DS_TRY(s.executor->read(s.executor, DS_ACTIVATIONS, prediction->offset, count * columns,
                                outputs + row * columns));
    }
    for (int64_t k = 0; numbers && k < columns && k < ds_encoding_targets(model->encoding); k++) {
        double scale, shift;
        ds_encoding_target_units(model->encoding, k, &scale, &shift);
        for (int64_t row = 0; row < set->rows; row++)
            outputs[row * columns + k] = outputs[row * columns + k] * scale + shift;
    }

cleanup:
    session_close(&s);
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

ds_status ds_evaluate_file(const ds_model *model, ds_device *device, const char *data,
                           ds_scores *scores) {
    ds_status status = DS_OK;
    ds_set set = {0};
    session s = {0};
    ds_tally tally = {0};
    ds_text notes = {0};
    double spread, record[DS_RECORD_SIZE];
    int64_t rows;
    if (!model->loss)
        return ds_fail(DS_BAD_INPUT, "train it first", "the model was not trained: it has no loss");
    DS_TRY(ds_dataset_apply(&set, model->encoding, data, true, &rows, &notes));
    ds_notes_tell(&notes, ds_device_say, device);
    if (set.rows == 0) {
        status = ds_fail(DS_BAD_INPUT, "give it at least one row that can be predicted",
                         "%s: there is nothing to evaluate", data);
        goto cleanup;
    }
    DS_TRY(session_open(&s, model, device, model->loss, &set));
    DS_TRY(s.executor->reserve(s.executor, DS_HISTORY, DS_RECORD_SIZE));
    for (int64_t row = 0; row < set.rows; row += s.plan->batch) {
        int64_t count = set.rows - row < s.plan->batch ? set.rows - row : s.plan->batch;
        ds_pass pass = {.count = count, .global_count = count};
        DS_TRY(ds_feed_next(s.feed, count, &pass.first));
        DS_TRY(ds_run_phases(s.executor, DS_PHASE_FORWARD, DS_PHASE_LOSS, &pass));
        DS_TRY(s.executor->read(s.executor, DS_HISTORY, 0, DS_RECORD_SIZE, record));
        ds_tally_add(&tally, record, count);
    }
    DS_TRY(ds_target_spread(&set, model->encoding, &spread));
    *scores =
        ds_tally_scores(&tally, ds_encoding_kind(model->encoding) != DS_TARGET_NUMBERS, spread);

cleanup:
    session_close(&s);
    ds_text_clear(&notes);
    ds_set_clear(&set);
    return status;
}
