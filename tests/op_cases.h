/* A row per operation and way of using it: what test_operations_* run on every device. */
#ifndef OP_CASES_H
#define OP_CASES_H

#include "ops/operation.h"

typedef struct op_case {
    ds_family family;
    const char *name;
    double attribute[DS_MAX_ATTRIBUTES]; /* as the operation's options */
    double clip;                         /* of an optimizer */
    bool between;                        /* of a layer: it stands between two dense layers */
} op_case;

static const op_case op_cases[] = {
    {DS_LAYER, "dense", {5, 1}, 0}, /* units: the shape's */
    {DS_LAYER, "dense", {5, 0}, 0},
    {DS_LAYER, "identity", {0}, 0},
    {DS_LAYER, "sigmoid", {0}, 0},
    {DS_LAYER, "hard_sigmoid", {0}, 0},
    {DS_LAYER, "tanh", {0}, 0},
    {DS_LAYER, "relu", {0}, 0},
    {DS_LAYER, "leaky_relu", {0.01}, 0},
    {DS_LAYER, "elu", {0.7}, 0},
    {DS_LAYER, "gelu", {0}, 0},
    {DS_LAYER, "silu", {0}, 0},
    {DS_LAYER, "softplus", {0}, 0},
    {DS_LAYER, "softmax", {0}, 0},
    {DS_LAYER, "dropout", {0x1.d9639c18p-2}, 0}, /* what is drawn for sample 0, unit 2: it stays */
    {DS_LAYER, "dropout", {0}, 0},
    {DS_LAYER, "dropout", {1}, 0},
    {DS_LAYER, "layer_norm", {1e-5}, 0},

    {DS_LOSS, "mse", {0}, 0}, /* shift */
    {DS_LOSS, "mae", {0}, 0},
    {DS_LOSS, "mae", {-100}, 0},
    {DS_LOSS, "huber", {0.6}, 0}, /* delta, shift */
    {DS_LOSS, "huber", {0.6, 0.25}, 0},
    {DS_LOSS, "binary_cross_entropy", {0}, 0},
    {DS_LOSS, "binary_cross_entropy", {2}, 0},
    {DS_LOSS, "cross_entropy", {0}, 0},
    {DS_LOSS, "cross_entropy", {-1}, 0},

    /* rate, which the pass decides, and then: */
    {DS_OPTIMIZER, "sgd", {0, 0, 0, 0}, 0}, /* momentum, nesterov, weight decay */
    {DS_OPTIMIZER, "sgd", {0, 0, 0, 0.1}, 0.5},
    {DS_OPTIMIZER, "sgd", {0, 0.9, 0, 0.01}, 0},
    {DS_OPTIMIZER, "sgd", {0, 0.9, 1, 0.01}, 1e6},
    {DS_OPTIMIZER, "adagrad", {0, 1e-10, 0}, 0}, /* epsilon, weight decay */
    {DS_OPTIMIZER, "adagrad", {0, 1e-3, 0.02}, 0.5},
    {DS_OPTIMIZER, "rmsprop", {0, 0.99, 1e-8, 0, 0}, 0}, /* alpha, epsilon, momentum, decay */
    {DS_OPTIMIZER, "rmsprop", {0, 0.9, 1e-8, 0.8, 0.03}, 0.5},
    {DS_OPTIMIZER, "adam", {0, 0.9, 0.999, 1e-8, 0}, 0}, /* betas, epsilon, weight decay */
    {DS_OPTIMIZER, "adam", {0, 0.8, 0.99, 1e-6, 0.02}, 0.5},
    {DS_OPTIMIZER, "adamw", {0, 0.9, 0.999, 1e-8, 0.01}, 0},
    {DS_OPTIMIZER, "adamw", {0, 0.8, 0.99, 1e-6, 0.05}, 0.5},

    {DS_SERVICE, "gather", {0}, 0}, /* 1: of a plan that only predicts */
    {DS_SERVICE, "gather", {1}, 0},
    {DS_SERVICE, "record", {0}, 0},
    {DS_SERVICE, "reduce", {0}, 0},
    {DS_SERVICE, "gradient_norm", {2.0}, 0}, /* the norm to stop at */
};

enum { OP_CASES = sizeof op_cases / sizeof *op_cases };

/* Samples, inputs, units. Not the cube of all sizes but a walk through it: each of 1, 3, 7, 63, 64,
 * 65, 127, 129, 1000 and a larger prime stands in every place, next to ever other neighbours, and
 * no product of three exceeds a million. Layers that keep their shape and losses leave units out.
 */
typedef struct op_shape {
    int64_t samples, inputs, units;
} op_shape;

static const op_shape op_shapes[] = {
    {1, 1, 1},    {3, 7, 63},  {7, 3, 1000}, {63, 65, 64},  {64, 64, 65},  {65, 129, 3},
    {3, 1000, 7}, {129, 1, 7}, {127, 31, 1}, {1, 127, 129}, {97, 63, 127}, {1000, 2, 31},
};

enum { OP_SHAPES = sizeof op_shapes / sizeof *op_shapes };

#endif
