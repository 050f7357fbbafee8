/* Prediction against truth, row after row: how a forecast follows what came, and how naive ones do.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/whole.h"
#include "data/matrix.h"
#include "plot/gnuplot.h"
#include "train/pictures_kinds.h"
#include "train/pictures_rows.h"

enum { FEW = 30 /* rows that are shown as points, too */, MOST_MARKS = 32 };

/* `forecast: {name: weeks, target: views, from: 2021-01-01, to: 2021-03-31, mark: {"2021-02-11":
 * "Lunar New Year's Eve"}}`; the first target and all rows where it says nothing. */
typedef struct options {
    char file[48]; /* forecast, or forecast_NAME: a recipe may ask for several */
    int64_t target;
    double from, to;             /* of the rows shown: dates, or numbers of rows */
    ds_callout mark[MOST_MARKS]; /* days, with words that are the recipe's */
    int marks;
} options;

static ds_status parse_name(const ds_node *node, options *o) {
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const char *word;
    DS_CHECK(ds_node_word(node, "forecast.name", &word));
    if (!*word || strlen(word) > 32 || word[strspn(word, letters)])
        return ds_node_fail(node, "write up to 32 letters a to z, digits, _ and -",
                            "forecast.name: \"%s\" is no part of a file's name", word);
    snprintf(o->file, sizeof o->file, "forecast_%.32s", word);
    return DS_OK;
}

static ds_status parse_target(const ds_picture_source *source, const ds_node *node,
                              int64_t *target) {
    const ds_encoding *encoding = source->model->encoding;
    const char *word;
    DS_CHECK(ds_node_word(node, "forecast.target", &word));
    for (int64_t i = 0; i < ds_encoding_targets(encoding); i++)
        if (strcmp(ds_encoding_target(encoding, i), word) == 0) {
            *target = i;
            return DS_OK;
        }
    return ds_node_fail(node, "name one of the recipe's targets", "no target \"%s\"", word);
}

static ds_status parse_marks(const ds_picture_source *source, const ds_node *node, options *o) {
    const char *which;
    if (node->kind != DS_MAP)
        return ds_node_fail(node, "write {2021-02-11: a word to it}",
                            "forecast.mark: expected dates with words");
    if (ds_picture_row_axis(ds_picture_rows(source->data, &which)).scale != DS_SCALE_DATE)
        return ds_node_fail(node, "name the column of dates: data.date",
                            "forecast.mark: the rows have no dates");
    DS_EACH_CHILD (entry, node) {
        ds_callout mark = {.y = NAN};
        if (o->marks == MOST_MARKS)
            return ds_node_fail(entry, "", "forecast.mark: more than %d", MOST_MARKS);
        if (!ds_date_parse(entry->key, "%Y-%m-%d", &mark.x))
            return ds_node_fail(entry, "write it as 2021-02-11", "forecast.mark: no date \"%s\"",
                                entry->key);
        DS_CHECK(ds_node_word(entry, "forecast.mark", &mark.text));
        o->mark[o->marks++] = mark;
    }
    return DS_OK;
}

/* A date, or the number of a row where rows have no dates. */
static ds_status parse_end(const ds_picture_source *source, const ds_node *node, const char *what,
                           double *out) {
    const char *which, *word;
    DS_CHECK(ds_node_word(node, what, &word));
    if (!ds_picture_rows(source->data, &which)->date)
        return ds_node_number(node, what, out);
    if (!ds_date_parse(word, "%Y-%m-%d", out))
        return ds_node_fail(node, "write it as 2021-02-11", "%s: no date \"%s\"", what, word);
    return DS_OK;
}

