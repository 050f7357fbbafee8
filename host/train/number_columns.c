#include "train/number_columns.h"

#include <string.h>

#include "base/files.h"
#include "data/csv_reader.h"

static ds_column_kind number(const void *context, const char *name, bool *named) {
    (void)context;
    (void)name;
    *named = true;
    return DS_COLUMN_NUMBER;
}

/* What a loss may be that has no place in a picture. */
static ds_status list_words(ds_words *words) {
    static const char *const word[] = {"inf", "-inf", "nan", "-nan"};
    int32_t ignored;
    for (size_t i = 0; i < sizeof word / sizeof *word; i++)
        DS_CHECK(ds_words_add(words, word[i], &ignored));
    return DS_OK;
}

ds_status ds_number_columns_read(ds_table *out, const char *path) {
    ds_status status = DS_OK;
    ds_bytes bytes = {0};
    ds_words words = {0};
    ds_wish wish = {.kind = number, .header = DS_HEADER_YES, .doubles = true, .missing = &words};
    DS_TRY(list_words(&words));
    DS_TRY(ds_file_read(&bytes, path));
    const char *end = strchr((const char *)bytes.data, '\n');
    if (end && end[1] == '\0') /* a header alone */
        status = ds_table_new(out, path, 0);
    else
        status = ds_csv_read(out, &bytes, path, &wish);

cleanup:
    ds_words_clear(&words);
    ds_free(bytes.data);
    return status;
}
