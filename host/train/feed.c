#include "train/feed.h"

#include <pthread.h>
#include <stdio.h>

#include "base/random.h"
#include "base/whole.h"
#include "train/stream.h"
#include "train/upload.h"

enum { MOST_ORDERS = 1 << 20, MOST_EPOCHS = 1 << 15, BLOCK = 1 << 18 };

struct ds_feed {
    ds_executor *executor;
    ds_feed_options options;
    int64_t columns, target_columns;

    /* Resident: rows of all sets one after the other; indices 0 .. rows-1 as they are, then the
     * orders of up to `epochs` epochs, epoch e in slot e % epochs. */
    int64_t first_row[3], rows;
    int64_t epochs;
    int64_t *slot_epoch; /* which epoch a slot holds; -1 none */
    int32_t *order;      /* room for all slots */

    ds_stream_feed *stream; /* or NULL */

    int64_t next; /* entry of the indices that the next row of the visit stands at */
};

static int64_t rows_of(const ds_feed *feed, int set) {
    const ds_set *s = set < feed->options.sets ? feed->options.set[set] : NULL;
    return s ? s->rows : 0;
}

static bool targets_wanted(const ds_feed *feed) {
    return feed->executor->plan->targets != DS_ABSENT;
}

/* ---- resident ---- */

/* Rows of a matrix as floats, read by a thread while those before them are written. */
typedef struct row_block {
    const ds_matrix *matrix;
    int64_t first, count;
    float *values;
} row_block;

static void *read_block(void *context) {
    const row_block *block = context;
    ds_matrix_read_floats(block->matrix, block->first, block->count, NULL, block->values);
    return NULL;
}

static row_block block_after(const row_block *block, int64_t rows, float *values) {
    int64_t first = block->first + block->count, left = block->matrix->rows - first;
    return (row_block){block->matrix, first, left < rows ? left : rows, values};
}

static ds_status write_block(ds_feed *feed, ds_storage storage, const row_block *block,
                             int64_t first_row) {
    int64_t columns = block->matrix->columns;
    DS_CHECK(ds_stream_check(block->values, block->first, block->count, columns));
    return ds_upload_floats(feed->executor, storage, (first_row + block->first) * columns,
                            block->count * columns, block->values);
}

static ds_status upload_floats(ds_feed *feed, ds_storage storage, const ds_matrix *matrix,
                               int64_t rows, int64_t first_row) {
    ds_status status = DS_OK;
    float *values[2] = {NULL};
    row_block block = {.matrix = matrix}, next;
    for (int i = 0; i < 2; i++)
        DS_TRY(ds_new(&values[i], (size_t)(rows * matrix->columns), sizeof(float)));
    block = block_after(&block, rows, values[0]);
    read_block(&block);
    for (int turn = 1; block.count > 0 && status == DS_OK; turn++, block = next) {
        pthread_t thread;
        next = block_after(&block, rows, values[turn % 2]);
        bool ahead = next.count > 0 && pthread_create(&thread, NULL, read_block, &next) == 0;
        status = write_block(feed, storage, &block, first_row);
        if (ahead)
            pthread_join(thread, NULL);
        else if (next.count > 0)
            read_block(&next);
    }

cleanup:
    ds_free(values[0]);
    ds_free(values[1]);
    return status;
}

/* As doubles, for the reference. */
static ds_status upload_doubles(ds_feed *feed, ds_storage storage, const ds_matrix *matrix,
                                int64_t rows, int64_t first_row) {
    ds_status status = DS_OK;
    const int64_t columns = matrix->columns;
    double *values = NULL;
    DS_TRY(ds_new(&values, (size_t)(rows * columns), sizeof *values));
    for (int64_t row = 0; row < matrix->rows; row += rows) {
        int64_t count = matrix->rows - row < rows ? matrix->rows - row : rows;
        ds_matrix_read(matrix, row, count, NULL, values);
        DS_TRY(feed->executor->write(feed->executor, storage, (first_row + row) * columns,
                                     count * columns, values));
    }

cleanup:
    ds_free(values);
    return status;
}

static ds_status upload_matrix(ds_feed *feed, ds_storage storage, const ds_matrix *matrix,
                               int64_t first_row) {
    int64_t rows = BLOCK / (matrix->columns > 0 ? matrix->columns : 1) + 1;
    if (rows > matrix->rows)
        rows = matrix->rows;
    return ds_device_is_reference(feed->options.device)
               ? upload_doubles(feed, storage, matrix, rows, first_row)
               : upload_floats(feed, storage, matrix, rows, first_row);
}

