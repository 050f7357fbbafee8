/* The networks of a sweep as curves over one feature, in one picture. */
#include <string.h>

#include "plot/gnuplot.h"
#include "train/pictures_kinds.h"
#include "train/pictures_rows.h"

enum { FEW_ROWS = 60 };

/* A run's rows and its curve. */
typedef struct curve {
    double *x, *y, *places, *value;
    int64_t rows;
} curve;

static void curves_free(curve *list, int count) {
    for (int i = 0; list && i < count; i++) {
        ds_free(list[i].x);
        ds_free(list[i].y);
        ds_free(list[i].places);
        ds_free(list[i].value);
    }
    ds_free(list);
}

static ds_status find_curve(curve *c, const ds_picture_source *source, int64_t output) {
    const ds_set *set = &source->data->train;
    c->rows = set->rows;
    DS_CHECK(ds_picture_column(&c->x, set));
    DS_CHECK(ds_picture_target(&c->y, set, 0));
    DS_CHECK(ds_picture_places(&c->places, c->x, set->rows));
    DS_CHECK(ds_new(&c->value, DS_PICTURE_PLACES, sizeof *c->value));
    return ds_picture_curve(source, c->places, DS_PICTURE_PLACES, output, c->value);
}

static bool same_rows(const curve *a, const curve *b) {
    size_t bytes = (size_t)a->rows * sizeof *a->x;
    return a->rows == b->rows && memcmp(a->x, b->x, bytes) == 0 && memcmp(a->y, b->y, bytes) == 0;
}

/* The rows once where all runs have the same, else each run's in its colour. */
static int add_rows(const curve *list, int count, ds_series *series) {
    bool same = true;
    for (int i = 1; i < count; i++)
        same = same && same_rows(&list[i], &list[0]);
    for (int i = 0; i < (same ? 1 : count); i++)
        series[i] = (ds_series){same ? "data" : NULL,
                                list[i].rows <= FEW_ROWS ? DS_LOOK_MARKS : DS_LOOK_POINTS,
                                list[i].rows,
                                list[i].x,
                                list[i].y,
                                same ? "#6b7780" : ds_plot_shade(i, count)};
    return same ? 1 : count;
}

ds_status ds_picture_curves(const ds_picture_runs *runs, int64_t output, ds_chart *chart,
                            const char *folder, const char *name, ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    curve *list = NULL;
    ds_series series[2 * DS_PICTURE_MOST_RUNS];
    DS_TRY(ds_new(&list, (size_t)runs->count, sizeof *list));
    for (int i = 0; i < runs->count; i++)
        DS_TRY(find_curve(&list[i], &runs->run[i], output));
    int count = add_rows(list, runs->count, series);
    for (int i = 0; i < runs->count; i++)
        series[count++] = (ds_series){runs->name[i],  DS_LOOK_LINE,  DS_PICTURE_PLACES,
                                      list[i].places, list[i].value, ds_plot_shade(i, runs->count)};
    chart->series = series;
    chart->series_count = count;
    DS_TRY(ds_picture_chart(chart, folder, name, drawn, notes));

cleanup:
    curves_free(list, runs->count);
    return status;
}
