#include "train/session.h"

#include <string.h>

#include "base/whole.h"
#include "model/plan_build.h"
#include "train/units.h"
#include "train/upload.h"

/* BATCH: samples of a pass. AHEAD: passes that are issued before the outputs of the first are
 * waited for, so that the device has work meanwhile. */
enum { BATCH = 256, AHEAD = 8 };

void ds_session_close(ds_session *s) {
    ds_feed_destroy(s->feed);
    if (s->executor)
        s->executor->destroy(s->executor);
    ds_plan_destroy(s->plan);
    ds_free(s->layer);
    *s = (ds_session){0};
}

ds_status ds_session_open(ds_session *s, const ds_model *model, ds_device *device,
                          const ds_operation *loss, const ds_set *const *set, int sets,
                          bool stream) {
    int layers = ds_model_trained_layers(model);
    const ds_operation *link = ds_model_link(model);
    *s = (ds_session){.model = model};
    DS_CHECK(ds_new(&s->layer, (size_t)layers + 1, sizeof *s->layer));
    memcpy(s->layer, model->layer, (size_t)layers * sizeof *s->layer);
    if (!loss && link)
        s->layer[layers++] = (ds_layer){.operation = link};
    DS_CHECK(ds_layers_shape(s->layer, layers, &model->sample));
    ds_plan_request request = {.fuse = true,
                               .portable = model->portable,
                               .layer = s->layer,
                               .layers = layers,
                               .sample = model->sample,
                               .batch = BATCH,
                               .targets = ds_encoding_targets(model->encoding),
                               .loss = loss,
                               .stop_gradient = -1};
    if (loss) {
        ds_units units = ds_units_of(model->encoding, loss, model->loss_attribute);
        ds_units_options(&units, loss, model->loss_attribute, request.loss_attribute);
    }
    DS_CHECK(ds_plan_build(&s->plan, &request));
    DS_CHECK(ds_executor_open(&s->executor, s->plan, device));
    DS_CHECK(ds_upload(s->executor, DS_PARAMETERS, 0, model->values, model->parameters));
    ds_feed_options feed = {
        .sets = sets, .device = device, .batch = BATCH, .stream = stream, .once = true};
    for (int i = 0; i < sets; i++)
        feed.set[i] = s->set[i] = set[i];
    return ds_feed_create(&s->feed, s->executor, &feed);
}

/* Numbers as the network gives them, in the targets' own units. */
static void to_own_units(const ds_session *s, int64_t count, double *outputs) {
    const ds_encoding *encoding = s->model->encoding;
    int64_t columns = ds_model_outputs(s->model);
    if (ds_encoding_kind(encoding) != DS_TARGET_NUMBERS)
        return;
    for (int64_t k = 0; k < columns && k < ds_encoding_targets(encoding); k++) {
        double scale, shift;
        ds_encoding_target_units(encoding, k, &scale, &shift);
        for (int64_t i = 0; i < count; i++)
            outputs[i * columns + k] = outputs[i * columns + k] * scale + shift;
    }
}

static int ticket_of(int64_t first) {
    return (int)(first / BATCH % AHEAD);
}

static ds_status issue(ds_session *s, int64_t count, int ticket) {
    ds_executor *executor = s->executor;
    const ds_tensor *prediction = &s->plan->tensor[s->plan->prediction];
    ds_pass pass = {.count = count, .global_count = count};
    DS_CHECK(ds_feed_next(s->feed, count, &pass.first));
    DS_CHECK(ds_run_phases(executor, DS_PHASE_FORWARD, DS_PHASE_FORWARD, &pass));
    DS_CHECK(executor->read_later(executor, ticket, DS_ACTIVATIONS, prediction->offset,
                                  count * ds_model_outputs(s->model)));
    return executor->flush(executor);
}

ds_status ds_session_outputs(ds_session *s, int set, ds_outputs_callback callback, void *context) {
    ds_status status = DS_OK;
    const int64_t rows = s->set[set]->rows;
    double *outputs = NULL;
    if (rows == 0)
        return DS_OK;
    DS_TRY(ds_new(&outputs, (size_t)(BATCH * ds_model_outputs(s->model)), sizeof *outputs));
    DS_TRY(ds_feed_visit(s->feed, set, -1, 0, BATCH));
    for (int64_t first = 0, issued = 0; first < rows; first += BATCH) {
        for (; issued < rows && issued < first + AHEAD * BATCH; issued += BATCH)
            DS_TRY(issue(s, ds_least(BATCH, rows - issued), ticket_of(issued)));
        int64_t count = ds_least(BATCH, rows - first);
        DS_TRY(s->executor->arrive(s->executor, ticket_of(first), outputs));
        to_own_units(s, count, outputs);
        callback(context, first, count, outputs);
    }

cleanup:
    ds_free(outputs);
    return status;
}
