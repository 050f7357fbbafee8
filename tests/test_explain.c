/* `explain`: the plan as text, and one sample's way in numbers and as a graph, against the course's
 * figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "descent.h"
#include "explain_text.h"

static char *told(const char *recipe_text, const char *device_name, int64_t row) {
    ds_recipe *recipe = NULL;
    ds_device *device = NULL;
    char *text = NULL;
    if (ds_recipe_parse(&recipe, recipe_text, SOURCE_DIR "/data/people") != DS_OK ||
        ds_device_open(&device, device_name) != DS_OK ||
        (row ? ds_explain_sample(recipe, device, row, &text) : ds_explain(recipe, device, &text)) !=
            DS_OK)
        fail_msg("%s", ds_last_error()->message);
    ds_device_close(device);
    ds_recipe_destroy(recipe);
    return text;
}

#define NETWORK                                                                                    \
    "data: {train: people.csv, features: [weight, height], target: gender, "                       \
    "values: {gender: {M: 0, F: 1}}, "                                                             \
    "normalize: {weight: {subtract: 135, divide: 1}, height: {subtract: 66, divide: 1}}}\n"        \
    "model: [{dense: 2}, sigmoid, {dense: 1}, sigmoid]\n"                                          \
    "loss: mse\n"                                                                                  \
    "optimizer: {sgd: {rate: 0.1}}\n"                                                              \
    "init: ones\n"

/* All weights 1, biases 0, sample (-2, -1) -> 1: figures to the digits the notes show. */
static void test_the_nine_partials_of_the_first_network(void **state) {
    (void)state;
    static const struct {
        const char *after, *line;
        double value;
    } figures[] = {
        {"forward", "a[0] = sigmoid", 0.0474258732},
        {"layer 3", "a[0] = sigmoid", 0.5236951741},
        {"loss", "L ", 0.2268662872},
        {"backward", "dL/dy[0]", -0.9526096518},
        {"backward", "da/dz[0]", 0.2494385387},
        {"parameters", "theta[0]", 0.0214695353},
        {"parameters", "theta[1]", 0.0107347676},
        {"parameters", "theta[2]", 0.0214695353},
        {"parameters", "theta[3]", 0.0107347676},
        {"parameters", "theta[4]", -0.0107347676},
        {"parameters", "theta[5]", -0.0107347676},
        {"parameters", "theta[6]", -0.0112692202},
        {"parameters", "theta[7]", -0.0112692202},
        {"parameters", "theta[8]", -0.2376175595},
    };
    char *text = told(NETWORK, "auto", 1);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        double exact = explained(text, figures[i].after, figures[i].line, 0);
        double device = explained(text, figures[i].after, figures[i].line, 1);
        /* The notes' digits; on the device some ten float32 roundings of numbers below 1. */
        if (!(fabs(exact - figures[i].value) <= 0.6e-10))
            fail_msg("%s: %.17g, expected %.10f", figures[i].line, exact, figures[i].value);
        if (!(fabs(device - figures[i].value) <= 10 * 0x1p-24))
            fail_msg("%s: device %.9g, expected %.10f", figures[i].line, device, figures[i].value);
    }
    assert_non_null(strstr(text, "  dL/da[0] = dL/dz * w[.][0] = -0.2376*(1) "));
    ds_free(text);
}

static void test_the_reference_alone_has_one_column(void **state) {
    (void)state;
    char *text = told(NETWORK, "reference", 2);
    assert_true(explained(text, "sample 2", "weight", 0) == 25);
    assert_true(explained(text, "sample 2", "height", 0) == 6);
    assert_null(strstr(text, " device\n"));
    ds_free(text);
}

