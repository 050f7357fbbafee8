/* Writes, fills and copies that do not arrive as they should: all of one is lost, its second half,
 * or a bit of it. What a buffer holds before the first is not zero, as it may be. */
#include "faulty_layer.h"

#include <stdatomic.h>

static cl_mem (*create_within)(cl_context, cl_mem_flags, size_t, void *, cl_int *);

static cl_mem CL_API_CALL create_buffer(cl_context context, cl_mem_flags flags, size_t bytes,
                                        void *host, cl_int *code) {
    char *junk = host || !bytes ? NULL : malloc(bytes);
    if (!junk)
        return create_within(context, flags, bytes, host, code);
    memset(junk, 0x5a, bytes);
    cl_mem buffer = create_within(context, flags | CL_MEM_COPY_HOST_PTR, bytes, junk, code);
    free(junk);
    return buffer;
}

/* "flip:7" is every seventh, "flip@7" the seventh alone. */
faulty_write faulty_writes_next(void) {
    static const char *const names[] = {"sound", "drop", "half", "flip"};
    static atomic_long written;
    char kind[8] = "", how = 0;
    long number = 0;
    const char *text = getenv("FAULTY_WRITE");
    if (!text || sscanf(text, "%7[a-z]%c%ld", kind, &how, &number) != 3 || number < 1)
        return FAULTY_SOUND;
    long now = atomic_fetch_add(&written, 1) + 1;
    int k = FAULTY_FLIPPED;
    while (k > 0 && strcmp(names[k], kind) != 0)
        k--;
    return (how == '@' ? now == number : now % number == 0) ? (faulty_write)k : FAULTY_SOUND;
}

size_t faulty_writes_bytes(faulty_write how, size_t bytes, size_t unit) {
    return how == FAULTY_DROPPED ? 0 : how == FAULTY_HALVED ? bytes / 2 / unit * unit : bytes;
}

/* In some word of what was just written to an in-order queue. */
static cl_int flip(cl_command_queue queue, cl_mem buffer, size_t offset, size_t bytes) {
    static atomic_uint flipped;
    unsigned turn = atomic_fetch_add(&flipped, 1);
    unsigned char byte;
    offset += (bytes * 5 / 7 + turn * 13) % bytes;
    cl_int code =
        faulty_target->clEnqueueReadBuffer(queue, buffer, CL_TRUE, offset, 1, &byte, 0, NULL, NULL);
    byte ^= (unsigned char)(1 << turn % 8);
    return code != CL_SUCCESS ? code
                              : faulty_target->clEnqueueWriteBuffer(queue, buffer, CL_TRUE, offset,
                                                                    1, &byte, 0, NULL, NULL);
}

cl_int faulty_writes_end(faulty_write how, cl_int code, cl_command_queue queue, cl_mem buffer,
                         size_t offset, size_t bytes, cl_event *event) {
    if (code == CL_SUCCESS && how == FAULTY_FLIPPED)
        code = flip(queue, buffer, offset, bytes);
    return code != CL_SUCCESS || !event
               ? code
               : faulty_target->clEnqueueMarkerWithWaitList(queue, 0, NULL, event);
}

/* Of what the host writes into a buffer that it has mapped a bit of the seventh word flips. */
static cl_int CL_API_CALL unmap(cl_command_queue queue, cl_mem buffer, void *memory, cl_uint count,
                                const cl_event *wait, cl_event *event) {
    enum { SEVENTH = 24 };
    static atomic_long unmapped;
    cl_int code = faulty_target->clEnqueueUnmapMemObject(queue, buffer, memory, count, wait, event);
    if (code == CL_SUCCESS &&
        (atomic_fetch_add(&unmapped, 1) + 1) % faulty_setting("FAULTY_UNMAP") == 0)
        code = flip(queue, buffer, SEVENTH, sizeof(float));
    return code;
}

void faulty_writes_join(cl_icd_dispatch *table) {
    if (faulty_setting("FAULTY_UNMAP"))
        table->clEnqueueUnmapMemObject = unmap;
    if (!getenv("FAULTY_WRITE"))
        return;
    create_within = table->clCreateBuffer;
    table->clCreateBuffer = create_buffer;
}
