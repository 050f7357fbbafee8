/* An OpenCL layer that writes buffers whole. Oclgrind 21.10 forgets which parts of a buffer are
 * initialized when one is written from the host by itself, or by a copy, and then reports numbers
 * as uninitialized that are not. Here the rest of the buffer is written with it, with what it
 * holds. */
#include <CL/cl_layer.h>
#include <stdlib.h>
#include <string.h>

static const cl_icd_dispatch *target;

/* The whole buffer with `size` bytes at `offset` replaced by `pattern`, over and over. */
static cl_int write_whole(cl_command_queue queue, cl_mem buffer, size_t offset, size_t size,
                          const void *pattern, size_t pattern_size) {
    size_t bytes = 0;
    char *all = NULL;
    cl_int code = target->clGetMemObjectInfo(buffer, CL_MEM_SIZE, sizeof bytes, &bytes, NULL);
    if (code == CL_SUCCESS && (offset > bytes || size > bytes - offset))
        return CL_INVALID_VALUE;
    if (code == CL_SUCCESS && !(all = malloc(bytes + 1)))
        return CL_OUT_OF_HOST_MEMORY;
    if (code == CL_SUCCESS)
        code = target->clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, bytes, all, 0, NULL, NULL);
    for (size_t done = 0; code == CL_SUCCESS && done < size; done += pattern_size)
        memcpy(all + offset + done, pattern, pattern_size);
    if (code == CL_SUCCESS)
        code = target->clEnqueueWriteBuffer(queue, buffer, CL_TRUE, 0, bytes, all, 0, NULL, NULL);
    free(all);
    return code;
}

/* The event of a command that is done. */
static cl_int mark(cl_command_queue queue, cl_int code, cl_event *event) {
    return code != CL_SUCCESS || !event
               ? code
               : target->clEnqueueMarkerWithWaitList(queue, 0, NULL, event);
}

static cl_int CL_API_CALL write_buffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                       size_t offset, size_t size, const void *data, cl_uint count,
                                       const cl_event *wait, cl_event *event) {
    (void)blocking, (void)count, (void)wait; /* done when it returns */
    return mark(queue, write_whole(queue, buffer, offset, size, data, size), event);
}

static cl_int CL_API_CALL fill_buffer(cl_command_queue queue, cl_mem buffer, const void *pattern,
                                      size_t pattern_size, size_t offset, size_t size,
                                      cl_uint count, const cl_event *wait, cl_event *event) {
    (void)count, (void)wait;
    return mark(queue, write_whole(queue, buffer, offset, size, pattern, pattern_size), event);
}

static cl_int CL_API_CALL copy_buffer(cl_command_queue queue, cl_mem from, cl_mem to,
                                      size_t from_offset, size_t to_offset, size_t size,
                                      cl_uint count, const cl_event *wait, cl_event *event) {
    (void)count, (void)wait;
    char *part = malloc(size + 1);
    if (!part)
        return CL_OUT_OF_HOST_MEMORY;
    cl_int code =
        target->clEnqueueReadBuffer(queue, from, CL_TRUE, from_offset, size, part, 0, NULL, NULL);
    if (code == CL_SUCCESS)
        code = write_whole(queue, to, to_offset, size, part, size);
    free(part);
    return mark(queue, code, event);
}

CL_API_ENTRY cl_int CL_API_CALL clGetLayerInfo(cl_layer_info name, size_t size, void *value,
                                               size_t *size_out) {
    static const cl_layer_api_version version = CL_LAYER_API_VERSION_100;
    if (name != CL_LAYER_API_VERSION || (value && size < sizeof version))
        return CL_INVALID_VALUE;
    if (value)
        memcpy(value, &version, sizeof version);
    if (size_out)
        *size_out = sizeof version;
    return CL_SUCCESS;
}

CL_API_ENTRY cl_int CL_API_CALL clInitLayer(cl_uint entries, const cl_icd_dispatch *loader,
                                            cl_uint *entries_out, const cl_icd_dispatch **out) {
    static cl_icd_dispatch table;
    if (entries < sizeof table / sizeof table.clGetPlatformIDs)
        return CL_INVALID_VALUE;
    target = loader;
    table = *loader;
    table.clEnqueueWriteBuffer = write_buffer;
    table.clEnqueueFillBuffer = fill_buffer;
    table.clEnqueueCopyBuffer = copy_buffer;
    *entries_out = sizeof table / sizeof table.clGetPlatformIDs;
    *out = &table;
    return CL_SUCCESS;
}
