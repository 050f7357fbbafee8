#include "data/split.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/random.h"
#include "data/series.h"

void ds_rows_clear(ds_rows *rows) {
    ds_free(rows->row);
    *rows = (ds_rows){0};
}

/* Keeps the rows where this column has a value. */
static void keep_present(ds_rows *rows, const ds_column *column) {
    int64_t kept = 0;
    for (int64_t i = 0; i < rows->count; i++)
        if (!ds_column_is_missing(column, rows->row[i]))
            rows->row[kept++] = rows->row[i];
    rows->count = kept;
}

static ds_status drop_missing(ds_rows *rows, const ds_encoding *encoding, ds_source *source,
                              bool with_targets) {
    const ds_column *input = NULL;
    for (int i = 0; i < encoding->inputs && !source->is_array; i++) {
        DS_CHECK(ds_table_need(&source->table, encoding->input[i].name, &input));
        keep_present(rows, input);
    }
    for (int i = 0; i < encoding->outputs && with_targets; i++) {
        ds_table *table = NULL;
        ds_column *output = NULL;
        DS_CHECK(ds_source_target(source, encoding->output[i].name, &table, &output));
        keep_present(rows, output);
    }
    if (rows->count == 0)
        return ds_fail(DS_BAD_INPUT, "leave columns with many gaps out of `features`",
                       "%s: every row has a missing cell", source->table.source);
    return DS_OK;
}

ds_status ds_rows_usable(ds_rows *out, const ds_encoding *encoding, ds_source *source,
                         bool with_targets) {
    ds_rows rows = {.count = source->rows};
    ds_status status = DS_OK;
    DS_CHECK(ds_new(&rows.row, (size_t)rows.count, sizeof *rows.row));
    for (int64_t i = 0; i < rows.count; i++)
        rows.row[i] = i;
    if (encoding->missing == DS_MISSING_DROP)
        DS_TRY(drop_missing(&rows, encoding, source, with_targets));
    *out = rows;
    rows = (ds_rows){0};

cleanup:
    ds_rows_clear(&rows);
    return status;
}

/* The set (0, 1 or 2) of every row. */
static ds_status assign(unsigned char *set, int64_t count, const int64_t sizes[3],
                        const ds_data_options *options, uint64_t seed) {
    int32_t *order = NULL;
    if (!options->by_order) {
        DS_CHECK(ds_new(&order, (size_t)count, sizeof *order));
        ds_random_order(order, (int32_t)count, seed, DS_STREAM_SPLIT, 0);
    }
    for (int64_t i = 0; i < count; i++)
        set[order ? order[i] : i] = i < sizes[0] ? 0 : i < sizes[0] + sizes[1] ? 1 : 2;
    ds_free(order);
    return DS_OK;
}

/* A share that came to less than a row is as good as none. */
static ds_status note_empty(const char *set, double share, int64_t size, int64_t rows,
                            ds_text *notes) {
    if (share == 0 || size > 0)
        return DS_OK;
    return ds_text_add(notes,
                       "split: a share of %.4g of %lld rows is no row for %s: write at least %.4g, "
                       "or leave it out\n",
                       share, (long long)rows, set, ceil(1e4 / (double)rows) / 1e4);
}

/* The sizes by the shares of the options. */
static ds_status share_out(int64_t sizes[3], int64_t count, const ds_data_options *options,
                           ds_text *notes) {
    sizes[1] = (int64_t)floor((double)count * options->validation_share);
    sizes[2] = (int64_t)floor((double)count * options->test_share);
    sizes[0] = count - sizes[1] - sizes[2];
    DS_CHECK(note_empty("validation", options->validation_share, sizes[1], count, notes));
    return note_empty("test", options->test_share, sizes[2], count, notes);
}

/* The first of the rows, which are in order, whose date is that of a node or later. */
static ds_status find_date(int64_t *out, const ds_rows *rows, const ds_source *source,
                           const ds_encoding *encoding, const ds_node *node) {
    double at;
    int64_t first = 0;
    char begin[32], end[32], hint[128];
    if (!ds_date_parse(node->text, "%Y-%m-%d", &at) &&
        !ds_date_parse(node->text, encoding->date.format, &at))
        return ds_node_fail(node, "for example 2021-01-01", "%s: expected a date, got \"%s\"",
                            node->key, node->text);
    while (first < rows->count && source->date[rows->row[first]] < at)
        first++;
    if (first > 0 && first < rows->count) {
        *out = first;
        return DS_OK;
    }
    ds_date_print(begin, source->date[rows->row[0]]);
    ds_date_print(end, source->date[rows->row[rows->count - 1]]);
    snprintf(hint, sizeof hint, "the dates are %s to %s", begin, end);
    return ds_node_fail(node, hint, "%s: no row is %s %s", node->key,
                        first ? "of that date or after" : "before", node->text);
}

