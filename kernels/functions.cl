/* exp, log and the like, each for the arguments that the formulas of the other files have. The built-in
 * ones take up to fifty times as long on some devices, and have other bits on each.
 *
 * The stated errors are the largest over all floats of the domain, with and without a fused
 * multiply-add; tests/test_functions.c measures them. A quotient that is as far off as OpenCL allows
 * makes it 4.5 ulp for tanh. */

/* exp(x) for x <= 0, within 1.3 ulp; 0 below log(2^-126). x = n log(2) + r, |r| <= log(2) / 2; n by
 * adding and subtracting 1.5 * 2^23, whose last bits then hold it; log(2) in two parts, so that n times
 * the first is exact; exp(r) = 1 + r + r^2 q(r), q fitted to a relative error of 3e-9. */
REAL exp_shifted(REAL x) {
    return MULTIPLY_ADD(x, (REAL)(1.44269504f), (REAL)(12582912.0f));
}
REAL exp_rest(REAL x, REAL n) {
    const REAL r = MULTIPLY_ADD(n, (REAL)(-0.693145752f), x);
    return MULTIPLY_ADD(n, (REAL)(-1.42860677e-6f), r);
}
REAL exp_curve(REAL r, REAL square) {
    const REAL low = MULTIPLY_ADD(r, (REAL)(0.166665211f), (REAL)(0.49999994f));
    REAL high = MULTIPLY_ADD(r, (REAL)(0.00836874545f), (REAL)(0.041668389f));
    high = MULTIPLY_ADD(square, (REAL)(0.00138145395f), high);
    return MULTIPLY_ADD(square, high, low);
}
REAL exp_scale(REAL shifted) {
    return LANED(as_float)((LANED(as_uint)(shifted) << 23) + 0x3f800000u);
}
REAL exp_of_negative(REAL x) {
    const REAL shifted = exp_shifted(x);
    const REAL r = exp_rest(x, shifted - 12582912.0f), square = r * r;
    const REAL power = MULTIPLY_ADD(exp_curve(r, square), square, 1.0f + r);
    return x < -87.3365448f ? 0.0f : power * exp_scale(shifted);
}

/* exp(x) - 1 for x <= 0, within 1 ulp: 2^n (1 + p) - 1 = 2^n p + (2^n - 1), p = exp(r) - 1, with n and
 * r of exp_of_negative. Below -18 lies nothing but -1. */
REAL expm1_of_negative(REAL x) {
    const REAL shifted = exp_shifted(x);
    const REAL r = exp_rest(x, shifted - 12582912.0f), square = r * r;
    const REAL p = MULTIPLY_ADD(exp_curve(r, square), square, r), scale = exp_scale(shifted);
    return x < -18.0f ? -1.0f : MULTIPLY_ADD(scale, p, scale - 1.0f);
}

/* k log(2) + log(1 + f) for -1/4 <= f <= 1/2: f - f^2/2 + f^3 p(f), p by Remez's algorithm, so that
 * the whole errs by 1e-9 of itself; log(2) in two parts as for exp. */
REAL log_of_parts(REAL k, REAL f) {
    const REAL square = f * f;
    REAL p = (REAL)(0.0376731642f);
    p = MULTIPLY_ADD(p, f, (REAL)(-0.0911622122f));
    p = MULTIPLY_ADD(p, f, (REAL)(0.117006712f));
    p = MULTIPLY_ADD(p, f, (REAL)(-0.127277777f));
    p = MULTIPLY_ADD(p, f, (REAL)(0.142762378f));
    p = MULTIPLY_ADD(p, f, (REAL)(-0.166552961f));
    p = MULTIPLY_ADD(p, f, (REAL)(0.199996054f));
    p = MULTIPLY_ADD(p, f, (REAL)(-0.250001639f));
    p = MULTIPLY_ADD(p, f, (REAL)(0.333333403f));
    const REAL tail = MULTIPLY_ADD(square * f, p, k * 1.42860677e-6f) - square * 0.5f;
    return k * 0.693145752f + (f + tail);
}

/* log(x) for x >= 1, within 0.9 ulp; NaN and infinity stay. x = 2^k m, 3/4 <= m < 3/2. */
REAL log_above_1(REAL x) {
    const LANED(int) bits = LANED(as_int)(x), above = bits - 0x3f400000;
    const LANED(int) k = above >> 23;
    const REAL m = LANED(as_float)(bits - k * 0x800000);
    const REAL whole = LANED(as_float)(k + 0x4b400000) - 12582912.0f;
    return x < INFINITY ? log_of_parts(whole, m - 1.0f) : x;
}

/* log(1 + x) for 0 <= x <= 1, within 0.9 ulp; NaN stays. From 1/2 on 1 + x = 2 (1 + (x - 1) / 2), where
 * nothing is rounded. */
REAL log1p_below_1(REAL x) {
    return log_of_parts(x < 0.5f ? (REAL)(0.0f) : (REAL)(1.0f), x < 0.5f ? x : (x - 1.0f) * 0.5f);
}

/* tanh(x) = -t / (2 + t), t = exp(-2 |x|) - 1, and the sign of x; within 2.5 ulp. */
REAL tanh_by_expm1(REAL x) {
    const REAL t = expm1_of_negative(-2.0f * fabs(x));
    const REAL size = QUOTIENT(-t, 2.0f + t);
    return x < 0.0f ? -size : size;
}
