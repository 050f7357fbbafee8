/* Properties of the running error bounds: what float32 computes, in C's float and in several
 * orders, from arguments anywhere within their bounds, lies within the bound of the result; and the
 * bound is not so wide that it says nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>

#include "base/random.h"
#include "reference/bounded.h"

enum { TRIES = 20000 };

static uint32_t drawn;

static double uniform(double low, double high) {
    return low + (high - low) * ds_random_uniform(11, DS_STREAM_INIT, 0, drawn++);
}

/* A number of any size, and what a device may hold in its place. */
static ds_bounded any_number(void) {
    double v = ldexp(uniform(-1, 1), (int)uniform(-20, 20));
    double size = uniform(0, 1) < 0.3 ? 0 : ldexp(1, (int)uniform(-30, -8));
    return (ds_bounded){(double)(float)v, fabs(v) * size};
}

/* A float within the bound; the value itself is one where the bound is 0. */
static float perturbed(ds_bounded a) {
    float f = (float)(a.v + uniform(-1, 1) * a.e);
    while (fabs((double)f - a.v) > a.e)
        f = nextafterf(f, (float)a.v);
    return f;
}

typedef struct worst {
    double share;
    const char *what;
} worst;

static void see(worst *w, float got, ds_bounded expected) {
    double error = fabs((double)got - expected.v);
    if (!(error <= expected.e))
        fail_msg("%s: %.9g is not %.17g within %.3g", w->what, (double)got, expected.v, expected.e);
    if (expected.e > 0 && error / expected.e > w->share)
        w->share = error / expected.e;
}

static void report(worst w, double least) {
    printf("  %-10s worst share of the bound %.3f\n", w.what, w.share);
    if (w.share < least)
        fail_msg("the bound of %s is lax: nothing came nearer than %.3f of it", w.what, w.share);
}

/* ---- one operation ---- */

static float add_f(float a, float b) {
    return a + b;
}
static float sub_f(float a, float b) {
    return a - b;
}
static float mul_f(float a, float b) {
    return a * b;
}
static float div_f(float a, float b) {
    return a / b;
}

static void test_two_arguments(void **state) {
    (void)state;
    static const struct {
        const char *name;
        ds_bounded (*bounded)(ds_bounded, ds_bounded);
        float (*plain)(float, float);
    } list[] = {{"add", ds_add, add_f}, {"sub", ds_sub, sub_f}, {"mul", ds_mul, mul_f},
                {"div", ds_div, div_f}, {"max", ds_max, fmaxf}, {"min", ds_min, fminf}};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        worst w = {0, list[k].name};
        for (int i = 0; i < TRIES; i++) {
            ds_bounded a = any_number(), b = any_number();
            if (k == 3 && fabs(b.v) <= b.e)
                continue;
            see(&w, list[k].plain(perturbed(a), perturbed(b)), list[k].bounded(a, b));
        }
        report(w, 0.9);
    }
}

static void test_one_argument(void **state) {
    (void)state;
    static const struct {
        const char *name;
        ds_bounded (*bounded)(ds_bounded);
        float (*plain)(float);
        double low, high;
    } list[] = {{"exp", ds_exp, expf, -90, 80},       {"log", ds_log, logf, 1e-6, 100},
                {"log1p", ds_log1p, log1pf, -0.9, 9}, {"expm1", ds_expm1, expm1f, -20, 20},
                {"tanh", ds_tanh, tanhf, -8, 8},      {"erf", ds_erf, erff, -4, 4},
                {"erfc", ds_erfc, erfcf, -4, 9},      {"sqrt", ds_sqrt, sqrtf, 0, 100}};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        worst w = {0, list[k].name};
        for (int i = 0; i < TRIES; i++) {
            ds_bounded a = {(double)(float)uniform(list[k].low, list[k].high), 0};
            if (i % 2)
                a.e = fabs(a.v) * ldexp(1, (int)uniform(-26, -6));
            see(&w, list[k].plain(perturbed(a)), list[k].bounded(a));
        }
        report(w, 0.5);
    }
}

/* ---- sums and formulas ---- */

