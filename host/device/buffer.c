#include <string.h>

#include "device/large_pages.h"
#include "device/recording_parts.h"

struct ds_buffer {
    ds_device *device;
    cl_mem memory;
    unsigned char *plain; /* in its place on the plain device, whose queue is always done */
    size_t bytes;
};

struct ds_mark {
    ds_device *device;
    cl_event event;
};

static void CL_CALLBACK give_back(cl_mem memory, void *pages) {
    (void)memory;
    ds_large_pages_give_back(pages);
}

/* A processor computes where the buffer lies: large ones lie in large pages. */
static cl_mem create(ds_device *device, size_t bytes, cl_int *code) {
    bool on_host = device->about.unified_memory && strcmp(device->about.type, "cpu") == 0;
    ds_large_pages *pages = on_host && bytes >= DS_LARGE_PAGE ? ds_large_pages_take(bytes) : NULL;
    if (!pages)
        return clCreateBuffer(device->context, CL_MEM_READ_WRITE, bytes ? bytes : 4, NULL, code);
    cl_mem memory = clCreateBuffer(device->context, CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR, bytes,
                                   pages->memory, code);
    if (*code == CL_SUCCESS) {
        *code = clSetMemObjectDestructorCallback(memory, give_back, pages);
        if (*code == CL_SUCCESS)
            return memory;
        clReleaseMemObject(memory);
    }
    ds_large_pages_give_back(pages);
    return NULL;
}

ds_status ds_buffer_create(ds_buffer **out, ds_device *device, size_t bytes) {
    ds_buffer *buffer = NULL;
    if (bytes > device->about.allocation_bytes)
        return ds_fail(DS_OUT_OF_MEMORY, "use a smaller batch or network, or another device",
                       "device \"%s\": %zu bytes are needed in one buffer, it allows %llu",
                       device->about.name, bytes,
                       (unsigned long long)device->about.allocation_bytes);
    DS_CHECK(ds_new(&buffer, 1, sizeof *buffer));
    cl_int code = CL_SUCCESS;
    buffer->device = device;
    buffer->bytes = bytes;
    if (device->plain) {
        ds_status status = ds_new(&buffer->plain, bytes ? bytes : 4, 1);
        if (status != DS_OK) {
            ds_free(buffer);
            return status;
        }
        ds_opencl_count(1);
        *out = buffer;
        return DS_OK;
    }
    buffer->memory = create(device, bytes, &code);
    if (code != CL_SUCCESS) {
        ds_free(buffer);
        return ds_opencl_check(code, "clCreateBuffer", device);
    }
    ds_opencl_count(1);
    *out = buffer;
    return DS_OK;
}

void ds_buffer_destroy(ds_buffer *buffer) {
    if (!buffer)
        return;
    if (buffer->memory)
        clReleaseMemObject(buffer->memory);
    ds_free(buffer->plain);
    ds_opencl_count(-1);
    ds_free(buffer);
}

static ds_status write_plainly(ds_buffer *buffer, size_t offset, size_t bytes, const void *data) {
    memcpy(buffer->plain + offset, data, bytes);
    return DS_OK;
}

ds_status ds_buffer_write(ds_buffer *buffer, size_t offset, size_t bytes, const void *data) {
    if (bytes == 0)
        return DS_OK;
    DS_CHECK(ds_recording_written(buffer, offset, bytes, data));
    if (buffer->plain)
        return write_plainly(buffer, offset, bytes, data);
    return ds_opencl_check(clEnqueueWriteBuffer(buffer->device->queue, buffer->memory, CL_TRUE,
                                                offset, bytes, data, 0, NULL, NULL),
                           "clEnqueueWriteBuffer", buffer->device);
}

ds_status ds_buffer_write_aside(ds_buffer *buffer, size_t offset, size_t bytes, const void *data) {
    cl_event written;
    if (bytes == 0)
        return DS_OK;
    DS_CHECK(ds_recording_written(buffer, offset, bytes, data));
    if (buffer->plain)
        return write_plainly(buffer, offset, bytes, data);
    /* A blocking write only says that `data` was taken; that it has arrived, its event says. */
    DS_CHECK(ds_opencl_check(clEnqueueWriteBuffer(buffer->device->aside, buffer->memory, CL_FALSE,
                                                  offset, bytes, data, 0, NULL, &written),
                             "clEnqueueWriteBuffer", buffer->device));
    cl_int code = clWaitForEvents(1, &written);
    clReleaseEvent(written);
    return ds_opencl_check(code, "clWaitForEvents", buffer->device);
}

/* ---- what a device loses ---- */

const char ds_untrustworthy[] =
    "this device or its driver computes wrong: take another device (descent devices), or "
    "--device reference";

