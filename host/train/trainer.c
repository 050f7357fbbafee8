#include "train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/whole.h"
#include "launch/opencl_executor.h"
#include "model/plan_build.h"
#include "train/baseline_scores.h"
#include "train/upload.h"
#include "train/watch.h"

/* Evaluation wants larger batches than training may: at least these many samples a pass. */
enum { EVALUATION_BATCH = 256, RECORDS = 1 << 17 };

/* ---- creation ---- */

ds_status ds_training_plan(ds_plan **out, const ds_model *model, const ds_training *options,
                           int64_t training_batch, int64_t batch, bool separate) {
    const ds_units units = ds_units_of(model->encoding, options->loss, options->loss_attribute);
    ds_plan_request request = {.layer = model->layer,
                               .layers = model->layers,
                               .sample = model->sample,
                               .batch = batch,
                               .training_batch = training_batch,
                               .targets = ds_encoding_targets(model->encoding),
                               .loss = options->loss,
                               .optimizer = options->optimizer,
                               .clip = options->clip,
                               .stop_gradient = options->stop_gradient,
                               .separate = separate,
                               .fuse = options->fuse,
                               .portable = options->portable};
    if (options->loss == &ds_op_cross_entropy || options->loss == &ds_op_binary_cross_entropy)
        request.layers = ds_model_trained_layers(model);
    ds_units_options(&units, options->loss, options->loss_attribute, request.loss_attribute);
    memcpy(request.optimizer_attribute, options->optimizer_attribute,
           sizeof request.optimizer_attribute);
    return ds_plan_build(out, &request);
}

/* Samples in a batch of so many rows. */
static int64_t batch_of(const ds_training *options, int64_t rows) {
    return options->batch == 0 ? rows : ds_least(options->batch, rows);
}

ds_status ds_run_plan(ds_plan **out, const ds_model *model, const ds_data *data,
                      const ds_training *options) {
    int64_t rows = ds_most(data->train.rows, ds_most(data->validation.rows, data->test.rows));
    int64_t batch = batch_of(options, data->train.rows);
    return ds_training_plan(out, model, options, batch,
                            ds_most(batch, ds_least(EVALUATION_BATCH, rows)), false);
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
        t->total_updates = ds_least(t->total_updates, o->stop_updates);
    if (o->search)
        t->epochs = t->total_updates = 0;
}

/* `key` needs a validation set. */
static ds_status no_validation(const ds_node *key, const char *name) {
    return ds_node_fail(key, "set aside rows with split: {validation: 0.2}",
                        "%s needs a validation set", name);
}

static ds_status check_options(const ds_trainer *t, const ds_node *root) {
    const ds_training *o = &t->options;
    if (t->set[0]->rows == 0)
        return ds_fail(DS_BAD_INPUT, "give it at least one row", "there is nothing to train on");
    if (t->set[1]->rows == 0 && o->keep_best)
        return no_validation(ds_node_get(root, "keep"), "keep: best");
    if (t->set[1]->rows == 0 && o->stop_patience)
        return no_validation(ds_node_get(ds_node_get(root, "stop"), "patience"), "stop.patience");
    return DS_OK;
}

static ds_status choose_batch(ds_trainer *t, ds_text *notes) {
    int64_t rows = t->set[0]->rows, batch = t->options.batch;
    if (batch > rows && notes && !t->options.search)
        DS_CHECK(ds_text_add(notes,
                             "batch: %lld is more than the %lld training rows: all of them "
                             "are one batch\n",
                             (long long)batch, (long long)rows));
    t->batch = batch_of(&t->options, rows);
    return DS_OK;
}

static ds_status judge_baselines(ds_trainer *t) {
    ds_result *naive = &t->naive;
    DS_CHECK(ds_target_scores_make(&naive->target, &naive->targets, t->data->encoding));
    naive->baselines = t->data->naives;
    for (int k = 0; k < naive->baselines; k++) {
        const char *name = t->data->naive[k].name;
        snprintf(naive->baseline[k].name, sizeof naive->baseline[k].name, "%s", name);
        for (int i = 0; i < DS_SETS; i++)
            if (t->set[i]->rows)
                DS_CHECK(ds_baseline_scores(naive, t->data, k, t->set[i], i, &t->options));
    }
    return DS_OK;
}

/* Tuned kernels, unless a run that was not tuned is to go on. */
static ds_status open_executor(ds_trainer *t) {
    const char *wanted = t->options.plan_hash;
    ds_executor *untuned = NULL;
    char hash[65];
    DS_CHECK(ds_executor_open(&t->executor, t->plan, t->device));
    DS_CHECK(ds_plan_hash(t->executor, t->plan_hash));
    if (!wanted || strcmp(wanted, t->plan_hash) == 0)
        return DS_OK;
    t->plan->untuned = true;
    DS_CHECK(ds_executor_open(&untuned, t->plan, t->device));
    ds_status status = ds_plan_hash(untuned, hash);
    if (status == DS_OK && strcmp(wanted, hash) == 0) {
        t->executor->destroy(t->executor);
        t->executor = untuned;
        memcpy(t->plan_hash, hash, sizeof hash);
        return DS_OK;
    }
    t->plan->untuned = false;
    untuned->destroy(untuned);
    return status;
}

