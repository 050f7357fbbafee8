/* The products through CLBlast, on the first device that OpenCL names. */
#include <clblast_c.h>
#include <string.h>

#include "product.h"

typedef struct layer {
    product_size size;
    cl_command_queue queue;
    cl_mem x, w, y;
} layer;

static void check(long code, const char *what) {
    if (code == CL_SUCCESS)
        return;
    fprintf(stderr, "%s gives %ld\n", what, code);
    exit(EXIT_FAILURE);
}

static void run(void *context, product_kind kind, long times) {
    layer *l = context;
    const size_t batch = l->size.batch, inputs = l->size.inputs, units = l->size.units;
    const CLBlastLayout rows = CLBlastLayoutRowMajor;
    const CLBlastTranspose yes = CLBlastTransposeYes, no = CLBlastTransposeNo;
    for (long i = 0; i < times; i++)
        if (kind == PRODUCT_FORWARD)
            check(CLBlastSgemm(rows, no, yes, batch, units, inputs, 1, l->x, 0, inputs, l->w, 0,
                               inputs, 0, l->y, 0, units, &l->queue, NULL),
                  "x W^T");
        else if (kind == PRODUCT_INPUT)
            check(CLBlastSgemm(rows, no, no, batch, inputs, units, 1, l->y, 0, units, l->w, 0,
                               inputs, 0, l->x, 0, inputs, &l->queue, NULL),
                  "dy W");
        else
            check(CLBlastSgemm(rows, yes, no, units, inputs, batch, 1, l->y, 0, units, l->x, 0,
                               inputs, 0, l->w, 0, inputs, &l->queue, NULL),
                  "dy^T x");
    check(clFinish(l->queue), "clFinish");
}

static cl_mem filled(cl_context context, size_t count) {
    cl_int code;
    float *values = malloc(count * sizeof *values);
    if (!values)
        exit(EXIT_FAILURE);
    product_fill(values, count);
    cl_mem buffer = clCreateBuffer(context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR,
                                   count * sizeof *values, values, &code);
    check(code, "clCreateBuffer");
    free(values);
    return buffer;
}

int main(int count, char **arguments) {
    layer l = {.size = product_arguments(count, arguments)};
    const size_t batch = l.size.batch, inputs = l.size.inputs, units = l.size.units;
    cl_platform_id platform;
    cl_device_id device;
    char name[200] = "", version[300];
    double time[PRODUCTS];
    check(clGetPlatformIDs(1, &platform, NULL), "clGetPlatformIDs");
    check(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL), "clGetDeviceIDs");
    check(clGetDeviceInfo(device, CL_DEVICE_NAME, sizeof name, name, NULL), "clGetDeviceInfo");
    cl_int code;
    cl_context context = clCreateContext(NULL, 1, &device, NULL, NULL, &code);
    check(code, "clCreateContext");
    l.queue = clCreateCommandQueue(context, device, 0, &code);
    check(code, "clCreateCommandQueue");
    for (int kind = 0; kind < PRODUCTS; kind++) {
        l.x = filled(context, batch * inputs);
        l.w = filled(context, units * inputs);
        l.y = filled(context, batch * units);
        run(&l, (product_kind)kind, 1); /* compiles */
        time[kind] = product_time(run, &l, (product_kind)kind, l.size.seconds / PRODUCTS);
        clReleaseMemObject(l.x);
        clReleaseMemObject(l.w);
        clReleaseMemObject(l.y);
    }
    snprintf(version, sizeof version, "CLBlast " CLBLAST_VERSION " on %s", name);
    product_print(time, version);
    clReleaseCommandQueue(l.queue);
    clReleaseContext(context);
    return EXIT_SUCCESS;
}
