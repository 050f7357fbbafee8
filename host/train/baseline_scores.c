#include "train/baseline_scores.h"

ds_status ds_baseline_scores(ds_result *result, const ds_data *data, int index, const ds_set *set,
                             int which, const ds_training *training) {
    ds_errors errors;
    ds_status status =
        ds_errors_open(&errors, set, data->encoding, training->loss, training->loss_attribute);
    if (status == DS_OK) {
        ds_errors_add(&errors, 0, set->rows,
                      set->naive + index * set->rows * ds_encoding_targets(data->encoding));
        ds_result_take_baseline(result, index, which, &errors);
    }
    ds_errors_close(&errors);
    return status;
}

ds_status ds_baseline_column(const char *set, const char *baseline, ds_text *out) {
    DS_CHECK(ds_text_add(out, ",%s_loss_", set));
    for (; *baseline; baseline++)
        DS_CHECK(ds_text_add(out, "%c", *baseline == ' ' ? '_' : *baseline));
    return DS_OK;
}
