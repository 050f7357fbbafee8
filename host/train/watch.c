#include "train/watch.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

#include "base/number.h"
#include "doctor/verified_executor.h"
#include "ops/operation.h"
#include "train/upload.h"

static ds_status open_shadow(ds_trainer *t) {
    return t->shadow ? DS_OK : ds_shadow_create(&t->shadow, t->executor, t->device);
}

bool ds_watch_is_due(const ds_trainer *t, int64_t i) {
    return t->check_every && (i + 1) % t->check_every == 0 && !ds_device_is_reference(t->device);
}

/* ---- words ---- */

/* A pass over training rows: of an update, from 0, or of an evaluation, with its first row. */
typedef struct place {
    bool is_update;
    int64_t number;
} place;

/* " for training row 1042 (people.csv, line 1043)" */
static ds_status name_row(const ds_trainer *t, int64_t row, ds_text *out) {
    const ds_set *train = t->set[0];
    DS_CHECK(ds_text_add(out, " for training row %lld", (long long)row + 1));
    return ds_set_file(train) ? ds_text_add(out, " (%s, line %lld)", ds_set_file(train),
                                            (long long)ds_set_line(train, row))
                              : DS_OK;
}

/* The same, of an element of a tensor with a row for each sample. */
static ds_status add_row(const ds_trainer *t, place at, int tensor, int64_t element, ds_text *out) {
    int64_t sample = element / ds_shape_count(&t->plan->tensor[tensor].shape);
    int64_t row = at.number + sample;
    if (at.is_update)
        DS_CHECK(ds_feed_row(t->feed, at.number / t->batches,
                             at.number % t->batches * t->batch + sample, &row));
    return name_row(t, row, out);
}

/* What must not be forgotten of an update that was not the only one since the last. */
static ds_status add_unchecked(const ds_trainer *t, int64_t update, ds_text *out) {
    int64_t since = t->check_every ? update / t->check_every * t->check_every : 0;
    if (since == update)
        return DS_OK;
    return ds_text_add(out, ", though none from %lld to %lld was checked", (long long)since + 1,
                       (long long)update);
}

/* What was wrong in update i, from 0. `lost_row`: the row that a value is lost of; else -1. */
static ds_status tell_wrong_update(const ds_trainer *t, int64_t i, const ds_check_report *report,
                                   int64_t lost_row) {
    ds_status status = DS_OK;
    ds_text text = {0};
    DS_TRY(ds_text_add(&text, "update %lld: ", (long long)i + 1));
    DS_TRY(ds_check_describe(report, t->plan, &text));
    bool of_numbers = report->fault == DS_FAULT_WRONG || report->fault == DS_FAULT_UNLIKELY;
    if (of_numbers && t->plan->tensor[report->tensor].per_sample)
        DS_TRY(add_row(t, (place){true, i}, report->tensor, report->element, &text));
    if (lost_row >= 0)
        DS_TRY(name_row(t, lost_row, &text));
    DS_TRY(ds_text_add(&text, "; the parameters before it are kept"));
    DS_TRY(add_unchecked(t, i, &text));
    status = ds_fail(DS_WRONG_RESULT, ds_untrustworthy, "%s", text.characters);

cleanup:
    ds_text_clear(&text);
    return status;
}

static ds_status tell_wrong_evaluation(const ds_trainer *t, int64_t behind,
                                       const ds_check_report *report) {
    ds_text text = {0};
    ds_status status = ds_check_describe(report, t->plan, &text);
    if (status == DS_OK)
        status = ds_fail(DS_WRONG_RESULT, ds_untrustworthy, "evaluation behind update %lld: %s",
                         (long long)behind, text.characters);
    ds_text_clear(&text);
    return status;
}

/* Before a pass is run: whether the device has the rows that it names, as the host has them.
 * `behind`: the update before an evaluation. */
