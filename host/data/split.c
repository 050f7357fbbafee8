#include "data/split.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/random.h"
#include "base/remedy.h"
#include "data/series.h"

void ds_rows_clear(ds_rows *rows) {
    ds_free(rows->row);
    *rows = (ds_rows){0};
}

/* Keeps the rows where this column has a value. */
static void keep_present(ds_rows *rows, const ds_column *column) {
    int64_t kept = 0;
    for (int64_t i = 0; i < rows->count && !column->complete; i++)
        if (!ds_column_is_missing(column, rows->row[i]))
            rows->row[kept++] = rows->row[i];
    rows->count = column->complete ? rows->count : kept;
}

/* Whether a row is left out that has no value of this input. */
static bool is_needed(const ds_input *input, bool lenient) {
    bool filled =
        input->categories.count ? input->missing.what == DS_MISSING_WORD : !isnan(input->fill);
    return input->missing.what == DS_MISSING_DROP ||
           (lenient && input->missing.what == DS_MISSING_ERROR && !filled);
}

/* Names the feature that lacks most cells. */
static ds_status no_row_is_whole(const ds_encoding *encoding, const ds_source *source) {
    const ds_column *worst = NULL, *input = NULL;
    int64_t most = 0;
    for (int i = 0; i < encoding->inputs && !source->is_array; i++) {
        int64_t missing = 0;
        DS_CHECK(ds_table_need(&source->table, encoding->input[i].name, &input));
        for (int64_t row = 0; row < source->rows; row++)
            missing += ds_column_is_missing(input, row);
        if (missing > most) {
            most = missing;
            worst = input;
        }
    }
    ds_text hint = {0};
    ds_status status = DS_OK;
    if (worst)
        status = ds_text_add(&hint, "leave out the column with most of them: ");
    if (status == DS_OK && worst)
        status = ds_text_remedy(&hint, "data.exclude+=", worst->name);
    if (status == DS_OK)
        status = ds_fail(DS_BAD_INPUT, worst ? hint.characters : "fill in the target",
                         "%s: every row has a missing cell",
                         source->is_array ? source->array.source : source->table.source);
    ds_text_clear(&hint);
    return status;
}

static ds_status drop_missing(ds_rows *rows, const ds_encoding *encoding, ds_source *source,
                              bool with_targets, bool lenient) {
    const ds_column *input = NULL;
    for (int i = 0; i < encoding->inputs && !source->is_array; i++) {
        if (!is_needed(&encoding->input[i], lenient) || encoding->input[i].lags)
            continue;
        DS_CHECK(ds_table_need(&source->table, encoding->input[i].name, &input));
        keep_present(rows, input);
    }
    for (int i = 0; i < encoding->outputs && with_targets; i++) {
        ds_table *table = NULL;
        ds_column *output = NULL;
        if (!encoding->drop_targets && !lenient)
            continue;
        DS_CHECK(ds_source_target(source, encoding->output[i].name, &table, &output));
        keep_present(rows, output);
    }
    return rows->count == 0 && (with_targets || !lenient) ? no_row_is_whole(encoding, source)
                                                          : DS_OK;
}

ds_status ds_rows_usable(ds_rows *out, const ds_encoding *encoding, ds_source *source,
                         bool with_targets, bool lenient) {
    ds_rows rows = {.count = source->rows};
    ds_status status = DS_OK;
    DS_CHECK(ds_new(&rows.row, (size_t)rows.count, sizeof *rows.row));
    for (int64_t i = 0; i < rows.count; i++)
        rows.row[i] = i;
    DS_TRY(drop_missing(&rows, encoding, source, with_targets, lenient));
    *out = rows;
    rows = (ds_rows){0};

cleanup:
    ds_rows_clear(&rows);
    return status;
}

static int set_of(int64_t place, const int64_t sizes[3]) {
    return place < sizes[0] ? 0 : place < sizes[0] + sizes[1] ? 1 : 2;
}

