/* The products through OpenBLAS. OPENBLAS_CORETYPE names its kernels. */
#include <cblas.h>

#include "product.h"

typedef struct layer {
    product_size size;
    float *x, *w, *y;
} layer;

static void run(void *context, product_kind kind, long times) {
    const layer *l = context;
    const int batch = (int)l->size.batch, inputs = (int)l->size.inputs, units = (int)l->size.units;
    for (long i = 0; i < times; i++)
        if (kind == PRODUCT_FORWARD)
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, batch, units, inputs, 1, l->x,
                        inputs, l->w, inputs, 0, l->y, units);
        else if (kind == PRODUCT_INPUT)
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, batch, inputs, units, 1, l->y,
                        units, l->w, inputs, 0, l->x, inputs);
        else
            cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, units, inputs, batch, 1, l->y,
                        units, l->x, inputs, 0, l->w, inputs);
}

int main(int count, char **arguments) {
    layer l = {.size = product_arguments(count, arguments)};
    const size_t batch = l.size.batch, inputs = l.size.inputs, units = l.size.units;
    char version[300];
    double time[PRODUCTS];
    l.x = malloc(batch * inputs * sizeof *l.x);
    l.w = malloc(units * inputs * sizeof *l.w);
    l.y = malloc(batch * units * sizeof *l.y);
    if (!l.x || !l.w || !l.y)
        return EXIT_FAILURE;
    for (int kind = 0; kind < PRODUCTS; kind++) {
        product_fill(l.x, batch * inputs);
        product_fill(l.w, units * inputs);
        product_fill(l.y, batch * units);
        time[kind] = product_time(run, &l, (product_kind)kind, l.size.seconds / PRODUCTS);
    }
    snprintf(version, sizeof version, "%s, kernels %s, %d threads", openblas_get_config(),
             openblas_get_corename(), openblas_get_num_threads());
    product_print(time, version);
    free(l.x);
    free(l.w);
    free(l.y);
    return EXIT_SUCCESS;
}
