#include "data/normalize.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The mean or the median of the values of a column that are there, in the training rows. */
static ds_status find_middle(double *out, const ds_column *column, const ds_rows *train,
                             bool median) {
    double *value = NULL, sum = 0;
    size_t count = 0;
    DS_CHECK(ds_new(&value, (size_t)train->count, sizeof *value));
    for (int64_t k = 0; k < train->count; k++) {
        double x = ds_column_number(column, train->row[k]);
        if (isnan(x))
            continue;
        value[count++] = x;
        sum += x;
    }
    *out = count ? sum / (double)count : (double)NAN;
    if (median && count) {
        qsort(value, count, sizeof *value, by_size);
        double low = value[(count - 1) / 2], high = value[count / 2];
        *out = low + (high - low) / 2;
    }
    ds_free(value);
    return DS_OK;
}

ds_status ds_fit_missing(ds_encoding *encoding, const ds_source *source, const ds_rows *train) {
    for (int i = 0; i < encoding->inputs; i++) {
        ds_input *input = &encoding->input[i];
        const ds_column *column = NULL;
        ds_missing what = input->missing.what;
        if (what == DS_MISSING_NUMBER)
            input->fill = input->missing.number;
        if (input->categories.count || (what != DS_MISSING_MEAN && what != DS_MISSING_MEDIAN))
            continue;
        DS_CHECK(ds_table_need(&source->table, input->name, &column));
        DS_CHECK(find_middle(&input->fill, column, train, what == DS_MISSING_MEDIAN));
        if (!isfinite(input->fill) && !isnan(input->fill))
            return ds_fail(DS_BAD_INPUT, "divide the column in the file",
                           "column \"%s\" is too large for a mean", input->name);
        if (isnan(input->fill)) {
            char message[80];
            snprintf(message, sizeof message, "no training row has a number, so there is no %s",
                     ds_missing_words[what]);
            return ds_cell_fail_excluding(&source->table, column, train->row[0], message);
        }
    }
    return DS_OK;
}

/* What is known of each column of a matrix. */
typedef struct column_stats {
    double *least, *most, *mean, *deviation;
    double *row;  /* rows, for reading */
    int64_t rows; /* how many it has room for */
} column_stats;

static void clear_stats(column_stats *stats) {
    ds_free(stats->least);
    ds_free(stats->most);
    ds_free(stats->mean);
    ds_free(stats->deviation);
    ds_free(stats->row);
}

static ds_status make_stats(column_stats *stats, size_t columns) {
    DS_CHECK(ds_new(&stats->least, columns, sizeof(double)));
    DS_CHECK(ds_new(&stats->most, columns, sizeof(double)));
    DS_CHECK(ds_new(&stats->mean, columns, sizeof(double)));
    DS_CHECK(ds_new(&stats->deviation, columns, sizeof(double)));
    stats->rows = 1 + 4096 / (int64_t)(columns + 1);
    return ds_new(&stats->row, columns * (size_t)stats->rows, sizeof(double));
}

/* Two passes, the second over the distances from the mean: no cancellation. Rows are added up in
 * their order. A view is read one column at a time, but for words; cells are read row by row. */
static void add_row(column_stats *stats, const double *row, int64_t first, int64_t columns,
                    bool begin) {
    for (int64_t j = first; j < first + columns; j++) {
        double x = row[j - first];
        stats->least[j] = begin || x < stats->least[j] ? x : stats->least[j];
        stats->most[j] = begin || x > stats->most[j] ? x : stats->most[j];
        stats->mean[j] += x;
    }
}

static void add_distances(column_stats *stats, const double *row, int64_t first, int64_t columns) {
    for (int64_t j = first; j < first + columns; j++) {
        double distance = row[j - first] - stats->mean[j];
        stats->deviation[j] += distance * distance;
    }
}

static void measure_cells(column_stats *stats, const ds_matrix *matrix) {
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t i = 0, count; i < matrix->rows; i += count) {
            count = matrix->rows - i < stats->rows ? matrix->rows - i : stats->rows;
            ds_matrix_read(matrix, i, count, NULL, stats->row);
            for (int64_t k = 0; k < count; k++) {
                const double *row = stats->row + k * matrix->columns;
                if (pass == 0)
                    add_row(stats, row, 0, matrix->columns, i + k == 0);
                else
                    add_distances(stats, row, 0, matrix->columns);
            }
        }
        for (int64_t j = 0; j < matrix->columns && pass == 0; j++)
            stats->mean[j] /= (double)matrix->rows;
    }
}

