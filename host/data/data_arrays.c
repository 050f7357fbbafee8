/* Data from a program's memory, and the public calls on data. */
#include <math.h>
#include <string.h>

#include "data/encode.h"
#include "data/encoding_plan.h"
#include "data/normalize.h"
#include "data/target_plan.h"

ds_data *ds_data_share(ds_data *data) {
    data->shared++;
    return data;
}

void ds_data_destroy(ds_data *data) {
    if (!data || data->shared-- > 0)
        return;
    ds_set_clear(&data->train);
    ds_set_clear(&data->validation);
    ds_set_clear(&data->test);
    ds_source_destroy(data->source);
    ds_encoding_destroy(data->encoding);
    ds_free(data);
}

int64_t ds_data_rows(const ds_data *data) {
    return data->train.rows;
}

ds_status ds_data_read(ds_data **out, const char *options) {
    ds_status status = DS_OK;
    ds_node *node = NULL;
    ds_text notes = {0};
    DS_TRY(ds_node_parse(&node, options, "data"));
    DS_TRY(ds_dataset_read(out, node, NULL, DS_TARGET_AUTO, NULL, 1, &notes));

cleanup:
    ds_text_clear(&notes);
    ds_node_destroy(node);
    return status;
}

/* A copy of an array, every value finite. */
static ds_status copy_array(ds_array_file *out, ds_array array, const char *name) {
    ds_status status = DS_OK;
    ds_array_file file = {.rank = 1, .shape = {array.columns}, .scale = 1};
    ds_cell cell = array.type == DS_ARRAY_FLOAT32 ? DS_CELL_FLOAT32 : DS_CELL_FLOAT64;
    if (!array.values || array.rows < 1 || array.columns < 1 || array.rows > INT32_MAX - 1 ||
        array.columns > INT32_MAX ||
        (array.type != DS_ARRAY_FLOAT32 && array.type != DS_ARRAY_FLOAT64))
        return ds_fail(DS_BAD_INPUT, "give values, rows and columns of at least 1, and their type",
                       "%s: %lld rows and %lld columns are no array", name, (long long)array.rows,
                       (long long)array.columns);
    DS_TRY(ds_copy_text(&file.source, name));
    DS_TRY(ds_matrix_new(&file.cells, cell, array.rows, array.columns));
    memcpy(file.cells.cells, array.values,
           (size_t)array.rows * (size_t)array.columns * ds_cell_size(cell));
    DS_TRY(ds_array_file_check(&file));
    *out = file;
    file = (ds_array_file){0};

cleanup:
    ds_array_file_clear(&file);
    return status;
}

/* The classes "0", "1", ..., of which some may not occur. */
static ds_status plan_numbered_classes(ds_encoding *encoding, const ds_table *labels,
                                       int64_t classes) {
    ds_status status = DS_OK;
    ds_words words = {0};
    const ds_column *column = &labels->column[0];
    encoding->kind = DS_TARGET_CLASSES;
    if (labels->columns != 1 || classes > INT32_MAX / 4)
        return ds_fail(DS_BAD_INPUT, "give one column of class numbers",
                       "targets: %d columns of %lld classes", labels->columns, (long long)classes);
    for (int64_t i = 0; i < labels->rows; i++) {
        double value = ds_column_number(column, i);
        if (value != floor(value) || value < 0 || value >= (double)classes)
            return ds_fail(DS_BAD_INPUT, "classes are counted from 0",
                           "targets: row %lld: expected a class of 0 to %lld, got %g",
                           (long long)i + 1, (long long)classes - 1, value);
    }
    for (int64_t i = 0; i < classes; i++) {
        ds_text name = {0};
        int32_t index;
        status = ds_text_add(&name, "%lld", (long long)i);
        if (status == DS_OK)
            status = ds_words_add(&words, name.characters, &index);
        ds_text_clear(&name);
        DS_TRY(status);
    }
    DS_TRY(ds_words_sort(&encoding->classes, &words));

cleanup:
    ds_words_clear(&words);
    return status;
}

