/* The loop: updates issued in chunks of about a twentieth of a second, each with its records read
 * behind it. The next chunk is issued before the records of one are waited for, so that the device
 * has work while the host adds them up; several, where chunks cannot be that long. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/whole.h"
#include "train/pictures_path.h"
#include "train/rewind.h"
#include "train/upload.h"
#include "train/watch.h"

static const double chunk_seconds = 0.05, checkpoint_seconds = 300;

/* About what it takes to wait for the end of an epoch. */
static const double wait_seconds = 50e-6;

enum { MOST_EPOCHS = 1 << 20 }; /* looked at together */

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

enum { PASSES = 8192, MOST_CHUNKS = DS_FEED_CHUNKS };

/* Of a chunk's reads. */
enum { RECORDS_TICKET, STATUS_TICKET = MOST_CHUNKS, PATH_TICKET = 2 * MOST_CHUNKS };

/* Updates first .. last - 1 and, behind the last one of an epoch, its validation. */
typedef struct chunk {
    int64_t first, last;
    int64_t slots; /* records it leaves */
    int number;    /* which part of the history, and which tickets, are its own */
    bool on_path;  /* the path has a point behind it */
    bool unjudged; /* the validation behind it could not be had */
} chunk;

typedef struct loop {
    ds_trainer *trainer;
    chunk in_flight[MOST_CHUNKS]; /* the oldest first */
    int chunks, depth;
    int next_number;
    int64_t issued; /* updates */
    int64_t wish;   /* updates of the next chunk */
    double *record; /* of one chunk, in the order it was issued */
    ds_pass *pass;  /* not yet handed to the executor */
    int passes;
    bool wrong; /* an update was; what is in flight is still accounted for, then the run ends: */
    ds_saved_error error;
    int64_t epochs; /* of a chunk at most, where epochs are looked at */
    ds_rewind before;
} loop;

/* What happens at the end of an epoch may need the parameters of just then. Where epochs are short
 * several make a chunk, and are done again up to the one that is looked for. */
static bool looks_at_epochs(const ds_trainer *t) {
    return t->options.keep_best || t->options.stop_patience;
}

/* The end of the epoch that update i belongs to, or of the chunk. */
static int64_t stretch_end(const ds_trainer *t, const chunk *c, int64_t i) {
    return ds_least(c->last, (i / t->batches + 1) * t->batches);
}

/* Cuts the wish to what its part of the device's history and of the feed's orders holds: the others
 * may be in use. */
static int64_t chunk_end(const loop *l) {
    const ds_trainer *t = l->trainer;
    int64_t epochs = ds_most(ds_feed_epochs(t->feed) / MOST_CHUNKS, 1);
    int64_t updates = ds_least(l->wish, t->total_updates - l->issued);
    if (t->path)
        updates = ds_least(updates, ds_path_stretch(t->path, l->issued));
    if (looks_at_epochs(t))
        epochs = ds_rewind_is_possible(t) ? ds_least(epochs, l->epochs) : 1;
    int64_t end = ds_least(l->issued + updates, (l->issued / t->batches + epochs) * t->batches);
    /* An epoch leaves a record for each update, and those of its validation. */
    int64_t room = t->record_room / MOST_CHUNKS, validation = ds_trainer_evaluation_records(t, 1);
    int64_t whole = room / (t->batches + validation) * t->batches;
    return ds_least(end, l->issued + (whole > 0 ? whole : ds_least(t->batches, room - validation)));
}

static ds_status hand_over(loop *l) {
    ds_executor *executor = l->trainer->executor;
    int passes = l->passes;
    bool trains = false;
    l->passes = 0;
    for (int i = 0; i < passes; i++)
        trains |= l->pass[i].training;
    if (l->trainer->shadow && trains)
        ds_shadow_forget(l->trainer->shadow);
    return executor->run_passes(executor, l->pass, passes);
}

/* Takes note of a pass that the reference found wrong. */
static ds_status heed(loop *l, ds_status status) {
    if (status != DS_WRONG_RESULT)
        return status;
    l->wrong = true;
    ds_error_take(&l->error);
    return DS_OK;
}

/* The same before an update is judged: where passes run whole, these must leave what they leave one
 * after the other. */
