/* One pass to look at: a plan whose tensors all keep their memory, on an executor that holds a
 * model's parameters and a few rows of its training data. */
#ifndef DS_TRIAL_H
#define DS_TRIAL_H

#include "train/trainer.h"

typedef struct ds_trial {
    ds_plan *plan;
    ds_executor *executor;
    ds_feed *feed;
    ds_set rows;  /* a view: its cells are the data's */
    ds_pass pass; /* a training pass over these rows, as update 1 */
} ds_trial;

/* Rows first .. first + count - 1 of the training set. On failure, too, ds_trial_close. */
ds_status ds_trial_open(ds_trial *trial, ds_device *device, const ds_model *model,
                        const ds_data *data, const ds_training *training, int64_t first,
                        int64_t count);
void ds_trial_close(ds_trial *trial);

#endif