static ds_status look_at_rows(ds_trainer *t, const ds_pass *pass, int64_t behind) {
    ds_check_report report = {0};
    int64_t row;
    DS_CHECK(ds_feed_check(t->feed, pass->first, pass->count, &report, &row));
    if (report.fault == DS_FAULT_NONE)
        return DS_OK;
    return pass->training ? tell_wrong_update(t, (int64_t)pass->update - 1, &report, row)
                          : tell_wrong_evaluation(t, behind, &report);
}

/* ---- updates ---- */

/* What roundings of drawn numbers hardly ever come to is told; the second time kernels that were not
 * judged before are judged by such numbers: those of people's data may recur, and be rounded alike. */
static ds_status tell_doubt(ds_trainer *t) {
    ds_status status = DS_OK;
    bool again;
    char words[512] = "";
    ds_check_report doubt = ds_shadow_doubt(t->shadow, &again);
    ds_text text = {0};
    if (doubt.fault == DS_FAULT_NONE)
        return DS_OK;
    DS_TRY(ds_check_describe(&doubt, t->plan, &text));
    if (again && !ds_device_is_verified(t->device))
        DS_TRY(ds_kernels_judge(t->plan, t->device, words));
    if (words[0]) {
        DS_TRY(ds_shadow_undo(t->shadow));
        status = ds_fail(DS_WRONG_RESULT, ds_untrustworthy, "%s; and of drawn numbers: %s",
                         text.characters, words);
        goto cleanup;
    }
    DS_TRY(ds_text_add(&text, again
                                  ? "; of drawn numbers the kernels are right: numbers of the data "
                                    "recur, and are rounded alike"
                                  : ", unless numbers of the data recur"));
    ds_device_say(text.characters, t->device);

cleanup:
    ds_text_clear(&text);
    return status;
}

static ds_status heed(ds_trainer *t, const ds_check_report *report) {
    t->checked_worst = fmax(t->checked_worst, report->worst_share);
    DS_CHECK(tell_doubt(t));
    return report->fault == DS_FAULT_NONE ? DS_OK : ds_shadow_undo(t->shadow);
}

static ds_status heed_update(ds_trainer *t, const ds_pass *pass, bool whole,
                             const ds_check_report *report) {
    double word[DS_STATUS_WORDS];
    DS_CHECK(heed(t, report));
    if (report->fault != DS_FAULT_NONE)
        return tell_wrong_update(t, (int64_t)pass->update - 1, report, -1);
    if (whole) {
        DS_CHECK(t->executor->read(t->executor, DS_STATUS, 0, DS_STATUS_WORDS, word));
        bool over = word[DS_STATUS_NOT_FINITE] != 0 || word[DS_STATUS_SMALL_ENOUGH] != 0;
        t->checked += !over; /* else it changed nothing */
        t->unevaluated = (int64_t)pass->update;
    }
    return DS_OK;
}

ds_status ds_watch_update(ds_trainer *t, const ds_pass *pass) {
    ds_check_report report = {0};
    DS_CHECK(open_shadow(t));
    DS_CHECK(look_at_rows(t, pass, 0));
    DS_CHECK(ds_shadow_pass(t->shadow, pass, &report));
    return heed_update(t, pass, true, &report);
}

ds_status ds_watch_together(ds_trainer *t, const ds_pass *pass, int64_t passes) {
    ds_check_report report = {0};
    DS_CHECK(open_shadow(t));
    DS_CHECK(ds_shadow_together(t->shadow, pass, passes, &report));
    DS_CHECK(heed(t, &report));
    while (!pass->training)
        pass++;
    return report.fault == DS_FAULT_NONE
               ? DS_OK
               : tell_wrong_update(t, (int64_t)pass->update - 1, &report, -1);
}

ds_status ds_watch_phases(ds_trainer *t, ds_phase first, ds_phase last, const ds_pass *pass) {
    ds_check_report report = {0};
    DS_CHECK(open_shadow(t));
    if (first == DS_PHASE_FORWARD)
        DS_CHECK(look_at_rows(t, pass, 0));
    DS_CHECK(ds_shadow_phases(t->shadow, first, last, pass, &report));
    return heed_update(t, pass, last == DS_PHASE_UPDATE, &report);
}