static ds_status plan_arrays(ds_encoding *encoding, const ds_source *source, int64_t classes) {
    encoding->kind = DS_TARGET_NUMBERS;
    DS_CHECK(ds_encoding_plan_array(encoding, &source->array));
    DS_CHECK(ds_new(&encoding->output, (size_t)source->labels.columns, sizeof *encoding->output));
    for (int i = 0; i < source->labels.columns; i++)
        DS_CHECK(ds_target_add(encoding, source->labels.column[i].name));
    if (classes > 0)
        DS_CHECK(plan_numbered_classes(encoding, &source->labels, classes));
    DS_CHECK(ds_encoding_finish(encoding));
    return ds_fit_nothing(encoding, 1);
}

ds_status ds_data_from_arrays(ds_data **out, ds_array features, ds_array targets, int64_t classes) {
    ds_status status = DS_OK;
    ds_source source = {.is_array = true, .has_labels = true, .rows = features.rows};
    ds_array_file labels = {0};
    ds_rows rows = {0};
    ds_data *data = NULL;
    DS_TRY(copy_array(&source.array, features, "features"));
    DS_TRY(copy_array(&labels, targets, "targets"));
    if (features.rows != targets.rows || classes < 0) {
        status = ds_fail(DS_BAD_INPUT, "row i of the features belongs to row i of the targets",
                         "%lld rows of features, %lld of targets, %lld classes",
                         (long long)features.rows, (long long)targets.rows, (long long)classes);
        goto cleanup;
    }
    DS_TRY(
        ds_table_from_matrix(&source.labels, &labels.cells, "targets", "target", "target", NULL));
    DS_TRY(ds_new(&data, 1, sizeof *data));
    DS_TRY(ds_new(&data->encoding, 1, sizeof *data->encoding));
    DS_TRY(plan_arrays(data->encoding, &source, classes));
    DS_TRY(ds_rows_usable(&rows, data->encoding, &source, true, false));
    DS_TRY(ds_encode(&data->train, data->encoding, &source, &rows, true, true, NULL));
    data->train.from = NULL;
    *out = data;
    data = NULL;

cleanup:
    ds_data_destroy(data);
    ds_rows_clear(&rows);
    ds_array_file_clear(&labels);
    ds_source_clear(&source);
    return status;
}

static ds_status apply_rows(const ds_encoding *encoding, const ds_matrix *raw, ds_matrix *out) {
    double *to = out->cells;
    for (int64_t i = 0; i < raw->rows; i++) {
        int64_t from = 0;
        for (int k = 0; k < encoding->inputs; k++) {
            const ds_input *input = &encoding->input[k];
            for (int lag = 0; lag < input->lags; lag++)
                *to++ = ds_matrix_cell(raw, i, from++);
            if (input->lags)
                continue;
            double value = ds_matrix_cell(raw, i, from++);
            if (!ds_encode_powers(to, value, input->powers))
                return ds_fail(DS_BAD_INPUT, "",
                               "features: row %lld: %g to the power of %d is too large",
                               (long long)i + 1, value, input->powers);
            to += input->powers;
            if (input->missing.indicator) /* an array holds no missing value */
                *to++ = 0;
        }
    }
    return DS_OK;
}

ds_status ds_encoding_apply_array(const ds_encoding *encoding, ds_array features, ds_matrix *out) {
    ds_status status = DS_OK;
    ds_array_file raw = {0};
    ds_matrix matrix = {0};
    for (int i = 0; i < encoding->inputs; i++)
        if (encoding->input[i].categories.count)
            return ds_fail(DS_BAD_INPUT, "give the data as a CSV file",
                           "features: column \"%s\" is text, which an array of numbers cannot hold",
                           encoding->input[i].name);
    DS_TRY(copy_array(&raw, features, "features"));
    if (features.columns != encoding->raw) {
        status = ds_fail(DS_BAD_INPUT, "give the columns of the training data, in their order",
                         "features: expected %lld columns, got %lld", (long long)encoding->raw,
                         (long long)features.columns);
        goto cleanup;
    }
    DS_TRY(ds_matrix_new(&matrix, DS_CELL_FLOAT64, features.rows, encoding->features));
    DS_TRY(apply_rows(encoding, &raw.cells, &matrix));
    DS_TRY(ds_encode_feature_constants(&matrix, encoding));
    *out = matrix;
    matrix = (ds_matrix){0};

cleanup:
    ds_matrix_clear(&matrix);
    ds_array_file_clear(&raw);
    return status;
}
