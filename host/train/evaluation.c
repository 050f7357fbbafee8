/* Loss and metrics of a set, with the parameters that the device holds. */
#include "base/whole.h"
#include "train/watch.h"

int64_t ds_trainer_evaluation_records(const ds_trainer *t, int set) {
    return (t->set[set]->rows + t->plan->batch - 1) / t->plan->batch;
}

int64_t ds_trainer_evaluation_count(const ds_trainer *t, int set, int64_t k) {
    return ds_least(t->plan->batch, t->set[set]->rows - k * t->plan->batch);
}

ds_status ds_trainer_visit(ds_trainer *t, int set) {
    t->visiting = false;
    return ds_feed_visit(t->feed, set, -1, 0, t->plan->batch);
}

ds_status ds_trainer_evaluation_pass(ds_trainer *t, int set, int64_t k, int64_t slot,
                                     ds_pass *pass) {
    int64_t count = ds_trainer_evaluation_count(t, set, k);
    *pass = (ds_pass){.training = false,
                      .count = count,
                      .global_count = count,
                      .slot = slot,
                      .seed = t->options.seed};
    return ds_feed_next(t->feed, count, &pass->first);
}

/* Issues the passes first .. last - 1 of an evaluation that the feed is visiting, together unless
 * they are to be judged. */
static ds_status issue_evaluation(ds_trainer *t, int set, int64_t first, int64_t last,
                                  int64_t slot) {
    enum { TOGETHER = 4096 };
    ds_status status = DS_OK;
    ds_pass *pass = NULL;
    int64_t waiting = 0;
    DS_TRY(ds_new(&pass, (size_t)ds_least(TOGETHER, last - first), sizeof *pass));
    for (int64_t k = first; k < last; k++) {
        DS_TRY(ds_trainer_evaluation_pass(t, set, k, slot + k - first, &pass[waiting]));
        if (t->unevaluated) {
            DS_TRY(ds_watch_evaluation(t, &pass[waiting]));
            continue;
        }
        if (++waiting == TOGETHER || k + 1 == last || ds_feed_is_used_up(t->feed)) {
            DS_TRY(t->executor->run_passes(t->executor, pass, waiting));
            waiting = 0;
        }
    }

cleanup:
    ds_free(pass);
    return status;
}

ds_status ds_trainer_judge_evaluation(ds_trainer *t) {
    ds_pass pass;
    DS_CHECK(ds_trainer_visit(t, 0));
    DS_CHECK(ds_trainer_evaluation_pass(t, 0, 0, 0, &pass));
    return ds_watch_evaluation(t, &pass);
}

ds_status ds_trainer_issue_evaluation(ds_trainer *t, int set, int64_t slot) {
    DS_CHECK(ds_trainer_visit(t, set));
    return issue_evaluation(t, set, 0, ds_trainer_evaluation_records(t, set), slot);
}

ds_status ds_trainer_evaluate(ds_trainer *t, int set, ds_scores *scores) {
    ds_status status = DS_OK;
    ds_tally tally = {0};
    double *record = NULL;
    int64_t records = ds_trainer_evaluation_records(t, set);
    DS_TRY(ds_new(&record, (size_t)(t->record_room * DS_RECORD_SIZE), sizeof *record));
    DS_TRY(ds_trainer_visit(t, set));
    for (int64_t first = 0; first < records;) {
        int64_t last = ds_least(records, first + t->record_room);
        DS_TRY(issue_evaluation(t, set, first, last, 0));
        DS_TRY(
            t->executor->read(t->executor, DS_HISTORY, 0, (last - first) * DS_RECORD_SIZE, record));
        for (int64_t k = first; k < last; k++)
            ds_tally_add(&tally, record + (k - first) * DS_RECORD_SIZE,
                         ds_trainer_evaluation_count(t, set, k));
        first = last;
    }
    *scores = ds_tally_scores(&tally, &t->units, t->spread[set]);

cleanup:
    ds_free(record);
    return status;
}
