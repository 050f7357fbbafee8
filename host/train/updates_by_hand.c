/* One update by hand: forward, backward, update. */
#include "train/watch.h"

ds_status ds_trainer_out_of_turn(const char *call, int stage) {
    static const char *const next[] = {"forward", "backward", "update"};
    return ds_fail(DS_BAD_INPUT, "call forward, backward, update in turn",
                   "ds_trainer_%s out of turn: ds_trainer_%s comes next", call, next[stage]);
}

ds_status ds_trainer_take_batch(ds_trainer *t, int64_t i, ds_pass *pass) {
    int64_t epoch = i / t->batches, batch = i % t->batches;
    if (batch == 0 || !t->visiting) {
        DS_CHECK(ds_feed_prepare(t->feed, epoch, epoch));
        DS_CHECK(ds_feed_visit(t->feed, 0, epoch, batch * t->batch, t->batch));
        t->visiting = true;
    }
    ds_trainer_pass(t, i, batch, pass);
    return ds_feed_next(t->feed, pass->count, &pass->first);
}

/* An update in which something fails is begun anew. */
static ds_status run(ds_trainer *t, ds_phase first, ds_phase last) {
    bool watched = ds_watch_is_due(t, t->updates);
    if (!watched && t->shadow)
        ds_shadow_forget(t->shadow);
    ds_status status = watched ? ds_watch_phases(t, first, last, &t->pass)
                               : ds_run_phases(t->executor, first, last, &t->pass);
    if (status != DS_OK) {
        t->stage = 0;
        t->visiting = false;
    }
    return status;
}

ds_status ds_trainer_forward(ds_trainer *t, double *loss) {
    double record[DS_RECORD_SIZE];
    if (t->stage != 0)
        return ds_trainer_out_of_turn("forward", t->stage);
    DS_CHECK(ds_trainer_take_batch(t, t->updates, &t->pass));
    DS_CHECK(run(t, DS_PHASE_FORWARD, DS_PHASE_LOSS));
    t->stage = 1;
    if (!loss)
        return DS_OK;
    DS_CHECK(t->executor->read(t->executor, DS_HISTORY, 0, DS_RECORD_SIZE, record));
    *loss = ds_units_show(&t->units, record[DS_RECORD_LOSS] / (double)t->pass.count);
    return DS_OK;
}

ds_status ds_trainer_backward(ds_trainer *t) {
    if (t->stage != 1)
        return ds_trainer_out_of_turn("backward", t->stage);
    DS_CHECK(run(t, DS_PHASE_BACKWARD, DS_PHASE_BACKWARD));
    t->stage = 2;
    return DS_OK;
}

ds_status ds_trainer_update(ds_trainer *t) {
    if (t->stage != 2)
        return ds_trainer_out_of_turn("update", t->stage);
    DS_CHECK(run(t, DS_PHASE_REDUCE, DS_PHASE_UPDATE));
    DS_CHECK(t->executor->flush(t->executor));
    t->stage = 0;
    t->updates++;
    t->samples += t->pass.count;
    return DS_OK;
}
