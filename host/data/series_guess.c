/* Which columns name the series of a table, where nobody said. */
#include <string.h>

#include "data/series.h"
#include "data/series_key.h"

/* Whether a column may name series: text that repeats itself and that no row lacks. */
static bool may_name(const ds_source *source, const ds_encoding *encoding,
                     const ds_column *column) {
    const char *date = encoding->date.column;
    if (column->kind != DS_COLUMN_TEXT || column->words.count < 2 ||
        column->words.count > source->rows / 2 || (date && strcmp(date, column->name) == 0) ||
        ds_words_find(&encoding->series, column->name) >= 0)
        return false;
    for (int i = 0; i < encoding->outputs; i++)
        if (strcmp(encoding->output[i].name, column->name) == 0)
            return false;
    for (int64_t i = 0; i < source->rows; i++)
        if (column->codes[i] < 0)
            return false;
    return true;
}

/* Whether no code comes twice on one date, and some date has several. */
static bool tells_dates_apart(const ds_source *source, const ds_series_key *key, int64_t *seen) {
    bool several = false;
    for (int64_t i = 0, date = 0; i < source->rows; i++) {
        bool same = i > 0 && source->date[i] == source->date[i - 1] &&
                    !(source->first && source->first[i] == i);
        date += !same;
        several = several || same;
        if (seen[key->code[i]] == date)
            return false;
        seen[key->code[i]] = date;
    }
    return several;
}

/* Whether the rows of each code follow each other. */
static bool is_in_stretches(const ds_source *source, const ds_series_key *key, int64_t *seen) {
    for (int64_t i = 0; i < source->rows; i++)
        if ((i == 0 || key->code[i - 1] != key->code[i]) && seen[key->code[i]]++)
            return false;
    return true;
}

/* Whether the series are those that one column names, or two together. */
static ds_status try_columns(bool *fit, const ds_source *source, const ds_column *one,
                             const ds_column *other) {
    ds_status status = DS_OK;
    ds_series_key key = {0};
    int64_t *seen = NULL;
    DS_TRY(ds_series_key_split(&key, one, source->rows));
    if (other)
        DS_TRY(ds_series_key_split(&key, other, source->rows));
    DS_TRY(ds_new(&seen, (size_t)key.count, sizeof *seen));
    if (key.count <= source->rows / 2)
        *fit = source->date ? tells_dates_apart(source, &key, seen)
                            : is_in_stretches(source, &key, seen);

cleanup:
    ds_free(key.code);
    ds_free(seen);
    return status;
}

ds_status ds_series_guess(ds_words *out, const ds_source *source, const ds_encoding *encoding) {
    ds_status status = DS_OK;
    const ds_column **column = NULL, *one = NULL, *other = NULL;
    int count = 0;
    int32_t index;
    bool fit = false;
    DS_TRY(ds_new(&column, (size_t)source->table.columns + 1, sizeof *column));
    for (int j = 0; j < source->table.columns; j++)
        if (may_name(source, encoding, &source->table.column[j]))
            column[count++] = &source->table.column[j];
    for (int j = 0; j < count && !fit; j++)
        DS_TRY(try_columns(&fit, source, one = column[j], NULL));
    for (int j = 0; j < count && !fit && source->date; j++)
        for (int k = j + 1; k < count && !fit; k++)
            DS_TRY(try_columns(&fit, source, one = column[j], other = column[k]));
    if (!fit)
        goto cleanup;
    DS_TRY(ds_words_copy(out, &encoding->series));
    DS_TRY(ds_words_add(out, one->name, &index));
    if (other)
        DS_TRY(ds_words_add(out, other->name, &index));

cleanup:
    ds_free(column);
    return status;
}
