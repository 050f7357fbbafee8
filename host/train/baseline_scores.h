/* Naive forecasts judged by a recipe's own loss, on the same rows as the model. */
#ifndef DS_BASELINE_SCORES_H
#define DS_BASELINE_SCORES_H

#include "train/result.h"
#include "train/training_options.h"

/* The scores of the data's naive forecast `index` on a set that is not empty, as baseline `index`
 * of a result's training, validation or test set. */
ds_status ds_baseline_scores(ds_result *result, const ds_data *data, int index, const ds_set *set,
                             int which, const ds_training *training);

/* The name of a column of losses in a table, after a comma: ",train_loss_seasonal_7". */
ds_status ds_baseline_column(const char *set, const char *baseline, ds_text *out);

#endif
