/* A simulator may be 100000 times slower than a processor, and its compiler take minutes. So before
 * a plan's kernels are built on a device it is asked, in milliseconds, what it does at its peak.
 * The most promising goes first. One that would lose even at its peak is left, and so is one that
 * would lose by far if it reached the share of its peak that a device of the same type has reached:
 * they have kernels of the same shapes. Of the others the passes grow, from one sample to a batch
 * to many updates, until the time is known or the race lost. */
#include "measure/race.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "measure/peak.h"
#include "train/trained_model.h"

/* Seconds of a measurement that is too short to be judged by. How many times slower is lost; and by
 * far, where it is an estimate. */
static const double too_short = 0.01, lost = 3, far_lost = 20;

static double enough = 0.03;

/* Tries of a device that seems to lose, and measurements of one that does not, of which the least
 * counts: other programs only ever make a device slower. */
enum { fair = 3, measurements = 5 };

void ds_race_enough(double seconds) {
    enough = seconds;
}

typedef struct entrant {
    ds_choice_row *row;
    ds_device *device; /* NULL: out of the race */
    double at_peak;    /* seconds of an update at the device's peak */
    bool timed;
} entrant;

typedef struct race {
    const ds_race_work *work;
    const ds_choose_options *options;
    ds_pass pass; /* of a whole batch */
    entrant *entrant;
    size_t entrants;
    entrant *leader;      /* NULL: none yet */
    ds_saved_error error; /* of the first device that failed */
    bool failed;
} race;

static ds_status announce(const race *r, const char *what, const entrant *e) {
    char text[300];
    snprintf(text, sizeof text, "%s %s", what, e->row->device.name);
    if (r->options->progress && !r->options->progress(r->options->context, text))
        return ds_fail(DS_INTERRUPTED, "", "the choice of a device was interrupted");
    return DS_OK;
}

static void leave(entrant *e) {
    ds_device_discard(e->device);
    e->device = NULL;
}

/* A device's failure is its own, not the race's. */
static ds_status take_failure(race *r, entrant *e, ds_status status) {
    if (status == DS_OK || status == DS_INTERRUPTED)
        return status;
    snprintf(e->row->problem, sizeof e->row->problem, "%s", ds_last_error()->message);
    e->row->verdict = DS_VERDICT_FAILED;
    e->row->seconds = NAN;
    if (!r->failed)
        ds_error_take(&r->error);
    r->failed = true;
    leave(e);
    return DS_OK;
}

/* ---- the passes of one device ---- */

static double best_of(const race *r) {
    return r->leader ? r->leader->row->seconds : INFINITY;
}

static bool has_lost(const race *r, double seconds, int64_t updates) {
    return seconds > too_short && seconds / (double)updates > lost * best_of(r);
}

/* Until a number that the passes left is there: some drivers finish too early. */
static ds_status time_once(ds_stage *stage, int64_t updates, int64_t samples, double *seconds) {
    double began = ds_stage_clock(), loss;
    DS_CHECK(ds_stage_run(stage, updates, samples));
    DS_CHECK(stage->executor->read(stage->executor, DS_HISTORY, DS_RECORD_LOSS, 1, &loss));
    *seconds = ds_stage_clock() - began;
    return DS_OK;
}

/* What takes too long is done again, and the least time taken: a first launch may wait for its
 * compiler, and any for other programs. */
static ds_status time_fairly(const race *r, ds_stage *stage, int64_t updates, int64_t samples,
                             double *seconds) {
    double once;
    *seconds = INFINITY;
    for (int tries = 0; tries < fair && (tries == 0 || has_lost(r, *seconds, updates)); tries++) {
        DS_CHECK(time_once(stage, updates, samples, &once));
        *seconds = fmin(*seconds, once);
    }
    return DS_OK;
}

static ds_status climb(const race *r, const entrant *e, ds_stage *stage) {
    ds_choice_row *row = e->row;
    int64_t batch = stage->pass.count, updates = 1;
    double seconds;
    DS_CHECK(ds_stage_run(stage, 1, 1)); /* kernels may be compiled at their first launch */
    for (int64_t samples = 1; samples < batch; samples *= 2) {
        DS_CHECK(announce(r, "timing", e));
        DS_CHECK(time_fairly(r, stage, 1, samples, &seconds));
        if (has_lost(r, seconds, 1)) {
            row->seconds = seconds;
            row->basis = DS_BASIS_LEAST;
            return DS_OK;
        }
    }
    row->seconds = INFINITY;
    for (int long_enough = 0; long_enough < measurements; updates *= long_enough ? 1 : 2) {
        DS_CHECK(announce(r, "timing", e));
        DS_CHECK(time_fairly(r, stage, updates, batch, &seconds));
        row->seconds = fmin(row->seconds, seconds / (double)updates);
        if (has_lost(r, seconds, updates))
            break;
        long_enough += seconds >= enough;
    }
    return DS_OK;
}

/* Kernels do nothing in an update whose numbers are not finite, and are fast at it. */
static ds_status check_finite(const race *r, const ds_stage *stage) {
    double word = 0;
    if (r->work->trains)
        DS_CHECK(stage->executor->read(stage->executor, DS_STATUS, DS_STATUS_NOT_FINITE, 1, &word));
    return word == 0 ? DS_OK
                     : ds_fail(DS_WRONG_RESULT, "judge the device by descent gradcheck",
                               "device \"%s\": its numbers are not finite",
                               ds_device_name(stage->device));
}

