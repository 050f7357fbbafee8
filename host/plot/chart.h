/* A chart: series of points over a common x axis. */
#ifndef DS_CHART_H
#define DS_CHART_H

#include "base/text.h"

typedef enum ds_look {
    DS_LOOK_LINE,
    DS_LOOK_THICK, /* the line that a picture is about */
    DS_LOOK_FAINT, /* lines that stand back: pale, behind all others */
    DS_LOOK_DASHED,
    DS_LOOK_STEPS,
    DS_LOOK_POINTS,
    DS_LOOK_MARKS, /* a few points, larger */
    DS_LOOK_LINE_POINTS
} ds_look;

/* A value of y that is not finite interrupts a line. Series with the same x array share a column of
 * the CSV file. */
typedef struct ds_series {
    const char *label; /* in the legend; NULL: not there */
    ds_look look;
    int64_t count;
    const double *x, *y;
    const char *color; /* "#0072B2"; NULL: the palette's next */
} ds_series;

typedef enum ds_scale {
    DS_SCALE_LINEAR,
    DS_SCALE_LOG,
    DS_SCALE_AUTO, /* log where nothing is negative and what is positive spans over two decades */
    DS_SCALE_DATE  /* x only: seconds since 1970-01-01 */
} ds_scale;

typedef struct ds_axis {
    const char *label; /* with its unit: "views (thousands)" */
    ds_scale scale;
    double from, to;         /* where from < to; otherwise what the series span */
    const char *const *name; /* x only: in place of numbers, at the places `at`, or 0, 1, ... */
    int names;
    const double *at;
} ds_axis;

/* A place in the chart with a word to it: a point, or, where y is NAN, a line across at x. */
typedef struct ds_callout {
    double x, y;
    const char *text;
    const char *color; /* of the point; NULL: black */
} ds_callout;

typedef struct ds_chart {
    const char *title;
    ds_axis x, y;
    const ds_series *series;
    int series_count;
    const ds_callout *callout;
    int callouts;
} ds_chart;

/* FOLDER/NAME.svg, .png, .gp and .csv; see ds_drawing_finish. */
ds_status ds_chart_draw(const ds_chart *chart, const char *folder, const char *name,
                        ds_text *notes);

/* What the axes show: the range with a margin, whether the scale is logarithmic. */
typedef struct ds_axis_range {
    double from, to;
    bool log;
} ds_axis_range;

ds_axis_range ds_chart_x_range(const ds_chart *chart);
ds_axis_range ds_chart_y_range(const ds_chart *chart);

/* Where a value stands between the ends of an axis, 0 to 1. */
double ds_chart_position(const ds_axis_range *range, double value);

/* Are the values of x whole numbers, as epochs and rows are? */
bool ds_chart_counts(const ds_chart *chart);

/* A value of x as gnuplot takes it: a number, or a date in quotes. */
ds_status ds_chart_add_x(const ds_chart *chart, double x, ds_text *script);

/* Dates with the time of day. */
bool ds_chart_shows_clock(const ds_chart *chart);

#endif
