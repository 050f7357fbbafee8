/* Parameters: their order and names, and what each rule starts them with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "started_net.h"

/* ---- order ---- */

static void entries_are_in_the_order_of_the_layers(void **state) {
    static const struct {
        const char *name;
        int rank;
        int64_t extent[2], offset;
    } expected[] = {
        {"0.weight", 2, {4, 3}, 0}, {"0.bias", 1, {4}, 12},      {"2.weight", 1, {4}, 16},
        {"2.bias", 1, {4}, 20},     {"3.weight", 2, {5, 4}, 24}, {"5.weight", 2, {1, 5}, 44},
        {"5.bias", 1, {1}, 49},
    };
    net n = make_net("[{dense: 4}, relu, layer_norm, {dense: {units: 5, bias: false}}, {dropout: "
                     "0.5}, {dense: 1}]",
                     3);
    (void)state;
    assert_int_equal(n.entries, 7);
    assert_int_equal(n.values, 50);
    for (int i = 0; i < n.entries; i++) {
        const ds_parameter_entry *e = &n.entry[i];
        assert_string_equal(e->name, expected[i].name);
        assert_int_equal(e->rule.shape.rank, expected[i].rank);
        for (int k = 0; k < expected[i].rank; k++)
            assert_int_equal(e->rule.shape.extent[k], expected[i].extent[k]);
        assert_int_equal(e->offset, expected[i].offset);
    }
    assert_int_equal(n.entry[5].inputs, 5);
    assert_int_equal(n.entry[5].outputs, 1);
    clear_net(&n);
}

/* ---- rules ---- */

enum { IN = 50, OUT = 200 };

typedef struct moments {
    double mean, deviation, least, most;
} moments;

static moments moments_of(const double *value, int64_t count) {
    moments m = {0, 0, INFINITY, -INFINITY};
    for (int64_t i = 0; i < count; i++) {
        assert_true(value[i] == (float)value[i]);
        m.mean += value[i] / (double)count;
        m.least = fmin(m.least, value[i]);
        m.most = fmax(m.most, value[i]);
    }
    for (int64_t i = 0; i < count; i++)
        m.deviation += (value[i] - m.mean) * (value[i] - m.mean) / (double)count;
    m.deviation = sqrt(m.deviation);
    return m;
}

static void assert_all(const double *value, int64_t count, double expected) {
    for (int64_t i = 0; i < count; i++)
        assert_true(value[i] == expected);
}

/* Within +-bound, nearly reaching it, with a uniform distribution's deviation. */
static void assert_uniform(const double *value, int64_t count, double bound) {
    moments m = moments_of(value, count);
    double slack = 5 / sqrt((double)count), gap = 50 / (double)count;
    assert_true(m.least >= -bound * (1 + 1e-6) && m.most <= bound * (1 + 1e-6));
    assert_true(m.least < -bound * (1 - gap) && m.most > bound * (1 - gap));
    assert_true(fabs(m.mean) < slack * bound / sqrt(3));
    assert_true(fabs(m.deviation - bound / sqrt(3)) < slack * bound / sqrt(3));
}

static void assert_normal(const double *value, int64_t count, double deviation) {
    moments m = moments_of(value, count);
    double slack = 5 / sqrt((double)count);
    assert_true(fabs(m.mean) < slack * deviation);
    assert_true(fabs(m.deviation - deviation) < slack * deviation);
    assert_true(m.most > 2 * deviation && m.least < -2 * deviation);
}

static void each_rule_starts_what_it_says(void **state) {
    net n = make_net("[{dense: 200}, layer_norm]", IN);
    double *weight = n.value, *bias = n.value + IN * OUT, *gain = bias + OUT, *shift = gain + OUT;
    static const char *const rules[] = {NULL, "default", "ones", "zeros", "normal", "xavier", "he"};
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const char *rule = rules[i] ? rules[i] : "default";
        DONE(start(&n, rules[i], 11));
        assert_all(gain, OUT, 1); /* whatever is said */
        assert_all(shift, OUT, 0);
        if (strcmp(rule, "default") == 0) {
            assert_uniform(weight, IN * OUT, 1 / sqrt(IN));
            assert_uniform(bias, OUT, 1 / sqrt(IN));
        } else if (strcmp(rule, "normal") == 0) {
            assert_normal(weight, IN * OUT, 1);
            assert_normal(bias, OUT, 1);
        } else {
            assert_all(bias, OUT, 0);
        }
        if (strcmp(rule, "ones") == 0)
            assert_all(weight, IN * OUT, 1);
        if (strcmp(rule, "zeros") == 0)
            assert_all(weight, IN * OUT, 0);
        if (strcmp(rule, "xavier") == 0)
            assert_uniform(weight, IN * OUT, sqrt(6.0 / (IN + OUT)));
        if (strcmp(rule, "he") == 0)
            assert_normal(weight, IN * OUT, sqrt(2.0 / IN));
    }
    clear_net(&n);
}