/* One feature of a view, with its sums at hand. */
static void measure_feature(column_stats *stats, const ds_view_part *part, const int32_t *row,
                            int64_t rows, int64_t column) {
    enum { BLOCK = 512 };
    double value[BLOCK], least = INFINITY, most = -INFINITY, sum = 0, squares = 0;
    for (int64_t i = 0, count; i < rows; i += count) {
        count = rows - i < BLOCK ? rows - i : BLOCK;
        ds_view_part_read(part, 0, 1, row + i, count, value);
        for (int64_t k = 0; k < count; k++) {
            least = value[k] < least ? value[k] : least;
            most = value[k] > most ? value[k] : most;
            sum += value[k];
        }
    }
    const double mean = sum / (double)rows;
    for (int64_t i = 0, count; i < rows; i += count) {
        count = rows - i < BLOCK ? rows - i : BLOCK;
        ds_view_part_read(part, 0, 1, row + i, count, value);
        for (int64_t k = 0; k < count; k++)
            squares += (value[k] - mean) * (value[k] - mean);
    }
    stats->least[column] = least;
    stats->most[column] = most;
    stats->mean[column] = mean;
    stats->deviation[column] = squares;
}

/* Several features of one column, which are read together. */
static void measure_part(column_stats *stats, const ds_view_part *part, const int32_t *row,
                         int64_t rows, int64_t column) {
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t i = 0; i < rows; i++) {
            ds_view_part_read(part, 0, part->width, row + i, 1, stats->row);
            if (pass == 0)
                add_row(stats, stats->row, column, part->width, i == 0);
            else
                add_distances(stats, stats->row, column, part->width);
        }
        for (int64_t j = column; j < column + part->width && pass == 0; j++)
            stats->mean[j] /= (double)rows;
    }
}

/* The deviation; or, where its squares are beyond what a double holds, the spread in its place, and
 * the middle in that of the mean. */
static void mend_extremes(column_stats *stats, int64_t j) {
    double spread = stats->most[j] - stats->least[j];
    if (isnormal(stats->deviation[j] * stats->deviation[j]) || spread == 0)
        return;
    stats->deviation[j] = spread;
    stats->mean[j] = stats->least[j] / 2 + stats->most[j] / 2;
}

static void measure(column_stats *stats, const ds_matrix *matrix) {
    const ds_column_view *view = matrix->view;
    int64_t column = 0;
    if (!view)
        measure_cells(stats, matrix);
    for (int p = 0; view && p < view->parts; p++) {
        if (view->part[p].width == 1 && !view->part[p].category)
            measure_feature(stats, &view->part[p], view->row, matrix->rows, column);
        else if (!view->part[p].category)
            measure_part(stats, &view->part[p], view->row, matrix->rows, column);
        column += view->part[p].width;
    }
    for (int64_t j = 0; j < matrix->columns; j++) {
        stats->deviation[j] = sqrt(stats->deviation[j] / (double)matrix->rows);
        mend_extremes(stats, j);
    }
}

/* Whether all values are one, but for some roundings of the arithmetic that they came from: a
 * spread of at most 64 units in the last place of the largest. */
static bool is_constant(const column_stats *stats, int64_t j) {
    double size = fmax(fabs(stats->least[j]), fabs(stats->most[j]));
    return stats->most[j] - stats->least[j] <= 64 * DBL_EPSILON * size;
}

/* Features that are 0 or 1 whatever the column's unit is: words, and what says that a cell is
 * missing. */
static bool has_no_unit(const ds_input *input, int k) {
    return input->categories.count || (input->missing.indicator && k + 1 == ds_input_width(input));
}

ds_status ds_fit_nothing(ds_encoding *encoding, double scale) {
    size_t count = (size_t)encoding->features;
    DS_CHECK(ds_new(&encoding->subtract, count, sizeof(double)));
    DS_CHECK(ds_new(&encoding->divide, count, sizeof(double)));
    int64_t j = 0;
    for (int i = 0; i < encoding->inputs; i++) {
        const ds_input *input = &encoding->input[i];
        for (int k = 0; k < ds_input_width(input); k++, j++)
            encoding->divide[j] = has_no_unit(input, k)   ? 1
                                  : k > 0 && !input->lags ? encoding->divide[j - 1] * scale
                                                          : scale;
    }
    return DS_OK;
}

/* One line that names the constant columns, or the first of many. */
static ds_status note_constants(const ds_encoding *encoding, ds_text *notes) {
    enum { NAMED = 8 };
    int64_t count = 0;
    for (int64_t j = 0; j < encoding->features; j++)
        count += isinf(encoding->divide[j]) != 0;
    if (count == 0)
        return DS_OK;
    if (count == 1)
        DS_CHECK(ds_text_add(notes, "a column is constant in the training rows and left at 0:"));
    else
        DS_CHECK(ds_text_add(notes, "%lld columns are constant in the training rows and left at 0:",
                             (long long)count));
    int64_t named = 0;
    for (int64_t j = 0; j < encoding->features && named < NAMED; j++)
        if (isinf(encoding->divide[j]))
            DS_CHECK(ds_text_add(notes, "%s \"%s\"", named++ ? "," : "", encoding->feature[j]));
    return ds_text_add(notes, count > NAMED ? ", ...\n" : "\n");
}