static float sum_forward(const float *x, int n) {
    float sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

static float sum_backward(const float *x, int n) {
    float sum = 0;
    for (int i = n - 1; i >= 0; i--)
        sum += x[i];
    return sum;
}

static float sum_tree(const float *x, int n) {
    return n == 1 ? x[0] : sum_tree(x, n / 2) + sum_tree(x + n / 2, n - n / 2);
}

static void test_sums_in_any_order(void **state) {
    (void)state;
    worst w = {0, "sum"};
    for (int i = 0; i < TRIES / 20; i++) {
        float x[300];
        int n = 1 + (int)uniform(0, 300);
        ds_sum sum = {0};
        for (int k = 0; k < n; k++) {
            ds_bounded term = {(double)(float)uniform(-0.2, 1), 0};
            term.e = i % 2 ? fabs(term.v) * 0x1p-22 : 0;
            x[k] = perturbed(term);
            ds_sum_add(&sum, term);
        }
        ds_bounded total = ds_sum_total(&sum);
        see(&w, sum_forward(x, n), total);
        see(&w, sum_backward(x, n), total);
        see(&w, sum_tree(x, n), total);
    }
    report(w, 0.2);
}

/* The softmax of eight logits, written with pairs and with floats. */
static void test_softmax(void **state) {
    (void)state;
    worst w = {0, "softmax"};
    for (int i = 0; i < TRIES / 8; i++) {
        double range = ldexp(1, (int)uniform(-3, 13));
        ds_bounded z[8], powers[8];
        float f[8], p[8], largest = -FLT_MAX;
        ds_sum sum = {0};
        ds_bounded top = ds_exact(-FLT_MAX);
        for (int k = 0; k < 8; k++) {
            z[k] = (ds_bounded){(double)(float)uniform(-range, range), i % 2 ? range * 1e-7 : 0};
            f[k] = perturbed(z[k]);
            top = ds_max(top, z[k]);
            largest = fmaxf(largest, f[k]);
        }
        for (int k = 0; k < 8; k++) {
            powers[k] = ds_exp(ds_sub(z[k], top));
            p[k] = expf(f[k] - largest);
            ds_sum_add(&sum, powers[k]);
        }
        for (int k = 0; k < 8; k++) {
            see(&w, p[k] / sum_forward(p, 8), ds_div(powers[k], ds_sum_total(&sum)));
            see(&w, p[k] / sum_tree(p, 8), ds_div(powers[k], ds_sum_total(&sum)));
        }
    }
    report(w, 0.05);
}

/* (x - mean) / sqrt(variance + epsilon) of nine numbers, some with a mean far from 0. */
static void test_normalization(void **state) {
    (void)state;
    worst w = {0, "normalize"};
    enum { N = 9 };
    for (int i = 0; i < TRIES / N; i++) {
        double centre = i % 3 ? 0 : 50;
        float x[N], s[N];
        ds_sum sum = {0}, squares = {0};
        for (int k = 0; k < N; k++) {
            x[k] = (float)(centre + uniform(-2, 2));
            ds_sum_add(&sum, ds_exact((double)x[k]));
        }
        float mean = sum_backward(x, N) / N;
        ds_bounded middle = ds_div(ds_sum_total(&sum), ds_exact(N));
        for (int k = 0; k < N; k++) {
            ds_bounded d = ds_sub(ds_exact((double)x[k]), middle);
            ds_sum_add(&squares, ds_mul(d, d));
            s[k] = (x[k] - mean) * (x[k] - mean);
        }
        float r = 1 / sqrtf(sum_tree(s, N) / N + 1e-5f);
        ds_bounded variance = ds_div(ds_sum_total(&squares), ds_exact(N));
        ds_bounded inverse = ds_div(ds_exact(1), ds_sqrt(ds_add(variance, ds_rounded(1e-5))));
        for (int k = 0; k < N; k++)
            see(&w, (x[k] - mean) * r, ds_mul(ds_sub(ds_exact((double)x[k]), middle), inverse));
    }
    report(w, 0.05);
}

/* ---- what sums are likely to lose ---- */

enum { LONG_SUM = 4000 };

/* The bound that is likely to hold, and the worst case, of a sum of these. */
static void both_bounds(const float *x, int n, ds_bounded total[2]) {
    ds_sum sum = {0};
    for (int k = 0; k < n; k++)
        ds_sum_add(&sum, ds_exact((double)x[k]));
    ds_bounds_choose(DS_LIKELY);
    total[DS_LIKELY] = ds_sum_total(&sum);
    ds_bounds_choose(DS_ALWAYS);
    total[DS_ALWAYS] = ds_sum_total(&sum);
}

/* Numbers of one sign and of both, and, what rounds alike, a few that recur. */
static void test_likely_bounds_hold_and_say_more(void **state) {
    (void)state;
    static float x[LONG_SUM];
    worst w = {0, "likely"};
    for (int i = 0; i < 300; i++) {
        double low = i % 2 ? -1 : 0;
        int kinds = i % 3 == 2 ? 1 + i % 5 : 0;
        ds_bounded total[2];
        for (int k = 0; k < LONG_SUM; k++)
            x[k] = k >= kinds && kinds ? x[(int)uniform(0, kinds)] : (float)uniform(low, 1);
        both_bounds(x, LONG_SUM, total);
        assert_true(total[DS_LIKELY].e <= total[DS_ALWAYS].e);
        assert_true(kinds || total[DS_LIKELY].e < total[DS_ALWAYS].e / 10);
        see(&w, sum_forward(x, LONG_SUM), total[DS_LIKELY]);
        see(&w, sum_backward(x, LONG_SUM), total[DS_LIKELY]);
        see(&w, sum_tree(x, LONG_SUM), total[DS_LIKELY]);
    }
    report(w, 0.05);
}

/* Multiples of one power of two, as long as no partial sum is too long for float32. */
static void test_sums_without_rounding_have_no_bound(void **state) {
    (void)state;
    static float x[LONG_SUM];
    ds_bounded total[2];
    for (int k = 0; k < LONG_SUM; k++)
        x[k] = (float)((int)uniform(-16, 17) / 8.0);
    both_bounds(x, LONG_SUM, total);
    assert_true(total[DS_ALWAYS].e == 0 && total[DS_ALWAYS].v == (double)sum_forward(x, LONG_SUM));
    x[7] = 0x1p22f;
    both_bounds(x, LONG_SUM, total);
    assert_true(total[DS_ALWAYS].e > 0);
    x[7] = 0x1p-20f;
    both_bounds(x, LONG_SUM, total);
    assert_true(total[DS_ALWAYS].e > 0);
    assert_true(ds_add(ds_exact(1), ds_exact(0.5)).e == 0 &&
                ds_add(ds_exact(1), ds_exact(1e-9)).e > 0);
}

/* ---- the edges ---- */

static void assert_bounded(ds_bounded got, double v, double e) {
    assert_true((isnan(v) && isnan(got.v)) || got.v == v);
    assert_true(got.e == e);
}

static void test_values_that_are_not_finite(void **state) {
    (void)state;
    ds_bounded nan_ = ds_exact(NAN), inf = ds_exact(INFINITY), one = {1, 1e-7}, zero = ds_exact(0);
    assert_bounded(ds_add(nan_, one), NAN, 0);
    assert_bounded(ds_mul(one, nan_), NAN, 0);
    assert_bounded(ds_div(nan_, one), NAN, 0);
    assert_bounded(ds_max(nan_, one), NAN, 0);
    assert_bounded(ds_min(one, nan_), NAN, 0);
    assert_bounded(ds_exp(nan_), NAN, 0);
    assert_bounded(ds_sqrt(ds_exact(-1)), NAN, 0);
    assert_bounded(ds_log(ds_exact(-1)), NAN, 0);
    assert_bounded(ds_sub(inf, inf), NAN, 0);
    assert_bounded(ds_add(inf, one), INFINITY, 0);
    assert_bounded(ds_mul(inf, ds_neg(one)), -INFINITY, 0);
    assert_bounded(ds_div(one, inf), 0, 0);
    assert_bounded(ds_exp(ds_neg(inf)), 0, 0);
    assert_bounded(ds_log(zero), -INFINITY, 0);
    assert_bounded(ds_div(one, zero), INFINITY, 0);
    ds_sum sum = {0};
    ds_sum_add(&sum, inf);
    ds_sum_add(&sum, one);
    assert_bounded(ds_sum_total(&sum), INFINITY, 0);
    ds_sum_add(&sum, ds_neg(inf));
    assert_bounded(ds_sum_total(&sum), NAN, 0);
}

/* NaN that rounding may decide otherwise, such as inf * 0 where the 0 may be a tiny number:
 * whatever is made of it has an infinite bound, too, but for what is NaN anyway. */
static void test_doubt_about_nan_stays(void **state) {
    (void)state;
    ds_bounded nan_ = ds_exact(NAN), one = {1, 1e-7};
    ds_bounded perhaps = ds_mul(ds_exact(INFINITY), (ds_bounded){0, 1e-9});
    assert_bounded(perhaps, NAN, INFINITY);
    ds_sum sum = {0};
    ds_sum_add(&sum, perhaps);
    ds_bounded results[] = {ds_mul(perhaps, ds_exact(1)),
                            ds_mul(perhaps, one),
                            ds_mul(one, perhaps),
                            ds_add(perhaps, one),
                            ds_div(perhaps, one),
                            ds_div(one, perhaps),
                            ds_max(perhaps, one),
                            ds_min(one, perhaps),
                            ds_exp(perhaps),
                            ds_expm1(perhaps),
                            ds_log(perhaps),
                            ds_log1p(perhaps),
                            ds_sqrt(perhaps),
                            ds_tanh(perhaps),
                            ds_erf(perhaps),
                            ds_erfc(perhaps),
                            ds_sum_total(&sum)};
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (!(isnan(results[i].v) && isinf(results[i].e)))
            fail_msg("result %zu is %g within %g", i, results[i].v, results[i].e);
    assert_bounded(ds_above(perhaps, 0), 0, 1);
    assert_bounded(ds_max(perhaps, nan_), NAN, 0);
    assert_bounded(ds_add(perhaps, nan_), NAN, 0);
    assert_bounded(ds_mul(nan_, (ds_bounded){0, 1e-9}), NAN, 0);
    assert_bounded(ds_div(perhaps, nan_), NAN, 0);
}

/* A finite value never has a bound of NaN, and what may overflow or meet a pole has none at all. */
static void test_intervals_at_poles(void **state) {
    (void)state;
    ds_bounded around_zero = {1e-10, 1e-9};
    assert_true(isinf(ds_div(ds_exact(1), around_zero).e));
    assert_true(isinf(ds_log(around_zero).e));
    assert_true(isinf(ds_log1p((ds_bounded){-0.9, 0.2}).e));
    assert_true(isinf(ds_exp((ds_bounded){88, 1}).e));
    assert_true(isinf(ds_mul(ds_exact(1e30), ds_exact(1e30)).e));
    assert_true(isinf(ds_rounded(1e39).e));
    ds_bounded root = ds_sqrt(around_zero); /* 0 .. sqrt(1.1e-9) */
    assert_true(root.e >= sqrt(1.1e-9) - 1e-5 && root.e < 4e-5);
    ds_bounded wild = {1, INFINITY};
    ds_bounded results[] = {ds_add(wild, ds_exact(1)),
                            ds_mul(wild, ds_exact(0)),
                            ds_div(ds_exact(0), wild),
                            ds_exp(wild),
                            ds_log(wild),
                            ds_sqrt(wild),
                            ds_expm1(wild),
                            ds_log1p(wild)};
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        assert_true(results[i].e >= 1);
    assert_true(ds_tanh(wild).e >= 1.7 && ds_erf(wild).e >= 1.8);
}

static void test_denormals_may_be_flushed(void **state) {
    (void)state;
    ds_bounded tiny = ds_exact(0x1p-130);
    assert_true(ds_add(tiny, ds_exact(0)).e >= 0x1p-130);
    assert_true(ds_mul(tiny, ds_exact(0x1p100)).e >= 0x1p-30);
    assert_true(ds_max(tiny, ds_exact(0)).e >= 0x1p-130);
    assert_true(ds_above(tiny, 0).e == 1);
    assert_true(ds_mul(ds_exact(0x1p-70), ds_exact(0x1p-70)).e >= 0x1p-140);
    assert_true(ds_add(ds_exact(1), ds_exact(0)).e < 1e-7);
}

static void test_kinks(void **state) {
    (void)state;
    assert_bounded(ds_above((ds_bounded){0.5, 0.1}, 0), 1, 0);
    assert_bounded(ds_above((ds_bounded){-0.5, 0.1}, 0), 0, 0);
    assert_bounded(ds_above((ds_bounded){0.05, 0.1}, 0), 1, 1);
    assert_bounded(ds_above(ds_exact(0), 0), 0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_arguments),
        cmocka_unit_test(test_one_argument),
        cmocka_unit_test(test_sums_in_any_order),
        cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_likely_bounds_hold_and_say_more),
        cmocka_unit_test(test_sums_without_rounding_have_no_bound),
        cmocka_unit_test(test_normalization),
        cmocka_unit_test(test_values_that_are_not_finite),
        cmocka_unit_test(test_doubt_about_nan_stays),
        cmocka_unit_test(test_intervals_at_poles),
        cmocka_unit_test(test_denormals_may_be_flushed),
        cmocka_unit_test(test_kinks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
