#include "plain/plain.h"

#include "ops/operation.h"
#include "plain/opencl_as_c.h"

/* ---- the build options, as host/launch/build_kernels.c gives them to a driver ---- */

#define PORTABLE
#define HAS_EXACT_DIVISION /* C's own, by IEEE 754 */
#define GROUP 1
#define TILE_GROUP 1
#define TILE_ITEM DS_PLAIN_TILE_ITEM
#define TILE_DEPTH DS_PLAIN_TILE_DEPTH
#define DENSE_FINISH TILE_ITEM

#define NUMBER(name) number_##name,
enum { DS_LAYERS(NUMBER) };
#define FINISH_identity (2 * number_identity + 2)
#define FINISH_sigmoid (2 * number_sigmoid + 2)
#define FINISH_hard_sigmoid (2 * number_hard_sigmoid + 2)
#define FINISH_tanh (2 * number_tanh + 2)
#define FINISH_relu (2 * number_relu + 2)
#define FINISH_leaky_relu (2 * number_leaky_relu + 2)
#define FINISH_elu (2 * number_elu + 2)
#define FINISH_gelu (2 * number_gelu + 2)
#define FINISH_silu (2 * number_silu + 2)
#define FINISH_softplus (2 * number_softplus + 2)

/* Kernels are written for another language, whose compilers do not warn of these. */
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wfloat-conversion"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"

#include "common.cl"
#include "portable.cl"

#include "functions.cl"

#include "activations.cl"
#include "dense.cl"
#include "dense_tile.cl"
#include "dropout.cl"
#include "gather.cl"
#include "gradient_norm.cl"
#include "layer_norm.cl"
#include "losses.cl"
#include "optimizers.cl"
#include "record.cl"
#include "softmax.cl"
#undef kernel

/* ---- calls by name: the compiler holds the lists against the kernels' parameters ---- */

#define T(i) a[i].memory, a[(i) + 1].wide /* a tensor: its buffer and its offset */
#define L(i) a[i].wide
#define U(i) a[i].narrow
#define I(i) a[i].whole
#define F(i) a[i].number

#define CALL(name, ...)                                                                            \
    static void call_##name(const ds_plain_value *a) {                                             \
        name(__VA_ARGS__);                                                                         \
    }

#define ACTIVATIONS(X)                                                                             \
    X(identity)                                                                                    \
    X(sigmoid)                                                                                     \
    X(hard_sigmoid)                                                                                \
    X(tanh)                                                                                        \
    X(relu)                                                                                        \
    X(gelu)                                                                                        \
    X(silu)                                                                                        \
    X(softplus)
#define OPTIONED(X)                                                                                \
    X(leaky_relu)                                                                                  \
    X(elu)
#define PLAIN_LOSSES(X)                                                                            \
    X(mse)                                                                                         \
    X(mae)                                                                                         \
    X(binary_cross_entropy)                                                                        \
    X(cross_entropy)

