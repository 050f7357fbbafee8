/* Bits that flip in what kernels write. A launch is waited for, and what it has changed in the
 * buffers that it was given is found by comparing them with what they held before. */
#include "faulty_layer.h"

#include <pthread.h>

enum { MOST_BUFFERS = 4096, MOST_KERNELS = 1024, MOST_ARGUMENTS = 32 };

typedef struct known_kernel {
    cl_kernel handle;
    cl_mem argument[MOST_ARGUMENTS]; /* NULL: no buffer */
} known_kernel;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of these */
static known_kernel kernels[MOST_KERNELS];
static cl_mem buffers[MOST_BUFFERS];
static uint64_t written, arrived;

static known_kernel *find_kernel(cl_kernel handle) {
    int k = 0;
    while (k < MOST_KERNELS - 1 && kernels[k].handle != handle)
        k++;
    return &kernels[k];
}

static int find_buffer(cl_mem handle) {
    int i = 0;
    while (i < MOST_BUFFERS - 1 && buffers[i] != handle)
        i++;
    return i;
}

static cl_mem (*create_within)(cl_context, cl_mem_flags, size_t, void *, cl_int *);

static cl_mem CL_API_CALL create_buffer(cl_context context, cl_mem_flags flags, size_t bytes,
                                        void *host, cl_int *code) {
    cl_mem buffer = create_within(context, flags, bytes, host, code);
    pthread_mutex_lock(&lock);
    if (buffer)
        buffers[find_buffer(NULL)] = buffer;
    pthread_mutex_unlock(&lock);
    return buffer;
}

static cl_int CL_API_CALL release_buffer(cl_mem buffer) {
    pthread_mutex_lock(&lock);
    buffers[find_buffer(buffer)] = NULL;
    pthread_mutex_unlock(&lock);
    return faulty_target->clReleaseMemObject(buffer);
}

static cl_int CL_API_CALL set_argument(cl_kernel kernel, cl_uint index, size_t size,
                                       const void *value) {
    cl_mem given = NULL;
    if (value && size == sizeof given)
        memcpy(&given, value, sizeof given);
    pthread_mutex_lock(&lock);
    known_kernel *known = find_kernel(kernel);
    if (known->handle != kernel)
        known = find_kernel(NULL);
    known->handle = kernel;
    if (index < MOST_ARGUMENTS)
        known->argument[index] = given && buffers[find_buffer(given)] == given ? given : NULL;
    pthread_mutex_unlock(&lock);
    return faulty_target->clSetKernelArg(kernel, index, size, value);
}

static cl_int CL_API_CALL release_kernel(cl_kernel kernel) {
    pthread_mutex_lock(&lock);
    memset(find_kernel(kernel), 0, sizeof(known_kernel));
    pthread_mutex_unlock(&lock);
    return faulty_target->clReleaseKernel(kernel);
}

/* ---- a launch ---- */

typedef struct snapshot {
    cl_mem buffer;
    size_t words;
    uint32_t *before, *after;
} snapshot;

/* What a buffer holds, to be given back by free(). */
static cl_int read_words(cl_command_queue queue, cl_mem buffer, uint32_t **words, size_t *count) {
    size_t bytes = 0;
    cl_int code =
        faulty_target->clGetMemObjectInfo(buffer, CL_MEM_SIZE, sizeof bytes, &bytes, NULL);
    *count = bytes / sizeof **words;
    *words = malloc(bytes + 1);
    if (code == CL_SUCCESS && !*words)
        code = CL_OUT_OF_HOST_MEMORY;
    return code != CL_SUCCESS ? code
                              : faulty_target->clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, bytes,
                                                                   *words, 0, NULL, NULL);
}

