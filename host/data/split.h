/* Which rows of a file belong to which set. */
#ifndef DS_SPLIT_H
#define DS_SPLIT_H

#include "data/encoding.h"

/* Rows of a source, counted from 0, ascending. */
typedef struct ds_rows {
    int64_t *row;
    int64_t count;
} ds_rows;

void ds_rows_clear(ds_rows *rows);

/* The rows that may be used: all, or under `missing: drop` those where no cell that is needed is
 * missing. Fails where none is left. */
ds_status ds_rows_usable(ds_rows *out, const ds_encoding *encoding, ds_source *source,
                         bool with_targets);

/* Training, validation and test rows: floor(count * share) of them for the latter two, taken from
 * the end of the rows in their order, or in a random order of this seed. */
ds_status ds_rows_split(ds_rows out[3], const ds_rows *rows, const ds_data_options *options,
                        uint64_t seed, ds_text *notes);

/* Drops the first `steps` rows, whose history would lie outside the set. Fails where none is left.
 * `set` is its name in the message. */
ds_status ds_rows_drop_history(ds_rows *rows, int steps, const char *source, const char *set);

#endif
