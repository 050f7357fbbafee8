/* The functions of kernels/functions.cl against C's own in double: the largest error in units of
 * the last place, without and with a fused multiply-add. Every 4099th float here; all of them (a
 * few minutes):
 *
 *     test_functions all
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wfloat-conversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"

#include "plain/opencl_as_c.h"

#define PORTABLE
#define GROUP 1
/* As C has it, before the portable one takes its name. */
static float true_root(float x) {
    return sqrtf(x);
}

#include "common.cl"
#include "portable.cl"

#include "functions.cl"

#include "activations.cl"
/* The same once more, under other names. */
#undef MULTIPLY_ADD
#define MULTIPLY_ADD(x, y, z) fmaf(x, y, z)
#define exp_shifted fused_exp_shifted
#define exp_rest fused_exp_rest
#define exp_curve fused_exp_curve
#define exp_scale fused_exp_scale
#define exp_of_negative fused_exp_of_negative
#define expm1_of_negative fused_expm1_of_negative
#define log_of_parts fused_log_of_parts
#define log_above_1 fused_log_above_1
#define log1p_below_1 fused_log1p_below_1
#define tanh_by_expm1 fused_tanh_by_expm1
#include "functions.cl"
#undef exp_of_negative
#undef expm1_of_negative
#undef log_above_1
#undef log1p_below_1
#undef tanh_by_expm1
#undef kernel

static uint32_t stride = 4099;

/* Distance from the truth in units of the last place that a float has there. */
static double ulps(float got, double truth) {
    int exponent;
    if (isnan(truth) || isinf(truth))
        return (isnan(truth) && isnan(got)) || got == (float)truth ? 0 : INFINITY;
    frexp(truth, &exponent);
    double place = ldexp(1, exponent - 24 < -149 ? -149 : exponent - 24);
    double error = (double)got - truth;
    return (error < 0 ? -error : error) / place;
}

typedef struct function {
    const char *name;
    float (*kernel)(float);
    double (*truth)(double);
    float from, to;
    double bound; /* as functions.cl states it */
} function;

#define EITHER(name, truth, from, to, bound)                                                       \
    {#name, name, truth, from, to, bound}, {                                                       \
        "fused " #name, fused_##name, truth, from, to, bound                                       \
    }

static const function functions[] = {
    EITHER(exp_of_negative, exp, -87.3365448f, 0.0f, 1.3),
    EITHER(expm1_of_negative, expm1, -INFINITY, 0.0f, 1),
    EITHER(log_above_1, log, 1.0f, INFINITY, 0.9),
    EITHER(log1p_below_1, log1p, 0.0f, 1.0f, 0.9),
    EITHER(tanh_by_expm1, tanh, -INFINITY, INFINITY, 2.5),
    {"erfc", quick_erfc, erfc, -INFINITY, 9.0f, 9},
};

static void the_functions_err_by_no_more_than_stated(void **state) {
    (void)state;
    for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
        const function *now = &functions[f];
        double worst = 0;
        float where = 0;
        for (uint64_t bits = 0; bits <= UINT32_MAX; bits += stride) {
            float x = as_float((uint32_t)bits);
            if (!(x >= now->from && x <= now->to))
                continue;
            double error = ulps(now->kernel(x), now->truth((double)x));
            if (!(error <= worst)) {
                worst = error;
                where = x;
            }
        }
        printf("  %-24s %.3f ulp at %.9g (%a)\n", now->name, worst, (double)where, (double)where);
        if (!(worst <= now->bound))
            fail_msg("%s: %g ulp at %a, stated are %g", now->name, worst, (double)where,
                     now->bound);
        if (now->from <= 0 && now->to == INFINITY)
            assert_true(isnan(now->kernel(NAN)));
    }
}

static bool same(float a, float b) {
    return as_uint(a) == as_uint(b) || (isnan(a) && isnan(b));
}

static void the_square_root_is_rounded_correctly(void **state) {
    (void)state;
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += stride) {
        float x = as_float((uint32_t)bits);
        if (!same(exact_root(x), true_root(x)))
            fail_msg("root of %a is %a", (double)x, (double)exact_root(x));
    }
}

static void check_quotient(float x, float y) {
    if (!same(exact_quotient(x, y), x / y))
        fail_msg("%a / %a is %a, not %a", (double)x, (double)y, (double)exact_quotient(x, y),
                 (double)(x / y));
}

/* Any bits, and numbers near each other, whose quotients are the hardest to round. */
static void division_is_rounded_correctly(void **state) {
    static const float special[] = {
        0.0f,      -0.0f,    INFINITY,        -INFINITY,  NAN,
        1.0f,      -3.0f,    0x1p-149f,       -0x1p-149f, 0x1.fffffcp-127f,
        0x1p-126f, 0x1p127f, 0x1.fffffep127f, 0x1p-75f,   0x1.8p-150f};
    enum { SPECIALS = sizeof special / sizeof *special };
    (void)state;
    for (int i = 0; i < SPECIALS; i++)
        for (int k = 0; k < SPECIALS; k++)
            check_quotient(special[i], special[k]);
    for (uint64_t i = 0; i < (1ull << 32) / stride; i++) {
        uint32_t bits[4];
        ds_philox(bits, 1, DS_STREAM_INIT, (uint32_t)i, 0, 0);
        check_quotient(as_float(bits[0]), as_float(bits[1]));
        check_quotient(as_float(bits[2]), as_float(bits[2] + bits[3] % 64));
        check_quotient(as_float(bits[0] & 0x83ffffff),
                       as_float((bits[1] & 0x87ffffff) + 0x3c000000));
    }
}

int main(int count, char **argument) {
    if (count > 1 && strcmp(argument[1], "all") == 0)
        stride = 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_functions_err_by_no_more_than_stated),
        cmocka_unit_test(the_square_root_is_rounded_correctly),
        cmocka_unit_test(division_is_rounded_correctly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
