#include "train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "launch/opencl_executor.h"
#include "model/plan_build.h"

/* Evaluation wants larger batches than training may: at least these many samples a pass. */
enum { EVALUATION_BATCH = 256, RECORDS = 1 << 14 };

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* ---- creation ---- */

ds_status ds_training_plan(ds_plan **out, const ds_model *model, const ds_training *options,
                           int64_t batch, bool separate) {
    int64_t outputs = ds_encoding_targets(model->encoding);
    double *units = NULL, shift;
    DS_CHECK(ds_new(&units, (size_t)outputs, sizeof *units));
    for (int64_t i = 0; i < outputs; i++)
        ds_encoding_target_units(model->encoding, i, &units[i], &shift);
    ds_plan_request request = {.layer = model->layer,
                               .layers = model->layers,
                               .sample = model->sample,
                               .batch = batch,
                               .targets = outputs,
                               .units = units,
                               .loss = options->loss,
                               .optimizer = options->optimizer,
                               .clip = options->clip,
                               .stop_gradient = options->stop_gradient,
                               .separate = separate};
    if (options->loss == &ds_op_cross_entropy || options->loss == &ds_op_binary_cross_entropy)
        request.layers = ds_model_trained_layers(model);
    memcpy(request.loss_attribute, options->loss_attribute, sizeof request.loss_attribute);
    memcpy(request.optimizer_attribute, options->optimizer_attribute,
           sizeof request.optimizer_attribute);
    ds_status status = ds_plan_build(out, &request);
    ds_free(units);
    return status;
}

/* How long the run is. `stop.updates` alone says so without `epochs`. */
static void plan_length(ds_trainer *t) {
    const ds_training *o = &t->options;
    t->batches = (t->set[0]->rows + t->batch - 1) / t->batch;
    t->epochs = o->epochs;
    if (o->stop_updates && !o->epochs_given)
        t->epochs = (o->stop_updates + t->batches - 1) / t->batches;
    t->total_updates = t->epochs * t->batches;
    if (o->stop_updates)
        t->total_updates = least(t->total_updates, o->stop_updates);
    if (o->search)
        t->epochs = t->total_updates = 0;
}

static ds_status check_options(const ds_trainer *t) {
    const ds_training *o = &t->options;
    if (t->set[0]->rows == 0)
        return ds_fail(DS_BAD_INPUT, "give it at least one row", "there is nothing to train on");
    if (t->set[1]->rows == 0 && (o->keep_best || o->stop_patience))
        return ds_fail(DS_BAD_INPUT, "set aside rows with split: {validation: 0.2}",
                       "%s needs a validation set", o->keep_best ? "keep: best" : "stop.patience");
    return DS_OK;
}

static ds_status choose_batch(ds_trainer *t, ds_text *notes) {
    int64_t rows = t->set[0]->rows, batch = t->options.batch;
    if (batch > rows && notes && !t->options.search)
        DS_CHECK(ds_text_add(notes,
                             "batch: %lld is more than the %lld training rows: all of them "
                             "are one batch\n",
                             (long long)batch, (long long)rows));
    t->batch = batch == 0 ? rows : least(batch, rows);
    return DS_OK;
}

