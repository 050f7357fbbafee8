/* An OpenCL layer (the loader takes it from OPENCL_LAYERS) that makes a limited or a broken device
 * of a sound one. Limits are reported, and held to: a launch that asks for more is refused, as such
 * a device would. What it does is said by environment variables:
 *
 *   FAULTY_TYPE=gpu      the device says that it is one
 *   FAULTY_NO_DOUBLE=1   it has no double: the word does not compile
 *   FAULTY_NO_DIVISION=1 it does not say that it rounds divisions and square roots correctly
 *   FAULTY_GROUP=64      the most work-items in a group
 *   FAULTY_LOCAL=16384   bytes of local memory
 *   FAULTY_ADDRESS=32    bits of an address, and of size_t in kernels
 *   FAULTY_SILENT=1      limits are held to, but not reported
 *   FAULTY_ENQUEUE=100   every hundredth command fails when it is enqueued
 *   FAULTY_CRASH=1       it crashes where relu_backward is to be launched
 *   FAULTY_FLIP=1000     of the numbers that kernels write every thousandth has a bit flipped
 *   FAULTY_UNMAP=3       of what the host writes to mapped memory a bit flips every third time
 *   FAULTY_STALE=1       every second launch of a kernel has the scalars of the launch before
 *   FAULTY_READ=1000     of the numbers that come back every thousandth has a bit flipped
 *   FAULTY_WRITE=drop:7  of writes, fills and copies every seventh is lost ("half:7": its second
 *                        half; "flip:7": a bit; "drop@7": of the seventh alone)
 */
#include "faulty_layer.h"

#include <signal.h>
#include <stdatomic.h>

const cl_icd_dispatch *faulty_target;

/* ---- commands that fail ---- */

static bool fails(void) {
    static atomic_long enqueued;
    long every = faulty_setting("FAULTY_ENQUEUE");
    return every > 0 && (atomic_fetch_add(&enqueued, 1) + 1) % every == 0;
}

static cl_int CL_API_CALL read_buffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                      size_t offset, size_t size, void *data, cl_uint count,
                                      const cl_event *wait, cl_event *event) {
    if (fails())
        return CL_OUT_OF_RESOURCES;
    cl_int code =
        faulty_target->clEnqueueReadBuffer(queue, buffer, blocking || faulty_setting("FAULTY_READ"),
                                           offset, size, data, count, wait, event);
    if (code == CL_SUCCESS && faulty_setting("FAULTY_READ"))
        faulty_flips_read(data, size);
    return code;
}

static cl_int CL_API_CALL write_buffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                       size_t offset, size_t size, const void *data, cl_uint count,
                                       const cl_event *wait, cl_event *event) {
    if (fails())
        return CL_OUT_OF_RESOURCES;
    faulty_write how = faulty_writes_next();
    if (how == FAULTY_SOUND)
        return faulty_target->clEnqueueWriteBuffer(queue, buffer, blocking, offset, size, data,
                                                   count, wait, event);
    size_t bytes = faulty_writes_bytes(how, size, 1);
    cl_int code = bytes ? faulty_target->clEnqueueWriteBuffer(queue, buffer, CL_TRUE, offset, bytes,
                                                              data, count, wait, NULL)
                        : CL_SUCCESS;
    return faulty_writes_end(how, code, queue, buffer, offset, size, event);
}

static cl_int CL_API_CALL copy_buffer(cl_command_queue queue, cl_mem from, cl_mem to,
                                      size_t from_offset, size_t to_offset, size_t size,
                                      cl_uint count, const cl_event *wait, cl_event *event) {
    if (fails())
        return CL_OUT_OF_RESOURCES;
    faulty_write how = faulty_writes_next();
    if (how == FAULTY_SOUND)
        return faulty_target->clEnqueueCopyBuffer(queue, from, to, from_offset, to_offset, size,
                                                  count, wait, event);
    size_t bytes = faulty_writes_bytes(how, size, 1);
    cl_int code = bytes ? faulty_target->clEnqueueCopyBuffer(queue, from, to, from_offset,
                                                             to_offset, bytes, count, wait, NULL)
                        : CL_SUCCESS;
    return faulty_writes_end(how, code, queue, to, to_offset, size, event);
}