static ds_status hand_over_judged(loop *l) {
    ds_trainer *t = l->trainer;
    int passes = l->passes, first = 0;
    while (first < passes && !l->pass[first].training)
        first++;
    if (!t->executor->run_shown || passes - first < 2)
        return hand_over(l);
    l->passes = 0;
    DS_CHECK(heed(l, ds_watch_together(t, l->pass, passes)));
    if (l->wrong) /* nothing of them is left */
        l->issued = (int64_t)l->pass[first].update - 1;
    return DS_OK;
}

/* Updates first .. last - 1, all of one epoch, records from `slot` on; up to one that is wrong. */
static ds_status add_updates(loop *l, int64_t first, int64_t last, int64_t slot) {
    ds_trainer *t = l->trainer;
    int64_t epoch = first / t->batches, batch = first - epoch * t->batches;
    if (batch == 0 || !t->visiting) {
        DS_CHECK(ds_feed_visit(t->feed, 0, epoch, batch * t->batch, t->batch));
        t->visiting = true;
    }
    for (int64_t i = first; i < last; i++) {
        ds_pass *pass = &l->pass[l->passes];
        ds_trainer_pass(t, i, batch++, pass);
        pass->slot = slot++;
        DS_CHECK(heed(l, ds_feed_next(t->feed, pass->count, &pass->first)));
        if (ds_watch_is_due(t, i) && !l->wrong) {
            const ds_pass judged = *pass;
            DS_CHECK(hand_over_judged(l));
            if (!l->wrong)
                DS_CHECK(heed(l, ds_watch_update(t, &judged)));
        } else {
            l->passes += !l->wrong;
        }
        if (l->wrong)
            return DS_OK;
        l->issued = i + 1;
        if (l->passes == PASSES || ds_feed_is_used_up(t->feed))
            DS_CHECK(hand_over(l));
    }
    return DS_OK;
}

/* The validation behind an epoch, among the updates around it unless it is to be judged. */
static ds_status add_evaluation(loop *l, int64_t slot) {
    ds_trainer *t = l->trainer;
    if (t->unevaluated) {
        DS_CHECK(hand_over(l));
        return ds_trainer_issue_evaluation(t, 1, slot);
    }
    DS_CHECK(ds_trainer_visit(t, 1));
    for (int64_t k = 0; k < ds_trainer_evaluation_records(t, 1); k++) {
        DS_CHECK(ds_trainer_evaluation_pass(t, 1, k, slot + k, &l->pass[l->passes++]));
        if (l->passes == PASSES || ds_feed_is_used_up(t->feed))
            DS_CHECK(hand_over(l));
    }
    return DS_OK;
}

static ds_status issue(loop *l) {
    ds_trainer *t = l->trainer;
    ds_executor *executor = t->executor;
    chunk c = {.first = l->issued, .last = chunk_end(l), .number = l->next_number};
    int64_t start = c.number * (t->record_room / MOST_CHUNKS), slot = start;
    DS_CHECK(heed(l, ds_feed_prepare(t->feed, c.first / t->batches, (c.last - 1) / t->batches)));
    if (l->wrong)
        return DS_OK;
    if (looks_at_epochs(t) && c.last > (c.first / t->batches + 1) * t->batches)
        DS_CHECK(ds_rewind_mark(&l->before, t, c.first));
    for (int64_t i = c.first; i < c.last && !l->wrong; i = l->issued) {
        DS_CHECK(add_updates(l, i, stretch_end(t, &c, i), slot));
        slot += ds_most(l->issued - i, 0);
        if (l->issued > i && l->issued % t->batches == 0 && t->set[1]->rows) {
            DS_CHECK(heed(l, add_evaluation(l, slot)));
            slot += ds_trainer_evaluation_records(t, 1);
            c.unjudged = l->wrong;
        }
    }
    DS_CHECK(hand_over(l));
    c.last = l->issued;
    if (c.last == c.first)
        return DS_OK;
    c.slots = slot - start;
    c.on_path = t->path && ds_path_stretch(t->path, c.last - 1) == 1;
    DS_CHECK(executor->read_later(executor, RECORDS_TICKET + c.number, DS_HISTORY,
                                  start * DS_RECORD_SIZE, c.slots * DS_RECORD_SIZE));
    DS_CHECK(
        executor->read_later(executor, STATUS_TICKET + c.number, DS_STATUS, 0, DS_STATUS_WORDS));
    if (c.on_path)
        DS_CHECK(ds_path_look(t->path, t, PATH_TICKET + c.number));
    DS_CHECK(executor->flush(executor));
    l->in_flight[l->chunks++] = c;
    l->next_number = (c.number + 1) % MOST_CHUNKS;
    return DS_OK;
}