static void the_seed_and_the_tensor_decide(void **state) {
    net a = make_net("[{dense: 8}, {dense: 8}]", 8), b = make_net("[{dense: 8}, {dense: 8}]", 8);
    (void)state;
    DONE(start(&a, NULL, 1));
    DONE(start(&b, NULL, 1));
    assert_memory_equal(a.value, b.value, (size_t)a.values * sizeof *a.value);
    assert_memory_not_equal(a.value, a.value + 72, 64 * sizeof *a.value);
    assert_memory_not_equal(a.value, a.value + 64, 8 * sizeof *a.value);
    DONE(start(&b, NULL, 2));
    assert_memory_not_equal(a.value, b.value, 64 * sizeof *a.value);
    clear_net(&a);
    clear_net(&b);
}

static void a_mistake_is_named_by_its_place(void **state) {
    net n = make_net("[{dense: 2}]", 2);
    (void)state;
    assert_refused(start(&n, "xaver", 1), "r.yaml:1:1: unknown init \"xaver\"");
    assert_hint("did you mean \"xavier\"?");
    assert_refused(start(&n, "something", 1), "r.yaml:1:1: unknown init \"something\"");
    assert_hint("default, ones, zeros, normal, xavier, he or {file: F}");
    assert_refused(start(&n, "{fiel: x}", 1), "r.yaml:1:8: unknown key \"fiel\" in init");
    assert_hint("did you mean \"file\"?");
    assert_refused(start(&n, "{}", 1), "r.yaml:1:1: init: expected a file, or values");
    assert_refused(start(&n, "[ones]", 1), "r.yaml:1:1: init: expected a mapping, got a list");
    assert_refused(start(&n, "{file: [x]}", 1),
                   "r.yaml:1:8: init.file: expected a word, got a list");
    clear_net(&n);
}

/* ---- given ---- */

static void given_values_are_taken_as_they_are(void **state) {
    static const double expected[] = {0.1, 2, 3, 4, 0.2, 0.2, 7, 7, 0};
    net n = make_net("[{dense: 2}, {dense: 1}]", 2);
    (void)state;
    DONE(start(
        &n, "{values: {0.weight: [[0.1, 2], [3, 4]], 0.bias: 0.2, 1.weight: 7}, else: zeros}", 1));
    assert_memory_equal(n.value, expected, sizeof expected);
    DONE(start(&n, "{values: {0.bias: [5, 6]}}", 1));
    assert_true(n.value[4] == 5 && n.value[5] == 6);
    assert_true(n.value[0] != 0 && fabs(n.value[0]) < 1); /* by default */
    clear_net(&n);
}

static void given_values_that_do_not_fit_are_refused(void **state) {
    static const char *const cases[][2] = {
        {"{values: {0.wieght: 1}}", "r.yaml:1:17: the model has no parameter \"0.wieght\""},
        {"{values: {0.weight: [1, 2, 3]}}",
         "r.yaml:1:17: init.values: \"0.weight\" is 2x2, got 3 numbers"},
        {"{values: {0.bias: [1, 2, 3]}}",
         "r.yaml:1:17: init.values: \"0.bias\" is 2, got 3 numbers"},
        {"{values: {0.bias: [1, x]}}", "r.yaml:1:29: init.values: expected a number, got \"x\""},
        {"{values: 3}", "r.yaml:1:8: init.values: expected tensors with their values"},
        {"{values: {}, else: zreos}", "r.yaml:1:20: unknown init \"zreos\""},
        {"{file: x, values: {}}", "r.yaml:1:1: init: expected a file, or values"},
        {"{else: zeros}", "r.yaml:1:1: init: expected a file, or values"},
    };
    net n = make_net("[{dense: 2}]", 2);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(start(&n, cases[i][0], 1), cases[i][1]);
    clear_net(&n);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_in_the_order_of_the_layers),
        cmocka_unit_test(each_rule_starts_what_it_says),
        cmocka_unit_test(the_seed_and_the_tensor_decide),
        cmocka_unit_test(a_mistake_is_named_by_its_place),
        cmocka_unit_test(given_values_are_taken_as_they_are),
        cmocka_unit_test(given_values_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