ds_status ds_watch_evaluation(ds_trainer *t, const ds_pass *pass) {
    ds_check_report report = {0};
    int64_t behind = t->unevaluated;
    t->unevaluated = 0;
    DS_CHECK(look_at_rows(t, pass, behind));
    DS_CHECK(ds_shadow_pass(t->shadow, pass, &report));
    DS_CHECK(heed(t, &report));
    return report.fault == DS_FAULT_NONE ? DS_OK : tell_wrong_evaluation(t, behind, &report);
}

/* ---- numbers that are not finite ---- */

static ds_status do_again(ds_trainer *t, int64_t i, ds_check_report *report) {
    static const double running[DS_STATUS_WORDS] = {0};
    ds_executor *executor = t->executor;
    double word[DS_STATUS_WORDS];
    ds_pass pass;
    DS_CHECK(open_shadow(t));
    ds_shadow_forget(t->shadow);
    t->visiting = false;
    DS_CHECK(ds_trainer_take_batch(t, i, &pass));
    t->visiting = false;
    DS_CHECK(look_at_rows(t, &pass, 0));
    DS_CHECK(executor->read(executor, DS_STATUS, 0, DS_STATUS_WORDS, word));
    DS_CHECK(ds_upload(executor, DS_STATUS, 0, DS_STATUS_WORDS, running));
    DS_CHECK(ds_shadow_pass(t->shadow, &pass, report));
    DS_CHECK(ds_shadow_undo(t->shadow));
    return ds_upload(executor, DS_STATUS, 0, DS_STATUS_WORDS, word);
}

/* "inf"; on the reference the number that float32 has none for. */
static void print_value(const ds_trainer *t, double value, char text[64]) {
    bool exact = ds_device_is_reference(t->device) && isfinite(value);
    if (isnan(value))
        snprintf(text, 64, "nan");
    else
        snprintf(text, 64, "%.3g%s", exact ? value : copysign(INFINITY, value),
                 exact ? ", which float32 cannot hold," : "");
}

/* What gave the number, and where it stands: "dense_forward of layer 2 gave inf in unit 5 of
 * 2.output for training row 1042". */
static ds_status add_origin(const ds_trainer *t, place at, const ds_not_finite *found,
                            ds_text *out) {
    const ds_tensor *of = &t->plan->tensor[found->tensor];
    const ds_op *op = found->op;
    char value[64], name[64];
    print_value(t, found->value, value);
    if (!op)
        return ds_text_add(out, "%s[%lld] %s %s%s", of->name, (long long)found->element,
                           found->perhaps ? "may be" : "is", value,
                           at.is_update ? " since the update before" : "");
    ds_op_name(op, name);
    DS_CHECK(ds_text_add(out, "%s", name));
    if (op->operation->family == DS_LAYER)
        DS_CHECK(ds_text_add(out, " of layer %d", op->layer));
    DS_CHECK(ds_text_add(out, found->perhaps ? " may have given %s" : " gave %s", value));
    if (!of->per_sample)
        return ds_text_add(out, " in %s[%lld]", of->name, (long long)found->element);
    bool is_loss = op->operation->family == DS_LOSS && found->tensor == op->output[1];
    if (!is_loss)
        DS_CHECK(ds_text_add(out, " in unit %lld of %s",
                             (long long)(found->element % ds_shape_count(&of->shape)), of->name));
    return add_row(t, at, found->tensor, found->element, out);
}

