/* Pointwise activations, defined in host/ops/activations.c: for each its value f(x), and its slope
 * f'(x) computed from z, which is x or y as the descriptor says. `a` holds the options, rounded. */
#include <math.h>

#include "reference/bounded.h"

#define ONE ds_exact(1)
#define HALF ds_exact(0.5)
#define ZERO ds_exact(0)

#define ACTIVATION(name, value_expression, slope_expression)                                       \
    static ds_bounded name##_value(ds_bounded x, const ds_bounded *a) {                            \
        (void)a;                                                                                   \
        return value_expression;                                                                   \
    }                                                                                              \
    static ds_bounded name##_slope(ds_bounded z, const ds_bounded *a) {                            \
        (void)a, (void)z;                                                                          \
        return slope_expression;                                                                   \
    }                                                                                              \
    void ds_reference_##name##_forward(const ds_reference_call *call) {                            \
        forward(call, name##_value);                                                               \
    }                                                                                              \
    void ds_reference_##name##_backward(const ds_reference_call *call) {                           \
        backward(call, name##_slope);                                                              \
    }

typedef ds_bounded (*pointwise)(ds_bounded z, const ds_bounded *a);

static void options(const ds_reference_call *call, ds_bounded a[DS_MAX_SCALARS]) {
    double scalar[DS_MAX_SCALARS];
    int count = ds_op_scalars(call->op, call->pass, scalar);
    for (int i = 0; i < count; i++)
        a[i] = ds_rounded(scalar[i]);
}

static void forward(const ds_reference_call *call, pointwise value) {
    ds_field x = ds_input(call, 0), y = ds_output(call, 0);
    ds_bounded a[DS_MAX_SCALARS];
    options(call, a);
    for (int64_t i = 0; i < y.count; i++)
        ds_put(y, i, value(ds_get(x, i), a));
}

static void backward(const ds_reference_call *call, pointwise slope) {
    ds_field dy = ds_input(call, 0), dx = ds_output(call, 0);
    ds_field z = ds_input(call, call->op->operation->backward_reads_input ? 1 : 2);
    ds_bounded a[DS_MAX_SCALARS];
    options(call, a);
    for (int64_t i = 0; i < dx.count; i++)
        ds_put(dx, i, ds_mul(ds_get(dy, i), slope(ds_get(z, i), a)));
}

/* s low + (1 - s) high for a step s that is 0, 1 or, within the bound of x, either. */
static ds_bounded choose(ds_bounded step, ds_bounded low, ds_bounded high) {
    ds_bounded chosen = step.v > 0 ? high : low;
    if (step.e > 0)
        chosen.e = fmax(low.e, high.e) + fabs(high.v - low.v);
    return chosen;
}

/* 1 / (1 + exp(-x)) = exp(x) / (1 + exp(x)): the one whose exponential is at most 1. */
static ds_bounded sigmoid(ds_bounded x) {
    ds_bounded small = ds_exp(ds_neg(ds_abs(x)));
    return ds_div(x.v >= 0 ? ONE : small, ds_add(ONE, small));
}

static ds_bounded clamp_sixth(ds_bounded x) {
    ds_bounded line = ds_add(ds_div(x, ds_exact(6)), HALF);
    return ds_max(ds_min(line, ONE), ZERO);
}

static ds_bounded hard_sigmoid(ds_bounded x) {
    if (x.v - x.e >= 3 || x.v + x.e <= -3)
        return x.v > 0 ? ONE : ZERO;
    return clamp_sixth(x);
}

/* x Phi(x) = x erfc(-x / sqrt(2)) / 2 and its derivative Phi(x) + x phi(x); erfc keeps the relative
 * accuracy that 1 + erf loses on the left. */
static ds_bounded normal_share(ds_bounded x) {
    return ds_mul(HALF, ds_erfc(ds_mul(ds_neg(x), ds_rounded(0.70710678118654752440))));
}

static ds_bounded normal_density(ds_bounded x) {
    return ds_mul(ds_exp(ds_mul(ds_mul(ds_exact(-0.5), x), x)),
                  ds_rounded(0.39894228040143267794)); /* 1/sqrt(2 pi) */
}

/* PyTorch's softplus is x itself above 20, where the two differ by 2e-9. */
static ds_bounded beyond_20(ds_bounded x, ds_bounded formula, ds_bounded limit) {
    if (!(x.v > 20) || isinf(x.v))
        return formula;
    return (ds_bounded){limit.v, formula.e + fabs(formula.v - limit.v)};
}

static ds_bounded softplus(ds_bounded x) {
    ds_bounded correction = ds_log1p(ds_exp(ds_neg(ds_abs(x))));
    return beyond_20(x, ds_add(ds_max(x, ZERO), correction), x);
}

/* The step of relu: PyTorch passes the gradient on where y is NaN. */
static ds_bounded relu_step(ds_bounded y) {
    return isnan(y.v) ? ONE : ds_above(y, 0);
}

ACTIVATION(identity, x, ONE)
ACTIVATION(sigmoid, sigmoid(x), ds_mul(z, ds_sub(ONE, z)))
ACTIVATION(hard_sigmoid, hard_sigmoid(x),
           choose(ds_above(ds_abs(z), nextafter(3, 0)),
                  isnan(z.v) ? ZERO : ds_div(ONE, ds_exact(6)), ZERO))
ACTIVATION(tanh, ds_tanh(x), ds_sub(ONE, ds_mul(z, z)))
ACTIVATION(relu, ds_max(x, ZERO), relu_step(z))
ACTIVATION(leaky_relu, choose(ds_above(x, 0), ds_mul(a[0], x), x),
           choose(ds_above(z, 0), a[0], ONE))
ACTIVATION(elu, choose(ds_above(x, 0), ds_mul(a[0], ds_expm1(ds_min(x, ZERO))), x),
           choose(ds_above(z, 0), ds_mul(a[0], ds_exp(ds_min(z, ZERO))), ONE))
ACTIVATION(gelu, ds_mul(x, normal_share(x)), ds_add(normal_share(z), ds_mul(z, normal_density(z))))
ACTIVATION(silu, ds_mul(x, sigmoid(x)),
           ds_mul(sigmoid(z), ds_add(ONE, ds_mul(z, sigmoid(ds_neg(z))))))
ACTIVATION(softplus, softplus(x), beyond_20(z, sigmoid(z), ONE))
