#include "device/transfer.h"

#include <string.h>

typedef struct bench {
    const ds_transfer *of;
    ds_device *device;
    ds_buffer *buffer, *other; /* both hold what is there before */
    ds_mark *mark;
    bool has_read;
} bench;

static ds_status write_now(bench *b) {
    const ds_transfer *t = b->of;
    return ds_buffer_write(b->buffer, t->from, t->count, t->given + t->from);
}

static ds_status write_later(bench *b) {
    const ds_transfer *t = b->of;
    DS_CHECK(ds_buffer_write_later(b->buffer, t->from, t->count, t->given + t->from, &b->mark));
    return ds_mark_wait(b->mark);
}

/* While the main queue is at work on another buffer. */
static ds_status write_aside(bench *b) {
    const ds_transfer *t = b->of;
    DS_CHECK(ds_device_finish(b->device));
    DS_CHECK(ds_buffer_write_later(b->other, 0, t->bytes, t->given, &b->mark));
    DS_CHECK(ds_device_flush(b->device));
    DS_CHECK(ds_buffer_write_aside(b->buffer, t->from, t->count, t->given + t->from));
    return ds_mark_wait(b->mark);
}

static ds_status read_now(bench *b) {
    const ds_transfer *t = b->of;
    b->has_read = true;
    DS_CHECK(ds_buffer_write(b->buffer, 0, t->bytes, t->given));
    return ds_buffer_read(b->buffer, t->from, t->count, t->got + t->from);
}

static ds_status read_later(bench *b) {
    const ds_transfer *t = b->of;
    b->has_read = true;
    DS_CHECK(ds_buffer_write(b->buffer, 0, t->bytes, t->given));
    DS_CHECK(ds_buffer_read_later(b->buffer, t->from, t->count, t->got + t->from, &b->mark));
    return ds_mark_wait(b->mark);
}

/* To another place, as far from the end as it was from the beginning. */
static ds_status copy(bench *b) {
    const ds_transfer *t = b->of;
    size_t to = t->bytes - t->from - t->count;
    memcpy(t->expected, t->before, t->bytes);
    memcpy(t->expected + to, t->given + t->from, t->count);
    DS_CHECK(ds_buffer_write(b->other, 0, t->bytes, t->given));
    return ds_buffer_copy(b->other, t->from, b->buffer, to, t->count);
}

static ds_status fill(bench *b) {
    memset(b->of->expected, 0, b->of->bytes);
    return ds_buffer_zero(b->buffer);
}

static ds_status map(bench *b) {
    void *memory;
    DS_CHECK(ds_buffer_map(b->buffer, &memory, &b->mark));
    DS_CHECK(ds_mark_wait(b->mark));
    memcpy(memory, b->of->given, b->of->bytes);
    return ds_buffer_unmap(b->buffer, memory);
}

static const struct {
    const char *name;
    ds_status (*run)(bench *b);
    bool whole;
} ways[DS_TRANSFERS] = {{"write", write_now, false},
                        {"write-later", write_later, false},
                        {"write-aside", write_aside, false},
                        {"read", read_now, false},
                        {"read-later", read_later, false},
                        {"copy", copy, false},
                        {"fill", fill, true},
                        {"map", map, true}};

const char *ds_transfer_name(int way, bool *whole) {
    *whole = ways[way].whole;
    return ways[way].name;
}

ds_status ds_transfer_run(const ds_transfer *t, ds_device *device, int way) {
    ds_status status = DS_OK;
    bench b = {.of = t, .device = device};
    memcpy(t->got, t->before, t->bytes);
    memcpy(t->expected, t->before, t->bytes);
    memcpy(t->expected + t->from, t->given + t->from, t->count);
    DS_TRY(ds_buffer_create(&b.buffer, device, t->bytes));
    DS_TRY(ds_buffer_create(&b.other, device, t->bytes));
    DS_TRY(ds_buffer_write(b.other, 0, t->bytes, t->before));
    DS_TRY(ds_buffer_write(b.buffer, 0, t->bytes, t->before));
    DS_TRY(ways[way].run(&b));
    if (!b.has_read)
        DS_TRY(ds_buffer_read(b.buffer, 0, t->bytes, t->got));

cleanup:
    (void)ds_mark_wait(b.mark); /* nothing may still be on its way to what is freed */
    ds_mark_destroy(b.mark);
    ds_buffer_destroy(b.buffer);
    ds_buffer_destroy(b.other);
    return status;
}
