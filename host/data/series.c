#include "data/series.h"

#include <math.h>
#include <stdlib.h>

#include "base/calendar.h"

enum { DAY = 86400 };

typedef struct dated_row {
    double date;
    int64_t row;
} dated_row;

static int by_date(const void *a, const void *b) {
    const dated_row *x = a, *y = b;
    return x->date < y->date ? -1 : x->date > y->date ? 1 : x->row < y->row ? -1 : 1;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Puts the rows into the order of their dates, where they are not. */
static ds_status sort_rows(ds_source *source, ds_text *notes) {
    ds_status status = DS_OK;
    dated_row *pair = NULL;
    double *date = source->date, latest = -INFINITY;
    int64_t rows = source->rows, late = 0;
    for (int64_t i = 0; i < rows; i++) {
        late += date[i] < latest;
        latest = fmax(latest, date[i]);
    }
    if (late == 0)
        return DS_OK;
    DS_TRY(ds_new(&pair, (size_t)rows, sizeof *pair));
    DS_TRY(ds_new(&source->file_row, (size_t)rows, sizeof *source->file_row));
    for (int64_t i = 0; i < rows; i++)
        pair[i] = (dated_row){date[i], i};
    qsort(pair, (size_t)rows, sizeof *pair, by_date);
    for (int64_t i = 0; i < rows; i++) {
        date[i] = pair[i].date;
        source->file_row[i] = pair[i].row;
    }
    DS_TRY(ds_table_reorder(&source->table, source->file_row));
    if (notes)
        DS_TRY(ds_text_add(notes, "%s: rows sorted by date: %lld of %lld were out of order\n",
                           source->table.source, (long long)late, (long long)rows));

cleanup:
    ds_free(pair);
    return status;
}

/* Where a row counts on those before it, a day may not come twice. */
static ds_status refuse_equal_dates(const ds_source *source) {
    const ds_table *table = &source->table;
    char date[32];
    for (int64_t i = 1; i < source->rows; i++) {
        if (source->date[i] != source->date[i - 1])
            continue;
        ds_date_print(date, source->date[i]);
        return ds_fail(DS_BAD_INPUT,
                       "keep one of them, or take their mean: `date: {column: NAME, duplicates: "
                       "mean}`",
                       "%s: lines %lld and %lld have the same date, %s", table->source,
                       (long long)table->line[i - 1], (long long)table->line[i], date);
    }
    return DS_OK;
}

/* The distance from row to row in the middle of all distances; 0 where there is none. */
static ds_status find_step(double *step, const ds_source *source) {
    double *distance = NULL;
    int64_t count = 0;
    DS_CHECK(ds_new(&distance, (size_t)source->rows, sizeof *distance));
    for (int64_t i = 1; i < source->rows; i++)
        if (source->date[i] > source->date[i - 1])
            distance[count++] = source->date[i] - source->date[i - 1];
    qsort(distance, (size_t)count, sizeof *distance, by_size);
    *step = count ? distance[count / 2] : 0;
    ds_free(distance);
    return DS_OK;
}

/* Months are 28 to 31 days long: half a step more than a step is no gap. */
static bool is_gap(double distance, double step) {
    return step > 0 && distance > 1.5 * step;
}

/* Which step of the series each row is; a missing date is one that no row is. */
static ds_status count_periods(ds_source *source, double step) {
    DS_CHECK(ds_new(&source->period, (size_t)source->rows, sizeof *source->period));
    for (int64_t i = 1; i < source->rows; i++) {
        double distance = source->date[i] - source->date[i - 1];
        source->period[i] =
            source->period[i - 1] + (is_gap(distance, step) ? llround(distance / step) : 1);
    }
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
    ds_date_print(date, source->date[i - 1] + rule->step);
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

/* Fills `rule` where it is not. */
static ds_status sort_source(ds_source *source, ds_date_rule *rule, int lags, int naives,
                             ds_text *notes) {
    const ds_column *column = NULL;
    if (source->is_array)
        return refuse_array(source);
    DS_CHECK(ds_table_need(&source->table, rule->column, &column));
    DS_CHECK(ds_column_to_text(&source->table.column[column - source->table.column], source->rows));
    if (!rule->format)
        DS_CHECK(ds_date_format_find(&rule->format, &source->table, column));
    DS_CHECK(ds_new(&source->date, (size_t)source->rows, sizeof *source->date));
    DS_CHECK(ds_date_read(source->date, &source->table, column, rule->format));
    DS_CHECK(sort_rows(source, notes));
    if (rule->join)
        DS_CHECK(ds_series_join(source, notes));
    if (lags || naives)
        DS_CHECK(refuse_equal_dates(source));
    if (rule->step == 0)
        DS_CHECK(find_step(&rule->step, source));
    DS_CHECK(count_periods(source, rule->step));
    return note_gaps(source, rule, lags, notes);
}

ds_status ds_series_sort(ds_source *source, ds_encoding *encoding, int naives, ds_text *notes) {
    if (!encoding->date.column)
        return DS_OK;
    return sort_source(source, &encoding->date, encoding->steps, naives, notes);
}

ds_status ds_series_apply(ds_source *source, const ds_encoding *encoding, int naives,
                          ds_text *notes) {
    ds_date_rule rule = {0};
    int lags = encoding->steps;
    if (!encoding->date.column)
        return DS_OK;
    if (!lags && !naives &&
        (source->is_array || !ds_table_find(&source->table, encoding->date.column)))
        return DS_OK;
    DS_CHECK(ds_date_rule_copy(&rule, &encoding->date));
    ds_status status = sort_source(source, &rule, lags, naives, notes);
    ds_date_rule_clear(&rule);
    return status;
}

int64_t ds_series_naive_row(const ds_source *source, int64_t row, int steps, int64_t first) {
    const int64_t *period = source->period;
    if (!period)
        return row - steps < first ? -1 : row - steps;
    for (int64_t i = row - 1; i >= first; i--)
        if ((period[row] - period[i]) % steps == 0)
            return i;
    return -1;
}

ds_status ds_series_note_season(const ds_source *source, const ds_encoding *encoding,
                                const ds_naive *naive, ds_text *notes) {
    double days = encoding->date.step / DAY;
    if (!source->period || naive->steps == 1 || days == 1 || days == 0)
        return DS_OK;
    if (days < 1)
        return ds_text_add(notes, "%s: rows lie %.4g hours apart: `%s` looks %.4g hours back\n",
                           source->table.source, 24 * days, naive->name, 24 * days * naive->steps);
    return ds_text_add(notes,
                       "%s: rows lie %.4g days apart: `%s` looks %d such steps back, not days\n",
                       source->table.source, days, naive->name, naive->steps);
}
