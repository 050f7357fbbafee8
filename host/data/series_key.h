/* Which series each row of a table is of. */
#ifndef DS_SERIES_KEY_H
#define DS_SERIES_KEY_H

#include "data/source.h"

typedef struct ds_series_key {
    int32_t *code; /* of each row; ds_free() it. NULL: there is one series */
    int32_t count; /* of different codes */
} ds_series_key;

/* The series that columns of text tell apart together: rows have one code where they have the same
 * words in all of the columns, none of which may be missing. */
ds_status ds_series_key_make(ds_series_key *out, const ds_source *source, const ds_words *columns);

/* Splits the series of a key by one more column. */
ds_status ds_series_key_split(ds_series_key *key, const ds_column *column, int64_t rows);

#endif
