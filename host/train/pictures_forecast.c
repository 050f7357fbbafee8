/* Prediction against truth, row after row: how a forecast follows what came. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/matrix.h"
#include "train/pictures_kinds.h"
#include "train/pictures_rows.h"

enum { FEW = 30 }; /* rows that are shown as points, too */

/* `forecast: {target: views}`; the first target where it says nothing. */
static ds_status parse(const ds_picture_source *source, const ds_picture *picture,
                       int64_t *target) {
    static const char *const keys[] = {"target", NULL};
    const ds_encoding *encoding = source->model->encoding;
    const ds_node *node = ds_node_get(picture->options, "target");
    const char *word;
    *target = 0;
    if (picture->options)
        DS_CHECK(ds_node_only_keys(picture->options, "forecast", keys));
    if (!node)
        return DS_OK;
    DS_CHECK(ds_node_word(node, "forecast.target", &word));
    for (int64_t i = 0; i < ds_encoding_targets(encoding); i++)
        if (strcmp(ds_encoding_target(encoding, i), word) == 0) {
            *target = i;
            return DS_OK;
        }
    return ds_node_fail(node, "name one of the recipe's targets", "no target \"%s\"", word);
}

ds_status ds_picture_forecast_check(const ds_picture_source *source, const ds_picture *picture) {
    int64_t target;
    if (ds_encoding_kind(source->model->encoding) != DS_TARGET_NUMBERS)
        return ds_picture_unsuitable(picture, "needs a number to predict, the target is classes");
    return parse(source, picture, &target);
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
    int64_t target, rows = set->rows;
    moment *moments = NULL;
    double *x = NULL;
    char title[200];
    DS_TRY(parse(source, picture, &target));
    DS_TRY(ds_new(&moments, (size_t)rows, sizeof *moments));
    DS_TRY(ds_new(&x, (size_t)(3 * rows), sizeof *x));
    DS_TRY(find_moments(source, set, target, moments));
    double *truth = x + rows, *prediction = truth + rows;
    for (int64_t i = 0; i < rows; i++) {
        x[i] = moments[i].x;
        truth[i] = moments[i].truth;
        prediction[i] = moments[i].prediction;
    }
    name = ds_encoding_target(source->model->encoding, target);
    snprintf(title, sizeof title, "%.80s: prediction and truth (%s set)", name, which);
    ds_look look = rows <= FEW ? DS_LOOK_LINE_POINTS : DS_LOOK_LINE;
    ds_series series[] = {{"truth", look, rows, x, truth},
                          {"prediction", look, rows, x, prediction}};
    ds_chart chart = {.title = title,
                      .x = ds_picture_row_axis(set),
                      .y = {.label = name},
                      .series = series,
                      .series_count = 2};
    DS_TRY(ds_picture_chart(&chart, folder, "forecast", drawn, notes));

cleanup:
    ds_free(moments);
    ds_free(x);
    return status;
}
