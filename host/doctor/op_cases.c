#include "doctor/op_cases.h"

const ds_op_case ds_op_cases[] = {
    {DS_LAYER, "dense", {5, 1}, 0}, /* units: the shape's */
    {DS_LAYER, "dense", {5, 0}, 0},
    {DS_LAYER, "identity", {0}, 0},
    {DS_LAYER, "sigmoid", {0}, 0},
    {DS_LAYER, "hard_sigmoid", {0}, 0},
    {DS_LAYER, "tanh", {0}, 0},
    {DS_LAYER, "relu", {0}, 0},
    {DS_LAYER, "leaky_relu", {0.01}, 0},
    {DS_LAYER, "leaky_relu", {1.5}, 0},
    {DS_LAYER, "elu", {0.7}, 0},
    {DS_LAYER, "elu", {1.7}, 0},
    {DS_LAYER, "gelu", {0}, 0},
    {DS_LAYER, "silu", {0}, 0},
    {DS_LAYER, "softplus", {0}, 0},
    {DS_LAYER, "softmax", {0}, 0},
    {DS_LAYER, "dropout", {0x1.53a91a84p-1}, 0}, /* what is drawn for sample 0, unit 1: it stays */
    {DS_LAYER, "dropout", {0}, 0},
    {DS_LAYER, "dropout", {1}, 0},
    {DS_LAYER, "layer_norm", {1e-5}, 0},
    {DS_LAYER, "layer_norm", {0.1}, 0},

    {DS_LOSS, "mse", {0}, 0},
    {DS_LOSS, "mae", {0}, 0},
    {DS_LOSS, "huber", {0.6}, 0}, /* delta */
    {DS_LOSS, "binary_cross_entropy", {0}, 0},
    {DS_LOSS, "cross_entropy", {0}, 0},

    /* rate, which the pass decides, and then: */
    {DS_OPTIMIZER, "sgd", {0, 0, 0, 0}, 0}, /* momentum, nesterov, weight decay */
    {DS_OPTIMIZER, "sgd", {0, 0, 0, 0.1}, 0.5},
    {DS_OPTIMIZER, "sgd", {0, 0, 0, 0}, 5e-7}, /* half of what a norm of 0 is taken for */
    {DS_OPTIMIZER, "sgd", {0, 0.9, 0, 0.01}, 0},
    {DS_OPTIMIZER, "sgd", {0, 0.7, 1, 0.01}, 1e6},
    {DS_OPTIMIZER, "adagrad", {0, 1e-10, 0}, 0}, /* epsilon, weight decay */
    {DS_OPTIMIZER, "adagrad", {0, 1e-3, 0.02}, 0.5},
    {DS_OPTIMIZER, "rmsprop", {0, 0.99, 1e-8, 0, 0.02}, 0}, /* alpha, epsilon, momentum, decay */
    {DS_OPTIMIZER, "rmsprop", {0, 0.9, 1e-8, 0.8, 0.03}, 0.5},
    {DS_OPTIMIZER, "adam", {0, 0.9, 0.999, 1e-8, 0}, 0}, /* betas, epsilon, weight decay */
    {DS_OPTIMIZER, "adam", {0, 0.8, 0.99, 1e-6, 0.02}, 0.5},
    {DS_OPTIMIZER, "adamw", {0, 0.9, 0.999, 1e-8, 0.01}, 0},
    {DS_OPTIMIZER, "adamw", {0, 0.8, 0.99, 1e-6, 0.5}, 0.5},

    {DS_SERVICE, "gather", {0}, 0}, /* 1: of a plan that only predicts */
    {DS_SERVICE, "gather", {1}, 0},
    {DS_SERVICE, "record", {0}, 0},
    {DS_SERVICE, "reduce", {0}, 0},
    {DS_SERVICE, "gradient_norm", {2.0}, 0}, /* the norm to stop at */
    {0},
};

/* Not the cube of all sizes but a walk through it: each of 1, 3, 7, 63, 64, 65, 127, 129, 1000 and
 * a larger prime stands in every place, next to ever other neighbours, and no product of three
 * exceeds a million. Those of 1000 and 960 samples have so many numbers that a CPU transposes them
 * first. 960 and 12 leave no rows over, in one block or several, whatever a strip or a tile has,
 * and 4100 samples are cut into as many parts as there can be. Behind them are places that take
 * more than 16 bits; then a million parameters, more samples than 16 bits hold, and more units,
 * inputs and classes than 12. */
const ds_op_shape ds_op_shapes[DS_OP_SHAPES] = {
    {1, 1, 1},    {3, 7, 63},    {7, 3, 1000},  {63, 65, 64},  {64, 64, 65},  {65, 129, 3},
    {3, 1000, 7}, {129, 1, 7},   {127, 31, 1},  {1, 127, 129}, {97, 63, 127}, {1000, 2, 140},
    {960, 2, 36}, {12, 64, 24},  {3, 300, 300}, {300, 300, 5}, {300, 1, 260}, {1, 1100, 1000},
    {4100, 2, 3}, {66000, 1, 2}, {2, 3, 4100},  {3, 4100, 2},
};

const ds_op_shape ds_small_shapes[DS_SMALL_SHAPES] = {{1, 1, 1}, {3, 37, 9}, {17, 3, 65}};

/* Rows and columns that are left over beside a tile or a strip, more than a panel is deep, and just
 * as much as a small one. */
const ds_op_shape ds_chain_shapes[DS_CHAIN_SHAPES] = {
    {3, 7, 64}, {17, 65, 33}, {5, 300, 7}, {37, 31, 129}};

const ds_operation *ds_case_operation(const ds_op_case *test) {
    return ds_operation_find(test->family, test->name);
}
