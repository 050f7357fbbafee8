#include "train/rewind.h"

#include "train/upload.h"

static int64_t moments_of(const ds_trainer *t) {
    return t->plan->moments * t->model->values;
}

bool ds_rewind_is_possible(const ds_trainer *t) {
    return !ds_feed_streams(t->feed) && !t->check_every && !t->path;
}

ds_status ds_rewind_mark(ds_rewind *rewind, ds_trainer *t, int64_t update) {
    const int64_t values = t->model->values, moments = moments_of(t);
    if (!rewind->values)
        DS_CHECK(ds_new(&rewind->values, (size_t)(values + moments), sizeof *rewind->values));
    rewind->update = update;
    DS_CHECK(ds_trainer_read(t, DS_PARAMETERS, 0, values, rewind->values));
    return moments ? ds_trainer_read(t, DS_MOMENTS, 0, moments, rewind->values + values) : DS_OK;
}

/* Behind it the device's parameters may be of no update: nothing is kept of such a run. */
static ds_status lose(ds_status status, int64_t last) {
    ds_saved_error error;
    if (status != DS_WRONG_RESULT)
        return status;
    ds_error_take(&error);
    return ds_fail(DS_DEVICE_FAILED, error.hint, "on the way back to update %lld: %s",
                   (long long)last, error.message);
}

static ds_status go_forth(ds_trainer *t, int64_t first, int64_t last) {
    enum { TOGETHER = 4096 };
    static const double running[DS_STATUS_WORDS] = {0};
    ds_status status = DS_OK;
    ds_pass *pass = NULL;
    double word[DS_STATUS_WORDS];
    int64_t waiting = 0;
    DS_TRY(t->executor->read(t->executor, DS_STATUS, 0, DS_STATUS_WORDS, word));
    DS_TRY(ds_upload(t->executor, DS_STATUS, 0, DS_STATUS_WORDS, running));
    DS_TRY(ds_new(&pass, TOGETHER, sizeof *pass));
    for (int64_t i = first; i < last; i++) {
        int64_t epoch = i / t->batches, batch = i - epoch * t->batches;
        if (batch == 0 || i == first)
            DS_TRY(ds_feed_visit(t->feed, 0, epoch, batch * t->batch, t->batch));
        ds_trainer_pass(t, i, batch, &pass[waiting]);
        pass[waiting].slot = 0;
        DS_TRY(ds_feed_next(t->feed, pass[waiting].count, &pass[waiting].first));
        if (++waiting == TOGETHER || i + 1 == last) {
            DS_TRY(t->executor->run_passes(t->executor, pass, waiting));
            waiting = 0;
        }
    }
    t->visiting = false;
    DS_TRY(ds_upload(t->executor, DS_STATUS, 0, DS_STATUS_WORDS, word));

cleanup:
    ds_free(pass);
    return status;
}

static ds_status go_back(const ds_rewind *rewind, ds_trainer *t) {
    const int64_t values = t->model->values, moments = moments_of(t);
    DS_CHECK(ds_trainer_load_parameters(t, rewind->values));
    return moments ? ds_upload(t->executor, DS_MOMENTS, 0, moments, rewind->values + values)
                   : DS_OK;
}

ds_status ds_rewind_to(const ds_rewind *rewind, ds_trainer *t, int64_t last) {
    DS_CHECK(lose(go_back(rewind, t), last));
    return ds_rewind_forth(t, rewind->update, last);
}

ds_status ds_rewind_forth(ds_trainer *t, int64_t first, int64_t last) {
    return lose(go_forth(t, first, last), last);
}

void ds_rewind_clear(ds_rewind *rewind) {
    ds_free(rewind->values);
    *rewind = (ds_rewind){0};
}
