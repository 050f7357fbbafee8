/* One of two classes from one column: its probability, and the rows as 0 and 1. */
#include <math.h>
#include <stdio.h>

#include "base/number.h"
#include "train/pictures_kinds.h"
#include "train/pictures_rows.h"

ds_status ds_picture_probability_check(const ds_picture_source *source, const ds_picture *picture) {
    const ds_encoding *encoding = source->model->encoding;
    DS_CHECK(ds_picture_without_options(picture));
    if (ds_encoding_classes(encoding) != 2 || ds_encoding_targets(encoding) != 1)
        return ds_picture_unsuitable(picture, "needs one target of two classes");
    if (!ds_picture_is_curve(encoding))
        return ds_picture_unsuitable(picture, "needs one feature, there are %lld",
                                     (long long)ds_encoding_columns(encoding));
    return DS_OK;
}

/* Where the curve crosses 1/2, between its places; false where it does not, or more than once. */
static bool find_border(const double *x, const double *p, double *border) {
    int crossings = 0;
    for (int i = 1; i < DS_PICTURE_PLACES; i++)
        if ((p[i - 1] < 0.5) != (p[i] < 0.5)) {
            *border = x[i - 1] + (x[i] - x[i - 1]) * (0.5 - p[i - 1]) / (p[i] - p[i - 1]);
            crossings++;
        }
    return crossings == 1;
}

/* The second class's output, or the only one. */
static int64_t output_of(const ds_picture_source *source) {
    return ds_model_outputs(source->model) - 1;
}

static ds_axis axis_of(const ds_encoding *encoding, char *label, size_t size) {
    snprintf(label, size, "P(%.80s = %.80s)", ds_encoding_target(encoding, 0),
             ds_encoding_class(encoding, 1));
    return (ds_axis){.label = label, .from = -0.06, .to = 1.16};
}

ds_status ds_picture_probability_draw(const ds_picture_source *source, const ds_picture *picture,
                                      const char *folder, ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    const ds_encoding *encoding = source->model->encoding;
    const ds_set *set = &source->data->train;
    const char *feature = ds_encoding_feature(encoding, 0);
    double *x = NULL, *y = NULL, *places = NULL, *p = NULL;
    char label[200], title[320], word[64];
    ds_axis axis = axis_of(encoding, label, sizeof label);
    (void)picture;
    DS_TRY(ds_picture_column(&x, set));
    DS_TRY(ds_picture_target(&y, set, 0));
    DS_TRY(ds_picture_places(&places, x, set->rows));
    DS_TRY(ds_new(&p, DS_PICTURE_PLACES, sizeof *p));
    DS_TRY(ds_picture_curve(source, places, DS_PICTURE_PLACES, output_of(source), p));
    snprintf(title, sizeof title, "%s over %.80s (training set)", label, feature);
    ds_series series[] = {{"data", DS_LOOK_POINTS, set->rows, x, y},
                          {"network", DS_LOOK_LINE, DS_PICTURE_PLACES, places, p}};
    ds_callout border = {.y = NAN, .text = word};
    ds_chart chart = {.title = title,
                      .x = {.label = feature},
                      .y = axis,
                      .series = series,
                      .series_count = 2,
                      .callout = &border,
                      .callouts = find_border(places, p, &border.x)};
    ds_format(word, sizeof word, "p = 1/2 at %.4g", border.x);
    DS_TRY(ds_picture_chart(&chart, folder, "probability", drawn, notes));

cleanup:
    ds_free(x);
    ds_free(y);
    ds_free(places);
    ds_free(p);
    return status;
}

ds_status ds_picture_probability_draw_runs(const ds_picture_runs *runs, const ds_picture *picture,
                                           const char *folder, ds_text *drawn, ds_text *notes) {
    const ds_encoding *encoding = runs->run[0].model->encoding;
    char label[200], title[320];
    ds_chart chart = {.x = {.label = ds_encoding_feature(encoding, 0)},
                      .y = axis_of(encoding, label, sizeof label)};
    (void)picture;
    ds_picture_runs_title(title, sizeof title, runs, label);
    chart.title = title;
    return ds_picture_curves(runs, output_of(&runs->run[0]), &chart, folder, "probability", drawn,
                             notes);
}
