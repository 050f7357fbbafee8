/* Streams rows that do not fit the device: its room is two halves, and a second thread reads,
 * normalizes and writes one while the other is worked on. */
#ifndef DS_STREAM_H
#define DS_STREAM_H

#include "data/dataset.h"
#include "ops/executor.h"

typedef struct ds_stream_feed ds_stream_feed;

/* Bytes of a half, of which one is in use and one is filled: enough to hide a transfer's latency,
 * little enough for small devices. SMALL is for sets that are gone through once. */
enum { DS_HALF_BYTES = 16 << 20, DS_SMALL_HALF_BYTES = 1 << 20 };

/* Reserves features, targets (where target_columns > 0) and indices of the executor. */
ds_status ds_stream_feed_create(ds_stream_feed **out, ds_executor *executor, int64_t batch,
                                int64_t columns, int64_t target_columns, int64_t half_bytes);
void ds_stream_feed_destroy(ds_stream_feed *stream);

/* Begins to go through a set from entry `skip` of `order` (taken over; NULL: as it is) on, ending a
 * visit under way. */
ds_status ds_stream_feed_visit(ds_stream_feed *stream, const ds_set *set, int32_t *order,
                               int64_t skip, int64_t batch);

/* Entry of the indices at which the next `count` rows of the visit stand; waits until they are on
 * the device. */
ds_status ds_stream_feed_next(ds_stream_feed *stream, int64_t count, int64_t *first);

/* Rows of a set as ds_matrix_read takes them. */
typedef struct ds_visited {
    const ds_set *set;
    int64_t first;
    const int32_t *order; /* or NULL */
} ds_visited;

/* Which stand from row `first` of the half in use on. */
ds_visited ds_stream_feed_visited(const ds_stream_feed *stream, int64_t first);

/* Whether the half in use is: the next rows will be written over what was taken so far, once that
 * was handed to the executor. */
bool ds_stream_feed_is_used_up(const ds_stream_feed *stream);

/* Fails at the first number that float32 cannot hold, though double could. */
ds_status ds_stream_check(const float *values, int64_t first_row, int64_t rows, int64_t columns);

#endif
