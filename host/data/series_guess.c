/* Which column names the series of a table, where nobody said. */
#include <string.h>

#include "data/series.h"

static bool is_taken(const ds_encoding *encoding, const char *name) {
    bool taken = encoding->date.column && strcmp(encoding->date.column, name) == 0;
    for (int i = 0; i < encoding->outputs; i++)
        taken = taken || strcmp(encoding->output[i].name, name) == 0;
    return taken;
}

/* Whether no word comes twice on one date, and some date has several. */
static bool tells_dates_apart(const ds_source *source, const ds_column *column, int64_t *seen) {
    bool several = false;
    for (int64_t i = 0, date = 0; i < source->rows; i++) {
        bool same = i > 0 && source->date[i] == source->date[i - 1];
        date += !same;
        several = several || same;
        if (seen[column->codes[i]] == date)
            return false;
        seen[column->codes[i]] = date;
    }
    return several;
}

/* Whether the rows of each word follow each other. */
static bool is_in_stretches(const ds_source *source, const ds_column *column, int64_t *seen) {
    for (int64_t i = 0; i < source->rows; i++) {
        int32_t word = column->codes[i];
        if ((i == 0 || column->codes[i - 1] != word) && seen[word]++)
            return false;
    }
    return true;
}

const ds_column *ds_series_guess(const ds_source *source, const ds_encoding *encoding) {
    const ds_column *found = NULL;
    for (int j = 0; j < source->table.columns && !found; j++) {
        const ds_column *column = &source->table.column[j];
        int64_t *seen = NULL, rows = source->rows;
        if (column->kind != DS_COLUMN_TEXT || is_taken(encoding, column->name) ||
            column->words.count < 2 || column->words.count > rows / 2)
            continue;
        bool whole = true;
        for (int64_t i = 0; i < rows && whole; i++)
            whole = column->codes[i] >= 0;
        if (!whole || ds_new(&seen, (size_t)column->words.count, sizeof *seen) != DS_OK)
            continue;
        if (source->date ? tells_dates_apart(source, column, seen)
                         : is_in_stretches(source, column, seen))
            found = column;
        ds_free(seen);
    }
    return found;
}
