#include "train/pictures_rows.h"

#include <math.h>

#include "data/matrix.h"
#include "plot/plot_words.h"

const ds_set *ds_picture_rows(const ds_data *data, const char **name) {
    *name = data->test.rows ? "test" : data->validation.rows ? "validation" : "training";
    return data->test.rows ? &data->test : data->validation.rows ? &data->validation : &data->train;
}

double ds_picture_row_x(const ds_set *set, int64_t i) {
    if (set->date)
        return set->date[i];
    return (double)ds_set_file_row(set, i);
}

ds_axis ds_picture_row_axis(const ds_set *set) {
    if (set->date)
        return (ds_axis){.label = "date", .scale = DS_SCALE_DATE};
    return (ds_axis){.label = "row"};
}

bool ds_picture_is_curve(const ds_encoding *encoding) {
    return ds_encoding_columns(encoding) == 1;
}

static ds_status copy_column(double **out, const ds_matrix *matrix, int64_t column) {
    DS_CHECK(ds_new(out, (size_t)matrix->rows, sizeof **out));
    for (int64_t i = 0; i < matrix->rows; i++)
        (*out)[i] = ds_matrix_cell(matrix, i, column);
    return DS_OK;
}

ds_status ds_picture_column(double **out, const ds_set *set) {
    return copy_column(out, &set->features, 0);
}

ds_status ds_picture_target(double **out, const ds_set *set, int64_t target) {
    return copy_column(out, &set->targets, target);
}

ds_status ds_picture_curve(const ds_picture_source *source, const double *x, int64_t count,
                           int64_t output, double *y) {
    ds_status status = DS_OK;
    int64_t outputs = ds_model_outputs(source->model);
    float *answer = NULL;
    ds_array places = {x, DS_ARRAY_FLOAT64, count, 1};
    DS_TRY(ds_new(&answer, (size_t)(count * outputs), sizeof *answer));
    DS_TRY(ds_model_predict(source->model, source->device, places, answer));
    for (int64_t i = 0; i < count; i++)
        y[i] = answer[i * outputs + output];

cleanup:
    ds_free(answer);
    return status;
}

ds_status ds_picture_places(double **out, const double *values, int64_t count) {
    double from = INFINITY, to = -INFINITY;
    ds_plot_extent(values, count, &from, &to);
    if (!(from < to)) {
        from -= 1;
        to += 1;
    }
    DS_CHECK(ds_new(out, DS_PICTURE_PLACES, sizeof **out));
    for (int i = 0; i < DS_PICTURE_PLACES; i++)
        (*out)[i] = from + (to - from) * i / (DS_PICTURE_PLACES - 1);
    return DS_OK;
}
