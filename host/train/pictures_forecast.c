/* Prediction against truth, row after row: how a forecast follows what came. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "data/matrix.h"
#include "train/pictures_kinds.h"
#include "train/pictures_rows.h"

enum { FEW = 30 /* rows that are shown as points, too */, MOST_MARKS = 32 };

/* `forecast: {target: views, mark: {"2021-02-11": "Lunar New Year's Eve"}}`; the first target where
 * it says nothing. */
typedef struct options {
    int64_t target;
    ds_callout mark[MOST_MARKS]; /* days, with words that are the recipe's */
    int marks;
} options;

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

static ds_status parse(const ds_picture_source *source, const ds_picture *picture, options *o) {
    static const char *const keys[] = {"target", "mark", NULL};
    const ds_node *target = ds_node_get(picture->options, "target");
    const ds_node *mark = ds_node_get(picture->options, "mark");
    *o = (options){0};
    if (picture->options)
        DS_CHECK(ds_node_only_keys(picture->options, "forecast", keys));
    if (target)
        DS_CHECK(parse_target(source, target, &o->target));
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

typedef struct moment {
    double x, truth, prediction;
} moment;

static int by_x(const void *a, const void *b) {
    double x = ((const moment *)a)->x, y = ((const moment *)b)->x;
    return x < y ? -1 : x > y;
}

/* The rows in the order of x, which is not theirs where a split was random. */
static ds_status find_moments(const ds_picture_source *source, const ds_set *set, int64_t target,
                              moment *moments) {
    ds_status status = DS_OK;
    int64_t outputs = ds_model_outputs(source->model);
    double *output = NULL;
    DS_TRY(ds_new(&output, (size_t)(set->rows * outputs), sizeof *output));
    DS_TRY(ds_model_predict_set(source->model, source->device, set, output));
    for (int64_t i = 0; i < set->rows; i++)
        moments[i] = (moment){ds_picture_row_x(set, i), ds_matrix_cell(&set->targets, i, target),
                              output[i * outputs + target]};
    qsort(moments, (size_t)set->rows, sizeof *moments, by_x);

cleanup:
    ds_free(output);
    return status;
}

ds_status ds_picture_forecast_draw(const ds_picture_source *source, const ds_picture *picture,
                                   const char *folder, ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    const char *which, *name;
    const ds_set *set = ds_picture_rows(source->data, &which);
    int64_t rows = set->rows;
    options o;
    moment *moments = NULL;
    double *x = NULL;
    char title[200];
    DS_TRY(parse(source, picture, &o));
    DS_TRY(ds_new(&moments, (size_t)rows, sizeof *moments));
    DS_TRY(ds_new(&x, (size_t)(3 * rows), sizeof *x));
    DS_TRY(find_moments(source, set, o.target, moments));
    double *truth = x + rows, *prediction = truth + rows;
    for (int64_t i = 0; i < rows; i++) {
        x[i] = moments[i].x;
        truth[i] = moments[i].truth;
        prediction[i] = moments[i].prediction;
    }
    name = ds_encoding_target(source->model->encoding, o.target);
    if (rows)
        keep_marks(&o, x[0], x[rows - 1]);
    snprintf(title, sizeof title, "%.80s: prediction and truth (%s set)", name, which);
    ds_look look = rows <= FEW ? DS_LOOK_LINE_POINTS : DS_LOOK_LINE;
    ds_series series[] = {{"truth", look, rows, x, truth},
                          {"prediction", look, rows, x, prediction}};
    ds_chart chart = {.title = title,
                      .x = ds_picture_row_axis(set),
                      .y = {.label = name},
                      .series = series,
                      .series_count = 2,
                      .callout = o.mark,
                      .callouts = o.marks};
    DS_TRY(ds_picture_chart(&chart, folder, "forecast", drawn, notes));

cleanup:
    ds_free(moments);
    ds_free(x);
    return status;
}