/* Every bit has its turn. */
static cl_int flip(cl_command_queue queue, const snapshot *s) {
    long every = faulty_setting("FAULTY_FLIP");
    cl_int code = CL_SUCCESS;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < s->words && code == CL_SUCCESS; i++) {
        if (s->before[i] == s->after[i] || ++written % (uint64_t)every != 0)
            continue;
        uint32_t word = s->after[i] ^ (uint32_t)1 << (written / (uint64_t)every * 11 % 32);
        code = faulty_target->clEnqueueWriteBuffer(queue, s->buffer, CL_TRUE, i * sizeof word,
                                                   sizeof word, &word, 0, NULL, NULL);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

/* The buffers of a kernel, each once. */
static int buffers_of(cl_kernel kernel, snapshot taken[MOST_ARGUMENTS]) {
    int count = 0;
    pthread_mutex_lock(&lock);
    const known_kernel *known = find_kernel(kernel);
    for (int a = 0; a < MOST_ARGUMENTS; a++) {
        bool fresh = known->argument[a] != NULL;
        for (int i = 0; i < count; i++)
            fresh = fresh && taken[i].buffer != known->argument[a];
        if (fresh)
            taken[count++] = (snapshot){.buffer = known->argument[a]};
    }
    pthread_mutex_unlock(&lock);
    return count;
}

cl_int faulty_flips_launch(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                           const size_t *offset, const size_t *global, const size_t *local) {
    snapshot taken[MOST_ARGUMENTS];
    int count = buffers_of(kernel, taken);
    cl_int code = CL_SUCCESS;
    for (int i = 0; i < count && code == CL_SUCCESS; i++)
        code = read_words(queue, taken[i].buffer, &taken[i].before, &taken[i].words);
    if (code == CL_SUCCESS)
        code = faulty_target->clEnqueueNDRangeKernel(queue, kernel, dimensions, offset, global,
                                                     local, 0, NULL, NULL);
    for (int i = 0; i < count && code == CL_SUCCESS; i++) {
        code = read_words(queue, taken[i].buffer, &taken[i].after, &taken[i].words);
        if (code == CL_SUCCESS)
            code = flip(queue, &taken[i]);
    }
    for (int i = 0; i < count; i++) {
        free(taken[i].before);
        free(taken[i].after);
    }
    return code;
}

void faulty_flips_read(void *data, size_t bytes) {
    uint64_t every = (uint64_t)faulty_setting("FAULTY_READ");
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < bytes / sizeof(uint32_t); i++)
        if (++arrived % every == 0)
            ((uint32_t *)data)[i] ^= (uint32_t)1 << (arrived / every * 11 % 32);
    pthread_mutex_unlock(&lock);
}

/* ---- scalars of the launch before ---- */

/* Every second launch of a kernel is given what the launch before was: a driver that does not heed
 * what is set. Buffers and local memory are set all the same. */
static cl_int CL_API_CALL set_first_argument(cl_kernel kernel, cl_uint index, size_t size,
                                             const void *value) {
    static struct {
        cl_kernel kernel;
        uint64_t seen[MOST_ARGUMENTS];
    } known[MOST_KERNELS];
    int k = 0;
    if (value && size == 4 && index < MOST_ARGUMENTS) {
        pthread_mutex_lock(&lock);
        while (k < MOST_KERNELS - 1 && known[k].kernel && known[k].kernel != kernel)
            k++;
        known[k].kernel = kernel;
        bool again = known[k].seen[index]++ % 2 == 1;
        pthread_mutex_unlock(&lock);
        if (again)
            return CL_SUCCESS;
    }
    return faulty_target->clSetKernelArg(kernel, index, size, value);
}

void faulty_flips_join(cl_icd_dispatch *table) {
    if (faulty_setting("FAULTY_STALE"))
        table->clSetKernelArg = set_first_argument;
    if (!faulty_setting("FAULTY_FLIP"))
        return;
    create_within = table->clCreateBuffer;
    table->clCreateBuffer = create_buffer;
    table->clReleaseMemObject = release_buffer;
    table->clSetKernelArg = set_argument;
    table->clReleaseKernel = release_kernel;
}
