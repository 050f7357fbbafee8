/* A whole run, and its result. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "train/session.h"
#include "train/watch.h"

/* ---- the scores of the model as it is now ---- */

static ds_status copy_baselines(const ds_trainer *t, ds_result *r) {
    const ds_result *naive = &t->naive;
    DS_CHECK(ds_target_scores_make(&r->target, &r->targets, t->data->encoding));
    for (int64_t k = 0; k < r->targets; k++)
        memcpy(r->target[k].baseline, naive->target[k].baseline, sizeof naive->target->baseline);
    memcpy(r->baseline, naive->baseline, sizeof r->baseline);
    r->baselines = naive->baselines;
    return DS_OK;
}

/* Whether the sets, which the trainer has on the device, are too large to be there twice. */
static bool are_large(const ds_trainer *t) {
    enum { LARGE = 4 << 20 }; /* numbers */
    double cells = 0;
    for (int i = 0; i < DS_SETS; i++)
        cells += (double)t->set[i]->rows * (double)t->set[i]->features.columns;
    return ds_feed_streams(t->feed) || cells > LARGE;
}

/* From the predictions that the model's file would give, in double. */
static ds_status score_numbers(ds_trainer *t, ds_result *r) {
    ds_session session = {0};
    ds_status status =
        ds_session_open(&session, t->model, t->device, NULL, t->set, DS_SETS, are_large(t));
    for (int i = 0; i < DS_SETS && status == DS_OK; i++)
        if (t->set[i]->rows)
            status = ds_session_score(&session, i, i, r);
    ds_session_close(&session);
    return status;
}

static ds_status evaluate_sets(ds_trainer *t, ds_result *r) {
    DS_CHECK(copy_baselines(t, r));
    if (t->unevaluated && !t->units.classes)
        DS_CHECK(ds_trainer_judge_evaluation(t));
    if (!t->units.classes)
        return score_numbers(t, r);
    for (int i = 0; i < DS_SETS; i++)
        DS_CHECK(ds_trainer_evaluate(t, i, ds_result_scores(r, i)));
    return DS_OK;
}

bool ds_run_is_kept(ds_status status) {
    return status == DS_OK || status == DS_INTERRUPTED || status == DS_DIVERGED ||
           status == DS_WRONG_RESULT;
}

/* ---- why it ended ---- */

/* "10 epochs" */
static ds_status add_count(ds_text *out, int64_t count, const char *what) {
    return ds_text_add(out, "%lld %s%s", (long long)count, what, count == 1 ? "" : "s");
}

static ds_status add_gradient(ds_trainer *t, ds_text *out) {
    char norm[32], least[32];
    double value;
    DS_CHECK(ds_watch_gradient(t, &value));
    ds_number_round(norm, 3, value);
    ds_number_print(least, t->options.stop_gradient);
    return ds_text_add(out, "by gradient: its norm is %s, not above %s", norm, least);
}

static ds_status add_patience(const ds_trainer *t, ds_text *out) {
    DS_CHECK(ds_text_add(out, "by patience: "));
    DS_CHECK(add_count(out, t->since_best, "epoch"));
    DS_CHECK(ds_text_add(out, " without a better validation loss"));
    return t->best_epoch ? ds_text_add(out, "; the best was epoch %lld", (long long)t->best_epoch)
                         : DS_OK;
}

/* For a person, where more than the count of epochs was behind it; and not what an error says. */
static ds_status add_reason(ds_trainer *t, ds_text *out) {
    char seconds[32];
    if (strcmp(t->stopped_by, "patience") == 0)
        return add_patience(t, out);
    if (strcmp(t->stopped_by, "gradient") == 0)
        return add_gradient(t, out);
    if (strcmp(t->stopped_by, "updates") == 0)
        return ds_text_add(out, "by updates: %lld, as `stop` asks", (long long)t->updates);
    ds_number_print(seconds, t->options.stop_seconds);
    return strcmp(t->stopped_by, "seconds") == 0
               ? ds_text_add(out, "by seconds: %s, as `stop` asks", seconds)
               : DS_OK;
}

static ds_status find_reason(ds_trainer *t, char reason[160]) {
    ds_text text = {0};
    ds_status status = add_reason(t, &text);
    snprintf(reason, 160, "%s", text.characters ? text.characters : "");
    ds_text_clear(&text);
    return status;
}

/* ---- the result ---- */

static ds_result start_result(const ds_trainer *t) {
    ds_result r = {.epochs = t->updates / t->batches,
                   .updates = t->updates,
                   .best_epoch = t->model->best_epoch,
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
    ds_weights_hash(t->model->parameters, t->model->values, r.weights_hash);
    return r;
}

/* What an interrupted run ends with is not evaluated: who stops it wants it to end. Nor is it on a
 * device that was found wrong. */
static ds_status fill_result(ds_trainer *t, bool evaluated, const char *reason, ds_result *result) {
    ds_result r = start_result(t);
    ds_status status = evaluated ? evaluate_sets(t, &r) : DS_OK;
    if (status != DS_OK && status != DS_WRONG_RESULT) {
        ds_result_clear(&r);
        return status;
    }
    snprintf(r.stop_reason, sizeof r.stop_reason, "%s", reason);
    *result = r;
    return status;
}

/* As float32, which is what every device but the reference computes with. */
static bool is_finite(double value) {
    return fabs(value) <= FLT_MAX;
}

/* The last update of a run has no later loss that would show what it did. */
static bool ends_finite(const ds_trainer *t, const ds_result *result) {
    const ds_units *units = &t->units;
    double trained = (result->train.loss - units->shift) / units->loss;
    bool finite = units->loss > 0 ? is_finite(trained) : isfinite(result->train.loss);
    for (int64_t i = 0; finite && i < t->model->values; i++)
        finite = is_finite(t->model->parameters[i]);
    return finite;
}

/* After the loop, however it ended: the checkpoint of the last update, then what the model keeps.
 */
static ds_status conclude(ds_trainer *t, ds_status ended, ds_result *result) {
    char reason[160] = "";
    bool evaluated = ended == DS_OK || ended == DS_DIVERGED;
    if (t->checkpoint_path)
        DS_CHECK(ds_checkpoint_write(t, t->checkpoint_path));
    DS_CHECK(ds_trainer_bring_back(t));
    ds_status judged = ended == DS_OK ? find_reason(t, reason) : DS_OK;
    if (t->best) {
        memcpy(t->model->parameters, t->best, (size_t)t->model->values * sizeof(double));
        t->model->best_epoch = t->best_epoch;
        if (judged == DS_OK)
            judged = ds_trainer_load_parameters(t, t->best);
    }
    if (judged != DS_OK && judged != DS_WRONG_RESULT)
        return judged;
    ds_status filled = fill_result(t, evaluated && judged == DS_OK, reason, result);
    return judged == DS_OK ? filled : judged;
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
    ds_status concluded = conclude(t, status, &r);
    if (concluded != DS_OK && concluded != DS_WRONG_RESULT)
        return concluded;
    bool finite = ends_finite(t, &r);
    if (result)
        *result = r;
    else
        ds_result_clear(&r);
    if (status != DS_OK)
        return ds_error_give(&error);
    return concluded != DS_OK ? concluded : finite ? DS_OK : ds_watch_end(t);
}
