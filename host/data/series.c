#include "data/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/calendar.h"
#include "base/remedy.h"
#include "data/series_key.h"
#include "data/series_step.h"

enum { DAY = 86400 };

typedef struct dated_row {
    int32_t series;
    double date;
    int64_t row;
} dated_row;

static int by_date(const void *a, const void *b) {
    const dated_row *x = a, *y = b;
    if (x->series != y->series)
        return x->series < y->series ? -1 : 1;
    return x->date < y->date ? -1 : x->date > y->date ? 1 : x->row < y->row ? -1 : 1;
}

/* Rows with their series, in the order in which these first occur, and dates. `late` receives how
 * many rows of a series come after a later one; `mixed` whether series take turns. */
static ds_status list_rows(dated_row *out, const ds_source *source, const ds_series_key *series,
                           int64_t *late, bool *mixed) {
    double *latest = NULL;
    int32_t count = series->code ? series->count : 1;
    DS_CHECK(ds_new(&latest, (size_t)count, sizeof *latest));
    for (int32_t i = 0; i < count; i++)
        latest[i] = -INFINITY;
    *late = 0;
    *mixed = false;
    for (int64_t i = 0; i < source->rows; i++) {
        int32_t of = series->code ? series->code[i] : 0;
        double date = source->date ? source->date[i] : (double)i;
        *late += date < latest[of];
        *mixed = *mixed || (i > 0 && of < out[i - 1].series);
        latest[of] = fmax(latest[of], date);
        out[i] = (dated_row){of, date, i};
    }
    ds_free(latest);
    return DS_OK;
}

static ds_status mark_series(ds_source *source, const dated_row *row) {
    DS_CHECK(ds_new(&source->first, (size_t)source->rows, sizeof *source->first));
    for (int64_t i = 1; i < source->rows; i++)
        source->first[i] = row[i].series == row[i - 1].series ? source->first[i - 1] : i;
    return DS_OK;
}

/* Row i becomes what row order[i] was, for `count` rows. */
static ds_status take_rows(ds_source *source, const int64_t *order, int64_t count) {
    int64_t *file_row = NULL;
    DS_CHECK(ds_new(&file_row, (size_t)count, sizeof *file_row));
    for (int64_t i = 0; i < count; i++)
        file_row[i] = ds_source_file_row(source, order[i]);
    ds_free(source->file_row);
    source->file_row = file_row;
    source->rows = source->table.rows = count;
    return ds_table_reorder(&source->table, order);
}

/* Puts the rows into the order of their series and dates, where they are not. */
static ds_status sort_rows(ds_source *source, const ds_words *columns, ds_text *notes) {
    ds_status status = DS_OK;
    ds_series_key series = {0};
    dated_row *row = NULL;
    int64_t rows = source->rows, *order = NULL, late;
    bool mixed;
    DS_TRY(ds_series_key_make(&series, source, columns));
    DS_TRY(ds_new(&row, (size_t)rows, sizeof *row));
    DS_TRY(list_rows(row, source, &series, &late, &mixed));
    if (late || mixed)
        qsort(row, (size_t)rows, sizeof *row, by_date);
    if (series.code)
        DS_TRY(mark_series(source, row));
    if (!late && !mixed)
        goto cleanup;
    DS_TRY(ds_new(&order, (size_t)rows, sizeof *order));
    for (int64_t i = 0; i < rows; i++) {
        order[i] = row[i].row;
        if (source->date)
            source->date[i] = row[i].date;
    }
    DS_TRY(take_rows(source, order, rows));
    if (notes && late)
        DS_TRY(ds_text_add(notes, "%s: rows sorted by date: %lld of %lld were out of order\n",
                           source->table.source, (long long)late, (long long)rows));

cleanup:
    ds_free(series.code);
    ds_free(row);
    ds_free(order);
    return status;
}

/* Whether a row's series is that of the row before. */
static bool goes_on(const ds_source *source, int64_t row) {
    return !source->first || source->first[row] == source->first[row - 1];
}

/* What mends a date that comes twice. */
static ds_status say_how(const ds_source *source, const ds_encoding *encoding, ds_text *hint) {
    ds_status status = DS_OK;
    ds_words series = {0};
    DS_TRY(ds_series_guess(&series, source, encoding));
    if (series.count) {
        DS_TRY(ds_text_remedy_list(hint, "data.series=", series.word, series.count));
        DS_TRY(ds_text_add(hint, " tells the rows of a date apart"));
    } else {
        DS_TRY(ds_text_add(hint, "keep one of them, or take their mean: "
                                 "--set data.date.duplicates=mean"));
    }

cleanup:
    ds_words_clear(&series);
    return status;
}

