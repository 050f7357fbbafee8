/* What the runs of a sweep have in common: data that several of them train on is read once, and a
 * note that holds for several is told once. */
#ifndef DS_SWEEP_SHARE_H
#define DS_SWEEP_SHARE_H

#include "train/recipe.h"

typedef struct ds_sweep_share {
    const ds_train_options *options; /* of the sweep */
    ds_train_options how;            /* of every run, but for its folder */
    ds_data *data;                   /* of the last run */
    char *data_key;                  /* what it was read by */
    ds_text told;                    /* notes, a line each */
} ds_sweep_share;

/* `s` keeps its place until the end. */
void ds_sweep_share_begin(ds_sweep_share *s, const ds_train_options *options);
void ds_sweep_share_end(ds_sweep_share *s);

/* Gives a run the data of the one before, where that is its own, and keeps it for the next. */
ds_status ds_sweep_share_data(ds_sweep_share *s, const ds_recipe *run);

#endif