ds_status ds_trainer_open(ds_trainer **out, ds_model *model, const ds_data *data, ds_device *device,
                          const ds_training *options, const ds_node *place, ds_text *notes) {
    ds_status status = DS_OK;
    ds_trainer *t = NULL;
    int64_t rows = 0;
    DS_TRY(ds_new(&t, 1, sizeof *t));
    t->model = model;
    t->data = data;
    t->device = device;
    t->options = *options;
    t->set[0] = &data->train;
    t->set[1] = &data->validation;
    t->set[2] = &data->test;
    t->best_loss = INFINITY;
    t->classes = ds_encoding_kind(model->encoding) != DS_TARGET_NUMBERS;
    DS_TRY(check_options(t));
    DS_TRY(ds_model_check_outputs(model, options->loss, place));
    DS_TRY(choose_batch(t, notes));
    plan_length(t);
    for (int i = 0; i < DS_SETS; i++) {
        rows = most(rows, t->set[i]->rows);
        DS_TRY(ds_target_spread(t->set[i], model->encoding, &t->spread[i]));
    }
    DS_TRY(ds_training_plan(&t->plan, model, options, most(t->batch, least(EVALUATION_BATCH, rows)),
                            false));
    DS_TRY(ds_executor_open(&t->executor, t->plan, device));
    DS_TRY(ds_plan_hash(t->executor, t->plan_hash));
    ds_feed_options feed = {.set = {t->set[0], t->set[1], t->set[2]},
                            .sets = DS_SETS,
                            .device = device,
                            .batch = t->plan->batch,
                            .shuffle = options->shuffle,
                            .seed = options->seed,
                            .stream = options->stream == DS_STREAM_ALWAYS,
                            .keep_resident = options->stream == DS_STREAM_NEVER};
    DS_TRY(ds_feed_create(&t->feed, t->executor, &feed));
    t->record_room = RECORDS + 2 * ds_trainer_evaluation_records(t, 1);
    DS_TRY(t->executor->reserve(t->executor, DS_HISTORY, t->record_room * DS_RECORD_SIZE));
    DS_TRY(ds_trainer_load_parameters(t, model->parameters));
    model->loss = options->loss;
    memcpy(model->loss_attribute, options->loss_attribute, sizeof model->loss_attribute);
    *out = t;
    t = NULL;

cleanup:
    ds_trainer_destroy(t);
    return status;
}

ds_status ds_trainer_create(ds_trainer **out, ds_model *model, const ds_data *data,
                            ds_device *device, const char *options) {
    ds_status status = DS_OK;
    ds_node *root = NULL;
    ds_training training;
    DS_TRY(ds_node_parse(&root, options, "options"));
    DS_TRY(ds_training_parse(&training, root, false));
    DS_TRY(ds_trainer_open(out, model, data, device, &training, NULL, NULL));

cleanup:
    ds_node_destroy(root);
    return status;
}

void ds_trainer_destroy(ds_trainer *trainer) {
    if (!trainer)
        return;
    ds_feed_destroy(trainer->feed);
    if (trainer->executor)
        trainer->executor->destroy(trainer->executor);
    ds_plan_destroy(trainer->plan);
    ds_history_clear(&trainer->history);
    ds_free(trainer->best);
    ds_free(trainer);
}

/* ---- parameters ---- */

ds_status ds_trainer_load_parameters(ds_trainer *t, const double *values) {
    return t->executor->write(t->executor, DS_PARAMETERS, 0, t->model->values, values);
}

ds_status ds_trainer_read_parameters(ds_trainer *t, double *values) {
    return t->executor->read(t->executor, DS_PARAMETERS, 0, t->model->values, values);
}

ds_status ds_trainer_finish(ds_trainer *t) {
    double word = 0;
    DS_CHECK(ds_trainer_read_parameters(t, t->model->parameters));
    t->model->updates = t->updates;
    t->model->epochs = t->updates / t->batches;
    t->model->seed = t->options.seed;
    snprintf(t->model->device, sizeof t->model->device, "%s", ds_device_name(t->device));
    memcpy(t->model->plan_hash, t->plan_hash, sizeof t->model->plan_hash);
    if (t->options.optimizer)
        DS_CHECK(t->executor->read(t->executor, DS_STATUS, DS_STATUS_NOT_FINITE, 1, &word));
    if (word != 0)
        return ds_fail(DS_DIVERGED, "try a smaller learning rate",
                       "the loss or a gradient is not finite at update %.0f", word);
    return DS_OK;
}

/* ---- passes ---- */