/* Where a row counts on those before it, a day may not come twice. */
static ds_status refuse_equal_dates(const ds_source *source, const ds_encoding *encoding) {
    const ds_table *table = &source->table;
    ds_status status = DS_OK;
    ds_text hint = {0};
    char date[32];
    for (int64_t i = 1; i < source->rows; i++) {
        if (source->date[i] != source->date[i - 1] || !goes_on(source, i))
            continue;
        ds_date_print(date, source->date[i]);
        DS_TRY(say_how(source, encoding, &hint));
        status =
            ds_fail(DS_BAD_INPUT, hint.characters, "%s: lines %lld and %lld have the same date, %s",
                    table->source, (long long)table->line[i - 1], (long long)table->line[i], date);
        goto cleanup;
    }

cleanup:
    ds_text_clear(&hint);
    return status;
}

/* Which step of the series each row is; a missing date is one that no row is. */
static ds_status count_periods(ds_source *source, double step) {
    DS_CHECK(ds_new(&source->period, (size_t)source->rows, sizeof *source->period));
    for (int64_t i = 1; i < source->rows; i++)
        source->period[i] =
            source->period[i - 1] +
            (goes_on(source, i) ? ds_step_periods(step, source->date[i - 1], source->date[i]) : 1);
    return DS_OK;
}

static ds_status note_gaps(const ds_source *source, const ds_date_rule *rule, int lags,
                           ds_text *notes) {
    int64_t i = 1, missing = source->period[source->rows - 1] - (source->rows - 1);
    char date[32];
    if (missing == 0 || !notes)
        return DS_OK;
    while (source->period[i] == i)
        i++;
    ds_date_print(date, ds_step_next(rule->step, source->date, source->rows, i - 1));
    DS_CHECK(ds_text_add(notes, "%s: %lld date%s missing, the first %s", source->table.source,
                         (long long)missing, missing == 1 ? " is" : "s are", date));
    if (lags && rule->drop_gaps)
        return ds_text_add(notes, "; rows whose lags span a gap are left out\n");
    return ds_text_add(notes, lags ? "; lags count rows, not %s\n" : "\n",
                       rule->step == DAY ? "days" : "time");
}

static ds_status refuse_array(const ds_source *source) {
    return ds_fail(DS_BAD_INPUT, "dates are read from CSV files",
                   "%s: an array has no column of dates", source->array.source);
}

/* Rows that no forecast starts from. */
static ds_status find_holes(ds_source *source, const ds_encoding *encoding) {
    DS_CHECK(ds_new(&source->hole, (size_t)source->rows, sizeof *source->hole));
    for (int k = 0; k < encoding->outputs; k++) {
        ds_table *table;
        ds_column *column;
        DS_CHECK(ds_source_target(source, encoding->output[k].name, &table, &column));
        for (int64_t i = 0; i < source->rows && !column->complete; i++)
            source->hole[i] = source->hole[i] || ds_column_is_missing(column, i);
    }
    return DS_OK;
}

static ds_status text_column(const ds_column **out, ds_source *source, const char *name) {
    DS_CHECK(ds_table_need(&source->table, name, out));
    return ds_column_to_text(&source->table.column[*out - source->table.column], source->rows);
}

/* Leaves out the rows that lack their date or the name of their series; fails where that may not be.
 */
static ds_status need_keys(ds_source *source, const ds_column *key, bool lenient) {
    ds_status status = DS_OK;
    int64_t *kept = NULL, rows = source->rows, count = 0, first = 0;
    DS_CHECK(ds_new(&kept, (size_t)rows, sizeof *kept));
    for (int64_t i = 0; i < rows; i++)
        if (key->codes[i] >= 0)
            kept[count++] = i;
    while (first < count && kept[first] == first)
        first++;
    if (count < rows && (!lenient || count == 0))
        status = ds_cell_fail(&source->table, key, first,
                              "fill it in, or leave such rows out: --set data.missing=drop",
                              "the cell says which date or series the row is of, and is missing");
    else if (count < rows)
        status = take_rows(source, kept, count);
    ds_free(kept);
    return status;
}

/* Sees to it that every row has the name of its series. */
static ds_status need_series(ds_source *source, const ds_encoding *encoding, bool lenient) {
    const ds_column *column;
    for (int32_t i = 0; i < encoding->series.count; i++) {
        DS_CHECK(text_column(&column, source, encoding->series.word[i]));
        DS_CHECK(need_keys(source, column, lenient));
    }
    return DS_OK;
}

/* Reads and checks the dates of a source whose rule is `rule`; fills the rule where it is not. */
static ds_status sort_by_date(ds_source *source, const ds_encoding *encoding, ds_date_rule *rule,
                              int naives, bool lenient, ds_text *notes) {
    const ds_column *column = NULL;
    bool zoned;
    DS_CHECK(text_column(&column, source, rule->column));
    if (lenient)
        DS_CHECK(need_keys(source, column, true));
    DS_CHECK(need_series(source, encoding, lenient));
    if (!rule->format)
        DS_CHECK(ds_date_format_find(&rule->format, &source->table, column));
    DS_CHECK(ds_new(&source->date, (size_t)source->rows, sizeof *source->date));
    DS_CHECK(ds_date_read(source->date, &source->table, column, rule->format, &zoned));
    if (zoned && notes)
        DS_CHECK(ds_text_add(notes,
                             "%s: dates with an offset from UTC are taken, and shown, as UTC\n",
                             source->table.source));
    DS_CHECK(sort_rows(source, &encoding->series, notes));
    if (rule->join)
        DS_CHECK(ds_series_join(source, encoding, notes));
    if (encoding->steps || naives)
        DS_CHECK(refuse_equal_dates(source, encoding));
    if (rule->step == 0)
        DS_CHECK(ds_step_find(&rule->step, source->date, source->first, source->rows));
    DS_CHECK(count_periods(source, rule->step));
    return note_gaps(source, rule, encoding->steps, notes);
}