static ds_status create_judged(ds_executor **out, const ds_plan *plan, ds_device *device,
                               const void *context) {
    (void)context;
    return ds_executor_open(out, plan, device);
}

/* By the kernels that suit the device or, once those are judged, by those that are right. */
static ds_status run_passes(const race *r, const entrant *e, bool judged) {
    ds_status status = DS_OK;
    ds_stage stage = {0};
    DS_TRY(announce(r, "building kernels for", e));
    DS_TRY(ds_stage_set(&stage, e->device, r->work->plan, r->work->loss, r->work->batches,
                        judged ? create_judged : NULL, NULL));
    stage.pass = r->pass;
    DS_TRY(climb(r, e, &stage));
    DS_TRY(check_finite(r, &stage));

cleanup:
    ds_stage_close(&stage);
    return status;
}

/* ---- the race ---- */

static ds_status look_at(race *r, entrant *e) {
    double operations = 0;
    DS_CHECK(announce(r, "looking at", e));
    DS_CHECK(ds_device_open(&e->device, e->row->device.id));
    DS_CHECK(ds_peak_glance(&operations, e->device));
    e->at_peak = ds_stage_operations(r->work->plan, &r->pass) / operations;
    return DS_OK;
}

/* Of those that were not timed yet; NULL: none. */
static entrant *most_promising(race *r) {
    entrant *found = NULL;
    for (entrant *e = r->entrant; e < r->entrant + r->entrants; e++)
        if (e->device && !e->timed && (!found || e->at_peak < found->at_peak))
            found = e;
    return found;
}

/* Seconds of an update at the share of the peak that a device of the same type has reached; 0 where
 * there is none. */
static double estimate(const race *r, const entrant *e) {
    double seconds = 0;
    for (const entrant *other = r->entrant; other < r->entrant + r->entrants; other++)
        if (other->timed && other->row->basis == DS_BASIS_TIMED && isfinite(other->row->seconds) &&
            strcmp(other->row->device.type, e->row->device.type) == 0)
            seconds = fmax(seconds, e->at_peak * other->row->seconds / other->at_peak);
    return seconds;
}

/* Whether it can be left without a try. */
static bool is_hopeless(const race *r, entrant *e) {
    double estimated = estimate(r, e);
    bool proven = e->at_peak > lost * best_of(r);
    if (!proven && estimated <= far_lost * best_of(r))
        return false;
    e->row->basis = estimated > e->at_peak ? DS_BASIS_PEAK : DS_BASIS_LEAST;
    e->row->seconds = fmax(estimated, e->at_peak);
    return true;
}

/* Whether the device has right kernels for the work; its notes are for later. */
static ds_status judge(const race *r, const entrant *e) {
    ds_executor *executor = NULL;
    if (r->options->unverified)
        return DS_OK;
    DS_CHECK(ds_executor_open(&executor, r->work->plan, e->device));
    executor->destroy(executor);
    return DS_OK;
}

/* One that has not failed leaves where it is slower than the leader. */
static ds_status time_entrant(race *r, entrant *e, bool judged) {
    DS_CHECK(take_failure(r, e, run_passes(r, e, judged)));
    if (e->device && (e->row->basis == DS_BASIS_LEAST || e->row->seconds >= best_of(r)))
        leave(e);
    return DS_OK;
}

static ds_status run_one(race *r, entrant *e) {
    e->timed = true;
    e->row->verdict = DS_VERDICT_SLOWER;
    if (is_hopeless(r, e)) {
        leave(e);
        return DS_OK;
    }
    DS_CHECK(time_entrant(r, e, false));
    if (!e->device)
        return DS_OK;
    DS_CHECK(take_failure(r, e, judge(r, e)));
    if (e->device && *ds_device_kept_out(e->device)) /* others run than those that were timed */
        DS_CHECK(time_entrant(r, e, true));
    if (!e->device)
        return DS_OK;
    if (r->leader)
        leave(r->leader);
    r->leader = e;
    return DS_OK;
}

ds_status ds_race(ds_choice *choice, const ds_race_work *work, const ds_choose_options *options,
                  ds_device **fastest) {
    ds_status status = DS_OK;
    race r = {.work = work, .options = options, .entrants = choice->rows};
    int64_t batch = work->plan->training_batch;
    /* At the rate 0 the parameters stay as they are, whatever the optimizer. */
    r.pass = (ds_pass){.training = work->trains, .count = batch, .global_count = batch, .seed = 1};
    DS_TRY(ds_new(&r.entrant, r.entrants, sizeof *r.entrant));
    for (size_t i = 0; i < r.entrants; i++) {
        entrant *e = &r.entrant[i];
        e->row = &choice->row[i];
        DS_TRY(take_failure(&r, e, look_at(&r, e)));
    }
    for (entrant *e; (e = most_promising(&r)) != NULL;)
        DS_TRY(run_one(&r, e));
    if (!r.leader) {
        status = ds_error_give(&r.error);
        goto cleanup;
    }
    for (size_t i = 0; i < r.entrants; i++)
        choice->row[i].samples_per_second = (double)batch / choice->row[i].seconds;
    r.leader->row->verdict = DS_VERDICT_CHOSEN;
    choice->chosen = (size_t)(r.leader - r.entrant);
    *fastest = r.leader->device;
    r.leader->device = NULL;

cleanup:
    for (size_t i = 0; r.entrant && i < r.entrants; i++)
        leave(&r.entrant[i]);
    ds_free(r.entrant);
    return status;
}
