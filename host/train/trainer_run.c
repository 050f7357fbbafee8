/* A whole run, and its result. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/watch.h"

static ds_status evaluate_sets(ds_trainer *t, ds_result *r) {
    r->baselines = t->data->naives;
    memcpy(r->baseline, t->baseline, sizeof r->baseline);
    DS_CHECK(ds_trainer_evaluate(t, 0, &r->train));
    DS_CHECK(ds_trainer_evaluate(t, 1, &r->validation));
    return ds_trainer_evaluate(t, 2, &r->test);
}

bool ds_run_is_kept(ds_status status) {
    return status == DS_OK || status == DS_INTERRUPTED || status == DS_DIVERGED ||
           status == DS_WRONG_RESULT;
}

/* What an interrupted run ends with is not evaluated: who stops it wants it to end. Nor is it on a
 * device that was found wrong. */
static ds_status fill_result(ds_trainer *t, bool evaluated, ds_result *result) {
    ds_status status = DS_OK;
    ds_result r = {.epochs = t->updates / t->batches,
                   .updates = t->updates,
                   .searched = t->searched,
                   .seed = t->options.seed,
                   .seconds = t->seconds,
                   .checked = t->checked,
                   .checked_worst = t->checked_worst,
                   .samples_per_second = t->seconds > 0 ? (double)t->samples / t->seconds : 0};
    snprintf(r.device, sizeof r.device, "%s", ds_device_name(t->device));
    memcpy(r.plan_hash, t->plan_hash, sizeof r.plan_hash);
    memcpy(r.plan_hash_before, t->plan_hash_before, sizeof r.plan_hash_before);
    r.verified = ds_device_is_reference(t->device) || ds_device_is_verified(t->device);
    snprintf(r.stopped_by, sizeof r.stopped_by, "%s", t->stopped_by ? t->stopped_by : "interrupt");
    if (evaluated)
        status = evaluate_sets(t, &r);
    if (status != DS_OK && status != DS_WRONG_RESULT)
        return status;
    ds_weights_hash(t->model->parameters, t->model->values, r.weights_hash);
    *result = r;
    return status;
}

/* As float32, which is what every device but the reference computes with. */
static bool is_finite(double value) {
    return fabs(value) <= FLT_MAX;
}

/* The last update of a run has no later loss that would show what it did. */
static ds_status check_end(ds_trainer *t, const ds_result *result) {
    bool finite = is_finite(result->train.loss);
    for (int64_t i = 0; finite && i < t->model->values; i++)
        finite = is_finite(t->model->parameters[i]);
    return finite ? DS_OK : ds_watch_end(t);
}

/* After the loop, whatever its end: the checkpoint of the last update, then what the model keeps.
 */
static ds_status conclude(ds_trainer *t, bool evaluated, ds_result *result) {
    if (t->checkpoint_path)
        DS_CHECK(ds_checkpoint_write(t, t->checkpoint_path));
    DS_CHECK(ds_trainer_bring_back(t));
    if (t->best) {
        memcpy(t->model->parameters, t->best, (size_t)t->model->values * sizeof(double));
        DS_CHECK(ds_trainer_load_parameters(t, t->best));
    }
    return fill_result(t, evaluated, result);
}

ds_status ds_trainer_run(ds_trainer *t, ds_progress_callback progress, void *context,
                         ds_result *result) {
    ds_saved_error error;
    ds_result r;
    if (t->stage != 0)
        return ds_trainer_out_of_turn("run", t->stage);
    ds_status status = ds_training_loop(t, progress, context);
    if (!ds_run_is_kept(status))
        return status;
    if (status != DS_OK)
        ds_error_take(&error);
    ds_status concluded = conclude(t, status == DS_OK || status == DS_DIVERGED, &r);
    if (concluded != DS_OK && concluded != DS_WRONG_RESULT)
        return concluded;
    if (result)
        *result = r;
    if (status != DS_OK)
        return ds_error_give(&error);
    return concluded == DS_OK ? check_end(t, &r) : concluded;
}