static ds_status read_words(ds_buffer *buffer, bool aside, size_t offset, size_t words,
                            uint32_t *out) {
    cl_command_queue queue = aside ? buffer->device->aside : buffer->device->queue;
    return ds_opencl_check(clEnqueueReadBuffer(queue, buffer->memory, CL_TRUE, offset,
                                               words * sizeof *out, out, 0, NULL, NULL),
                           "clEnqueueReadBuffer", buffer->device);
}

/* Of a word's readings the one that is as written, or else comes twice. */
static ds_status read_again(ds_buffer *buffer, bool aside, size_t offset, uint32_t written,
                            uint32_t *got) {
    enum { MOST_READINGS = 5 };
    for (int more = 0; more < MOST_READINGS; more++) {
        uint32_t before = *got;
        DS_CHECK(read_words(buffer, aside, offset, 1, got));
        if (*got == written || *got == before)
            return DS_OK;
    }
    return DS_OK;
}

ds_status ds_buffer_compare(ds_buffer *buffer, bool aside, size_t offset, size_t words,
                            const uint32_t *written, ds_lost_word *lost) {
    enum { BLOCK = 1 << 18 };
    ds_status status = DS_OK;
    uint32_t *got = NULL, *zeros = NULL;
    size_t block = words < BLOCK ? words : BLOCK;
    *lost = (ds_lost_word){0};
    if (words == 0 || buffer->plain)
        return DS_OK;
    DS_TRY(ds_new(&got, block, sizeof *got));
    if (!written)
        DS_TRY(ds_new(&zeros, block, sizeof *zeros));
    for (size_t done = 0; done < words && !lost->lost; done += block) {
        size_t now = words - done < block ? words - done : block;
        const uint32_t *expected = written ? written + done : zeros;
        DS_TRY(read_words(buffer, aside, offset + done * sizeof *got, now, got));
        if (memcmp(got, expected, now * sizeof *got) == 0)
            continue;
        for (size_t i = 0; i < now && !lost->lost; i++) {
            if (got[i] != expected[i])
                DS_TRY(read_again(buffer, aside, offset + (done + i) * sizeof *got, expected[i],
                                  &got[i]));
            if (got[i] != expected[i])
                *lost = (ds_lost_word){true, done + i, got[i]};
        }
    }

cleanup:
    ds_free(got);
    ds_free(zeros);
    return status;
}

static ds_status check_zeros(ds_buffer *buffer) {
    ds_lost_word lost;
    DS_CHECK(ds_buffer_compare(buffer, false, 0, buffer->bytes / sizeof lost.got, NULL, &lost));
    return lost.lost ? ds_fail(DS_WRONG_RESULT, ds_untrustworthy,
                               "device \"%s\": lost value in memory that nothing was run on: word "
                               "%zu of what was zeroed is 0x%08x",
                               buffer->device->about.name, lost.word, (unsigned)lost.got)
                     : DS_OK;
}

static ds_status read_plainly(const ds_buffer *buffer, size_t offset, size_t bytes, void *data) {
    memcpy(data, buffer->plain + offset, bytes);
    return DS_OK;
}

ds_status ds_buffer_read(ds_buffer *buffer, size_t offset, size_t bytes, void *data) {
    if (bytes == 0)
        return DS_OK;
    ds_recording_read(buffer->device);
    if (buffer->plain)
        return read_plainly(buffer, offset, bytes, data);
    return ds_opencl_check(clEnqueueReadBuffer(buffer->device->queue, buffer->memory, CL_TRUE,
                                               offset, bytes, data, 0, NULL, NULL),
                           "clEnqueueReadBuffer", buffer->device);
}

ds_status ds_buffer_copy(ds_buffer *from, size_t from_offset, ds_buffer *to, size_t to_offset,
                         size_t bytes) {
    if (bytes == 0)
        return DS_OK;
    DS_CHECK(ds_recording_copied(from, from_offset, to, to_offset, bytes));
    if (from->plain)
        return write_plainly(to, to_offset, bytes, from->plain + from_offset);
    return ds_opencl_check(clEnqueueCopyBuffer(from->device->queue, from->memory, to->memory,
                                               from_offset, to_offset, bytes, 0, NULL, NULL),
                           "clEnqueueCopyBuffer", from->device);
}

ds_status ds_buffer_zero(ds_buffer *buffer) {
    DS_CHECK(ds_buffer_fill(buffer, 0));
    return buffer->plain ? DS_OK : check_zeros(buffer);
}

ds_status ds_buffer_fill(ds_buffer *buffer, uint32_t word) {
    if (buffer->bytes == 0)
        return DS_OK;
    DS_CHECK(ds_recording_written(buffer, 0, buffer->bytes, NULL));
    if (buffer->plain) {
        for (size_t i = 0; i + sizeof word <= buffer->bytes; i += sizeof word)
            memcpy(buffer->plain + i, &word, sizeof word);
        return DS_OK;
    }
    return ds_opencl_check(clEnqueueFillBuffer(buffer->device->queue, buffer->memory, &word,
                                               sizeof word, 0, buffer->bytes, 0, NULL, NULL),
                           "clEnqueueFillBuffer", buffer->device);
}