static void expect_refusal(const char *recipe_text, int64_t row, const char *word) {
    ds_recipe *recipe = NULL;
    ds_device *device = NULL;
    char *text = NULL;
    assert_int_equal(ds_recipe_parse(&recipe, recipe_text, SOURCE_DIR "/data/people"), DS_OK);
    assert_int_equal(ds_device_open(&device, "reference"), DS_OK);
    assert_int_equal(ds_explain_sample(recipe, device, row, &text), DS_BAD_INPUT);
    assert_null(text);
    assert_non_null(strstr(ds_last_error()->message, word));
    ds_device_close(device);
    ds_recipe_destroy(recipe);
}

static void test_rows_and_networks_that_cannot_be_told_are_refused(void **state) {
    (void)state;
    expect_refusal(NETWORK, 0, "training rows");
    expect_refusal(NETWORK, 5, "training rows");
    expect_refusal("data: {train: people.csv, features: [weight], target: gender, values: {gender: "
                   "{M: 0, F: 1}}}\n"
                   "model: [{dense: 600}, {dense: 1}]\n"
                   "loss: mse\n"
                   "optimizer: {sgd: {rate: 0.1}}\n",
                   1, "parameters");
}

static void test_every_kind_of_layer_can_be_told(void **state) {
    (void)state;
    long held = ds_memory_held();
    char *text = told("data: {train: people.csv, features: [weight, height], target: gender}\n"
                      "model: [layer_norm, {dense: 3}, softmax, {dropout: 0.5}, {dense: 2}]\n"
                      "loss: cross_entropy\n"
                      "optimizer: {adam: {}}\n",
                      "auto", 4);
    assert_non_null(strstr(text, "layer 2, softmax"));
    assert_non_null(strstr(text, "theta[20]"));
    ds_free(text);
    assert_int_equal(ds_memory_held(), held);
}

static char *drawn(const char *recipe_text, const char *device_name, int64_t row) {
    ds_recipe *recipe = NULL;
    ds_device *device = NULL;
    char *dot = NULL;
    if (ds_recipe_parse(&recipe, recipe_text, SOURCE_DIR "/data/people") != DS_OK ||
        ds_device_open(&device, device_name) != DS_OK ||
        ds_explain_graph(recipe, device, row, &dot) != DS_OK)
        fail_msg("%s", ds_last_error()->message);
    ds_device_close(device);
    ds_recipe_destroy(recipe);
    return dot;
}

/* The numbers on an edge, from left to right: value, local derivative, derivative of the loss.
 * Returns how many there are. */
static int numbers_of_edge(const char *dot, const char *edge, double number[3]) {
    const char *at = strstr(dot, edge);
    int count = 0;
    if (!at)
        fail_msg("no edge \"%s\" in\n%s", edge, dot);
    const char *end = strchr(at, '\n');
    while (count < 3 && (at = strstr(at, "\">")) && at < end) {
        at += 2;
        number[count++] = strtod(strpbrk(at, "-0123456789"), NULL);
    }
    return count;
}

static void test_the_graph_has_the_numbers_of_every_edge(void **state) {
    (void)state;
    static const struct {
        const char *edge;
        int count;
        double number[3];
    } edges[] = {
        {"x_0 -> product0_0_0 ", 3, {-2, 1, -0.0107347676}},
        {"w0_0_1 -> product0_0_1 ", 3, {1, -1, 0.0107347676}},
        {"product0_1_0 -> layer0_1 ", 3, {-2, 1, -0.0107347676}},
        {"b0_1 -> layer0_1 ", 3, {0, 1, -0.0107347676}},
        {"layer0_0 -> layer1_0 ", 3, {-3, 0.0451766597, -0.0107347676}},
        {"w2_0_1 -> product2_0_1 ", 3, {1, 0.0474258732, -0.0112692202}},
        {"layer2_0 -> layer3_0 ", 3, {0.0948517464, 0.2494385387, -0.2376175595}},
        {"layer3_0 -> loss ", 3, {0.5236951741, -0.9526096518, -0.9526096518}},
        {"target_0 -> loss ", 1, {1}},
        {"loss -> L ", 2, {0.2268662872, 1}},
    };
    char *dot = drawn(NETWORK, "auto", 1);
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        double number[3];
        assert_int_equal(numbers_of_edge(dot, edges[i].edge, number), edges[i].count);
        for (int k = 0; k < edges[i].count; k++)
            if (!(fabs(number[k] - edges[i].number[k]) <= 0.5001e-3 * fabs(number[k])))
                fail_msg("%s: %g, expected %g", edges[i].edge, number[k], edges[i].number[k]);
    }
    ds_free(dot);
}

