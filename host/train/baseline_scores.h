/* Naive forecasts judged by a recipe's own loss, on the same rows as the model. */
#ifndef DS_BASELINE_SCORES_H
#define DS_BASELINE_SCORES_H

#include "train/scores.h"
#include "train/training_options.h"

/* Scores of the data's naive forecast `index` on a set; rows 0 for a set that is empty. */
ds_status ds_baseline_scores(ds_scores *out, const ds_data *data, const ds_set *set, int index,
                             const ds_training *training);

/* The name of a column of losses in a table, after a comma: ",train_loss_seasonal_7". */
ds_status ds_baseline_column(const char *set, const char *baseline, ds_text *out);

#endif