/* How many epochs' orders are kept. */
static int64_t epochs_kept(const ds_feed *feed) {
    int64_t train = rows_of(feed, 0), epochs = train ? MOST_ORDERS / train : 1;
    if (epochs > MOST_EPOCHS || !feed->options.shuffle)
        return MOST_EPOCHS;
    epochs = epochs < DS_FEED_CHUNKS ? DS_FEED_CHUNKS : epochs;
    bool fewer = feed->options.epochs && feed->options.epochs < epochs;
    return fewer ? feed->options.epochs : epochs;
}

static int64_t entries_of_orders(const ds_feed *feed) {
    return feed->options.shuffle ? epochs_kept(feed) * rows_of(feed, 0) : 0;
}

static ds_status upload(ds_feed *feed) {
    ds_executor *executor = feed->executor;
    int64_t orders = entries_of_orders(feed);
    feed->epochs = epochs_kept(feed);
    DS_CHECK(ds_new(&feed->slot_epoch, (size_t)feed->epochs, sizeof *feed->slot_epoch));
    for (int64_t i = 0; i < feed->epochs; i++)
        feed->slot_epoch[i] = -1;
    int64_t most = orders > feed->rows ? orders : feed->rows;
    DS_CHECK(ds_new(&feed->order, (size_t)most, sizeof *feed->order));
    DS_CHECK(executor->reserve(executor, DS_FEATURES, feed->rows * feed->columns));
    if (targets_wanted(feed))
        DS_CHECK(executor->reserve(executor, DS_TARGETS, feed->rows * feed->target_columns));
    DS_CHECK(executor->reserve(executor, DS_INDICES, feed->rows + orders));
    for (int64_t i = 0; i < feed->rows; i++)
        feed->order[i] = (int32_t)i;
    DS_CHECK(ds_upload_indices(executor, 0, feed->rows, feed->order));
    for (int i = 0; i < feed->options.sets; i++) {
        if (rows_of(feed, i) == 0)
            continue;
        const ds_set *set = feed->options.set[i];
        DS_CHECK(upload_matrix(feed, DS_FEATURES, &set->features, feed->first_row[i]));
        if (targets_wanted(feed))
            DS_CHECK(upload_matrix(feed, DS_TARGETS, &set->targets, feed->first_row[i]));
    }
    return DS_OK;
}

/* Those of `count` epochs, whose slots follow each other; names the first update that an index is
 * lost of. */
static ds_status write_orders(ds_feed *feed, int64_t epoch, int64_t count) {
    const int64_t train = rows_of(feed, 0), slot = epoch % feed->epochs;
    const int64_t first = feed->rows + slot * train, batch = feed->options.update_rows;
    int32_t *order = feed->order + slot * train;
    ds_check_report report = {0};
    char place[40];
    for (int64_t k = 0; k < count; k++)
        ds_random_order(order + k * train, (int32_t)train, feed->options.seed, DS_STREAM_SHUFFLE,
                        (uint32_t)(epoch + k));
    DS_CHECK(feed->executor->write_indices(feed->executor, first, count * train, order));
    DS_CHECK(ds_find_lost(feed->executor, DS_INDICES, first, count * train, order, &report));
    for (int64_t k = 0; k < count; k++)
        feed->slot_epoch[slot + k] = report.fault == DS_FAULT_NONE ? epoch + k : -1;
    if (report.fault == DS_FAULT_NONE)
        return DS_OK;
    int64_t entry = report.element - first, batches = (train + batch - 1) / batch;
    snprintf(place, sizeof place, "update %lld: ",
             (long long)((epoch + entry / train) * batches + entry % train / batch + 1));
    return ds_tell_lost(feed->executor->plan, &report, place);
}

/* Several at a time, since what is written is waited for. */
ds_status ds_feed_prepare(ds_feed *feed, int64_t first_epoch, int64_t last_epoch) {
    int64_t epoch = first_epoch, end = last_epoch + 1;
    if (feed->stream || !feed->options.shuffle)
        return DS_OK;
    while (epoch < end && feed->slot_epoch[epoch % feed->epochs] == epoch)
        epoch++;
    if (epoch == end)
        return DS_OK;
    end = ds_most(end, ds_least(epoch + feed->epochs / DS_FEED_CHUNKS, feed->options.epochs));
    for (int64_t count; epoch < end; epoch += count) {
        count = ds_least(end - epoch, feed->epochs - epoch % feed->epochs);
        DS_CHECK(write_orders(feed, epoch, count));
    }
    return DS_OK;
}

/* ---- what the device still holds ---- */

