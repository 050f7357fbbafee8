/* Rows of one date made one. */
#include <math.h>

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

ds_status ds_series_join(ds_source *source, ds_text *notes) {
    ds_status status = DS_OK;
    int64_t *kept = NULL, rows = source->rows, count = 0, twice = 0;
    for (int j = 0; j < source->table.columns; j++)
        DS_CHECK(ds_column_widen(&source->table.column[j], rows));
    DS_CHECK(ds_new(&kept, (size_t)rows, sizeof *kept));
    for (int64_t first = 0, end; first < rows; first = end) {
        for (end = first + 1; end < rows && source->date[end] == source->date[first];)
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
    for (int64_t i = 0; i < count; i++) {
        source->date[i] = source->date[kept[i]];
        source->file_row[i] = source->file_row[kept[i]];
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
