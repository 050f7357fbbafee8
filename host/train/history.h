/* The history of a run: one row per epoch, as history.csv shows it; of a run of millions of epochs
 * every second, fourth, ... and the last, so that it never needs more than DS_HISTORY_ROWS. */
#ifndef DS_HISTORY_H
#define DS_HISTORY_H

#include "train/scores.h"

typedef ds_epoch ds_history_row;

enum { DS_HISTORY_ROWS = 1 << 20 };

/* A matrix of numbers, as the checkpoint keeps it. Every row has scores of the validation set, or
 * none has. */
typedef struct ds_history {
    double *value;
    int64_t rows, room;
    int64_t
        stride; /* 0, 1: every epoch has its row; else the first, each of so many, and the last */
    int columns;
} ds_history;

int ds_history_columns(bool validation);
/* Rows come in the order of their epochs. */
ds_status ds_history_add(ds_history *history, const ds_history_row *row);
ds_history_row ds_history_at(const ds_history *history, int64_t i);
void ds_history_clear(ds_history *history);

/* The table as CSV; `digits` significant digits of every number. Behind it stand the losses of the
 * naive forecasts on every set there is, the same in every row, so that a plot can show them as
 * lines: columns such as train_loss_last, validation_loss_last and test_loss_seasonal_7. */
typedef struct ds_history_view {
    const ds_units *units;
    int digits;
    const ds_baseline *baseline;
    int baselines;
} ds_history_view;

ds_status ds_history_print(const ds_history *history, const ds_history_view *view, ds_text *out);

#endif
