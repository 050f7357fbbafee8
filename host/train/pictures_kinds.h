/* The kinds of pictures, and what several of them need. */
#ifndef DS_PICTURES_KINDS_H
#define DS_PICTURES_KINDS_H

#include "plot/chart.h"
#include "train/pictures.h"
#include "train/sweep_rows.h"

/* X(name, whether the files of the run's folder are all that it needs, how a run is drawn, how the
 * runs of a sweep are) */
#define DS_PICTURE_KINDS(X)                                                                        \
    X(loss, true, ds_picture_loss_draw, ds_picture_loss_draw_runs)                                 \
    X(confusion, false, ds_picture_confusion_draw, NULL)                                           \
    X(fit, false, ds_picture_fit_draw, ds_picture_fit_draw_runs)                                   \
    X(probability, false, ds_picture_probability_draw, ds_picture_probability_draw_runs)           \
    X(forecast, false, ds_picture_forecast_draw, NULL)                                             \
    X(surface, false, ds_picture_surface_draw, ds_picture_surface_draw_runs)                       \
    X(activation, false, ds_picture_activation_draw, NULL)                                         \
    X(search, true, ds_picture_search_draw, NULL)                                                  \
    X(sweep, true, NULL, ds_picture_sweep_draw_runs)

/* All that any kind might have. */
#define DS_DECLARE(name, files_alone, one, all)                                                    \
    ds_status ds_picture_##name##_check(const ds_picture_source *, const ds_picture *);            \
    ds_status ds_picture_##name##_draw(const ds_picture_source *, const ds_picture *,              \
                                       const char *folder, ds_text *drawn, ds_text *notes);        \
    ds_status ds_picture_##name##_draw_runs(const ds_picture_runs *, const ds_picture *,           \
                                            const char *folder, ds_text *drawn, ds_text *notes);
DS_PICTURE_KINDS(DS_DECLARE)
#undef DS_DECLARE

/* For a kind that has no options: an error where some are given. */
ds_status ds_picture_without_options(const ds_picture *picture);

/* "plots: "NAME" needs ..., got ...": it does not suit this model or data. */
ds_status ds_picture_unsuitable(const ds_picture *picture, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Draws a chart and says so. */
ds_status ds_picture_chart(const ds_chart *chart, const char *folder, const char *name,
                           ds_text *drawn, ds_text *notes);

/* The title of a picture of all runs: "Training loss by batch", "Training loss of every run". */
void ds_picture_runs_title(char *out, size_t size, const ds_picture_runs *runs, const char *what);

/* The loss over the column `x` ("epoch", "updates", "seconds") of a run's history.csv, as a chart;
 * what it shows is kept until the history is cleared. Without an epoch the chart has no series. */
typedef struct ds_loss_history {
    double *values; /* all columns */
    ds_series series[2];
    ds_chart chart;
    ds_callout kept;
    char word[48];
} ds_loss_history;

/* Epoch `kept` has a mark; 0: none has. The chart points into the history. */
ds_status ds_loss_history_read(ds_loss_history *out, const char *run_folder, const char *x,
                               int64_t kept);
void ds_loss_history_clear(ds_loss_history *history);

/* The loss of a search over one parameter, from its search.csv; over several, no series. */
typedef struct ds_search_curve {
    ds_table table;
    ds_series series;
    ds_callout least;
    ds_chart chart;
    char title[200], word[64];
} ds_search_curve;

ds_status ds_search_curve_read(ds_search_curve *out, const char *run_folder);
void ds_search_curve_clear(ds_search_curve *curve);

/* A result of all runs of a sweep, from its sweep.csv: "loss", or another of its columns. */
typedef struct ds_sweep_chart {
    ds_sweep_rows rows;
    ds_series series[3];
    ds_chart chart; /* no series: no run has such a result */
    char label[64], title[200];
} ds_sweep_chart;

ds_status ds_sweep_chart_read(ds_sweep_chart *out, const char *folder, const char *result);
void ds_sweep_chart_clear(ds_sweep_chart *chart);

#endif
