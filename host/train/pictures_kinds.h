/* The kinds of pictures, and what several of them need. */
#ifndef DS_PICTURES_KINDS_H
#define DS_PICTURES_KINDS_H

#include "plot/chart.h"
#include "train/pictures.h"

/* X(name, whether the files of the run's folder are all that it needs) */
#define DS_PICTURE_KINDS(X)                                                                        \
    X(loss, true)                                                                                  \
    X(confusion, false)                                                                            \
    X(fit, false)                                                                                  \
    X(probability, false)                                                                          \
    X(forecast, false)                                                                             \
    X(surface, false)                                                                              \
    X(activation, false)                                                                           \
    X(search, true)                                                                                \
    X(sweep, true)

#define DS_DECLARE(name, files_alone)                                                              \
    ds_status ds_picture_##name##_check(const ds_picture_source *, const ds_picture *);            \
    ds_status ds_picture_##name##_draw(const ds_picture_source *, const ds_picture *,              \
                                       const char *folder, ds_text *drawn, ds_text *notes);
DS_PICTURE_KINDS(DS_DECLARE)
#undef DS_DECLARE

/* For a kind that has no options: an error where some are given. */
ds_status ds_picture_without_options(const ds_picture *picture);

/* "NAME: the picture needs ..., got ...": it does not suit this model or data. */
ds_status ds_picture_unsuitable(const ds_picture *picture, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Draws a chart and says so. */
ds_status ds_picture_chart(const ds_chart *chart, const char *folder, const char *name,
                           ds_text *drawn, ds_text *notes);

/* The loss over the epochs (or `updates`) of a run, from its history.csv, as a chart; what it
 * shows is kept until the history is cleared. Without an epoch the chart has no series. */
typedef struct ds_loss_history {
    double *values; /* all columns */
    ds_series series[2];
    ds_chart chart;
} ds_loss_history;

ds_status ds_loss_history_read(ds_loss_history *out, const char *run_folder, bool updates);
void ds_loss_history_clear(ds_loss_history *history);

#endif