double ds_trainer_rate(const ds_trainer *t, int64_t i) {
    return ds_schedule_rate(&t->options.schedule, t->options.learning_rate, i, t->total_updates);
}

ds_pass ds_trainer_pass(const ds_trainer *t, int64_t i) {
    int64_t start = i % t->batches * t->batch;
    int64_t count = least(t->batch, t->set[0]->rows - start);
    return (ds_pass){.training = true,
                     .count = count,
                     .global_count = count,
                     .update = (uint64_t)i + 1,
                     .seed = t->options.seed,
                     .rate = ds_trainer_rate(t, i)};
}

/* ---- evaluation ---- */

int64_t ds_trainer_evaluation_records(const ds_trainer *t, int set) {
    return (t->set[set]->rows + t->plan->batch - 1) / t->plan->batch;
}

int64_t ds_trainer_evaluation_count(const ds_trainer *t, int set, int64_t k) {
    return least(t->plan->batch, t->set[set]->rows - k * t->plan->batch);
}

/* Issues the passes first .. last - 1 of an evaluation that the feed is visiting. */
static ds_status issue_evaluation(ds_trainer *t, int set, int64_t first, int64_t last,
                                  int64_t slot) {
    for (int64_t k = first; k < last; k++) {
        int64_t count = ds_trainer_evaluation_count(t, set, k);
        ds_pass pass = {.training = false,
                        .count = count,
                        .global_count = count,
                        .slot = slot + k - first,
                        .seed = t->options.seed};
        DS_CHECK(ds_feed_next(t->feed, count, &pass.first));
        DS_CHECK(ds_run_phases(t->executor, DS_PHASE_FORWARD, DS_PHASE_LOSS, &pass));
    }
    return DS_OK;
}

ds_status ds_trainer_issue_evaluation(ds_trainer *t, int set, int64_t slot) {
    t->visiting = false;
    DS_CHECK(ds_feed_visit(t->feed, set, -1, 0, t->plan->batch));
    return issue_evaluation(t, set, 0, ds_trainer_evaluation_records(t, set), slot);
}

ds_status ds_trainer_evaluate(ds_trainer *t, int set, ds_scores *scores) {
    ds_status status = DS_OK;
    ds_tally tally = {0};
    double *record = NULL;
    int64_t records = ds_trainer_evaluation_records(t, set);
    t->visiting = false;
    DS_TRY(ds_new(&record, (size_t)(t->record_room * DS_RECORD_SIZE), sizeof *record));
    DS_TRY(ds_feed_visit(t->feed, set, -1, 0, t->plan->batch));
    for (int64_t first = 0; first < records;) {
        int64_t last = least(records, first + t->record_room);
        DS_TRY(issue_evaluation(t, set, first, last, 0));
        DS_TRY(
            t->executor->read(t->executor, DS_HISTORY, 0, (last - first) * DS_RECORD_SIZE, record));
        for (int64_t k = first; k < last; k++)
            ds_tally_add(&tally, record + (k - first) * DS_RECORD_SIZE,
                         ds_trainer_evaluation_count(t, set, k));
        first = last;
    }
    *scores = ds_tally_scores(&tally, t->classes, t->spread[set]);

cleanup:
    ds_free(record);
    return status;
}

/* ---- updates by hand ---- */

static ds_status out_of_turn(const char *call, int stage) {
    static const char *const next[] = {"forward", "backward", "update"};
    return ds_fail(DS_BAD_INPUT, "call forward, backward, update in turn",
                   "ds_trainer_%s out of turn: ds_trainer_%s comes next", call, next[stage]);
}

