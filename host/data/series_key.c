#include "data/series_key.h"

#include <stdio.h>
#include <string.h>

ds_status ds_series_key_split(ds_series_key *key, const ds_column *column, int64_t rows) {
    ds_status status = DS_OK;
    ds_words pairs = {0};
    char pair[32];
    if (!key->code) {
        DS_TRY(ds_new(&key->code, (size_t)rows, sizeof *key->code));
        memcpy(key->code, column->codes, (size_t)rows * sizeof *key->code);
        key->count = column->words.count;
        goto cleanup;
    }
    for (int64_t i = 0; i < rows; i++) {
        snprintf(pair, sizeof pair, "%d %d", key->code[i], column->codes[i]);
        DS_TRY(ds_words_add(&pairs, pair, &key->code[i]));
    }
    key->count = pairs.count;

cleanup:
    ds_words_clear(&pairs);
    return status;
}

ds_status ds_series_key_make(ds_series_key *out, const ds_source *source, const ds_words *columns) {
    const ds_column *column;
    for (int32_t i = 0; i < columns->count; i++) {
        DS_CHECK(ds_table_need(&source->table, columns->word[i], &column));
        DS_CHECK(ds_series_key_split(out, column, source->rows));
    }
    return DS_OK;
}