static ds_status fit_measured(ds_encoding *encoding, const ds_matrix *train, bool minmax,
                              ds_text *notes) {
    ds_status status = DS_OK;
    column_stats stats = {0};
    DS_TRY(make_stats(&stats, (size_t)train->columns));
    measure(&stats, train);
    int64_t j = 0;
    for (int i = 0; i < encoding->inputs; i++) {
        int width = ds_input_width(&encoding->input[i]);
        if (encoding->input[i].categories.count) {
            j += width;
            continue;
        }
        for (int k = 0; k < width; k++, j++) {
            if (has_no_unit(&encoding->input[i], k))
                continue;
            double divide = minmax ? stats.most[j] - stats.least[j] : stats.deviation[j];
            if (!isfinite(divide)) {
                status = ds_fail(
                    DS_BAD_INPUT, "divide the column in the file, or --set data.normalize=none",
                    "column \"%s\" is too large to be normalized", encoding->feature[j]);
                goto cleanup;
            }
            bool constant = is_constant(&stats, j) || divide == 0;
            encoding->subtract[j] = minmax || constant ? stats.least[j] : stats.mean[j];
            encoding->divide[j] = constant ? INFINITY : divide;
        }
    }
    DS_TRY(note_constants(encoding, notes));

cleanup:
    clear_stats(&stats);
    return status;
}

/* Whether the key of `normalize: {key: ...}` means this feature: its name; or a column's name, for
 * the column itself and for its lags. */
static bool key_means(const char *key, const ds_input *input, int index, const char *feature) {
    return strcmp(key, feature) == 0 ||
           ((index == 0 || input->lags) && strcmp(key, input->name) == 0);
}

static ds_status fit_given(ds_encoding *encoding, const ds_node *entry) {
    bool found = false;
    int64_t j = 0;
    double subtract = 0, divide = 1;
    const ds_node *node = ds_node_get(entry, "subtract");
    if (node)
        DS_CHECK(ds_node_number(node, "subtract", &subtract));
    node = ds_node_get(entry, "divide");
    if (node)
        DS_CHECK(ds_node_number(node, "divide", &divide));
    for (int i = 0; i < encoding->inputs; i++) {
        const ds_input *input = &encoding->input[i];
        for (int k = 0; k < ds_input_width(input); k++, j++) {
            if (!key_means(entry->key, input, k, encoding->feature[j]))
                continue;
            if (input->categories.count)
                return ds_node_fail(entry, "leave it out",
                                    "normalize: \"%s\" is text, whose features are 0 and 1",
                                    entry->key);
            encoding->subtract[j] = subtract * encoding->divide[j]; /* on top of the scale */
            encoding->divide[j] *= divide;
            found = true;
        }
    }
    if (found)
        return DS_OK;
    ds_text hint = {0};
    ds_status status = ds_text_add(&hint, "the features:");
    for (j = 0; j < encoding->features && j < 12 && status == DS_OK; j++)
        status = ds_text_add(&hint, "%s %s", j ? "," : "", encoding->feature[j]);
    if (status == DS_OK)
        status =
            ds_node_fail(entry, hint.characters, "normalize: \"%s\" is not a feature", entry->key);
    ds_text_clear(&hint);
    return status;
}

ds_status ds_fit_features(ds_encoding *encoding, const ds_matrix *train,
                          const ds_data_options *options, double scale, ds_text *notes) {
    DS_CHECK(ds_fit_nothing(encoding, scale));
    DS_EACH_CHILD (entry, options->constants)
        DS_CHECK(fit_given(encoding, entry));
    /* Both undo any scale, so they are fitted on the cells as they are. */
    if (options->normalize == DS_NORMALIZE_STANDARD || options->normalize == DS_NORMALIZE_MINMAX)
        return fit_measured(encoding, train, options->normalize == DS_NORMALIZE_MINMAX, notes);
    return DS_OK;
}

ds_status ds_fit_targets(ds_encoding *encoding, const ds_matrix *train, ds_text *notes) {
    ds_status status = DS_OK;
    column_stats stats = {0};
    DS_TRY(make_stats(&stats, (size_t)train->columns));
    measure(&stats, train);
    for (int j = 0; j < encoding->outputs; j++) {
        ds_output *output = &encoding->output[j];
        if (!isfinite(stats.deviation[j])) {
            status =
                ds_fail(DS_BAD_INPUT, "divide it in the file, or --set data.normalize_target=none",
                        "target \"%s\" is too large to be normalized", output->name);
            goto cleanup;
        }
        bool constant = is_constant(&stats, j);
        output->subtract = constant ? stats.least[j] : stats.mean[j];
        output->divide = constant ? 1 : stats.deviation[j];
        if (constant)
            DS_TRY(ds_text_add(notes, "the target \"%s\" is constant in the training rows\n",
                               output->name));
    }

cleanup:
    clear_stats(&stats);
    return status;
}
