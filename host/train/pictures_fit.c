/* One number predicted from one column: the data, the curve through it and, for a dense layer, an
 * activation and a dense layer, what each hidden unit adds to the curve. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plot/plot_words.h"
#include "train/pictures_kinds.h"
#include "train/pictures_rows.h"

enum { MOST_TERMS = 32 };

ds_status ds_picture_fit_check(const ds_picture_source *source, const ds_picture *picture) {
    const ds_encoding *encoding = source->model->encoding;
    DS_CHECK(ds_picture_without_options(picture));
    if (ds_encoding_kind(encoding) != DS_TARGET_NUMBERS)
        return ds_picture_unsuitable(picture, "needs a number to predict, the target is classes; "
                                              "for two classes there is \"probability\"");
    if (ds_encoding_targets(encoding) != 1 || !ds_picture_is_curve(encoding))
        return ds_picture_unsuitable(picture,
                                     "needs one feature and one target, there are %lld "
                                     "and %lld",
                                     (long long)ds_encoding_columns(encoding),
                                     (long long)ds_encoding_targets(encoding));
    return DS_OK;
}

/* ---- what each hidden unit adds ---- */

/* The weights and, where it has one, the bias of the last layer. */
typedef struct last_dense {
    double *weight, *bias;
    int64_t units; /* that come in */
} last_dense;

/* Units of a network dense - activation - dense; 0 of any other, or of one with too many. */
static last_dense find_last_dense(const ds_model *model) {
    last_dense last = {0};
    const ds_layer *layer = model->layer;
    if (model->layers != 3 || layer[0].operation != &ds_op_dense ||
        layer[2].operation != &ds_op_dense || layer[1].operation->space != DS_SPACE_ELEMENTS ||
        layer[1].operation->parameters)
        return last;
    for (int i = 0; i < model->entries; i++) {
        double *values = model->parameters + model->entry[i].offset;
        if (strcmp(model->entry[i].name, "2.weight") == 0) {
            last.weight = values;
            last.units = ds_shape_count(&model->entry[i].rule.shape);
        } else if (strcmp(model->entry[i].name, "2.bias") == 0) {
            last.bias = values;
        }
    }
    if (last.units > MOST_TERMS)
        last.units = 0;
    return last;
}

/* The curve of the network in which only one unit's weight is left: y holds units x places. The
 * weights are put back. */
static ds_status find_terms(const ds_picture_source *source, const last_dense *last,
                            const double *x, double *y) {
    ds_status status = DS_OK;
    double *kept = NULL, bias = last->bias ? *last->bias : 0, scale, shift;
    size_t bytes = (size_t)last->units * sizeof *kept;
    ds_encoding_target_units(source->model->encoding, 0, &scale, &shift);
    DS_CHECK(ds_new(&kept, (size_t)last->units, sizeof *kept));
    memcpy(kept, last->weight, bytes);
    if (last->bias)
        *last->bias = 0;
    for (int64_t k = 0; k < last->units; k++, y += DS_PICTURE_PLACES) {
        memset(last->weight, 0, bytes);
        last->weight[k] = kept[k];
        DS_TRY(ds_picture_curve(source, x, DS_PICTURE_PLACES, 0, y));
        for (int i = 0; i < DS_PICTURE_PLACES; i++)
            y[i] -= shift;
    }

cleanup:
    memcpy(last->weight, kept, bytes);
    if (last->bias)
        *last->bias = bias;
    ds_free(kept);
    return status;
}

/* ---- the picture ---- */

/* All of y, unless the units would leave the data and the network too little of it to be readable:
 * then of the units as much as half that span again on either side, and what is beyond is cut. */
static ds_axis find_axis(const ds_series *series, int count, const char *label) {
    const double most = 2.5, room = 0.5, margin = 0.05; /* in spans of data and network */
    double from = INFINITY, to = -INFINITY, least = INFINITY, greatest = -INFINITY;
    for (int i = 0; i < count; i++) {
        bool unit = series[i].look == DS_LOOK_FAINT;
        ds_plot_extent(series[i].y, series[i].count, unit ? &least : &from, unit ? &greatest : &to);
    }
    double span = to - from;
    if (!(fmax(to, greatest) - fmin(from, least) > most * span))
        return (ds_axis){.label = label}; /* all of it fits */
    from = fmax(fmin(from, least), from - room * span);
    to = fmin(fmax(to, greatest), to + room * span);
    return (ds_axis){.label = label, .from = from - margin * span, .to = to + margin * span};
}

ds_status ds_picture_fit_draw(const ds_picture_source *source, const ds_picture *picture,
                              const char *folder, ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    const ds_encoding *encoding = source->model->encoding;
    const ds_set *set = &source->data->train;
    const char *x_name = ds_encoding_feature(encoding, 0),
               *y_name = ds_encoding_target(encoding, 0);
    last_dense last = find_last_dense(source->model);
    if (last.units == 1) /* one alone is the network's curve */
        last.units = 0;
    double *x = NULL, *y = NULL, *places = NULL, *curves = NULL;
    ds_series series[2 + MOST_TERMS];
    int count = 0;
    char title[200];
    (void)picture;
    DS_TRY(ds_picture_column(&x, set));
    DS_TRY(ds_picture_target(&y, set, 0));
    DS_TRY(ds_picture_places(&places, x, set->rows));
    DS_TRY(ds_new(&curves, (size_t)(1 + last.units) * DS_PICTURE_PLACES, sizeof *curves));
    DS_TRY(ds_picture_curve(source, places, DS_PICTURE_PLACES, 0, curves));
    if (last.units)
        DS_TRY(find_terms(source, &last, places, curves + DS_PICTURE_PLACES));
    series[count++] = (ds_series){"data", DS_LOOK_POINTS, set->rows, x, y};
    series[count++] = (ds_series){"network", DS_LOOK_THICK, DS_PICTURE_PLACES, places, curves};
    for (int64_t k = 1; k <= last.units; k++)
        series[count++] = (ds_series){k == 1 ? "each hidden unit" : NULL, DS_LOOK_FAINT,
                                      DS_PICTURE_PLACES, places, curves + k * DS_PICTURE_PLACES};
    snprintf(title, sizeof title, "%.80s from %.80s (training set)", y_name, x_name);
    ds_chart chart = {.title = title,
                      .x = {.label = x_name},
                      .y = find_axis(series, count, y_name),
                      .series = series,
                      .series_count = count};
    DS_TRY(ds_picture_chart(&chart, folder, "fit", drawn, notes));

cleanup:
    ds_free(x);
    ds_free(y);
    ds_free(places);
    ds_free(curves);
    return status;
}

/* The networks of a sweep over the data that they were trained on. */
ds_status ds_picture_fit_draw_runs(const ds_picture_runs *runs, const ds_picture *picture,
                                   const char *folder, ds_text *drawn, ds_text *notes) {
    const ds_encoding *encoding = runs->run[0].model->encoding;
    char title[200], what[160];
    (void)picture;
    snprintf(what, sizeof what, "%.60s from %.60s", ds_encoding_target(encoding, 0),
             ds_encoding_feature(encoding, 0));
    ds_picture_runs_title(title, sizeof title, runs, what);
    ds_chart chart = {.title = title,
                      .x = {.label = ds_encoding_feature(encoding, 0)},
                      .y = {.label = ds_encoding_target(encoding, 0)}};
    return ds_picture_curves(runs, 0, &chart, folder, "fit", drawn, notes);
}
