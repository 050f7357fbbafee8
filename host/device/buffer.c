#include <string.h>

#include "device/large_pages.h"
#include "device/opencl.h"

struct ds_buffer {
    ds_device *device;
    cl_mem memory;
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
    cl_int code;
    buffer->device = device;
    buffer->bytes = bytes;
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
    clReleaseMemObject(buffer->memory);
    ds_opencl_count(-1);
    ds_free(buffer);
}

ds_status ds_buffer_write(ds_buffer *buffer, size_t offset, size_t bytes, const void *data) {
    if (bytes == 0)
        return DS_OK;
    return ds_opencl_check(clEnqueueWriteBuffer(buffer->device->queue, buffer->memory, CL_TRUE,
                                                offset, bytes, data, 0, NULL, NULL),
                           "clEnqueueWriteBuffer", buffer->device);
}

ds_status ds_buffer_write_aside(ds_buffer *buffer, size_t offset, size_t bytes, const void *data) {
    cl_event written;
    if (bytes == 0)
        return DS_OK;
    /* A blocking write only says that `data` was taken; that it has arrived, its event says. */
    DS_CHECK(ds_opencl_check(clEnqueueWriteBuffer(buffer->device->aside, buffer->memory, CL_FALSE,
                                                  offset, bytes, data, 0, NULL, &written),
                             "clEnqueueWriteBuffer", buffer->device));
    cl_int code = clWaitForEvents(1, &written);
    clReleaseEvent(written);
    return ds_opencl_check(code, "clWaitForEvents", buffer->device);
}

ds_status ds_buffer_read(ds_buffer *buffer, size_t offset, size_t bytes, void *data) {
    if (bytes == 0)
        return DS_OK;
    return ds_opencl_check(clEnqueueReadBuffer(buffer->device->queue, buffer->memory, CL_TRUE,
                                               offset, bytes, data, 0, NULL, NULL),
                           "clEnqueueReadBuffer", buffer->device);
}

ds_status ds_buffer_copy(ds_buffer *from, size_t from_offset, ds_buffer *to, size_t to_offset,
                         size_t bytes) {
    return ds_opencl_check(clEnqueueCopyBuffer(from->device->queue, from->memory, to->memory,
                                               from_offset, to_offset, bytes, 0, NULL, NULL),
                           "clEnqueueCopyBuffer", from->device);
}

ds_status ds_buffer_zero(ds_buffer *buffer) {
    cl_uint zero = 0;
    if (buffer->bytes == 0)
        return DS_OK;
    return ds_opencl_check(clEnqueueFillBuffer(buffer->device->queue, buffer->memory, &zero,
                                               sizeof zero, 0, buffer->bytes, 0, NULL, NULL),
                           "clEnqueueFillBuffer", buffer->device);
}

cl_mem ds_buffer_handle(const ds_buffer *buffer) {
    return buffer->memory;
}

/* ---- the main queue ---- */

ds_status ds_device_flush(ds_device *device) {
    return ds_opencl_check(clFlush(device->queue), "clFlush", device);
}

ds_status ds_device_finish(ds_device *device) {
    return ds_opencl_check(clFinish(device->queue), "clFinish", device);
}

/* Takes the event over. */
static ds_status keep(ds_mark **mark, ds_device *device, cl_event event) {
    ds_opencl_count(1);
    ds_mark *made = NULL;
    ds_status status = ds_new(&made, 1, sizeof *made);
    if (status != DS_OK) {
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
    DS_CHECK(ds_opencl_check(clEnqueueMarkerWithWaitList(device->queue, 0, NULL, &event),
                             "clEnqueueMarkerWithWaitList", device));
    return keep(mark, device, event);
}

ds_status ds_buffer_read_later(ds_buffer *buffer, size_t offset, size_t bytes, void *data,
                               ds_mark **mark) {
    cl_event event;
    if (bytes == 0)
        return ds_mark_set(mark, buffer->device);
    DS_CHECK(ds_opencl_check(clEnqueueReadBuffer(buffer->device->queue, buffer->memory, CL_FALSE,
                                                 offset, bytes, data, 0, NULL, &event),
                             "clEnqueueReadBuffer", buffer->device));
    return keep(mark, buffer->device, event);
}

ds_status ds_mark_wait(ds_mark *mark) {
    if (!mark)
        return DS_OK;
    return ds_opencl_check(clWaitForEvents(1, &mark->event), "clWaitForEvents", mark->device);
}

void ds_mark_destroy(ds_mark *mark) {
    if (!mark)
        return;
    clReleaseEvent(mark->event);
    ds_opencl_count(-1);
    ds_free(mark);
}