ds_status ds_trainer_forward(ds_trainer *t, double *loss) {
    double record[DS_RECORD_SIZE];
    int64_t epoch = t->updates / t->batches, batch = t->updates % t->batches;
    if (t->stage != 0)
        return out_of_turn("forward", t->stage);
    if (batch == 0 || !t->visiting) {
        DS_CHECK(ds_feed_prepare(t->feed, epoch, epoch));
        DS_CHECK(ds_feed_visit(t->feed, 0, epoch, batch * t->batch, t->batch));
        t->visiting = true;
    }
    t->pass = ds_trainer_pass(t, t->updates);
    DS_CHECK(ds_feed_next(t->feed, t->pass.count, &t->pass.first));
    DS_CHECK(ds_run_phases(t->executor, DS_PHASE_FORWARD, DS_PHASE_LOSS, &t->pass));
    t->stage = 1;
    if (!loss)
        return DS_OK;
    DS_CHECK(t->executor->read(t->executor, DS_HISTORY, 0, DS_RECORD_SIZE, record));
    *loss = record[DS_RECORD_LOSS] / (double)t->pass.count;
    return DS_OK;
}

ds_status ds_trainer_backward(ds_trainer *t) {
    if (t->stage != 1)
        return out_of_turn("backward", t->stage);
    DS_CHECK(ds_run_phases(t->executor, DS_PHASE_BACKWARD, DS_PHASE_BACKWARD, &t->pass));
    t->stage = 2;
    return DS_OK;
}

ds_status ds_trainer_update(ds_trainer *t) {
    if (t->stage != 2)
        return out_of_turn("update", t->stage);
    DS_CHECK(ds_run_phases(t->executor, DS_PHASE_REDUCE, DS_PHASE_UPDATE, &t->pass));
    DS_CHECK(t->executor->flush(t->executor));
    t->stage = 0;
    t->updates++;
    t->samples += t->pass.count;
    return DS_OK;
}

/* ---- result ---- */

ds_status ds_trainer_result(ds_trainer *t, ds_result *result) {
    ds_result r = {.epochs = t->updates / t->batches,
                   .updates = t->updates,
                   .searched = t->searched,
                   .seed = t->options.seed,
                   .seconds = t->seconds,
                   .samples_per_second = t->seconds > 0 ? (double)t->samples / t->seconds : 0};
    snprintf(r.device, sizeof r.device, "%s", ds_device_name(t->device));
    memcpy(r.plan_hash, t->plan_hash, sizeof r.plan_hash);
    snprintf(r.stopped_by, sizeof r.stopped_by, "%s", t->stopped_by ? t->stopped_by : "interrupt");
    DS_CHECK(ds_trainer_evaluate(t, 0, &r.train));
    DS_CHECK(ds_trainer_evaluate(t, 1, &r.validation));
    DS_CHECK(ds_trainer_evaluate(t, 2, &r.test));
    DS_CHECK(ds_weights_hash(t->model->parameters, t->model->values, r.weights_hash));
    *result = r;
    return DS_OK;
}

/* After the loop, whatever its end: the checkpoint of the last update, then what the model keeps.
 */
static ds_status conclude(ds_trainer *t, bool completed, ds_result *result) {
    if (t->checkpoint_path)
        DS_CHECK(ds_checkpoint_write(t, t->checkpoint_path));
    ds_status status = ds_trainer_finish(t);
    if (status != DS_OK && status != DS_DIVERGED)
        return status;
    if (completed && t->best) {
        memcpy(t->model->parameters, t->best, (size_t)t->model->values * sizeof(double));
        DS_CHECK(ds_trainer_load_parameters(t, t->best));
    }
    return result ? ds_trainer_result(t, result) : DS_OK;
}

ds_status ds_trainer_run(ds_trainer *t, ds_progress_callback progress, void *context,
                         ds_result *result) {
    ds_saved_error error;
    if (t->stage != 0)
        return out_of_turn("run", t->stage);
    ds_status status = ds_training_loop(t, progress, context);
    if (status == DS_OK)
        return conclude(t, true, result);
    if (status != DS_INTERRUPTED && status != DS_DIVERGED)
        return status;
    ds_error_take(&error);
    DS_CHECK(conclude(t, false, result));
    return ds_error_give(&error);
}