#define ACTIVATION_CALLS(name)                                                                     \
    CALL(name##_forward, T(0), T(2), U(4))                                                         \
    CALL(name##_backward, T(0), T(2), T(4), U(6), U(7))
#define OPTIONED_CALLS(name)                                                                       \
    CALL(name##_forward, T(0), T(2), U(4), F(5))                                                   \
    CALL(name##_backward, T(0), T(2), T(4), U(6), U(7), F(8))
#define LOSS_CALLS(name)                                                                           \
    CALL(name, T(0), T(2), T(4), T(6), U(8), U(9), F(10))                                          \
    CALL(name##_evaluate, T(0), T(2), T(4), U(6), U(7), F(8))
ACTIVATIONS(ACTIVATION_CALLS)
OPTIONED(OPTIONED_CALLS)
PLAIN_LOSSES(LOSS_CALLS)
CALL(huber, T(0), T(2), T(4), T(6), U(8), U(9), F(10), F(11))
CALL(huber_evaluate, T(0), T(2), T(4), U(6), U(7), F(8), F(9))

CALL(softmax_forward, T(0), T(2), U(4), U(5))
CALL(softmax_backward, T(0), T(2), T(4), U(6), U(7), U(8))
CALL(dropout_forward, T(0), T(2), U(4), U(5), U(6), F(7), U(8), U(9), U(10), U(11), U(12))
CALL(dropout_backward, T(0), T(2), U(4), U(5), U(6), F(7), U(8), U(9), U(10), U(11), U(12), U(13))
CALL(layer_norm_forward, T(0), T(2), T(4), T(6), T(8), U(10), U(11), F(12))
CALL(layer_norm_backward, T(0), T(2), T(4), T(6), T(8), U(10), U(11), U(12))
CALL(layer_norm_backward_parameters, T(0), T(2), T(4), T(6), T(8), U(10), U(11), U(12))
CALL(dense_tile, T(0), T(2), T(4), T(6), T(8), U(10), U(11), U(12), U(13), U(14), U(15), U(16),
     U(17), U(18), U(19), F(20))

CALL(portable_probe, T(0), T(2), U(4), U(5), U(6), U(7))
CALL(gather, T(0), T(2), T(4), T(6), T(8), U(10), U(11), U(12))
CALL(gather_features, T(0), T(2), T(4), U(6), U(7))
CALL(record, T(0), T(2), U(4))
CALL(gradient_norm_partial, T(0), T(2), L(4))
CALL(gradient_norm_total, T(0), T(2), T(4), T(6), U(8), F(9), I(10))

/* Gradients, norm, status, parameters and the moments; count, rate, clip, decay and their own. */
CALL(sgd, T(0), T(2), T(4), T(6), U(8), F(9), F(10), F(11), F(12), F(13))
CALL(sgd_momentum, T(0), T(2), T(4), T(6), T(8), U(10), F(11), F(12), F(13), F(14), F(15))
CALL(adagrad, T(0), T(2), T(4), T(6), T(8), U(10), F(11), F(12), F(13), F(14))
CALL(rmsprop, T(0), T(2), T(4), T(6), T(8), U(10), F(11), F(12), F(13), F(14), F(15), F(16), F(17))
CALL(rmsprop_momentum, T(0), T(2), T(4), T(6), T(8), T(10), U(12), F(13), F(14), F(15), F(16),
     F(17), F(18), F(19))
CALL(adam, T(0), T(2), T(4), T(6), T(8), T(10), U(12), F(13), F(14), F(15), F(16), F(17), F(18),
     F(19), F(20), F(21))
CALL(adamw, T(0), T(2), T(4), T(6), T(8), T(10), U(12), F(13), F(14), F(15), F(16), F(17), F(18),
     F(19), F(20), F(21))

/* ---- the table ---- */

#define ENTRY(name) {#name, call_##name},
#define BOTH_WAYS(name) ENTRY(name##_forward) ENTRY(name##_backward)
#define WITH_EVALUATE(name) ENTRY(name) ENTRY(name##_evaluate)

static const struct {
    const char *name;
    ds_plain_kernel kernel;
} table[] = {ACTIVATIONS(BOTH_WAYS) OPTIONED(BOTH_WAYS) PLAIN_LOSSES(WITH_EVALUATE)
                 WITH_EVALUATE(huber) BOTH_WAYS(softmax) BOTH_WAYS(dropout) BOTH_WAYS(layer_norm)
                     ENTRY(layer_norm_backward_parameters) ENTRY(dense_tile) ENTRY(portable_probe)
                         ENTRY(gather) ENTRY(gather_features) ENTRY(record)
                             ENTRY(gradient_norm_partial) ENTRY(gradient_norm_total) ENTRY(sgd)
                                 ENTRY(sgd_momentum) ENTRY(adagrad) ENTRY(rmsprop)
                                     ENTRY(rmsprop_momentum) ENTRY(adam) ENTRY(adamw)};

ds_plain_kernel ds_plain_find(const char *name) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0)
            return table[i].kernel;
    return NULL;
}

void ds_plain_run(ds_plain_kernel kernel, const ds_plain_value *argument, const size_t groups[2]) {
    item_groups[0] = groups[0];
    item_groups[1] = groups[1];
    for (item_group[1] = 0; item_group[1] < groups[1]; item_group[1]++)
        for (item_group[0] = 0; item_group[0] < groups[0]; item_group[0]++)
            kernel(argument);
}