/* Rows that stand one after the other on the device, from row `at` on. */
static ds_status compare_rows(const ds_feed *feed, const ds_visited *rows, int64_t at,
                              int64_t count, ds_check_report *report) {
    ds_status status = DS_OK;
    const ds_matrix *const matrix[] = {&rows->set->features, &rows->set->targets};
    const int64_t columns[] = {feed->columns, feed->target_columns};
    float *values = NULL;
    int64_t most = BLOCK / ds_most(columns[0], columns[1]) + 1;
    DS_TRY(ds_new(&values, (size_t)(ds_least(most, count) * ds_most(columns[0], columns[1])),
                  sizeof *values));
    for (int64_t done = 0; done < count && report->fault == DS_FAULT_NONE; done += most)
        for (int i = 0; i < 2 && report->fault == DS_FAULT_NONE; i++) {
            int64_t now = ds_least(most, count - done);
            if (columns[i] == 0)
                continue;
            ds_matrix_read_floats(matrix[i], rows->first + done, now,
                                  rows->order ? rows->order + done : NULL, values);
            DS_TRY(ds_find_lost(feed->executor, i == 0 ? DS_FEATURES : DS_TARGETS,
                                (at + done) * columns[i], now * columns[i], values, report));
        }

cleanup:
    ds_free(values);
    return status;
}

/* The row of its set that a row on the device is. */
static int64_t row_of_set(const ds_feed *feed, int64_t at, const ds_set **set) {
    int which = feed->options.sets - 1;
    if (feed->stream) {
        ds_visited rows = ds_stream_feed_visited(feed->stream, at);
        return rows.order ? rows.order[0] : rows.first;
    }
    while (which > 0 && feed->first_row[which] > at)
        which--;
    *set = feed->options.set[which];
    return at - feed->first_row[which];
}

/* Rows of a resident set; where all between them are less to wait for, these, too. */
static ds_status compare_resident(const ds_feed *feed, const int32_t *index, int64_t count,
                                  ds_check_report *report) {
    enum { ELEMENTS_OF_A_WAIT = 1 << 12 };
    ds_visited rows = {0};
    int64_t least = index[0], most = index[0];
    for (int64_t i = 1; i < count; i++) {
        least = ds_least(least, index[i]);
        most = ds_most(most, index[i]);
    }
    bool together = (most - least + 1) * feed->columns <= count * ELEMENTS_OF_A_WAIT;
    for (int64_t i = 0; i < (together ? 1 : count) && report->fault == DS_FAULT_NONE; i++) {
        int64_t at = together ? least : index[i];
        rows.first = row_of_set(feed, at, &rows.set);
        DS_CHECK(compare_rows(feed, &rows, at, together ? most - least + 1 : 1, report));
    }
    return DS_OK;
}

ds_status ds_feed_check(const ds_feed *feed, int64_t first, int64_t count, ds_check_report *report,
                        int64_t *row) {
    ds_status status = DS_OK;
    int32_t *index = NULL;
    const ds_set *set;
    if (!feed->executor->compare)
        return DS_OK;
    DS_TRY(ds_new(&index, (size_t)count, sizeof *index));
    for (int64_t i = 0, entry = first; i < count; i++, entry++)
        index[i] =
            feed->stream || entry < feed->rows ? (int32_t)entry : feed->order[entry - feed->rows];
    DS_TRY(ds_find_lost(feed->executor, DS_INDICES, first, count, index, report));
    if (report->fault == DS_FAULT_NONE && feed->stream) {
        const ds_visited rows = ds_stream_feed_visited(feed->stream, first);
        DS_TRY(compare_rows(feed, &rows, first, count, report));
    } else if (report->fault == DS_FAULT_NONE) {
        DS_TRY(compare_resident(feed, index, count, report));
    }
    if (report->fault != DS_FAULT_NONE)
        *row = row_of_set(feed,
                          report->storage == DS_INDICES    ? index[report->element - first]
                          : report->storage == DS_FEATURES ? report->element / feed->columns
                                                           : report->element / feed->target_columns,
                          &set);

cleanup:
    ds_free(index);
    return status;
}

/* ---- both ---- */

/* Whether the features would take a gigabyte or more on the device, and many times what they take
 * here, where thousands of words are kept as their numbers. */
static bool is_wasteful(const ds_feed *feed) {
    int64_t dense = 4 * feed->rows * feed->columns, kept = 0;
    for (int i = 0; i < feed->options.sets; i++)
        if (rows_of(feed, i))
            kept += ds_matrix_bytes(&feed->options.set[i]->features);
    return dense >= (int64_t)1 << 30 && dense / 16 > kept;
}

