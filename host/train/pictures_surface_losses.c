/* The training loss of a network at many values of a few of its parameters. */
#include <math.h>

#include "train/pictures_path.h"
#include "train/upload.h"

typedef struct ground {
    ds_trainer *trainer;
    const ds_surface *surface;
    double *record;
} ground;

static ds_status set_place(const ground *g, const double *place) {
    ds_executor *executor = g->trainer->executor;
    for (int i = 0; i < g->surface->axes; i++)
        DS_CHECK(ds_upload(executor, DS_PARAMETERS, g->surface->offset[i], 1, &place[i]));
    return DS_OK;
}

static double loss_of(const ground *g, const double *record, int64_t records) {
    ds_tally tally = {0};
    for (int64_t k = 0; k < records; k++)
        ds_tally_add(&tally, record + k * DS_RECORD_SIZE,
                     ds_trainer_evaluation_count(g->trainer, 0, k));
    return ds_tally_scores(&tally, &g->trainer->units, NAN).loss;
}

/* As many evaluations are issued at once as the device's history has room for. */
static ds_status find_losses(const ground *g, const double *place, int64_t count, double *loss) {
    ds_executor *executor = g->trainer->executor;
    int64_t records = ds_trainer_evaluation_records(g->trainer, 0);
    int64_t at_once = g->trainer->record_room / records;
    for (int64_t i = 0; i < count; i++) {
        int64_t slot = at_once ? i % at_once : 0;
        DS_CHECK(set_place(g, place + i * g->surface->axes));
        if (at_once == 0) { /* a set of many thousand batches */
            ds_scores scores;
            DS_CHECK(ds_trainer_evaluate(g->trainer, 0, &scores));
            loss[i] = scores.loss;
            continue;
        }
        DS_CHECK(ds_trainer_issue_evaluation(g->trainer, 0, slot * records));
        if (slot + 1 < at_once && i + 1 < count)
            continue;
        DS_CHECK(executor->read(executor, DS_HISTORY, 0, (slot + 1) * records * DS_RECORD_SIZE,
                                g->record));
        for (int64_t k = 0; k <= slot; k++)
            loss[i - slot + k] = loss_of(g, g->record + k * records * DS_RECORD_SIZE, records);
    }
    return DS_OK;
}

ds_status ds_surface_losses(const ds_picture_source *source, const ds_surface *surface,
                            const double *place, int64_t count, double *loss) {
    ds_status status = DS_OK;
    ground g = {.surface = surface};
    DS_TRY(ds_trainer_open(&g.trainer, source->model, source->data, source->device,
                           source->training, NULL, NULL));
    DS_TRY(ds_new(&g.record, (size_t)(g.trainer->record_room * DS_RECORD_SIZE), sizeof *g.record));
    DS_TRY(find_losses(&g, place, count, loss));

cleanup:
    ds_trainer_destroy(g.trainer);
    ds_free(g.record);
    return status;
}