cl_mem ds_buffer_handle(const ds_buffer *buffer) {
    return buffer->memory;
}

void *ds_buffer_memory(const ds_buffer *buffer) {
    return buffer->plain;
}

ds_device *ds_buffer_device(const ds_buffer *buffer) {
    return buffer->device;
}

size_t ds_buffer_bytes(const ds_buffer *buffer) {
    return buffer->bytes ? buffer->bytes : 4;
}

/* ---- the main queue ---- */

ds_status ds_device_flush(ds_device *device) {
    return device->plain ? DS_OK : ds_opencl_check(clFlush(device->queue), "clFlush", device);
}

ds_status ds_device_finish(ds_device *device) {
    return device->plain ? DS_OK : ds_opencl_check(clFinish(device->queue), "clFinish", device);
}

/* Takes the event over; NULL is one that has happened. */
static ds_status keep(ds_mark **mark, ds_device *device, cl_event event) {
    ds_opencl_count(1);
    ds_mark *made = NULL;
    ds_status status = ds_new(&made, 1, sizeof *made);
    if (status != DS_OK) {
        if (event)
            clReleaseEvent(event);
        ds_opencl_count(-1);
        return status;
    }
    ds_mark_destroy(*mark);
    *made = (ds_mark){device, event};
    *mark = made;
    return DS_OK;
}

ds_status ds_mark_set(ds_mark **mark, ds_device *device) {
    cl_event event;
    if (device->plain)
        return keep(mark, device, NULL);
    DS_CHECK(ds_opencl_check(clEnqueueMarkerWithWaitList(device->queue, 0, NULL, &event),
                             "clEnqueueMarkerWithWaitList", device));
    return keep(mark, device, event);
}

ds_status ds_buffer_read_later(ds_buffer *buffer, size_t offset, size_t bytes, void *data,
                               ds_mark **mark) {
    cl_event event;
    if (bytes == 0)
        return ds_mark_set(mark, buffer->device);
    ds_recording_read(buffer->device);
    if (buffer->plain) {
        DS_CHECK(read_plainly(buffer, offset, bytes, data));
        return ds_mark_set(mark, buffer->device);
    }
    DS_CHECK(ds_opencl_check(clEnqueueReadBuffer(buffer->device->queue, buffer->memory, CL_FALSE,
                                                 offset, bytes, data, 0, NULL, &event),
                             "clEnqueueReadBuffer", buffer->device));
    return keep(mark, buffer->device, event);
}

ds_status ds_buffer_write_later(ds_buffer *buffer, size_t offset, size_t bytes, const void *data,
                                ds_mark **mark) {
    cl_event event;
    if (bytes == 0)
        return ds_mark_set(mark, buffer->device);
    DS_CHECK(ds_recording_written(buffer, offset, bytes, data));
    if (buffer->plain) {
        DS_CHECK(write_plainly(buffer, offset, bytes, data));
        return ds_mark_set(mark, buffer->device);
    }
    DS_CHECK(ds_opencl_check(clEnqueueWriteBuffer(buffer->device->queue, buffer->memory, CL_FALSE,
                                                  offset, bytes, data, 0, NULL, &event),
                             "clEnqueueWriteBuffer", buffer->device));
    return keep(mark, buffer->device, event);
}

ds_status ds_buffer_map(ds_buffer *buffer, void **memory, ds_mark **mark) {
    cl_int code;
    cl_event event;
    if (buffer->plain) {
        *memory = buffer->plain;
        return ds_mark_set(mark, buffer->device);
    }
    *memory = clEnqueueMapBuffer(buffer->device->queue, buffer->memory, CL_FALSE,
                                 CL_MAP_WRITE_INVALIDATE_REGION, 0, buffer->bytes, 0, NULL, &event,
                                 &code);
    DS_CHECK(ds_opencl_check(code, "clEnqueueMapBuffer", buffer->device));
    return keep(mark, buffer->device, event);
}

ds_status ds_buffer_unmap(ds_buffer *buffer, void *memory) {
    DS_CHECK(ds_recording_written(buffer, 0, buffer->bytes, memory));
    if (buffer->plain)
        return DS_OK;
    return ds_opencl_check(
        clEnqueueUnmapMemObject(buffer->device->queue, buffer->memory, memory, 0, NULL, NULL),
        "clEnqueueUnmapMemObject", buffer->device);
}

ds_status ds_mark_wait(ds_mark *mark) {
    if (!mark || !mark->event)
        return DS_OK;
    return ds_opencl_check(clWaitForEvents(1, &mark->event), "clWaitForEvents", mark->device);
}

void ds_mark_destroy(ds_mark *mark) {
    if (!mark)
        return;
    if (mark->event)
        clReleaseEvent(mark->event);
    ds_opencl_count(-1);
    ds_free(mark);
}