static ds_status sort_source(ds_source *source, const ds_encoding *encoding, ds_date_rule *rule,
                             int naives, bool lenient, ds_text *notes) {
    if ((rule->column || encoding->series.count) && source->is_array)
        return refuse_array(source);
    if (rule->column) {
        DS_CHECK(sort_by_date(source, encoding, rule, naives, lenient, notes));
    } else if (encoding->series.count) {
        DS_CHECK(need_series(source, encoding, lenient));
        DS_CHECK(sort_rows(source, &encoding->series, notes));
    }
    return naives ? find_holes(source, encoding) : DS_OK;
}

/* Says that rows without dates look like several series, one after the other. */
static ds_status note_stacked(const ds_source *source, const ds_encoding *encoding,
                              ds_text *notes) {
    ds_status status = DS_OK;
    ds_words series = {0};
    DS_TRY(ds_series_guess(&series, source, encoding));
    if (series.count == 0)
        goto cleanup;
    DS_TRY(ds_text_add(notes,
                       "%s: the rows of each \"%s\" follow each other, and lags reach from one "
                       "into the next: if these are series of their own, ",
                       source->table.source, series.word[0]));
    DS_TRY(ds_text_remedy(notes, "data.series=", series.word[0]));
    DS_TRY(ds_text_add(notes, "\n"));

cleanup:
    ds_words_clear(&series);
    return status;
}

ds_status ds_series_sort(ds_source *source, ds_encoding *encoding, int naives, ds_text *notes) {
    int64_t in_file = source->rows;
    DS_CHECK(sort_source(source, encoding, &encoding->date, naives, encoding->drop_targets, notes));
    if (source->rows < in_file && !encoding->date.join)
        DS_CHECK(ds_text_add(notes,
                             "%s: %lld of %lld rows lack their date or series and are left "
                             "out\n",
                             source->table.source, (long long)(in_file - source->rows),
                             (long long)in_file));
    if (encoding->series.count || encoding->date.column || source->is_array ||
        !(encoding->steps || naives))
        return DS_OK;
    return note_stacked(source, encoding, notes);
}

/* Whether a file has the columns that name its series. */
static bool has_series(const ds_source *source, const ds_encoding *encoding) {
    bool all = encoding->series.count && !source->is_array;
    for (int32_t i = 0; i < encoding->series.count; i++)
        all = all && ds_table_find(&source->table, encoding->series.word[i]);
    return all;
}

ds_status ds_series_apply(ds_source *source, const ds_encoding *encoding, int naives,
                          ds_text *notes) {
    ds_date_rule rule = {0};
    bool ordered = encoding->steps || naives;
    bool dated = encoding->date.column && !source->is_array &&
                 ds_table_find(&source->table, encoding->date.column);
    bool in_series = has_series(source, encoding);
    if (!ordered && !dated && !in_series)
        return DS_OK;
    if (!ordered &&
        (dated != (encoding->date.column != NULL) || in_series != (encoding->series.count > 0)))
        return DS_OK; /* a later file may lack what it does not need */
    DS_CHECK(ds_date_rule_copy(&rule, &encoding->date));
    ds_status status = sort_source(source, encoding, &rule, naives, true, notes);
    ds_date_rule_clear(&rule);
    return status;
}

int64_t ds_series_naive_row(const ds_source *source, int64_t row, int steps, int64_t first) {
    const int64_t *period = source->period;
    if (source->first && first < source->first[row])
        first = source->first[row];
    for (int64_t i = row - 1; i >= first; i--)
        if ((period ? period[row] - period[i] : row - i) % steps == 0 &&
            !(source->hole && source->hole[i]))
            return i;
    return -1;
}

ds_status ds_series_note_season(const ds_source *source, const ds_encoding *encoding,
                                const ds_naive *naive, ds_text *notes) {
    double step = encoding->date.step;
    char apart[48], back[48];
    if (!source->period || naive->steps == 1 || step == DAY || step == 0)
        return DS_OK;
    ds_step_print(apart, step, 1);
    ds_step_print(back, step, naive->steps);
    if (step < DAY)
        return ds_text_add(notes, "%s: rows lie %s apart: `%s` looks %s back\n",
                           source->table.source, apart, naive->name, back);
    return ds_text_add(notes, "%s: rows lie %s apart: `%s` looks %d such steps back, not days\n",
                       source->table.source, apart, naive->name, naive->steps);
}