static int times(const char *text, const char *word) {
    int count = 0;
    for (; (text = strstr(text, word)); text++)
        count++;
    return count;
}

/* Layers without a slope of their own, an activation in front, names that are no plain words. */
static void test_every_kind_of_layer_can_be_drawn(void **state) {
    (void)state;
    int64_t held = ds_memory_held();
    char *dot = drawn("data: {train: people.csv, features: [weight, height], target: gender, "
                      "values: {gender: {M: 0, F: 1}}}\n"
                      "model: [tanh, {dense: 3}, layer_norm, {dropout: 0.5}, {dense: 2}, softmax, "
                      "{dense: {units: 1, bias: false}}]\n"
                      "loss: mse\n"
                      "optimizer: {sgd: {rate: 0.1}}\n",
                      "reference", 2);
    assert_int_equal(times(dot, "label=<×>"), 2 * 3 + 3 * 2 + 2);
    assert_non_null(strstr(dot, "label=<layer_norm>"));
    assert_non_null(strstr(dot, "label=<softmax>"));
    assert_null(strstr(dot, "nan"));
    ds_free(dot);
    assert_int_equal(ds_memory_held(), held);
}

static void test_a_graph_too_large_to_read_is_refused(void **state) {
    (void)state;
    ds_recipe *recipe = NULL;
    ds_device *device = NULL;
    char *dot = NULL;
    assert_int_equal(
        ds_recipe_parse(
            &recipe,
            "data: {train: people.csv, features: [weight], "
            "target: gender, values: {gender: {M: 0, F: 1}}}\nmodel: [{dense: 50}, {dense: 1}]\n"
            "loss: mse\noptimizer: {sgd: {rate: 0.1}}\n",
            SOURCE_DIR "/data/people"),
        DS_OK);
    assert_int_equal(ds_device_open(&device, "reference"), DS_OK);
    assert_int_equal(ds_explain_graph(recipe, device, 1, &dot), DS_BAD_INPUT);
    assert_null(dot);
    assert_non_null(strstr(ds_last_error()->message, "at most 100 parameters"));
    ds_device_close(device);
    ds_recipe_destroy(recipe);
}

static void test_the_plan_names_ops_shapes_and_costs(void **state) {
    (void)state;
    char *text = told(NETWORK, "auto", 0);
    /* 4 samples, 2 inputs, 2 units: 2 * 4 * 2 * 2 operations of the product, 4 * 2 of the bias. */
    assert_non_null(strstr(text, "dense_forward                    40"));
    assert_non_null(strstr(text, "0.weight[2x2]"));
    assert_non_null(strstr(text, "plan_hash"));
    assert_non_null(strstr(text, "sigmoid_backward"));
    ds_free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_nine_partials_of_the_first_network),
        cmocka_unit_test(test_the_reference_alone_has_one_column),
        cmocka_unit_test(test_rows_and_networks_that_cannot_be_told_are_refused),
        cmocka_unit_test(test_every_kind_of_layer_can_be_told),
        cmocka_unit_test(test_the_graph_has_the_numbers_of_every_edge),
        cmocka_unit_test(test_every_kind_of_layer_can_be_drawn),
        cmocka_unit_test(test_a_graph_too_large_to_read_is_refused),
        cmocka_unit_test(test_the_plan_names_ops_shapes_and_costs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
