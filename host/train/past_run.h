/* A run that has ended, opened again from the files it left. */
#ifndef DS_PAST_RUN_H
#define DS_PAST_RUN_H

#include "train/pictures.h"
#include "train/recipe.h"

typedef struct ds_past_run {
    ds_recipe *recipe; /* which its checkpoint keeps */
    ds_training training;
    ds_data *data;
    ds_model *model;
} ds_past_run;

/* The recipe alone; `folder` is the run's. */
ds_status ds_past_run_recipe(ds_past_run *run, const char *folder);

/* And the rest of it: its data, read again, and the model as it was trained. */
ds_status ds_past_run_open(ds_past_run *run, const char *folder);
void ds_past_run_close(ds_past_run *run);

/* What its pictures are drawn from; valid until it is closed. */
ds_picture_source ds_past_run_source(const ds_past_run *run, const char *folder, ds_device *device);

#endif
