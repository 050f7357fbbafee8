/* What a chart's axes show. */
#include <math.h>

#include "plot/chart.h"
#include "plot/plot_words.h"

static const double log_span = 100; /* two decades */

static const double *values_of(const ds_series *series, bool y) {
    return y ? series->y : series->x;
}

static double least_positive(const ds_chart *chart, bool y) {
    double least = INFINITY;
    for (int k = 0; k < chart->series_count; k++) {
        const double *value = values_of(&chart->series[k], y);
        for (int64_t i = 0; i < chart->series[k].count; i++)
            if (value[i] > 0)
                least = fmin(least, value[i]);
    }
    return least;
}

static bool has_points(const ds_chart *chart) {
    for (int k = 0; k < chart->series_count; k++)
        if (chart->series[k].look == DS_LOOK_POINTS || chart->series[k].look == DS_LOOK_MARKS ||
            chart->series[k].look == DS_LOOK_LINE_POINTS)
            return true;
    return false;
}

bool ds_chart_counts(const ds_chart *chart) {
    for (int k = 0; k < chart->series_count; k++)
        for (int64_t i = 0; i < chart->series[k].count; i++)
            if (chart->series[k].x[i] != floor(chart->series[k].x[i]))
                return false;
    return true;
}

double ds_chart_position(const ds_axis_range *range, double value) {
    if (range->log)
        return log(value / range->from) / log(range->to / range->from);
    return (value - range->from) / (range->to - range->from);
}

/* Room for half a symbol at the ends of x; for a curve not to run along the edge in y. */
static double margin(const ds_chart *chart, bool y) {
    return y ? 0.05 : has_points(chart) ? 0.02 : 0;
}

static ds_axis_range find_range(const ds_chart *chart, const ds_axis *axis, bool y) {
    ds_axis_range range = {INFINITY, -INFINITY, false};
    for (int k = 0; k < chart->series_count; k++)
        ds_plot_extent(values_of(&chart->series[k], y), chart->series[k].count, &range.from,
                       &range.to);
    double positive = least_positive(chart, y), share = margin(chart, y);
    range.log = axis->scale == DS_SCALE_LOG ||
                (axis->scale == DS_SCALE_AUTO && range.from >= 0 && range.to > log_span * positive);
    if (axis->from < axis->to)
        return (ds_axis_range){axis->from, axis->to, range.log};
    if (!(range.from <= range.to))
        return (ds_axis_range){range.log ? 0.1 : 0, 1, range.log}; /* nothing to show */
    if (range.log) {
        double factor = pow(range.to / positive, share);
        if (!(range.to > positive) || !isfinite(factor))
            factor = y || range.to == positive ? 2 : 1;
        return (ds_axis_range){positive / factor, range.to * factor, true};
    }
    double span = range.to - range.from;
    if (span == 0)
        return (ds_axis_range){range.from - fmax(0.1 * fabs(range.from), 1e-3),
                               range.to + fmax(0.1 * fabs(range.to), 1e-3), false};
    bool near_zero = y && range.from >= 0 && range.from < 0.25 * range.to;
    return (ds_axis_range){near_zero ? fmin(0, range.from) : range.from - share * span,
                           range.to + share * span, false};
}

/* What a diverged run leaves may reach to the end of double's range, where margins and ratios of
 * its ends overflow; nobody reads an axis beyond this. */
static ds_axis_range readable(ds_axis_range range) {
    const double most = 1e150;
    range.to = fmin(range.to, most);
    range.from = fmax(range.from, range.log ? 1 / most : -most);
    return range;
}

ds_axis_range ds_chart_x_range(const ds_chart *chart) {
    return readable(find_range(chart, &chart->x, false));
}

/* A line across has its word at the top, above the curves. */
static bool has_word_at_top(const ds_chart *chart) {
    for (int i = 0; i < chart->callouts; i++)
        if (isnan(chart->callout[i].y))
            return true;
    return false;
}

ds_axis_range ds_chart_y_range(const ds_chart *chart) {
    ds_axis_range range = readable(find_range(chart, &chart->y, true));
    bool given = chart->y.from < chart->y.to;
    if (has_word_at_top(chart) && !given)
        range.to = range.log ? range.to * pow(range.to / range.from, 0.1)
                             : range.to + 0.1 * (range.to - range.from);
    return range;
}