/* The rows from `from` to `to`; all where neither is given. */
static ds_status parse_range(const ds_picture_source *source, const ds_node *from,
                             const ds_node *to, options *o) {
    const char *which;
    const ds_set *set = ds_picture_rows(source->data, &which);
    int64_t shown = 0;
    double least = INFINITY, most = -INFINITY;
    if (from)
        DS_CHECK(parse_end(source, from, "forecast.from", &o->from));
    if (to)
        DS_CHECK(parse_end(source, to, "forecast.to", &o->to));
    for (int64_t i = 0; i < set->rows; i++) {
        double x = ds_picture_row_x(set, i);
        least = fmin(least, x);
        most = fmax(most, x);
        shown += x >= o->from && x <= o->to;
    }
    if (shown || set->rows == 0)
        return DS_OK;
    char hint[100], begin[32], end[32];
    if (set->date) {
        ds_date_print(begin, least);
        ds_date_print(end, most);
    } else {
        snprintf(begin, sizeof begin, "%.0f", least);
        snprintf(end, sizeof end, "%.0f", most);
    }
    snprintf(hint, sizeof hint, "the %s rows are %s to %s", which, begin, end);
    return ds_node_fail(from ? from : to, hint, "forecast: no row lies in this range");
}

static ds_status parse(const ds_picture_source *source, const ds_picture *picture, options *o) {
    static const char *const keys[] = {"name", "target", "from", "to", "mark", NULL};
    const ds_node *name = ds_node_get(picture->options, "name");
    const ds_node *target = ds_node_get(picture->options, "target");
    const ds_node *mark = ds_node_get(picture->options, "mark");
    const ds_node *from = ds_node_get(picture->options, "from");
    const ds_node *to = ds_node_get(picture->options, "to");
    *o = (options){.file = "forecast", .from = -INFINITY, .to = INFINITY};
    if (picture->options)
        DS_CHECK(ds_node_only_keys(picture->options, "forecast", keys));
    if (name)
        DS_CHECK(parse_name(name, o));
    if (target)
        DS_CHECK(parse_target(source, target, &o->target));
    if (from || to)
        DS_CHECK(parse_range(source, from, to, o));
    return mark ? parse_marks(source, mark, o) : DS_OK;
}

ds_status ds_picture_forecast_check(const ds_picture_source *source, const ds_picture *picture) {
    options o;
    if (ds_encoding_kind(source->model->encoding) != DS_TARGET_NUMBERS)
        return ds_picture_unsuitable(picture, "needs a number to predict, the target is classes");
    return parse(source, picture, &o);
}

/* Marks beyond the rows that are shown are left out. */
static void keep_marks(options *o, double from, double to) {
    int kept = 0;
    for (int i = 0; i < o->marks; i++)
        if (o->mark[i].x >= from && o->mark[i].x <= to)
            o->mark[kept++] = o->mark[i];
    o->marks = kept;
}

/* A row of the set, by where it is shown. */
typedef struct moment {
    double x;
    int64_t row, missing;
} moment;

static int by_x(const void *a, const void *b) {
    double x = ((const moment *)a)->x, y = ((const moment *)b)->x;
    return x < y ? -1 : x > y;
}

/* Series over one x: truth, prediction and the naive forecasts. Where dates are missing, a place
 * without values interrupts the lines. */
typedef struct view {
    int64_t places;
    int lines;
    double *x, *y[2 + DS_MOST_BASELINES];
    double *memory;
} view;

/* The rows that are shown in the order of x, which is not theirs where a split was random. */
static int64_t find_moments(const ds_set *set, const options *o, moment *moments) {
    int64_t count = 0;
    for (int64_t i = 0; i < set->rows; i++) {
        double x = ds_picture_row_x(set, i);
        if (x >= o->from && x <= o->to)
            moments[count++] = (moment){x, i, set->missing ? set->missing[i] : 0};
    }
    qsort(moments, (size_t)count, sizeof *moments, by_x);
    return count;
}

enum { OFTEN = 10 };

/* A series of working days has a gap after every fifth row: lines in pieces would hide its course,
 * so gaps interrupt them only where they are the exception. */
static bool has_rare_gaps(const moment *moments, int64_t count) {
    int64_t gaps = 0;
    for (int64_t i = 1; i < count; i++)
        gaps += moments[i].missing != moments[i - 1].missing;
    return gaps > 0 && gaps * OFTEN < count;
}

/* The first date missing between two rows; on their day of a month where they share one, whole days
 * where the rows' are. */