/* Resident if features, targets and indices fit into half of the device's memory, and each into a
 * buffer. */
static bool fits(const ds_feed *feed) {
    const ds_device_info *about = ds_device_about(feed->options.device);
    if (is_wasteful(feed))
        return false;
    const int64_t count[] = {feed->rows * feed->columns, feed->rows * feed->target_columns,
                             feed->rows + entries_of_orders(feed)};
    double all = 0, largest = 0;
    for (int i = 0; i < 3; i++) {
        double bytes = 4.0 * (double)count[i];
        all += bytes;
        largest = bytes > largest ? bytes : largest;
    }
    return largest <= (double)about->allocation_bytes && all * 2 <= (double)about->memory_bytes;
}

ds_status ds_feed_create(ds_feed **out, ds_executor *executor, const ds_feed_options *options) {
    ds_status status = DS_OK;
    ds_feed *feed = NULL;
    const ds_plan *plan = executor->plan;
    DS_TRY(ds_new(&feed, 1, sizeof *feed));
    feed->executor = executor;
    feed->options = *options;
    feed->columns = ds_shape_count(&plan->tensor[plan->features].shape);
    if (targets_wanted(feed))
        feed->target_columns = ds_shape_count(&plan->tensor[plan->targets].shape);
    for (int i = 0; i < options->sets; i++) {
        feed->first_row[i] = feed->rows;
        feed->rows += rows_of(feed, i);
    }
    if (feed->rows > INT32_MAX) {
        status = ds_fail(DS_BAD_INPUT, "use fewer rows", "%lld rows; at most 2147483647 are taken",
                         (long long)feed->rows);
        goto cleanup;
    }
    bool exact = ds_device_is_reference(options->device);
    if (!exact && (options->stream || (!options->keep_resident && !fits(feed))))
        DS_TRY(ds_stream_feed_create(&feed->stream, executor, options->batch, feed->columns,
                                     feed->target_columns,
                                     options->once ? DS_SMALL_HALF_BYTES : DS_HALF_BYTES));
    else
        DS_TRY(upload(feed));
    *out = feed;
    feed = NULL;

cleanup:
    ds_feed_destroy(feed);
    return status;
}

void ds_feed_destroy(ds_feed *feed) {
    if (!feed)
        return;
    ds_stream_feed_destroy(feed->stream);
    ds_free(feed->slot_epoch);
    ds_free(feed->order);
    ds_free(feed);
}

bool ds_feed_streams(const ds_feed *feed) {
    return feed->stream != NULL;
}

int64_t ds_feed_epochs(const ds_feed *feed) {
    return feed->stream ? INT32_MAX : feed->epochs;
}

ds_status ds_feed_row(const ds_feed *feed, int64_t epoch, int64_t entry, int64_t *row) {
    int32_t *order = NULL;
    *row = entry;
    if (!feed->options.shuffle)
        return DS_OK;
    DS_CHECK(ds_new(&order, (size_t)rows_of(feed, 0), sizeof *order));
    ds_random_order(order, (int32_t)rows_of(feed, 0), feed->options.seed, DS_STREAM_SHUFFLE,
                    (uint32_t)epoch);
    *row = order[entry];
    ds_free(order);
    return DS_OK;
}

ds_status ds_feed_visit(ds_feed *feed, int set, int64_t epoch, int64_t skip, int64_t batch) {
    bool shuffled = set == 0 && epoch >= 0 && feed->options.shuffle;
    if (!feed->stream) {
        feed->next =
            shuffled ? feed->rows + epoch % feed->epochs * rows_of(feed, 0) : feed->first_row[set];
        feed->next += skip;
        return DS_OK;
    }
    int32_t *order = NULL;
    if (shuffled) {
        DS_CHECK(ds_new(&order, (size_t)rows_of(feed, 0), sizeof *order));
        ds_random_order(order, (int32_t)rows_of(feed, 0), feed->options.seed, DS_STREAM_SHUFFLE,
                        (uint32_t)epoch);
    }
    return ds_stream_feed_visit(feed->stream, feed->options.set[set], order, skip, batch);
}

ds_status ds_feed_next(ds_feed *feed, int64_t count, int64_t *first) {
    if (feed->stream)
        return ds_stream_feed_next(feed->stream, count, first);
    *first = feed->next;
    feed->next += count;
    return DS_OK;
}

bool ds_feed_is_used_up(const ds_feed *feed) {
    return feed->stream && ds_stream_feed_is_used_up(feed->stream);
}
