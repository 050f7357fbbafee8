/* Pointwise activations: y = f(x); dx = dy f'(z), where z is x or y as host/ops/activations.c says.
 * Definitions: PyTorch's torch.nn modules of the same names; NaN gives NaN.
 *
 *     NAME_forward   x -> y          (uint count, float option...)
 *     NAME_backward  dy, z -> dx     (uint count, uint accumulate, float option...)
 *
 * One work-item an element. Each activation is a NAME_value and a NAME_slope function and a line
 * that makes its kernels. */

#ifdef NETWORK
#define ACTIVATION(name, parameter, argument)
#else
#define ACTIVATION(name, parameter, argument)                                                      \
    kernel void name##_forward(global const float *x, ulong x0, global float *y, ulong y0,         \
                               uint count parameter) {                                             \
        const uint i = get_global_id(0);                                                           \
        if (i < count)                                                                             \
            y[y0 + i] = name##_value(x[x0 + i] argument);                                          \
    }                                                                                              \
    kernel void name##_backward(global const float *dy, ulong dy0, global const float *z,          \
                                ulong z0, global float *dx, ulong dx0, uint count,                 \
                                uint accumulate parameter) {                                       \
        const uint i = get_global_id(0);                                                           \
        if (i < count)                                                                             \
            put(dx + dx0, i, dy[dy0 + i] * name##_slope(z[z0 + i] argument), accumulate);          \
    }
#endif

#define COMMA_OPTION_PARAMETER , float option
#define COMMA_OPTION , option

/* ---- identity ---- */
REAL identity_value(REAL x) { return x; }
REAL identity_slope(REAL y) { return 1.0f; }
ACTIVATION(identity, , )

/* ---- sigmoid: 1 / (1 + exp(-x)), by an exponential that is at most 1 ---- */
REAL sigmoid_value(REAL x) {
    const REAL small = exp_of_negative(-fabs(x));
    return QUOTIENT(x >= 0.0f ? 1.0f : small, 1.0f + small);
}
REAL sigmoid_slope(REAL y) { return y * (1.0f - y); }
ACTIVATION(sigmoid, , )

/* ---- hard_sigmoid: clamp(x / 6 + 1/2, 0, 1) ---- */
REAL hard_sigmoid_value(REAL x) {
    return x <= -3.0f ? 0.0f : x >= 3.0f ? 1.0f : QUOTIENT(x, 6.0f) + 0.5f;
}
REAL hard_sigmoid_slope(REAL x) { return x > -3.0f && x < 3.0f ? 0x1.555556p-3f : 0.0f; }
ACTIVATION(hard_sigmoid, , )

/* ---- tanh ---- */
REAL tanh_value(REAL x) { return tanh_by_expm1(x); }
REAL tanh_slope(REAL y) { return 1.0f - y * y; }
ACTIVATION(tanh, , )

/* ---- relu: max(x, 0) ---- */
REAL relu_value(REAL x) { return x <= 0.0f ? 0.0f : x; }
REAL relu_slope(REAL y) { return y <= 0.0f ? 0.0f : 1.0f; }
ACTIVATION(relu, , )

/* ---- leaky_relu: x, or slope x where x <= 0 ---- */
REAL leaky_relu_value(REAL x, float slope) { return x > 0.0f ? x : slope * x; }
REAL leaky_relu_slope(REAL x, float slope) { return x > 0.0f ? 1.0f : slope; }
ACTIVATION(leaky_relu, COMMA_OPTION_PARAMETER, COMMA_OPTION)

/* ---- elu: x, or alpha (exp(x) - 1) where x <= 0 ---- */
REAL elu_value(REAL x, float alpha) { return x > 0.0f ? x : alpha * expm1_of_negative(x); }
REAL elu_slope(REAL x, float alpha) { return x > 0.0f ? 1.0f : alpha * exp_of_negative(x); }
ACTIVATION(elu, COMMA_OPTION_PARAMETER, COMMA_OPTION)

/* ---- gelu: x Phi(x), Phi(x) = erfc(-x / sqrt(2)) / 2; slope Phi(x) + x exp(-x^2/2) / sqrt(2 pi).
 * erfc keeps the relative accuracy on the left that 1 + erf loses. The built-in one is several times
 * slower on some devices than this: erfc(z) = t exp(-z^2) Q(t) with t = 2 / (2 + z), Q a Chebyshev
 * fit over 0 <= z <= 11 (beyond, float32 holds 0) that errs by less than 6e-8 of its value; z^2 is
 * taken in two parts, the first exact, since exp enlarges what is lost there. ---- */
REAL quick_erfc(REAL x) {
    const REAL size = fabs(x), z = size > 11.0f ? 11.0f : size;
    const REAL t = QUOTIENT(2.0f, 2.0f + z), v = t * 2.36363636f - 1.36363636f;
    REAL q = 7.04823222877e-6f;
    q = q * v - 6.02586314838e-5f;
    q = q * v + 1.35555324882e-5f;
    q = q * v + 6.38839297763e-4f;
    q = q * v - 7.27551162939e-4f;
    q = q * v - 6.48394477098e-3f;
    q = q * v + 6.63698145645e-3f;
    q = q * v + 1.04899977853e-1f;
    q = q * v + 3.28058037339e-1f;
    q = q * v + 5.67017307243e-1f;
    const REAL high = LANED(as_float)(LANED(as_uint)(z) & 0xfffff000u);
    const REAL tail = t * q * (exp_of_negative(-high * high) * exp_of_negative((high - z) * (high + z)));
    return x < 0.0f ? 2.0f - tail : tail;
}
REAL gelu_share(REAL x) { return 0.5f * quick_erfc(-x * 0.70710678118654752440f); }
REAL gelu_value(REAL x) { return x * gelu_share(x); }
REAL gelu_slope(REAL x) {
    return gelu_share(x) + x * (exp_of_negative(-0.5f * x * x) * 0.39894228040143267794f);
}
ACTIVATION(gelu, , )

/* ---- silu: x sigmoid(x); slope s (1 + x (1 - s)), 1 - s being sigmoid(-x) without its loss ---- */
REAL silu_value(REAL x) { return x * sigmoid_value(x); }
REAL silu_slope(REAL x) { return sigmoid_value(x) * (1.0f + x * sigmoid_value(-x)); }
ACTIVATION(silu, , )

/* ---- softplus: log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)) ---- */
REAL softplus_value(REAL x) { return fmax(x, 0.0f) + log1p_below_1(exp_of_negative(-fabs(x))); }
REAL softplus_slope(REAL x) { return sigmoid_value(x); }
ACTIVATION(softplus, , )