ds_status ds_trainer_open(ds_trainer **out, ds_model *model, const ds_data *data, ds_device *device,
                          const ds_training *options, const ds_node *root, ds_text *notes) {
    ds_status status = DS_OK;
    ds_trainer *t = NULL;
    DS_TRY(ds_new(&t, 1, sizeof *t));
    t->model = model;
    t->data = data;
    t->device = device;
    t->options = *options;
    t->set[0] = &data->train;
    t->set[1] = &data->validation;
    t->set[2] = &data->test;
    t->best_loss = INFINITY;
    DS_TRY(check_options(t, root));
    DS_TRY(ds_model_check_outputs(model, options->loss, ds_node_get(root, "model")));
    DS_TRY(choose_batch(t, notes));
    if (ds_device_is_plain(device) && !options->portable && notes)
        DS_TRY(ds_text_add(notes, "math: the device plain has portable kernels alone\n"));
    plan_length(t);
    t->units = ds_units_of(model->encoding, options->loss, options->loss_attribute);
    for (int i = 0; i < DS_SETS; i++)
        t->spread[i] = ds_target_spread(t->set[i], model->encoding);
    DS_TRY(judge_baselines(t));
    DS_TRY(ds_run_plan(&t->plan, model, data, options));
    DS_TRY(open_executor(t));
    ds_feed_options feed = {.set = {t->set[0], t->set[1], t->set[2]},
                            .sets = DS_SETS,
                            .device = device,
                            .batch = t->plan->batch,
                            .shuffle = options->shuffle,
                            .update_rows = t->batch,
                            .epochs = t->epochs,
                            .seed = options->seed,
                            .stream = options->stream == DS_STREAM_ALWAYS,
                            .keep_resident = options->stream == DS_STREAM_NEVER};
    DS_TRY(ds_feed_create(&t->feed, t->executor, &feed));
    t->record_room = RECORDS + 4 * ds_trainer_evaluation_records(t, 1);
    DS_TRY(t->executor->reserve(t->executor, DS_HISTORY, t->record_room * DS_RECORD_SIZE));
    DS_TRY(ds_trainer_load_parameters(t, model->parameters));
    model->loss = options->loss;
    model->portable = options->portable;
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
    DS_TRY(ds_trainer_open(out, model, data, device, &training, root, NULL));

cleanup:
    ds_node_destroy(root);
    return status;
}

void ds_trainer_destroy(ds_trainer *trainer) {
    if (!trainer)
        return;
    ds_feed_destroy(trainer->feed);
    ds_shadow_destroy(trainer->shadow);
    if (trainer->executor)
        trainer->executor->destroy(trainer->executor);
    ds_plan_destroy(trainer->plan);
    ds_history_clear(&trainer->history);
    ds_free(trainer->best);
    ds_result_clear(&trainer->naive);
    ds_free(trainer);
}

/* ---- parameters ---- */

ds_status ds_trainer_load_parameters(ds_trainer *t, const double *values) {
    if (t->shadow)
        ds_shadow_forget(t->shadow);
    return ds_upload(t->executor, DS_PARAMETERS, 0, t->model->values, values);
}

ds_status ds_trainer_read(ds_trainer *t, ds_storage storage, int64_t offset, int64_t count,
                          double *values) {
    const double *kept = t->shadow ? ds_shadow_kept(t->shadow, storage) : NULL;
    if (!kept)
        return t->executor->read(t->executor, storage, offset, count, values);
    memcpy(values, kept + offset, (size_t)count * sizeof *values);
    return DS_OK;
}

ds_status ds_trainer_read_parameters(ds_trainer *t, double *values) {
    return ds_trainer_read(t, DS_PARAMETERS, 0, t->model->values, values);
}

ds_status ds_trainer_bring_back(ds_trainer *t) {
    DS_CHECK(ds_trainer_read_parameters(t, t->model->parameters));
    t->model->updates = t->updates;
    t->model->epochs = t->updates / t->batches;
    t->model->best_epoch = 0;
    t->model->seed = t->options.seed;
    snprintf(t->model->device, sizeof t->model->device, "%s", ds_device_name(t->device));
    memcpy(t->model->plan_hash, t->plan_hash, sizeof t->model->plan_hash);
    return DS_OK;
}

ds_status ds_trainer_finish(ds_trainer *t) {
    double word = 0;
    DS_CHECK(ds_trainer_bring_back(t));
    if (t->options.optimizer)
        DS_CHECK(t->executor->read(t->executor, DS_STATUS, DS_STATUS_NOT_FINITE, 1, &word));
    if (word == 0)
        return DS_OK;
    /* The last that the word can stand for. */
    uint64_t done = (uint64_t)t->updates, first = done > UINT32_MAX ? done - UINT32_MAX + 1 : 1;
    return ds_watch_divergence(t, (int64_t)ds_status_update(word, first) - 1);
}

void ds_trainer_check_every(ds_trainer *t, int64_t updates) {
    t->check_every = updates > 0 ? updates : 0;
}

/* ---- passes ---- */

double ds_trainer_rate(const ds_trainer *t, int64_t i) {
    return ds_schedule_rate(&t->options.schedule, t->options.learning_rate, i, t->total_updates);
}

int64_t ds_trainer_samples(const ds_trainer *t, int64_t batch) {
    return ds_least(t->batch, t->set[0]->rows - batch * t->batch);
}

void ds_trainer_pass(const ds_trainer *t, int64_t i, int64_t batch, ds_pass *pass) {
    int64_t count = ds_trainer_samples(t, batch);
    double rate = ds_trainer_rate(t, i);
    *pass = (ds_pass){.training = true,
                      .count = count,
                      .global_count = count,
                      .update = (uint64_t)i + 1,
                      .seed = t->options.seed,
                      .rate = rate};
}
