#include "train/stream.h"

#include <math.h>
#include <pthread.h>

#include "train/upload.h"

struct ds_stream_feed {
    ds_executor *executor;
    int64_t columns, target_columns;
    int64_t half_rows; /* room of one half */

    /* the visit */
    const ds_set *set;
    int32_t *order;
    int64_t at, end;    /* entries of the order still to be read */
    int64_t step;       /* rows that are put into a half: whole batches of this visit */
    int64_t used, held; /* rows of the half in use: given out, and held */
    int64_t begin;      /* entry of the order that the half in use begins with */

    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool running, stop;
    int64_t filled; /* rows of the half to come; 0: to be filled; -1: nothing more will come */
    ds_status status;
    ds_saved_error error;

    float *features, *targets; /* what the thread reads rows into */
};

ds_status ds_stream_feed_create(ds_stream_feed **out, ds_executor *executor, int64_t batch,
                                int64_t columns, int64_t target_columns, int64_t half_bytes) {
    ds_status status = DS_OK;
    ds_stream_feed *stream = NULL;
    int32_t *order = NULL;
    DS_TRY(ds_new(&stream, 1, sizeof *stream));
    pthread_mutex_init(&stream->mutex, NULL);
    pthread_cond_init(&stream->changed, NULL);
    stream->executor = executor;
    stream->columns = columns;
    stream->target_columns = target_columns;
    stream->half_rows = half_bytes / (4 * (columns + target_columns)) + 1;
    if (stream->half_rows < batch)
        stream->half_rows = batch;
    int64_t rows = stream->half_rows;
    DS_TRY(ds_new(&stream->features, (size_t)(rows * columns), sizeof(float)));
    DS_TRY(ds_new(&stream->targets, (size_t)(rows * target_columns), sizeof(float)));
    DS_TRY(ds_new(&order, (size_t)rows, sizeof *order));
    for (int64_t i = 0; i < rows; i++)
        order[i] = (int32_t)i;
    DS_TRY(executor->reserve_ahead(executor, DS_FEATURES, rows * columns));
    if (target_columns)
        DS_TRY(executor->reserve_ahead(executor, DS_TARGETS, rows * target_columns));
    DS_TRY(executor->reserve(executor, DS_INDICES, rows));
    DS_TRY(ds_upload_indices(executor, 0, rows, order));
    *out = stream;
    stream = NULL;

cleanup:
    ds_free(order);
    ds_stream_feed_destroy(stream);
    return status;
}

ds_status ds_stream_check(const float *values, int64_t first_row, int64_t rows, int64_t columns) {
    for (int64_t i = 0; i < rows * columns; i++)
        if (!isfinite(values[i]))
            return ds_fail(DS_BAD_INPUT, "normalize the column, or use --device reference",
                           "row %lld of a set, column %lld: the number is too large for float32",
                           (long long)(first_row + i / columns + 1), (long long)(i % columns + 1));
    return DS_OK;
}

/* Reads `count` rows from the order's entry `at` on and writes them into the half to come. */
static ds_status fill_half(ds_stream_feed *stream, int64_t at, int64_t count) {
    ds_executor *executor = stream->executor;
    const int32_t *order = stream->order ? stream->order + at : NULL;
    ds_matrix_read_floats(&stream->set->features, at, count, order, stream->features);
    DS_CHECK(ds_stream_check(stream->features, at, count, stream->columns));
    DS_CHECK(ds_upload_ahead(executor, DS_FEATURES, count * stream->columns, stream->features));
    if (!stream->target_columns)
        return DS_OK;
    ds_matrix_read_floats(&stream->set->targets, at, count, order, stream->targets);
    return ds_upload_ahead(executor, DS_TARGETS, count * stream->target_columns, stream->targets);
}

static void *fill_halves(void *argument) {
    ds_stream_feed *stream = argument;
    for (int64_t at = stream->at;;) {
        int64_t count = stream->end - at < stream->step ? stream->end - at : stream->step;
        pthread_mutex_lock(&stream->mutex);
        while (stream->filled != 0 && !stream->stop)
            pthread_cond_wait(&stream->changed, &stream->mutex);
        bool stop = stream->stop;
        pthread_mutex_unlock(&stream->mutex);
        if (stop)
            return NULL;
        ds_status status = count ? fill_half(stream, at, count) : DS_OK;
        at += count;
        pthread_mutex_lock(&stream->mutex);
        stream->filled = count && status == DS_OK ? count : -1;
        stream->status = status;
        if (status != DS_OK)
            ds_error_take(&stream->error);
        pthread_cond_broadcast(&stream->changed);
        pthread_mutex_unlock(&stream->mutex);
        if (!count || status != DS_OK)
            return NULL;
    }
}

static void end_visit(ds_stream_feed *stream) {
    if (stream->running) {
        pthread_mutex_lock(&stream->mutex);
        stream->stop = true;
        pthread_cond_broadcast(&stream->changed);
        pthread_mutex_unlock(&stream->mutex);
        pthread_join(stream->thread, NULL);
        stream->running = false;
    }
    ds_free(stream->order);
    stream->order = NULL;
}

void ds_stream_feed_destroy(ds_stream_feed *stream) {
    if (!stream)
        return;
    end_visit(stream);
    pthread_cond_destroy(&stream->changed);
    pthread_mutex_destroy(&stream->mutex);
    ds_free(stream->features);
    ds_free(stream->targets);
    ds_free(stream);
}

ds_status ds_stream_feed_visit(ds_stream_feed *stream, const ds_set *set, int32_t *order,
                               int64_t skip, int64_t batch) {
    end_visit(stream);
    stream->set = set;
    stream->order = order;
    stream->at = skip;
    stream->end = set->rows;
    stream->step = stream->half_rows / batch * batch;
    stream->used = stream->held = 0;
    stream->begin = skip;
    stream->filled = 0;
    stream->stop = false;
    stream->status = DS_OK;
    if (pthread_create(&stream->thread, NULL, fill_halves, stream) != 0)
        return ds_fail(DS_OUT_OF_MEMORY, "", "no thread to read data with");
    stream->running = true;
    return DS_OK;
}

/* Takes the half to come, and gives the one that was in use to be filled. */
static ds_status turn_over(ds_stream_feed *stream) {
    pthread_mutex_lock(&stream->mutex);
    while (stream->filled == 0)
        pthread_cond_wait(&stream->changed, &stream->mutex);
    ds_status status = stream->status;
    if (status != DS_OK) {
        pthread_mutex_unlock(&stream->mutex);
        return ds_error_give(&stream->error);
    }
    status = stream->executor->turn_over(stream->executor);
    stream->begin += stream->held;
    stream->held = stream->filled;
    stream->used = stream->filled = 0;
    pthread_cond_broadcast(&stream->changed);
    pthread_mutex_unlock(&stream->mutex);
    return status;
}

ds_visited ds_stream_feed_visited(const ds_stream_feed *stream, int64_t first) {
    int64_t entry = stream->begin + first;
    return (ds_visited){stream->set, stream->order ? 0 : entry,
                        stream->order ? stream->order + entry : NULL};
}

bool ds_stream_feed_is_used_up(const ds_stream_feed *stream) {
    return stream->used == stream->held;
}

ds_status ds_stream_feed_next(ds_stream_feed *stream, int64_t count, int64_t *first) {
    if (stream->used == stream->held)
        DS_CHECK(turn_over(stream));
    *first = stream->used;
    stream->used += count;
    return DS_OK;
}
