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

/* The rows that may be used: without those where a cell is missing whose rule is to drop its row
 * or, with `lenient`, an error. What lags need is asked later. Fails where none is left, unless
 * they are `lenient` and without targets. */
ds_status ds_rows_usable(ds_rows *out, const ds_encoding *encoding, ds_source *source,
                         bool with_targets, bool lenient);

/* Training, validation and test rows: floor(count * share) of them for the latter two, taken from
 * the end of the rows in their order (of each series by itself), or in a random order of this
 * seed; or by their dates. */
ds_status ds_rows_split(ds_rows out[3], const ds_rows *rows, const ds_data_options *options,
                        const ds_source *source, const ds_encoding *encoding, uint64_t seed,
                        ds_text *notes);

/* The history that every row of a set must have. */
typedef struct ds_lookback {
    const char *set;       /* its name, for messages */
    int lags;              /* rows before */
    const ds_naive *naive; /* forecasts that have a value for it */
    int naives;
    bool before;      /* the history may be the rows before the set */
    bool lenient;     /* windows that touch a missing cell go, whatever the rule of its column */
    bool may_be_none; /* no row with enough history is no error: predictions with empty cells */
    ds_text *notes;   /* or NULL */
} ds_lookback;

/* Drops the rows whose history would lie outside the set, or, of lags, would span a gap where the
 * encoding drops those, or touches a cell that is missing and whose rule is to drop; with a note on
 * those that gaps cost. Fails where none is left, unless that may be. */
ds_status ds_rows_drop_history(ds_rows *rows, const ds_source *source, const ds_encoding *encoding,
                               const ds_lookback *lookback);

#endif
