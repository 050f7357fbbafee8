/* The loss over the grid of an exhaustive search, from its search.csv: a curve over one parameter,
 * a surface over two. */
#include <math.h>
#include <stdio.h>

#include "base/files.h"
#include "base/number.h"
#include "plot/heatmap.h"
#include "train/number_columns.h"
#include "train/pictures_kinds.h"

ds_status ds_picture_search_check(const ds_picture_source *source, const ds_picture *picture) {
    DS_CHECK(ds_picture_without_options(picture));
    if (!ds_node_get(source->recipe, "search"))
        return picture->afterwards
                   ? ds_node_fail(picture->place, "search: {0.weight: [1, 2, 3]} makes one",
                                  "this run was not a search")
                   : ds_picture_unsuitable(picture, "needs a `search` in the recipe");
    return DS_OK;
}

static int64_t least_of(const double *values, int64_t count) {
    int64_t least = 0;
    for (int64_t i = 1; i < count; i++)
        if (values[i] < values[least] || isnan(values[least]))
            least = i;
    return least;
}

/* With more points than these they hide each other. */
enum { MOST_MARKED = 120 };

static void make_curve(ds_search_curve *c) {
    const ds_table *table = &c->table;
    const char *name = table->column[0].name;
    const double *x = table->column[0].numbers, *loss = table->column[1].numbers;
    int64_t least = least_of(loss, table->rows);
    snprintf(c->title, sizeof c->title, "Loss at %lld values of %s", (long long)table->rows, name);
    ds_format(c->word, sizeof c->word, "least at %.4g", x[least]);
    c->series = (ds_series){"loss", table->rows > MOST_MARKED ? DS_LOOK_LINE : DS_LOOK_LINE_POINTS,
                            table->rows, x, loss};
    c->least = (ds_callout){x[least], loss[least], c->word, "#D55E00"};
    c->chart = (ds_chart){.title = c->title,
                          .x = {.label = name},
                          .y = {.label = "loss"},
                          .series = &c->series,
                          .series_count = 1,
                          .callout = &c->least,
                          .callouts = isfinite(loss[least])};
}

ds_status ds_search_curve_read(ds_search_curve *out, const char *run_folder) {
    ds_status status = DS_OK;
    char *path = NULL;
    *out = (ds_search_curve){0};
    DS_TRY(ds_path_join(&path, run_folder, "search.csv"));
    DS_TRY(ds_number_columns_read(&out->table, path));
    if (out->table.columns == 2)
        make_curve(out);

cleanup:
    ds_free(path);
    return status;
}

void ds_search_curve_clear(ds_search_curve *curve) {
    ds_table_clear(&curve->table);
}

/* The table goes through the second parameter first; a heatmap through x. */
static ds_status draw_surface(const ds_table *table, const char *folder, ds_text *drawn,
                              ds_text *notes) {
    const double *x = table->column[0].numbers, *y = table->column[1].numbers;
    const double *loss = table->column[2].numbers;
    ds_status status = DS_OK;
    double *x_axis = NULL, *z = NULL;
    int64_t rows = 1;
    while (rows < table->rows && x[rows] == x[0])
        rows++;
    int64_t columns = table->rows / rows;
    DS_TRY(ds_new(&x_axis, (size_t)columns, sizeof *x_axis));
    DS_TRY(ds_new(&z, (size_t)table->rows, sizeof *z));
    for (int64_t i = 0; i < columns; i++) {
        x_axis[i] = x[i * rows];
        for (int64_t k = 0; k < rows; k++)
            z[k * columns + i] = loss[i * rows + k];
    }
    int64_t least = least_of(loss, table->rows);
    ds_heatmap_path point = {.count = 1, .x = &x[least], .y = &y[least], .end = "least"};
    ds_heatmap map = {.title = "Loss at every point of the grid, and the least",
                      .x_label = table->column[0].name,
                      .y_label = table->column[1].name,
                      .z_label = "loss",
                      .columns = columns,
                      .rows = rows,
                      .x = x_axis,
                      .y = y,
                      .z = z,
                      .paths = 1,
                      .path = &point};
    DS_TRY(ds_heatmap_draw(&map, folder, "search", notes));
    DS_TRY(ds_text_add(drawn, "search\n"));

cleanup:
    ds_free(x_axis);
    ds_free(z);
    return status;
}

ds_status ds_picture_search_draw(const ds_picture_source *source, const ds_picture *picture,
                                 const char *folder, ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    ds_search_curve curve = {0};
    DS_TRY(ds_search_curve_read(&curve, source->folder));
    if (curve.chart.series_count)
        status = ds_picture_chart(&curve.chart, folder, "search", drawn, notes);
    else if (curve.table.columns == 3)
        status = draw_surface(&curve.table, folder, drawn, notes);
    else
        status = ds_picture_unsuitable(picture, "shows one or two parameters, not %d",
                                       curve.table.columns - 1);

cleanup:
    ds_search_curve_clear(&curve);
    return status;
}