/* ---- what a chunk has brought ---- */

bool ds_trainer_lacks_patience(const ds_trainer *t) {
    return t->options.stop_patience && t->since_best >= t->options.stop_patience;
}

static void judge_epoch(ds_trainer *t, double loss, int64_t epoch) {
    if (loss < t->best_loss) {
        t->best_loss = loss;
        t->best_epoch = epoch;
        t->since_best = 0;
        return;
    }
    t->since_best++;
    if (ds_trainer_lacks_patience(t))
        t->stopped_by = "patience";
}

static ds_status keep_best(ds_trainer *t) {
    if (!t->best)
        DS_CHECK(ds_new(&t->best, (size_t)t->model->values, sizeof *t->best));
    return ds_trainer_read_parameters(t, t->best);
}

/* The device has gone as far as `reached`: to what is wanted of the chunk, the parameters of the
 * best epoch and, where the run has ended before, the state behind update `last` - 1. */
static ds_status look_back(loop *l, bool better, int64_t last, int64_t reached) {
    ds_trainer *t = l->trainer;
    int64_t best = t->best_epoch * t->batches;
    better = better && t->options.keep_best;
    if (better && best == reached)
        return keep_best(t);
    if (better) {
        DS_CHECK(ds_rewind_to(&l->before, t, best));
        DS_CHECK(keep_best(t));
        return ds_rewind_forth(t, best, last);
    }
    return last < reached ? ds_rewind_to(&l->before, t, last) : DS_OK;
}

static ds_status finish_epoch(ds_trainer *t, int64_t updates, const ds_scores *validation) {
    int64_t epoch = (updates + t->batches - 1) / t->batches;
    ds_history_row row = {.epoch = epoch,
                          .updates = updates,
                          .seconds = t->seconds,
                          .rate = ds_trainer_rate(t, updates - 1),
                          .train = ds_tally_scores(&t->tally, &t->units, t->spread[0]),
                          .validation = *validation};
    t->tally = (ds_tally){0};
    DS_CHECK(ds_history_add(&t->history, &row));
    if (t->on_epoch)
        t->on_epoch(&row, t->epoch_context);
    if (validation->rows)
        judge_epoch(t, validation->loss, epoch);
    return DS_OK;
}

/* The first update of a chunk that did not count, by the words that the device left, which may have
 * been lost; else the chunk's end. Nothing is kept where none of its updates can be meant: it may
 * have made none of them. */
static ds_status find_end(const ds_trainer *t, const chunk *c, const double *word, int64_t *end) {
    *end = c->last;
    for (int k = 0; k < DS_STATUS_WORDS; k++) {
        uint64_t update = ds_status_update(word[k], (uint64_t)c->first + 1);
        bool asked = k != DS_STATUS_SMALL_ENOUGH || t->options.stop_gradient >= 0;
        if (word[k] != 0 && (!asked || update > (uint64_t)c->last))
            return ds_fail(
                DS_DEVICE_FAILED, ds_untrustworthy,
                "updates %lld to %lld: %s[%d] is %.0f, which the device cannot have come "
                "to by them",
                (long long)c->first + 1, (long long)c->last, ds_storage_name(DS_STATUS), k,
                word[k]);
        if (word[k] != 0)
            *end = ds_least(*end, (int64_t)update - 1);
    }
    return DS_OK;
}

