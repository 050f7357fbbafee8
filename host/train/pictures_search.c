/* The loss over the grid of an exhaustive search, from its search.csv: a curve over one parameter,
 * a surface over two. */
#include <stdio.h>

#include "base/files.h"
#include "plot/heatmap.h"
#include "train/number_columns.h"
#include "train/pictures_kinds.h"

ds_status ds_picture_search_check(const ds_picture_source *source, const ds_picture *picture) {
    (void)source;
    return ds_picture_without_options(picture);
}

static int64_t least_of(const double *values, int64_t count) {
    int64_t least = 0;
    for (int64_t i = 1; i < count; i++)
        if (values[i] < values[least])
            least = i;
    return least;
}

static ds_status draw_curve(const ds_table *table, const char *folder, ds_text *drawn,
                            ds_text *notes) {
    const double *x = table->column[0].numbers, *loss = table->column[1].numbers;
    int64_t least = least_of(loss, table->rows);
    char title[200];
    snprintf(title, sizeof title, "Loss at %lld values of %s, least at %.4g",
             (long long)table->rows, table->column[0].name, x[least]);
    ds_series series[] = {{"loss", DS_LOOK_LINE_POINTS, table->rows, x, loss},
                          {"least", DS_LOOK_POINTS, 1, &x[least], &loss[least]}};
    ds_chart chart = {.title = title,
                      .x = {.label = table->column[0].name},
                      .y = {.label = "loss"},
                      .series = series,
                      .series_count = 2};
    return ds_picture_chart(&chart, folder, "search", drawn, notes);
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
    ds_heatmap map = {.title = "Loss at every point of the grid, and the least",
                      .x_label = table->column[0].name,
                      .y_label = table->column[1].name,
                      .z_label = "loss",
                      .columns = columns,
                      .rows = rows,
                      .x = x_axis,
                      .y = y,
                      .z = z,
                      .end_word = "least",
                      .path_count = 1,
                      .path_x = &x[least],
                      .path_y = &y[least]};
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
    ds_table table = {0};
    char *path = NULL;
    DS_TRY(ds_path_join(&path, source->folder, "search.csv"));
    DS_TRY(ds_number_columns_read(&table, path));
    if (table.columns == 2)
        status = draw_curve(&table, folder, drawn, notes);
    else if (table.columns == 3)
        status = draw_surface(&table, folder, drawn, notes);
    else
        status = ds_picture_unsuitable(picture, "shows one or two parameters, not %d",
                                       table.columns - 1);

cleanup:
    ds_table_clear(&table);
    ds_free(path);
    return status;
}
