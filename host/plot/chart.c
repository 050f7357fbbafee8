#include "plot/chart.h"

#include <math.h>
#include <string.h>

#include "plot/callouts.h"
#include "plot/date_ticks.h"
#include "plot/gnuplot.h"
#include "plot/plot_words.h"

enum { WIDTH = 800, HEIGHT = 500, MOST_DRAWN = 5000, FEW_STEPS = 12 };
static const double day = 86400;
static const char faint[] = "#b9c6d0";

/* ---- the data ---- */

/* Does the series begin a column of x of its own? */
static bool has_own_x(const ds_chart *chart, int k) {
    const ds_series *series = &chart->series[k];
    return k == 0 || series->x != series[-1].x || series->count != series[-1].count;
}

bool ds_chart_shows_clock(const ds_chart *chart) {
    for (int k = 0; k < chart->series_count; k++)
        for (int64_t i = 0; i < chart->series[k].count; i++)
            if (fmod(chart->series[k].x[i], day) != 0)
                return true;
    return false;
}

static ds_status add_header(const ds_chart *chart, ds_text *csv) {
    for (int k = 0; k < chart->series_count; k++) {
        const ds_series *series = &chart->series[k];
        if (k)
            DS_CHECK(ds_text_add(csv, ","));
        if (has_own_x(chart, k)) {
            DS_CHECK(ds_plot_cell(csv, chart->x.label));
            DS_CHECK(ds_text_add(csv, ","));
        }
        DS_CHECK(ds_plot_cell(csv, series->label ? series->label : chart->y.label));
    }
    return ds_text_add(csv, "\n");
}

/* A series that has ended leaves its cells empty. */
static ds_status add_row(const ds_chart *chart, int64_t row, bool clock, ds_text *csv) {
    for (int k = 0; k < chart->series_count; k++) {
        const ds_series *series = &chart->series[k];
        bool there = row < series->count;
        if (k)
            DS_CHECK(ds_text_add(csv, ","));
        if (has_own_x(chart, k)) {
            if (there && chart->x.scale == DS_SCALE_DATE)
                DS_CHECK(ds_plot_date(csv, series->x[row], clock));
            else if (there)
                DS_CHECK(ds_plot_number(csv, series->x[row]));
            DS_CHECK(ds_text_add(csv, ","));
        }
        if (there)
            DS_CHECK(ds_plot_number(csv, series->y[row]));
    }
    return ds_text_add(csv, "\n");
}

static ds_status add_data(const ds_chart *chart, ds_text *csv) {
    bool clock = chart->x.scale == DS_SCALE_DATE && ds_chart_shows_clock(chart);
    int64_t rows = 0;
    for (int k = 0; k < chart->series_count; k++)
        rows = chart->series[k].count > rows ? chart->series[k].count : rows;
    DS_CHECK(add_header(chart, csv));
    for (int64_t row = 0; row < rows; row++)
        DS_CHECK(add_row(chart, row, clock, csv));
    return DS_OK;
}

/* ---- the axes ---- */

/* Decades within what a person reads at a glance are written out: 0.01, 100. */
static ds_status add_log_axis(ds_text *out, char axis, const ds_axis_range *range) {
    bool plain = range->from >= 0.9e-3 && range->to <= 1.1e5;
    DS_CHECK(ds_text_add(out, "set logscale %c\n", axis));
    return ds_text_add(out, "set format %c '%s'\n", axis, plain ? "%g" : "10^{%T}");
}

static ds_status add_date_axis(const ds_chart *chart, ds_text *out, const ds_axis_range *range) {
    double days = (range->to - range->from) / day;
    bool clock = ds_chart_shows_clock(chart);
    DS_CHECK(ds_text_add(out, "set xdata time\nset timefmt '%s'\nset format x '%s'\n",
                         clock ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d",
                         days > 1500  ? "%Y"
                         : days > 100 ? "%b %Y"
                         : days > 3   ? "%d %b"
                                      : "%H:%M"));
    return ds_plot_date_ticks(out, range->from, range->to, clock);
}

static ds_status add_range(ds_text *out, const ds_axis *axis, char name,
                           const ds_axis_range *range) {
    if (axis->scale != DS_SCALE_DATE)
        return ds_text_add(out, "set %crange [%.9g:%.9g]\n", name, range->from, range->to);
    DS_CHECK(ds_text_add(out, "set %crange ['", name));
    DS_CHECK(ds_plot_date(out, range->from, false));
    DS_CHECK(ds_text_add(out, "':'"));
    DS_CHECK(ds_plot_date(out, range->to + day - 1, false));
    return ds_text_add(out, "']\n");
}

enum { NAMES_SIDE_BY_SIDE = 70 }; /* letters that the width takes */

/* Aslant where they would not fit side by side. */
static ds_status add_names(const ds_axis *axis, ds_text *out) {
    size_t letters = 0;
    for (int i = 0; i < axis->names; i++)
        letters += strlen(axis->name[i]) + 2;
    DS_CHECK(ds_text_add(out, letters > NAMES_SIDE_BY_SIDE
                                  ? "set xtics rotate by 40 right\nset lmargin 16\nset rmargin 4\n"
                                  : ""));
    DS_CHECK(ds_text_add(out, "set xtics ("));
    for (int i = 0; i < axis->names; i++) {
        DS_CHECK(ds_text_add(out, i ? ", " : ""));
        DS_CHECK(ds_plot_tick_label(out, axis->name[i]));
        DS_CHECK(ds_text_add(out, " %.9g", axis->at ? axis->at[i] : i));
    }
    return ds_text_add(out, ")\n");
}

