/* Rows of one date made one. */
#include <math.h>

#include "base/remedy.h"
#include "data/series.h"

/* The mean of a column's numbers over some rows, those that are missing left out. */
static double mean(const double *numbers, int64_t first, int64_t end) {
    double sum = 0;
    int64_t count = 0;
    for (int64_t i = first; i < end; i++)
        if (!isnan(numbers[i])) {
            sum += numbers[i];
            count++;
        }
    return count ? sum / (double)count : (double)NAN;
}

/* Rows `first` to `end` have one date: the first gets what they say together. */
static void join_rows(ds_table *table, int64_t first, int64_t end) {
    for (int j = 0; j < table->columns; j++) {
        ds_column *column = &table->column[j];
        if (column->numbers)
            column->numbers[first] = mean(column->numbers, first, end);
    }
}

/* Whether dates come twice within a series. */
static bool has_equal_dates(const ds_source *source) {
    for (int64_t i = 1; i < source->rows; i++)
        if (source->date[i] == source->date[i - 1] && !(source->first && source->first[i] == i))
            return true;
    return false;
}

/* Fails where columns tell the rows of a date apart. */
static ds_status refuse_series(const ds_source *source, const ds_encoding *encoding) {
    ds_status status = DS_OK;
    ds_words series = {0};
    ds_text hint = {0};
    DS_TRY(ds_series_guess(&series, source, encoding));
    if (series.count == 0)
        goto cleanup;
    DS_TRY(ds_text_remedy_list(&hint, "data.series=", series.word, series.count));
    DS_TRY(ds_text_add(&hint, " --set data.date.duplicates=none"));
    status = ds_fail(DS_BAD_INPUT, hint.characters,
                     "%s: the rows of a date differ in \"%s\": their mean would mix series",
                     source->table.source, series.word[series.count - 1]);

cleanup:
    ds_words_clear(&series);
    ds_text_clear(&hint);
    return status;
}

ds_status ds_series_join(ds_source *source, const ds_encoding *encoding, ds_text *notes) {
    ds_status status = DS_OK;
    int64_t *kept = NULL, rows = source->rows, count = 0, twice = 0;
    if (!has_equal_dates(source))
        return DS_OK;
    DS_CHECK(refuse_series(source, encoding));
    for (int j = 0; j < source->table.columns; j++)
        DS_CHECK(ds_column_widen(&source->table.column[j], rows));
    DS_CHECK(ds_new(&kept, (size_t)rows, sizeof *kept));
    for (int64_t first = 0, end; first < rows; first = end) {
        for (end = first + 1; end < rows && source->date[end] == source->date[first] &&
                              !(source->first && source->first[end] == end);)
            end++;
        if (end > first + 1)
            join_rows(&source->table, first, end);
        twice += end > first + 1;
        kept[count++] = first;
    }
    if (twice == 0)
        goto cleanup;
    if (!source->file_row) {
        DS_TRY(ds_new(&source->file_row, (size_t)rows, sizeof *source->file_row));
        for (int64_t i = 0; i < rows; i++)
            source->file_row[i] = i;
    }
    for (int64_t i = 0, begin = 0; i < count; i++) {
        bool begins = source->first && source->first[kept[i]] == kept[i];
        begin = begins ? i : begin;
        source->date[i] = source->date[kept[i]];
        source->file_row[i] = source->file_row[kept[i]];
        if (source->first)
            source->first[i] = begin;
    }
    source->rows = source->table.rows = count;
    DS_TRY(ds_table_reorder(&source->table, kept));
    if (notes)
        DS_TRY(ds_text_add(notes,
                           "%s: %lld date%s more than one row: the mean of their numbers is "
                           "taken\n",
                           source->table.source, (long long)twice, twice == 1 ? " has" : "s have"));

cleanup:
    ds_free(kept);
    return status;
}
