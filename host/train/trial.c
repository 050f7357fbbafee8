#include "train/trial.h"

#include "train/upload.h"

ds_status ds_trial_open(ds_trial *trial, ds_device *device, const ds_model *model,
                        const ds_data *data, const ds_training *training, int64_t first,
                        int64_t count) {
    trial->rows = data->train;
    trial->rows.rows = count;
    trial->rows.features = trial->rows.targets = (ds_matrix){0};
    DS_CHECK(ds_matrix_slice(&trial->rows.features, &data->train.features, first, count));
    DS_CHECK(ds_matrix_slice(&trial->rows.targets, &data->train.targets, first, count));
    DS_CHECK(ds_training_plan(&trial->plan, model, training, count, count, true));
    DS_CHECK(ds_executor_open(&trial->executor, trial->plan, device));
    ds_feed_options feed = {
        .set = {&trial->rows}, .sets = 1, .device = device, .batch = count, .keep_resident = true};
    DS_CHECK(ds_feed_create(&trial->feed, trial->executor, &feed));
    DS_CHECK(trial->executor->reserve(trial->executor, DS_HISTORY, DS_RECORD_SIZE));
    DS_CHECK(ds_upload(trial->executor, DS_PARAMETERS, 0, model->values, model->parameters));
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
    ds_matrix_slice_clear(&trial->rows.features);
    ds_matrix_slice_clear(&trial->rows.targets);
    *trial = (ds_trial){0};
}