static cl_int CL_API_CALL fill_buffer(cl_command_queue queue, cl_mem buffer, const void *pattern,
                                      size_t pattern_size, size_t offset, size_t size,
                                      cl_uint count, const cl_event *wait, cl_event *event) {
    if (fails())
        return CL_OUT_OF_RESOURCES;
    faulty_write how = faulty_writes_next();
    if (how == FAULTY_SOUND)
        return faulty_target->clEnqueueFillBuffer(queue, buffer, pattern, pattern_size, offset,
                                                  size, count, wait, event);
    size_t bytes = faulty_writes_bytes(how, size, pattern_size);
    cl_int code = bytes ? faulty_target->clEnqueueFillBuffer(queue, buffer, pattern, pattern_size,
                                                             offset, bytes, count, wait, NULL)
                        : CL_SUCCESS;
    return faulty_writes_end(how, code, queue, buffer, offset, size, event);
}

static cl_int CL_API_CALL marker(cl_command_queue queue, cl_uint count, const cl_event *wait,
                                 cl_event *event) {
    return fails() ? CL_OUT_OF_RESOURCES
                   : faulty_target->clEnqueueMarkerWithWaitList(queue, count, wait, event);
}

static void crash_by(cl_kernel kernel) {
    char name[64] = "";
    if (faulty_setting("FAULTY_CRASH") &&
        faulty_target->clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name, name, NULL) ==
            CL_SUCCESS &&
        strcmp(name, "relu_backward") == 0) {
        signal(SIGSEGV, SIG_DFL); /* a sanitizer would exit instead */
        raise(SIGSEGV);
    }
}

static cl_int CL_API_CALL launch(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                                 const size_t *offset, const size_t *global, const size_t *local,
                                 cl_uint count, const cl_event *wait, cl_event *event) {
    crash_by(kernel);
    cl_int code = faulty_limits_judge(queue, kernel, dimensions, global, local);
    if (code != CL_SUCCESS || fails())
        return code != CL_SUCCESS ? code : CL_OUT_OF_RESOURCES;
    if (faulty_setting("FAULTY_FLIP") && !event)
        return faulty_flips_launch(queue, kernel, dimensions, offset, global, local);
    return faulty_target->clEnqueueNDRangeKernel(queue, kernel, dimensions, offset, global, local,
                                                 count, wait, event);
}

/* ---- what the loader calls ---- */

CL_API_ENTRY cl_int CL_API_CALL clGetLayerInfo(cl_layer_info name, size_t size, void *value,
                                               size_t *size_out) {
    static const char layer[] = "faulty";
    static const cl_layer_api_version version = CL_LAYER_API_VERSION_100;
    const void *answer = name == CL_LAYER_NAME ? (const void *)layer : &version;
    size_t bytes = name == CL_LAYER_NAME ? sizeof layer : sizeof version;
    if ((name != CL_LAYER_NAME && name != CL_LAYER_API_VERSION) || (value && size < bytes))
        return CL_INVALID_VALUE;
    if (value)
        memcpy(value, answer, bytes);
    if (size_out)
        *size_out = bytes;
    return CL_SUCCESS;
}

CL_API_ENTRY cl_int CL_API_CALL clInitLayer(cl_uint entries, const cl_icd_dispatch *target,
                                            cl_uint *entries_out, const cl_icd_dispatch **out) {
    static cl_icd_dispatch table;
    if (entries < sizeof table / sizeof table.clGetPlatformIDs)
        return CL_INVALID_VALUE;
    faulty_target = target;
    table = *target;
    faulty_limits_join(&table);
    faulty_flips_join(&table);
    faulty_writes_join(&table);
    table.clEnqueueReadBuffer = read_buffer;
    table.clEnqueueWriteBuffer = write_buffer;
    table.clEnqueueCopyBuffer = copy_buffer;
    table.clEnqueueFillBuffer = fill_buffer;
    table.clEnqueueMarkerWithWaitList = marker;
    table.clEnqueueNDRangeKernel = launch;
    *entries_out = sizeof table / sizeof table.clGetPlatformIDs;
    *out = &table;
    return CL_SUCCESS;
}
