#include "train/trial.h"

#include "data/matrix.h"

/* Rows of a matrix, its cells not copied. */
static void narrow(ds_matrix *matrix, int64_t first, int64_t count) {
    matrix->cells = (unsigned char *)matrix->cells +
                    (size_t)(first * matrix->columns) * ds_cell_size(matrix->cell);
    matrix->rows = count;
}

ds_status ds_trial_open(ds_trial *trial, ds_device *device, const ds_model *model,
                        const ds_data *data, const ds_training *training, int64_t first,
                        int64_t count) {
    trial->rows = data->train;
    trial->rows.rows = count;
    narrow(&trial->rows.features, first, count);
    narrow(&trial->rows.targets, first, count);
    DS_CHECK(ds_training_plan(&trial->plan, model, training, count, count, true));
    DS_CHECK(ds_executor_open(&trial->executor, trial->plan, device));
    ds_feed_options feed = {
        .set = {&trial->rows}, .sets = 1, .device = device, .batch = count, .keep_resident = true};
    DS_CHECK(ds_feed_create(&trial->feed, trial->executor, &feed));
    DS_CHECK(trial->executor->reserve(trial->executor, DS_HISTORY, DS_RECORD_SIZE));
    DS_CHECK(trial->executor->write(trial->executor, DS_PARAMETERS, 0, model->values,
                                    model->parameters));
    trial->pass = (ds_pass){.training = true,
                            .count = count,
                            .global_count = count,
                            .update = 1,
                            .seed = training->seed,
                            .rate = training->learning_rate};
    DS_CHECK(ds_feed_visit(trial->feed, 0, -1, 0, count));
    return ds_feed_next(trial->feed, count, &trial->pass.first);
}

void ds_trial_close(ds_trial *trial) {
    ds_feed_destroy(trial->feed);
    if (trial->executor)
        trial->executor->destroy(trial->executor);
    ds_plan_destroy(trial->plan);
    *trial = (ds_trial){0};
}