static ds_status sizes_by_date(int64_t sizes[3], const ds_rows *rows, const ds_source *source,
                               const ds_encoding *encoding, const ds_data_options *options) {
    int64_t test = rows->count, validation = rows->count;
    if (options->test_at)
        DS_CHECK(find_date(&test, rows, source, encoding, options->test_at));
    validation = test;
    if (options->validation_at)
        DS_CHECK(find_date(&validation, rows, source, encoding, options->validation_at));
    if (options->validation_at && validation >= test)
        return ds_node_fail(options->validation_at, "validation comes before the test rows",
                            "validation_at: no row lies between it and the test rows");
    sizes[0] = validation;
    sizes[1] = test - validation;
    sizes[2] = rows->count - test;
    return DS_OK;
}

ds_status ds_rows_split(ds_rows out[3], const ds_rows *rows, const ds_data_options *options,
                        const ds_source *source, const ds_encoding *encoding, uint64_t seed,
                        ds_text *notes) {
    ds_status status = DS_OK;
    unsigned char *set = NULL;
    ds_rows part[3] = {{0}};
    int64_t sizes[3];
    if (options->test_at || options->validation_at)
        DS_TRY(sizes_by_date(sizes, rows, source, encoding, options));
    else
        DS_TRY(share_out(sizes, rows->count, options, notes));
    DS_TRY(ds_new(&set, (size_t)rows->count, 1));
    DS_TRY(assign(set, rows->count, sizes, options, seed));
    for (int k = 0; k < 3; k++)
        DS_TRY(ds_new(&part[k].row, (size_t)sizes[k], sizeof(int64_t)));
    for (int64_t i = 0; i < rows->count; i++) {
        ds_rows *to = &part[set[i]];
        to->row[to->count++] = rows->row[i];
    }
    memcpy(out, part, sizeof part);
    memset(part, 0, sizeof part);

cleanup:
    ds_free(set);
    for (int k = 0; k < 3; k++)
        ds_rows_clear(&part[k]);
    return status;
}

/* Rows of history that a row needs where no date is missing. */
static int most_steps(const ds_lookback *lookback) {
    int steps = lookback->lags;
    for (int k = 0; k < lookback->naives; k++)
        steps = lookback->naive[k].steps > steps ? lookback->naive[k].steps : steps;
    return steps;
}

static ds_status no_history(const ds_source *source, const ds_encoding *encoding,
                            const ds_lookback *lookback, int64_t rows) {
    const char *file = source->is_array ? source->array.source : source->table.source;
    int steps = most_steps(lookback);
    char hint[100];
    const char *less = encoding->steps == steps  ? "fewer lags"
                       : lookback->lags == steps ? "a shorter history"
                                                 : "baselines of shorter seasons";
    if (rows > steps) {
        snprintf(hint, sizeof hint, "take %s, or `gaps: keep`", less);
        return ds_fail(DS_BAD_INPUT, hint,
                       "%s: no row of the %s has a history of %d steps without a gap", file,
                       lookback->set, steps);
    }
    snprintf(hint, sizeof hint, "take %s, more rows or a larger share", less);
    return ds_fail(DS_BAD_INPUT, hint, "%s: %d %s need at least %d rows, the %s has %lld", file,
                   steps, encoding->steps == steps ? "lags" : "rows of history", steps + 1,
                   lookback->set, (long long)rows);
}

/* Whether the rows from `first` on hold all that a row looks back at. */
static bool has_history(const ds_source *source, const ds_encoding *encoding,
                        const ds_lookback *lookback, int64_t first, int64_t row) {
    int lags = lookback->lags;
    if (row - first < lags)
        return false;
    if (encoding->date.drop_gaps && source->period &&
        source->period[row] - source->period[row - lags] > lags)
        return false;
    for (int k = 0; k < lookback->naives; k++)
        if (ds_series_naive_row(source, row, lookback->naive[k].steps, first) < 0)
            return false;
    return true;
}

ds_status ds_rows_drop_history(ds_rows *rows, const ds_source *source, const ds_encoding *encoding,
                               const ds_lookback *lookback) {
    int64_t count = rows->count, kept = 0, steps = most_steps(lookback), gaps = 0;
    if (count == 0 || steps == 0)
        return DS_OK;
    int64_t first = lookback->before ? 0 : rows->row[0];
    for (int64_t i = 0; i < count; i++) {
        int64_t row = rows->row[i];
        if (has_history(source, encoding, lookback, first, row))
            rows->row[kept++] = row;
        else
            gaps += row - first >= steps;
    }
    rows->count = kept;
    if (kept == 0 && !lookback->may_be_none)
        return no_history(source, encoding, lookback, count);
    if (gaps && lookback->notes)
        return ds_text_add(lookback->notes,
                           "%lld row%s of the %s left out: gaps in their history\n",
                           (long long)gaps, gaps == 1 ? "" : "s", lookback->set);
    return DS_OK;
}