static ds_status add_axis(const ds_chart *chart, ds_text *out, const ds_axis *axis, char name,
                          const ds_axis_range *range) {
    DS_CHECK(ds_text_add(out, "set %clabel ", name));
    DS_CHECK(ds_plot_string(out, axis->label));
    DS_CHECK(ds_text_add(out, "\n"));
    if (range->log)
        DS_CHECK(add_log_axis(out, name, range));
    if (axis->scale == DS_SCALE_DATE)
        DS_CHECK(add_date_axis(chart, out, range));
    if (axis->names)
        DS_CHECK(add_names(axis, out));
    else if (name == 'x' && axis->scale != DS_SCALE_DATE && range->to - range->from <= FEW_STEPS &&
             ds_chart_counts(chart))
        DS_CHECK(ds_text_add(out, "set xtics 1\n"));
    return add_range(out, axis, name, range);
}

ds_status ds_chart_add_x(const ds_chart *chart, double x, ds_text *script) {
    if (chart->x.scale != DS_SCALE_DATE)
        return ds_text_add(script, "%.9g", x);
    DS_CHECK(ds_text_add(script, "'"));
    DS_CHECK(ds_plot_date(script, x, ds_chart_shows_clock(chart)));
    return ds_text_add(script, "'");
}

/* ---- the plot command ---- */

static const char *style_of(ds_look look) {
    switch (look) {
    case DS_LOOK_FAINT:
        return "lines lw 1";
    case DS_LOOK_THICK:
        return "lines lw 3.5";
    case DS_LOOK_DASHED:
        return "lines lw 2 dt 2";
    case DS_LOOK_STEPS:
        return "steps lw 2";
    case DS_LOOK_POINTS:
        return "points pt 7 ps 0.5";
    case DS_LOOK_MARKS:
        return "points pt 7 ps 1.1";
    case DS_LOOK_LINE_POINTS:
        return "linespoints lw 2 pt 7 ps 0.6";
    case DS_LOOK_LINE:
        break;
    }
    return "lines lw 2";
}

/* More points than pixels make a picture large, not better: every n-th is drawn, all are kept. */
static ds_status add_thinning(ds_text *out, int64_t count) {
    int64_t every = (count + MOST_DRAWN - 1) / MOST_DRAWN;
    return every > 1 ? ds_text_add(out, " every %lld", (long long)every) : DS_OK;
}

/* Its own colour, or the palette's next. What stands back is of half its own colour, or grey. */
static ds_status add_color(const ds_chart *chart, int k, ds_text *out) {
    const ds_series *series = &chart->series[k];
    bool stands_back = series->look == DS_LOOK_FAINT;
    int before = 0;
    if (series->color)
        return ds_text_add(out, " lc rgb '#%s%s'", stands_back ? "80" : "", series->color + 1);
    for (int i = 0; i < k; i++)
        before += !chart->series[i].color && chart->series[i].look != DS_LOOK_FAINT;
    return ds_text_add(out, " lc rgb '%s'", stands_back ? faint : ds_plot_color(before));
}

static ds_status add_series(const ds_chart *chart, int k, int x_column, int column,
                            const char *name, ds_text *out) {
    const ds_series *series = &chart->series[k];
    DS_CHECK(ds_text_add(out, " '%s.csv' skip 1", name));
    DS_CHECK(add_thinning(out, series->count));
    DS_CHECK(ds_text_add(out, " using %d:%d with %s", x_column, column, style_of(series->look)));
    DS_CHECK(add_color(chart, k, out));
    DS_CHECK(ds_text_add(out, series->label ? " title " : " notitle"));
    return series->label ? ds_plot_string(out, series->label) : DS_OK;
}

/* What stands back is drawn first. */
static ds_status add_plot(const ds_chart *chart, const char *name, ds_text *out) {
    bool first = true;
    DS_CHECK(ds_text_add(out, "plot"));
    for (int faint_ones = 1; faint_ones >= 0; faint_ones--)
        for (int k = 0, x_column = 0, column = 0; k < chart->series_count; k++) {
            if (has_own_x(chart, k))
                x_column = ++column;
            column++;
            if ((chart->series[k].look == DS_LOOK_FAINT) != faint_ones)
                continue;
            DS_CHECK(ds_text_add(out, first ? "" : ", \\\n    "));
            DS_CHECK(add_series(chart, k, x_column, column, name, out));
            first = false;
        }
    return DS_OK;
}

ds_status ds_chart_draw(const ds_chart *chart, const char *folder, const char *name,
                        ds_text *notes) {
    ds_status status = DS_OK;
    ds_drawing d = {.folder = folder, .name = name, .width = WIDTH, .height = HEIGHT};
    ds_axis_range x = ds_chart_x_range(chart), y = ds_chart_y_range(chart);
    DS_TRY(add_data(chart, &d.csv));
    DS_TRY(ds_text_add(&d.settings, "set title "));
    DS_TRY(ds_plot_string(&d.settings, chart->title));
    DS_TRY(ds_text_add(&d.settings, "\n"));
    DS_TRY(add_axis(chart, &d.settings, &chart->x, 'x', &x));
    DS_TRY(add_axis(chart, &d.settings, &chart->y, 'y', &y));
    DS_TRY(ds_callouts_add(chart, &d.settings));
    DS_TRY(add_plot(chart, name, &d.plot));
    DS_TRY(ds_drawing_finish(&d, notes));

cleanup:
    ds_drawing_clear(&d);
    return status;
}
