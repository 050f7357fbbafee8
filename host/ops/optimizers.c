/* Updates of all parameters in one launch over the flat buffers. Inputs: gradients, their norm, the
 * status words; outputs, read and written: parameters, moments. Nothing is changed once a status
 * word is set. Every one begins with
 *
 *     g = gradient * (clip > 0 ? min(1, clip / (norm + 1e-6)) : 1)     as clip_grad_norm_
 *     g = g + weight_decay * p             in place of that adamw: p = p - rate * weight_decay * p
 *
 * and goes on, with t the number of the update from 1 and eps epsilon:
 *
 *     sgd       v = momentum v + g;  p -= rate * (nesterov ? g + momentum v : v)
 *     adagrad   v += g^2;            p -= rate * g / (sqrt(v) + eps)
 *     rmsprop   v = alpha v + (1-alpha) g^2;  s = g / (sqrt(v) + eps);  m = momentum m + s;
 *               p -= rate * m
 *     adam(w)   m = beta1 m + (1-beta1) g;  v = beta2 v + (1-beta2) g^2;
 *               p -= rate / (1-beta1^t) * m / (sqrt(v) / sqrt(1-beta2^t) + eps)
 *
 * Definitions and defaults: PyTorch's torch.optim (Duchi et al. 2011; Tieleman and Hinton 2012;
 * Kingma and Ba 2015; Loshchilov and Hutter 2019). Differences from 1 are formed in double and
 * passed as scalars: in float32, 1 - 0.999 is off by 5e-5. The clip is the last attribute of each.
 */
#include <math.h>

#include "ops/operation.h"

enum { CLIP = DS_MAX_ATTRIBUTES - 1 }; /* set by the plan, not by an option */

/* 1 itself would never take a gradient in, and divides by 0. */
#define ALMOST_ONE 0.999999999

#define RATE(required_value, is_required)                                                          \
    { "rate", required_value, 0, 1e30, DS_OPTION_NUMBER, is_required }
#define DECAY(value)                                                                               \
    { "weight_decay", value, 0, 1e30 }

/* ---- sgd ---- */

static int sgd_moments(const double *attribute) {
    return attribute[1] != 0;
}

static int sgd_scalars(const ds_op *op, const ds_pass *pass, double scalar[DS_MAX_SCALARS]) {
    const double *a = op->attribute;
    double values[] = {pass->rate, a[CLIP], a[3], a[1], a[2]};
    for (int i = 0; i < 5; i++)
        scalar[i] = values[i];
    return 5;
}

const ds_operation ds_op_sgd = {
    .name = "sgd",
    .program = "optimizers.cl",
    .family = DS_OPTIMIZER,
    .space = DS_SPACE_ELEMENTS,
    .option = {RATE(0, true),
               {"momentum", 0, 0, 1e30},
               {"nesterov", 0, 0, 1, DS_OPTION_SWITCH},
               DECAY(0)},
    .moments = sgd_moments,
    .scalars = sgd_scalars,
    .work = {6, 0},
};

/* ---- adagrad ---- */

static int one_moment(const double *attribute) {
    (void)attribute;
    return 1;
}

static int adagrad_scalars(const ds_op *op, const ds_pass *pass, double scalar[DS_MAX_SCALARS]) {
    const double *a = op->attribute;
    double values[] = {pass->rate, a[CLIP], a[2], a[1]};
    for (int i = 0; i < 4; i++)
        scalar[i] = values[i];
    return 4;
}

const ds_operation ds_op_adagrad = {
    .name = "adagrad",
    .program = "optimizers.cl",
    .family = DS_OPTIMIZER,
    .space = DS_SPACE_ELEMENTS,
    .option = {RATE(1e-2, false), {"epsilon", 1e-10, 0, 1e30}, DECAY(0)},
    .moments = one_moment,
    .scalars = adagrad_scalars,
    .work = {8, 0},
};

/* ---- rmsprop ---- */

static int rmsprop_moments(const double *attribute) {
    return attribute[3] != 0 ? 2 : 1;
}

static int rmsprop_scalars(const ds_op *op, const ds_pass *pass, double scalar[DS_MAX_SCALARS]) {
    const double *a = op->attribute;
    double values[] = {pass->rate, a[CLIP], a[4], a[1], 1 - a[1], a[2], a[3]};
    for (int i = 0; i < 7; i++)
        scalar[i] = values[i];
    return 7;
}

const ds_operation ds_op_rmsprop = {
    .name = "rmsprop",
    .program = "optimizers.cl",
    .family = DS_OPTIMIZER,
    .space = DS_SPACE_ELEMENTS,
    .option = {RATE(1e-2, false),
               {"alpha", 0.99, 0, 1},
               {"epsilon", 1e-8, 0, 1e30},
               {"momentum", 0, 0, 1e30},
               DECAY(0)},
    .moments = rmsprop_moments,
    .scalars = rmsprop_scalars,
    .work = {12, 0},
};

/* ---- adam, adamw ---- */

static int two_moments(const double *attribute) {
    (void)attribute;
    return 2;
}

static int adam_scalars(const ds_op *op, const ds_pass *pass, double scalar[DS_MAX_SCALARS]) {
    const double *a = op->attribute;
    double t = (double)pass->update;
    double decay = op->operation == &ds_op_adamw ? pass->rate * a[4] : a[4];
    double values[] = {
        pass->rate / (1 - pow(a[1], t)), a[CLIP], decay, a[1], 1 - a[1], a[2], 1 - a[2], a[3],
        1 / sqrt(1 - pow(a[2], t))};
    for (int i = 0; i < 9; i++)
        scalar[i] = values[i];
    return 9;
}

#define ADAM(id, decay)                                                                            \
    const ds_operation ds_op_##id = {.name = #id,                                                  \
                                     .program = "optimizers.cl",                                   \
                                     .family = DS_OPTIMIZER,                                       \
                                     .space = DS_SPACE_ELEMENTS,                                   \
                                     .option = {RATE(1e-3, false),                                 \
                                                {"beta1", 0.9, 0, ALMOST_ONE},                     \
                                                {"beta2", 0.999, 0, ALMOST_ONE},                   \
                                                {"epsilon", 1e-8, 0, 1e30},                        \
                                                DECAY(decay)},                                     \
                                     .moments = two_moments,                                       \
                                     .scalars = adam_scalars,                                      \
                                     .work = {16, 0}}

ADAM(adam, 0);
ADAM(adamw, 0.01);