/* `found` may be NULL: where it came from is not known. */
static ds_status tell_divergence(const ds_trainer *t, place at, const ds_not_finite *found) {
    ds_status status = DS_OK;
    ds_text text = {0};
    char hint[200], rate[32];
    ds_number_print(rate, t->options.learning_rate);
    if (t->options.search)
        snprintf(hint, sizeof hint, "search among smaller values, or normalize the data");
    else
        snprintf(hint, sizeof hint,
                 "try a smaller learning rate than %s, clip the gradient (clip: 1.0), or normalize "
                 "the data",
                 rate);
    if (at.is_update)
        DS_TRY(ds_text_add(&text, "diverged at update %lld (epoch %lld): ",
                           (long long)at.number + 1, (long long)(at.number / t->batches + 1)));
    else if (t->options.search)
        DS_TRY(ds_text_add(&text, "no point of the search has a finite loss: "));
    else
        DS_TRY(ds_text_add(&text, "diverged after update %lld: ", (long long)t->updates));
    if (found)
        DS_TRY(add_origin(t, at, found, &text));
    else
        DS_TRY(ds_text_add(&text, "the loss, a gradient or a parameter is not finite"));
    if (at.is_update)
        DS_TRY(ds_text_add(&text, "; the parameters before it are kept"));
    status = ds_fail(DS_DIVERGED, hint, "%s", text.characters);

cleanup:
    ds_text_clear(&text);
    return status;
}

ds_status ds_watch_divergence(ds_trainer *t, int64_t i) {
    ds_check_report report = {0};
    ds_status again = do_again(t, i, &report);
    if (again != DS_OK)
        return again == DS_WRONG_RESULT ? again : tell_divergence(t, (place){true, i}, NULL);
    if (report.fault != DS_FAULT_NONE)
        return tell_wrong_update(t, i, &report, -1);
    const ds_not_finite *found = ds_shadow_not_finite(t->shadow);
    if (found->found)
        return tell_divergence(t, (place){true, i}, found);
    return ds_fail(DS_WRONG_RESULT, ds_untrustworthy,
                   "update %lld: the device gave a number that is not finite, and none when the "
                   "update was done again; the parameters before it are kept",
                   (long long)i + 1);
}

ds_status ds_watch_gradient(ds_trainer *t, double *norm) {
    const ds_plan *plan = t->plan;
    ds_check_report report = {0};
    const ds_op *op = plan->op;
    DS_CHECK(do_again(t, t->updates, &report));
    if (report.fault != DS_FAULT_NONE)
        return tell_wrong_update(t, t->updates, &report, -1);
    while (op->operation != &ds_op_gradient_norm)
        op++;
    *norm = ds_shadow_number(t->shadow, op->output[0]);
    if (*norm <= 1.01 * t->options.stop_gradient + FLT_MIN)
        return DS_OK;
    return ds_fail(DS_WRONG_RESULT, ds_untrustworthy,
                   "update %lld: the device stopped there, though the norm of its gradient is %.3g",
                   (long long)t->updates + 1, *norm);
}

/* Goes through the training rows until a number is not finite. */
static ds_status evaluate_again(ds_trainer *t, ds_check_report *report, int64_t *first) {
    int64_t passes = ds_trainer_evaluation_records(t, 0);
    DS_CHECK(open_shadow(t));
    t->visiting = false;
    DS_CHECK(ds_feed_visit(t->feed, 0, -1, 0, t->plan->batch));
    for (int64_t k = 0; k < passes; k++) {
        int64_t count = ds_trainer_evaluation_count(t, 0, k);
        ds_pass pass = {.count = count, .global_count = count, .seed = t->options.seed};
        DS_CHECK(ds_feed_next(t->feed, count, &pass.first));
        DS_CHECK(look_at_rows(t, &pass, t->updates));
        DS_CHECK(ds_shadow_pass(t->shadow, &pass, report));
        *first = k * t->plan->batch;
        if (report->fault != DS_FAULT_NONE || ds_shadow_not_finite(t->shadow)->found)
            return DS_OK;
    }
    return DS_OK;
}

ds_status ds_watch_end(ds_trainer *t) {
    ds_check_report report = {0};
    place at = {false, 0};
    ds_status again = evaluate_again(t, &report, &at.number);
    if (again != DS_OK)
        return again == DS_WRONG_RESULT ? again : tell_divergence(t, at, NULL);
    if (report.fault != DS_FAULT_NONE)
        return tell_wrong_evaluation(t, t->updates, &report);
    const ds_not_finite *found = ds_shadow_not_finite(t->shadow);
    return tell_divergence(t, at, found->found ? found : NULL);
}