static double missing_date(const moment *before, const moment *after) {
    static const double day = 86400;
    int64_t steps = after->missing - before->missing + 1;
    int64_t month = ds_month_number(before->x), months = ds_month_number(after->x) - month;
    int day_of_month = ds_day_of_month(before->x);
    double step = (after->x - before->x) / (double)steps;
    if (months >= steps && months % steps == 0 && day_of_month == ds_day_of_month(after->x)) {
        month += months / steps;
        day_of_month = (int)ds_least(day_of_month, ds_month_days(month));
        return day * (double)ds_day_number((int)(month / 12), (int)(month % 12) + 1, day_of_month);
    }
    return before->x + (step >= day ? floor(step / day) * day : step);
}

static void add_gap(view *v, double x) {
    v->x[v->places] = x;
    for (int k = 0; k < v->lines; k++)
        v->y[k][v->places] = NAN;
    v->places++;
}

static ds_status make_view(view *v, const ds_picture_source *source, const ds_set *set,
                           const options *o) {
    ds_status status = DS_OK;
    const ds_data *data = source->data;
    int64_t outputs = ds_model_outputs(source->model), most = 2 * set->rows;
    double *output = NULL;
    moment *moments = NULL;
    v->lines = 2 + data->naives;
    DS_TRY(ds_new(&moments, (size_t)set->rows, sizeof *moments));
    DS_TRY(ds_new(&output, (size_t)(set->rows * outputs), sizeof *output));
    DS_TRY(ds_new(&v->memory, (size_t)((1 + v->lines) * most), sizeof *v->memory));
    DS_TRY(ds_model_predict_set(source->model, source->device, set, output));
    v->x = v->memory;
    for (int k = 0; k < v->lines; k++)
        v->y[k] = v->memory + (1 + k) * most;
    int64_t count = find_moments(set, o, moments);
    bool gaps = has_rare_gaps(moments, count);
    for (int64_t i = 0; i < count; i++) {
        int64_t row = moments[i].row;
        if (gaps && i > 0 && moments[i].missing != moments[i - 1].missing)
            add_gap(v, missing_date(&moments[i - 1], &moments[i]));
        v->x[v->places] = moments[i].x;
        v->y[0][v->places] = ds_matrix_cell(&set->targets, row, o->target);
        v->y[1][v->places] = output[row * outputs + o->target];
        for (int k = 0; k < data->naives; k++)
            v->y[2 + k][v->places] = set->naive[(k * set->rows + row) * outputs + o->target];
        v->places++;
    }

cleanup:
    ds_free(output);
    ds_free(moments);
    return status;
}

ds_status ds_picture_forecast_draw(const ds_picture_source *source, const ds_picture *picture,
                                   const char *folder, ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    const char *which, *name;
    const ds_data *data = source->data;
    const ds_set *set = ds_picture_rows(data, &which);
    options o;
    view v = {0};
    ds_series series[2 + DS_MOST_BASELINES];
    char title[200];
    DS_TRY(parse(source, picture, &o));
    DS_TRY(make_view(&v, source, set, &o));
    name = ds_encoding_target(source->model->encoding, o.target);
    if (v.places)
        keep_marks(&o, v.x[0], v.x[v.places - 1]);
    snprintf(title, sizeof title, "%.80s: prediction and truth (%s set)", name, which);
    for (int k = 0; k < v.lines; k++) {
        const char *label = k == 0 ? "truth" : k == 1 ? "prediction" : data->naive[k - 2].name;
        ds_look look = k > 1 ? DS_LOOK_FAINT : v.places <= FEW ? DS_LOOK_LINE_POINTS : DS_LOOK_LINE;
        series[k] = (ds_series){label, look, v.places, v.x, v.y[k], ds_plot_color(k)};
    }
    ds_chart chart = {.title = title,
                      .x = ds_picture_row_axis(set),
                      .y = {.label = name},
                      .series = series,
                      .series_count = v.lines,
                      .callout = o.mark,
                      .callouts = o.marks};
    DS_TRY(ds_picture_chart(&chart, folder, o.file, drawn, notes));

cleanup:
    ds_free(v.memory);
    return status;
}
