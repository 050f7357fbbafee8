#include "data/normalize.h"

#include <math.h>
#include <string.h>

ds_status ds_fit_means(ds_encoding *encoding, const ds_source *source, const ds_rows *train) {
    if (encoding->missing != DS_MISSING_MEAN)
        return DS_OK;
    for (int i = 0; i < encoding->inputs; i++) {
        ds_input *input = &encoding->input[i];
        const ds_column *column = NULL;
        double sum = 0;
        int64_t count = 0;
        if (input->categories.count)
            continue;
        DS_CHECK(ds_table_need(&source->table, input->name, &column));
        for (int64_t k = 0; k < train->count; k++) {
            double value = ds_column_number(column, train->row[k]);
            if (!isnan(value)) {
                sum += value;
                count++;
            }
        }
        if (count == 0)
            return ds_fail(DS_BAD_INPUT, "leave the column out of `features`",
                           "%s: column \"%s\" has no number in any training row, so it has no mean",
                           source->table.source, input->name);
        input->fill = sum / (double)count;
    }
    return DS_OK;
}

/* What is known of each column of a matrix. */
typedef struct column_stats {
    double *least, *most, *mean, *deviation;
    double *row; /* one row, for reading */
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
    return ds_new(&stats->row, columns, sizeof(double));
}

/* Two passes, the second over the distances from the mean: no cancellation. */
static void measure(column_stats *stats, const ds_matrix *matrix) {
    int64_t columns = matrix->columns;
    double rows = (double)matrix->rows;
    for (int64_t i = 0; i < matrix->rows; i++) {
        ds_matrix_read(matrix, i, 1, NULL, stats->row);
        for (int64_t j = 0; j < columns; j++) {
            double x = stats->row[j];
            stats->least[j] = i == 0 || x < stats->least[j] ? x : stats->least[j];
            stats->most[j] = i == 0 || x > stats->most[j] ? x : stats->most[j];
            stats->mean[j] += x;
        }
    }
    for (int64_t j = 0; j < columns; j++)
        stats->mean[j] /= rows;
    for (int64_t i = 0; i < matrix->rows; i++) {
        ds_matrix_read(matrix, i, 1, NULL, stats->row);
        for (int64_t j = 0; j < columns; j++) {
            double distance = stats->row[j] - stats->mean[j];
            stats->deviation[j] += distance * distance;
        }
    }
    for (int64_t j = 0; j < columns; j++)
        stats->deviation[j] = sqrt(stats->deviation[j] / rows);
}

ds_status ds_fit_nothing(ds_encoding *encoding, double scale) {
    size_t count = (size_t)encoding->features;
    DS_CHECK(ds_new(&encoding->subtract, count, sizeof(double)));
    DS_CHECK(ds_new(&encoding->divide, count, sizeof(double)));
    int64_t j = 0;
    for (int i = 0; i < encoding->inputs; i++) {
        const ds_input *input = &encoding->input[i];
        for (int k = 0; k < ds_input_width(input); k++, j++)
            encoding->divide[j] = input->categories.count ? 1
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
            double divide = minmax ? stats.most[j] - stats.least[j] : stats.deviation[j];
            if (!isfinite(divide)) {
                status =
                    ds_fail(DS_BAD_INPUT, "divide the column in the file, or `normalize: none`",
                            "column \"%s\" is too large to be normalized", encoding->feature[j]);
                goto cleanup;
            }
            bool constant = stats.least[j] == stats.most[j] || divide == 0;
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
            status = ds_fail(DS_BAD_INPUT, "divide it in the file, or `normalize_target: none`",
                             "target \"%s\" is too large to be normalized", output->name);
            goto cleanup;
        }
        bool constant = stats.least[j] == stats.most[j] || stats.deviation[j] == 0;
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