/* The set (0, 1 or 2) of every row, in a random order. */
static ds_status assign_at_random(unsigned char *set, const ds_rows *rows, const int64_t sizes[3],
                                  uint64_t seed) {
    int32_t *order = NULL;
    DS_CHECK(ds_new(&order, (size_t)rows->count, sizeof *order));
    ds_random_order(order, (int32_t)rows->count, seed, DS_STREAM_SPLIT, 0);
    for (int64_t i = 0; i < rows->count; i++)
        set[order[i]] = (unsigned char)set_of(i, sizes);
    ds_free(order);
    return DS_OK;
}

static void shares_of(int64_t sizes[3], int64_t count, const ds_data_options *options) {
    sizes[1] = (int64_t)floor((double)count * options->validation_share);
    sizes[2] = (int64_t)floor((double)count * options->test_share);
    sizes[0] = count - sizes[1] - sizes[2];
}

/* In their order, each series for itself: its last rows are the test's. */
static void assign_in_order(unsigned char *set, const ds_rows *rows, const ds_source *source,
                            const ds_data_options *options) {
    for (int64_t begin = 0, end; begin < rows->count; begin = end) {
        int64_t sizes[3];
        for (end = begin + 1; end < rows->count; end++)
            if (source->first && source->first[rows->row[end]] != source->first[rows->row[begin]])
                break;
        end = source->first ? end : rows->count;
        shares_of(sizes, end - begin, options);
        for (int64_t i = begin; i < end; i++)
            set[i] = (unsigned char)set_of(i - begin, sizes);
    }
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

/* Where a row's set begins, by a node's date: how many rows are of that date or later, which must
 * be some and not all. */
static ds_status read_date(double *at, const ds_rows *rows, const ds_source *source,
                           const ds_encoding *encoding, const ds_node *node) {
    int64_t later = 0;
    char begin[32], end[32], hint[128];
    double least = INFINITY, most = -INFINITY;
    if (!ds_date_parse(node->text, "%Y-%m-%d", at) &&
        !ds_date_parse(node->text, encoding->date.format, at))
        return ds_node_fail(node, "for example 2021-01-01", "%s: expected a date, got \"%s\"",
                            node->key, node->text);
    for (int64_t i = 0; i < rows->count; i++) {
        double date = source->date[rows->row[i]];
        later += date >= *at;
        least = fmin(least, date);
        most = fmax(most, date);
    }
    if (later > 0 && later < rows->count)
        return DS_OK;
    ds_date_print(begin, least);
    ds_date_print(end, most);
    snprintf(hint, sizeof hint, "the dates are %s to %s", begin, end);
    return ds_node_fail(node, hint, "%s: no row is %s %s", node->key,
                        later ? "before" : "of that date or after", node->text);
}

static ds_status assign_by_date(unsigned char *set, const ds_rows *rows, const ds_source *source,
                                const ds_encoding *encoding, const ds_data_options *options) {
    double validation = INFINITY, test = INFINITY;
    int64_t count = 0;
    if (!source->date)
        return ds_node_fail(options->split, "name the column of dates: --set data.date=auto",
                            "split: the rows have no dates");
    if (options->test_at)
        DS_CHECK(read_date(&test, rows, source, encoding, options->test_at));
    if (options->validation_at)
        DS_CHECK(read_date(&validation, rows, source, encoding, options->validation_at));
    for (int64_t i = 0; i < rows->count; i++) {
        double date = source->date[rows->row[i]];
        set[i] = date >= test ? 2 : date >= validation ? 1 : 0;
        count += set[i] == 1;
    }
    if (options->validation_at && count == 0)
        return ds_node_fail(options->validation_at, "validation comes before the test rows",
                            "validation_at: no row lies between it and the test rows");
    return DS_OK;
}

static ds_status assign(unsigned char *set, const ds_rows *rows, const ds_data_options *options,
                        const ds_source *source, const ds_encoding *encoding, uint64_t seed) {
    int64_t sizes[3];
    if (options->test_at || options->validation_at)
        return assign_by_date(set, rows, source, encoding, options);
    if (options->by_order) {
        assign_in_order(set, rows, source, options);
        return DS_OK;
    }
    shares_of(sizes, rows->count, options);
    return assign_at_random(set, rows, sizes, seed);
}

/* The rows of the longest series, of which a share is taken each. */
static int64_t longest_series(const ds_rows *rows, const ds_source *source) {
    int64_t longest = 0, begin = 0;
    for (int64_t i = 0; i < rows->count && source->first; i++) {
        if (source->first[rows->row[i]] != source->first[rows->row[begin]])
            begin = i;
        longest = i + 1 - begin > longest ? i + 1 - begin : longest;
    }
    return source->first ? longest : rows->count;
}

ds_status ds_rows_split(ds_rows out[3], const ds_rows *rows, const ds_data_options *options,
                        const ds_source *source, const ds_encoding *encoding, uint64_t seed,
                        ds_text *notes) {
    ds_status status = DS_OK;
    unsigned char *set = NULL;
    ds_rows part[3] = {{0}};
    int64_t sizes[3] = {0};
    DS_TRY(ds_new(&set, (size_t)rows->count, 1));
    DS_TRY(assign(set, rows, options, source, encoding, seed));
    for (int64_t i = 0; i < rows->count; i++)
        sizes[set[i]]++;
    int64_t longest = longest_series(rows, source);
    DS_TRY(note_empty("validation", options->validation_share, sizes[1], longest, notes));
    DS_TRY(note_empty("test", options->test_share, sizes[2], longest, notes));
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
    char hint[160], less[100];
    if (encoding->steps == steps)
        snprintf(less, sizeof less, "take fewer lags: --set data.lags.steps=%lld",
                 (long long)(rows > steps ? (steps + 1) / 2
                             : rows > 1   ? rows - 1
                                          : 1));
    else if (lookback->lags == steps)
        snprintf(less, sizeof less, "take a shorter history: --set data.split.history=own");
    else
        snprintf(less, sizeof less, "take shorter seasons: --set data.baselines=last");
    if (rows > steps && encoding->date.drop_gaps) {
        snprintf(hint, sizeof hint, "count rows, not dates: --set data.date.gaps=keep, or %s",
                 less);
        return ds_fail(DS_BAD_INPUT, hint,
                       "%s: no row of the %s has a history of %d steps without a gap", file,
                       lookback->set, steps);
    }
    if (rows > steps && source->first)
        return ds_fail(DS_BAD_INPUT,
                       "give longer series, or, if these rows are one series, --set "
                       "data.series=none",
                       "%s: no series of the %s has the %d rows in a row that a forecast needs",
                       file, lookback->set, steps + 1);
    if (rows > steps)
        return ds_fail(DS_BAD_INPUT, "fill them in: --set data.missing=mean",
                       "%s: every history of %d rows in the %s touches a missing cell", file, steps,
                       lookback->set);
    snprintf(hint, sizeof hint, "%s; or give more rows or a larger share", less);
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

/* Whether a window of lags touches a cell that is missing and may not be filled. */
static bool touches_hole(const ds_source *source, const ds_encoding *encoding,
                         const ds_lookback *lookback, int64_t row) {
    for (int i = 0; i < encoding->inputs && encoding->steps; i++) {
        const ds_input *input = &encoding->input[i];
        if (!input->lags || !is_needed(input, lookback->lenient))
            continue;
        const ds_column *column = ds_table_find(&source->table, input->name);
        for (int lag = 1; lag <= input->lags && !column->complete; lag++)
            if (ds_column_is_missing(column, row - lag))
                return true;
    }
    return false;
}

ds_status ds_rows_drop_history(ds_rows *rows, const ds_source *source, const ds_encoding *encoding,
                               const ds_lookback *lookback) {
    int64_t count = rows->count, kept = 0, steps = most_steps(lookback), gaps = 0;
    if (count == 0 || steps == 0)
        return DS_OK;
    int64_t first = lookback->before ? 0 : rows->row[0];
    for (int64_t i = 0; i < count; i++) {
        int64_t row = rows->row[i];
        if (source->first && first < source->first[row]) /* another series begins */
            first = lookback->before ? source->first[row] : row;
        if (has_history(source, encoding, lookback, first, row) &&
            !touches_hole(source, encoding, lookback, row))
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