static ds_status account(loop *l, const chunk *c) {
    ds_trainer *t = l->trainer;
    double word[DS_STATUS_WORDS];
    const double *record = l->record;
    DS_CHECK(t->executor->arrive(t->executor, RECORDS_TICKET + c->number, l->record));
    DS_CHECK(t->executor->arrive(t->executor, STATUS_TICKET + c->number, word));
    int64_t last; /* of the updates that counted */
    DS_CHECK(find_end(t, c, word, &last));
    const int64_t reached = last, best_before = t->best_epoch;
    for (int64_t i = c->first, end; i < last; i = end) {
        end = ds_least(last, stretch_end(t, c, i));
        for (int64_t batch = i % t->batches; i < end; i++, record += DS_RECORD_SIZE) {
            int64_t samples = ds_trainer_samples(t, batch++);
            if (i == 0)
                t->first_loss = ds_units_show(&t->units, record[DS_RECORD_LOSS] / (double)samples);
            ds_tally_add(&t->tally, record, samples);
            t->samples += samples;
        }
        t->updates = end;
        if (end % t->batches != 0)
            continue;
        ds_tally validation = {0};
        bool judged = !c->unjudged || end < c->last;
        for (int64_t k = 0; judged && k < ds_trainer_evaluation_records(t, 1); k++) {
            ds_tally_add(&validation, record, ds_trainer_evaluation_count(t, 1, k));
            record += DS_RECORD_SIZE;
        }
        ds_scores scores = {0};
        if (judged)
            scores = ds_tally_scores(&validation, &t->units, t->spread[1]);
        DS_CHECK(finish_epoch(t, end, &scores));
        if (t->stopped_by)
            last = end;
    }
    DS_CHECK(look_back(l, t->best_epoch != best_before, last, reached));
    if (t->stopped_by) {
        static const double over[DS_STATUS_WORDS] = {0}; /* what came behind it does not count */
        return last < c->last ? ds_upload(t->executor, DS_STATUS, 0, DS_STATUS_WORDS, over) : DS_OK;
    }
    if (last == c->last)
        return c->on_path ? ds_path_take(t->path, t, PATH_TICKET + c->number) : DS_OK;
    bool broken = word[DS_STATUS_NOT_FINITE] != 0;
    t->stopped_by = broken ? "divergence" : "gradient";
    ds_status status = broken ? ds_watch_divergence(t, last) : DS_OK;
    if (status == DS_WRONG_RESULT)
        t->stopped_by = "wrong result";
    return status;
}

/* A last epoch that a stop rule cut short has its row, too. */
static ds_status finish_partial_epoch(ds_trainer *t) {
    ds_scores validation = {0};
    if (t->tally.samples == 0)
        return DS_OK;
    if (t->set[1]->rows)
        DS_CHECK(ds_trainer_evaluate(t, 1, &validation));
    ds_tally kept = t->tally; /* resuming with more updates goes on with this epoch */
    int64_t best_before = t->best_epoch;
    DS_CHECK(finish_epoch(t, t->updates, &validation));
    t->tally = kept;
    return t->options.keep_best && t->best_epoch != best_before ? keep_best(t) : DS_OK;
}

static bool report(const ds_trainer *t, ds_progress_callback progress, void *context,
                   double started, int64_t samples_before, int64_t epochs_before) {
    const ds_history *history = &t->history;
    ds_history_row row = {0};
    if (history->rows)
        row = ds_history_at(history, history->rows - 1);
    ds_scores train =
        history->rows ? row.train : ds_tally_scores(&t->tally, &t->units, t->spread[0]);
    ds_progress p = {.epoch = t->updates / t->batches,
                     .epochs = t->epochs,
                     .updates = t->updates,
                     .total_updates = t->total_updates,
                     .samples = t->samples - samples_before,
                     .seconds = now() - started,
                     .rate = t->updates ? ds_trainer_rate(t, t->updates - 1) : 0,
                     .train_loss = train.loss,
                     .train_accuracy = train.accuracy,
                     .validation_loss = row.validation.rows ? row.validation.loss : NAN,
                     .validation_accuracy = row.validation.rows ? row.validation.accuracy : NAN,
                     .epoch_finished = t->updates / t->batches > epochs_before};
    return !progress || progress(&p, context);
}

/* Why there are no updates left. */
static const char *stop_reason(const ds_trainer *t) {
    bool counted = t->options.stop_updates && t->total_updates == t->options.stop_updates;
    return t->options.search ? "search" : counted ? "updates" : "epochs";
}

