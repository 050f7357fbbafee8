/* A program that times the three products of a dense layer: `NAME BATCH INPUTS UNITS SECONDS`
 * prints the microseconds of each as a line of JSON. */
#ifndef BENCH_PRODUCT_H
#define BENCH_PRODUCT_H

#include <stdlib.h>

#include "clock.h"

/* y = x W^T (batch, units); dx = dy W (batch, inputs); dW = dy^T x (units, inputs). All row-major.
 */
typedef enum product_kind { PRODUCT_FORWARD, PRODUCT_INPUT, PRODUCT_WEIGHT, PRODUCTS } product_kind;

typedef struct product_size {
    size_t batch, inputs, units;
    double seconds;
} product_size;

/* Does a product so often and waits for the last one. */
typedef void (*product_run)(void *context, product_kind kind, long times);

static inline product_size product_arguments(int count, char **argument) {
    if (count != 5) {
        fprintf(stderr, "usage: %s BATCH INPUTS UNITS SECONDS\n", argument[0]);
        exit(2);
    }
    return (product_size){strtoul(argument[1], NULL, 10), strtoul(argument[2], NULL, 10),
                          strtoul(argument[3], NULL, 10), strtod(argument[4], NULL)};
}

/* Microseconds of one: runs get longer until one takes long enough, and that one counts. */
static inline double product_time(product_run run, void *context, product_kind kind,
                                  double seconds) {
    for (long times = 1;; times *= 2) {
        double begin = clock_now();
        run(context, kind, times);
        double took = clock_now() - begin;
        if (took >= seconds)
            return 1e6 * took / (double)times;
    }
}

static inline void product_print(const double time[PRODUCTS], const char *version) {
    printf("{\"forward_us\": %.9g, \"input_us\": %.9g, \"weight_us\": %.9g, \"version\": \"%s\"}\n",
           time[PRODUCT_FORWARD], time[PRODUCT_INPUT], time[PRODUCT_WEIGHT], version);
}

/* Numbers in -1 .. 1, the same in every program. */
static inline void product_fill(float *values, size_t count) {
    unsigned state = 1;
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (float)((double)state / 2147483648.0 - 1);
    }
}

#endif