/* The next chunk's length, and how many are in flight, from what the last one took. */
static void adapt(loop *l, const chunk *c, double took) {
    if (l->depth > 1)
        l->depth = took < chunk_seconds / 4 ? MOST_CHUNKS : 2;
    if (l->trainer->chunk)
        return;
    if (took < 2 * wait_seconds * (double)l->epochs)
        l->epochs = ds_least(2 * l->epochs, MOST_EPOCHS);
    else
        l->epochs = ds_most(l->epochs / 2, 1);
    if (took < chunk_seconds / 2)
        l->wish = (c->last - c->first) * (took < chunk_seconds / 16 ? 8 : 2);
    else if (took > chunk_seconds * 1.5 && l->wish > 1)
        l->wish = (int64_t)((double)(c->last - c->first) * chunk_seconds / took) + 1;
}

ds_status ds_training_loop(ds_trainer *t, ds_progress_callback progress, void *context) {
    ds_status status = DS_OK;
    double started = now(), seconds_before = t->seconds, last_checkpoint = started;
    double deadline =
        INFINITY; /* set behind the first chunk, in which a driver may build kernels */
    bool go_on = true, interrupted = false;
    int64_t samples_before = t->samples;
    double last = started; /* when the chunk before was done */
    loop l = {.trainer = t,
              .depth = looks_at_epochs(t) ? 1 : 2,
              .issued = t->updates,
              .wish = t->chunk ? t->chunk : 1,
              .epochs = t->chunk ? MOST_EPOCHS : 1};
    DS_TRY(ds_new(&l.record, (size_t)(t->record_room * DS_RECORD_SIZE), sizeof *l.record));
    DS_TRY(ds_new(&l.pass, PASSES, sizeof *l.pass));
    t->stopped_by = ds_trainer_lacks_patience(t) ? "patience" : NULL; /* of a run before */
    if (t->path)
        DS_TRY(ds_path_follow(t->path, t, false));
    for (;;) {
        bool pause = t->checkpoint_path && now() - last_checkpoint > checkpoint_seconds;
        while (go_on && !t->stopped_by && !l.wrong && !pause && l.chunks < l.depth &&
               l.issued < t->total_updates)
            DS_TRY(issue(&l));
        if (l.chunks == 0 && !(pause && go_on && !l.wrong && t->updates < t->total_updates))
            break;
        if (l.chunks == 0) {
            DS_TRY(ds_checkpoint_write(t, t->checkpoint_path));
            last_checkpoint = last = now();
            continue;
        }
        int64_t epochs_before = t->updates / t->batches;
        chunk c = l.in_flight[0];
        l.chunks--;
        memmove(l.in_flight, l.in_flight + 1, (size_t)l.chunks * sizeof c);
        t->seconds = seconds_before + now() - started;
        DS_TRY(account(&l, &c));
        if (t->stopped_by)
            break; /* what is still in flight changes nothing any more */
        if (t->options.stop_seconds > 0 && deadline == INFINITY)
            deadline = t->seconds + t->options.stop_seconds;
        go_on = go_on && t->seconds < deadline;
        adapt(&l, &c, now() - last);
        last = now();
        if (!report(t, progress, context, started, samples_before, epochs_before)) {
            interrupted = true;
            go_on = false;
        }
    }
    if (t->path)
        DS_TRY(ds_path_follow(t->path, t, true));
    if (l.wrong && !t->stopped_by) {
        t->stopped_by = "wrong result";
        status = ds_error_give(&l.error);
        goto cleanup;
    }
    if (!t->stopped_by && t->updates < t->total_updates) {
        if (interrupted) {
            status = ds_fail(DS_INTERRUPTED, "go on with --resume",
                             "interrupted after %lld of %lld updates", (long long)t->updates,
                             (long long)t->total_updates);
            goto cleanup;
        }
        t->stopped_by = "seconds";
    }
    if (!t->stopped_by)
        t->stopped_by = stop_reason(t);
    DS_TRY(finish_partial_epoch(t));

cleanup:
    ds_rewind_clear(&l.before);
    ds_free(l.record);
    ds_free(l.pass);
    return status;
}
