/* Exhaustive search over parameters, and sweeps over a recipe's keys, through the public header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/memory.h"
#include "descent.h"
#include "scratch_folder.h"

static const char line_data[] = "x,y\n1,2\n2,4\n3,6\n";

static ds_device *open_device(const char *name) {
    ds_device *device = NULL;
    assert_int_equal(ds_device_open(&device, name), DS_OK);
    return device;
}

static ds_recipe *recipe_of(const char *text) {
    ds_recipe *recipe = NULL;
    scratch_write("line.csv", line_data);
    if (ds_recipe_parse(&recipe, text, ".") != DS_OK)
        fail_msg("%s", ds_last_error()->message);
    return recipe;
}

static const char search_text[] = "data: {train: line.csv, target: y}\n"
                                  "model: [{dense: {units: 1, bias: false}}]\n"
                                  "loss: mse\n"
                                  "search: {0.weight: {from: 0, to: 4, step: 0.1}}\n";

/* MSE(w) = 14/3 (w - 2)^2 at w = k * 0.1, least at w = 2. */
static void test_a_grid_finds_the_least_loss(void **state) {
    (void)state;
    static const char *const names[] = {"reference", "auto"};
    for (int d = 0; d < 2; d++) {
        ds_device *device = open_device(names[d]);
        ds_recipe *recipe = recipe_of(search_text);
        ds_model *model = NULL;
        ds_result result;
        ds_train_options options = {.folder = "out"};
        if (ds_train(recipe, device, &options, &result, &model) != DS_OK)
            fail_msg("%s", ds_last_error()->message);
        assert_int_equal(result.searched, 41);
        assert_int_equal(result.updates, 0);
        assert_string_equal(result.stopped_by, "search");
        assert_true(ds_model_parameter(model, 0).values[0] == 2);
        assert_true(result.train.loss == 0);

        FILE *file = fopen("out/search.csv", "r");
        char header[64];
        double w, loss;
        int points = 0;
        assert_non_null(file);
        assert_non_null(fgets(header, sizeof header, file));
        assert_string_equal(header, "0.weight,loss\n");
        for (; fscanf(file, "%lf,%lf", &w, &loss) == 2; points++) {
            double k = points * 0.1, exact = 14.0 / 3 * (k - 2) * (k - 2);
            /* On a device: 9 digits of w, and float32's rounding of three errors near 4. */
            double tolerance = d ? 1e-6 * (1 + exact) : 1e-14 * (1 + exact);
            assert_true(w - k <= (d ? 1e-9 : 0) && k - w <= (d ? 1e-9 : 0));
            assert_true(loss - exact <= tolerance && exact - loss <= tolerance);
        }
        assert_int_equal(points, 41);
        fclose(file);
        ds_model_destroy(model);
        ds_recipe_destroy(recipe);
        ds_device_close(device);
    }
}

static void test_a_grid_of_two_parameters_has_every_combination(void **state) {
    (void)state;
    ds_device *device = open_device("reference");
    ds_recipe *recipe = recipe_of("data: {train: line.csv, target: y}\n"
                                  "model: [{dense: 1}]\n"
                                  "loss: mse\n"
                                  "search: {\"0.bias[0]\": [-1, 0, 1], 0.weight.0.0: [1, 2]}\n");
    ds_result result;
    ds_model *model = NULL;
    ds_train_options options = {.folder = NULL};
    assert_int_equal(ds_train(recipe, device, &options, &result, &model), DS_OK);
    assert_int_equal(result.searched, 6);
    assert_true(ds_model_parameter(model, 0).values[0] == 2);
    assert_true(ds_model_parameter(model, 1).values[0] == 0);
    ds_model_destroy(model);
    ds_recipe_destroy(recipe);
    ds_device_close(device);
}

static void expect_refusal(const char *assignment, const char *word) {
    ds_device *device = open_device("reference");
    ds_recipe *recipe = recipe_of(search_text);
    ds_result result;
    ds_train_options options = {.folder = "refused"};
    assert_int_equal(ds_recipe_set(recipe, assignment), DS_OK);
    ds_status status = ds_recipe_sweeps(recipe)
                           ? ds_sweep(recipe, device, &options, &(ds_sweep_table){0})
                           : ds_train(recipe, device, &options, &result, NULL);
    assert_int_equal(status, DS_BAD_INPUT);
    if (!strstr(ds_last_error()->message, word))
        fail_msg("%s: %s", assignment, ds_last_error()->message);
    ds_recipe_destroy(recipe);
    ds_device_close(device);
}

static void test_grids_that_make_no_sense_are_refused(void **state) {
    (void)state;
    expect_refusal("search={1.weight: [1]}", "no parameter");
    expect_refusal("search={0.weight.3: [1]}", "shape");
    expect_refusal("search={0.weight.0.0.0: [1]}", "shape");
    expect_refusal("search={0.weight.0.1: [1]}", "shape");
    expect_refusal("search={0.weights: [1]}", "no parameter");
    assert_non_null(strstr(ds_last_error()->hint, "did you mean \"0.weight\""));
    expect_refusal("search={bais: [1]}", "no parameter");
    assert_non_null(strstr(ds_last_error()->hint, "its parameters: 0.weight"));
    expect_refusal("search={0.weight: []}", "empty");
    expect_refusal("search={0.weight: {from: 0, to: 1}}", "step");
    expect_refusal("search={0.weight: {from: 1, to: 0, step: 0.1}}", "no points");
    expect_refusal("search={0.weight: {from: 0, to: 1, step: 0}}", "no points");
    expect_refusal("search={0.weight: {from: 0, to: 1, step: 1e-9}}", "1e+09 points, at most");
    expect_refusal("search={0.weight: {from: 0, to: 1000000, step: 1}}", "1000001 points, at most");
    expect_refusal("search={0.weight: [a]}", "number");
    expect_refusal("search={}", "search");
    expect_refusal("sweep={batch: 3}", "list");
    expect_refusal("sweep={runs: [{set: {batch: 1}}]}", "name");
    expect_refusal("sweep={}", "sweep");
}

/* ---- sweeps ---- */

#define LINE_RECIPE                                                                                \
    "data: {train: line.csv, target: y}\n"                                                         \
    "model: [{dense: {units: 1, bias: false}}]\n"                                                  \
    "loss: mse\n"                                                                                  \
    "optimizer: {sgd: {rate: 0.01}}\n"                                                             \
    "init: ones\n"                                                                                 \
    "epochs: 20\n"

/* Counts the notes that say which run diverged, and what to do. */
static void count_divergence(const char *note, void *context) {
    int *count = context;
    *count += strstr(note, " diverged at update ") &&
              strstr(note, "try a smaller learning rate than 1000000000");
}

static void test_a_sweep_makes_every_combination_and_outlives_divergence(void **state) {
    (void)state;
    ds_device *device = open_device("auto");
    ds_recipe *recipe =
        recipe_of(LINE_RECIPE "sweep: {batch: [1, all], optimizer.sgd.rate: [0.01, 0.02, 1e9]}\n");
    ds_sweep_table table;
    int told = 0;
    ds_train_options options = {.folder = "swept", .note = count_divergence, .context = &told};
    if (ds_sweep(recipe, device, &options, &table) != DS_OK)
        fail_msg("%s", ds_last_error()->message);
    assert_int_equal(told, 2);
    assert_int_equal(table.keys, 2);
    assert_int_equal(table.runs, 6);
    assert_string_equal(table.key[1], "optimizer.sgd.rate");
    for (size_t i = 0; i < 6; i++) {
        static const char *const rates[] = {"0.01", "0.02", "1e9"};
        assert_string_equal(table.run[i].value[0], i < 3 ? "1" : "all");
        assert_string_equal(table.run[i].value[1], rates[i % 3]);
        assert_int_equal(table.run[i].status, i % 3 == 2 ? DS_DIVERGED : DS_OK);
        if (i % 3 != 2)
            assert_int_equal(table.run[i].result.updates, i < 3 ? 60 : 20);
    }
    ds_sweep_clear(&table);
    assert_int_equal(access("swept/sweep.csv", R_OK), 0);
    assert_int_equal(access("swept/6/history.csv", R_OK), 0);
    ds_recipe_destroy(recipe);
    ds_device_close(device);
}

/* A run of a sweep is the run of the recipe with its values, bit for bit. */
static void test_a_named_run_is_the_recipe_with_its_values(void **state) {
    (void)state;
    ds_device *device = open_device("auto");
    ds_recipe *swept = recipe_of(LINE_RECIPE "sweep: {runs: [{name: plain}, {name: heavy, set: "
                                             "{optimizer.sgd.momentum: 0.9, epochs: 7}}]}\n");
    ds_recipe *single = recipe_of(LINE_RECIPE);
    ds_sweep_table table;
    ds_result result;
    ds_train_options options = {.folder = NULL};
    if (ds_sweep(swept, device, &options, &table) != DS_OK)
        fail_msg("%s", ds_last_error()->message);
    assert_int_equal(table.runs, 2);
    assert_string_equal(table.key[0], "run");
    assert_string_equal(table.run[1].value[0], "heavy");
    assert_int_equal(ds_train(single, device, &options, &result, NULL), DS_OK);
    assert_string_equal(table.run[0].result.weights_hash, result.weights_hash);
    assert_int_equal(ds_recipe_set(single, "optimizer.sgd.momentum=0.9"), DS_OK);
    assert_int_equal(ds_recipe_set(single, "epochs=7"), DS_OK);
    assert_int_equal(ds_train(single, device, &options, &result, NULL), DS_OK);
    assert_string_equal(table.run[1].result.weights_hash, result.weights_hash);
    ds_sweep_clear(&table);
    assert_true(ds_recipe_sweeps(swept));
    assert_int_equal(ds_recipe_set(swept, "sweep=none"), DS_OK);
    assert_false(ds_recipe_sweeps(swept));
    ds_recipe_destroy(swept);
    ds_recipe_destroy(single);
    ds_device_close(device);
}

/* Scripts and data are there with or without gnuplot. */
static void test_searches_and_sweeps_can_be_drawn(void **state) {
    (void)state;
    ds_device *device = open_device("reference");
    ds_recipe *recipe = recipe_of(LINE_RECIPE "plots: [sweep, loss]\n");
    ds_sweep_table table;
    ds_result result;
    ds_train_options options = {.folder = "swept"};
    assert_int_equal(ds_recipe_set(recipe, "sweep={batch: [1, 2, 3]}"), DS_OK);
    if (ds_sweep(recipe, device, &options, &table) != DS_OK)
        fail_msg("%s", ds_last_error()->message);
    assert_int_equal(access("swept/plots/sweep.gp", R_OK), 0);
    assert_int_equal(access("swept/plots/sweep.csv", R_OK), 0);
    assert_int_equal(access("swept/2/plots/loss.gp", R_OK), 0);
    assert_int_not_equal(access("swept/2/plots/sweep.gp", R_OK), 0);
    ds_sweep_clear(&table);
    ds_recipe_destroy(recipe);

    recipe = recipe_of("data: {train: line.csv, target: y}\n"
                       "model: [{dense: 1}]\n"
                       "loss: mse\n"
                       "search: {0.weight: [0, 1, 2], 0.bias: {from: -1, to: 1, step: 0.5}}\n"
                       "plots: [search]\n");
    options.folder = "searched";
    if (ds_train(recipe, device, &options, &result, NULL) != DS_OK)
        fail_msg("%s", ds_last_error()->message);
    assert_int_equal(access("searched/plots/search.gp", R_OK), 0);
    /* Column by column: x from its least, then y. */
    FILE *file = fopen("searched/plots/search.csv", "r");
    double x, y, loss;
    char header[64];
    int points = 0;
    assert_non_null(file);
    assert_non_null(fgets(header, sizeof header, file));
    while (fscanf(file, "%lf,%lf,%lf", &x, &y, &loss) == 3) {
        double expected = 0;
        for (int i = 1; i <= 3; i++)
            expected += (x * i + y - 2 * i) * (x * i + y - 2 * i) / 3;
        double rounding = 1e-8 * (1 + expected); /* nine digits */
        assert_true(loss - expected < rounding && expected - loss < rounding);
        points++;
    }
    assert_int_equal(points, 15);
    fclose(file);
    ds_recipe_destroy(recipe);
    ds_device_close(device);
}

static void test_nothing_is_leaked(void **state) {
    (void)state;
    long held = ds_memory_held();
    test_a_named_run_is_the_recipe_with_its_values(state);
    test_a_grid_of_two_parameters_has_every_combination(state);
    assert_int_equal(ds_memory_held(), held);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_a_grid_finds_the_least_loss),
        IN_SCRATCH(test_a_grid_of_two_parameters_has_every_combination),
        IN_SCRATCH(test_grids_that_make_no_sense_are_refused),
        IN_SCRATCH(test_a_sweep_makes_every_combination_and_outlives_divergence),
        IN_SCRATCH(test_a_named_run_is_the_recipe_with_its_values),
        IN_SCRATCH(test_searches_and_sweeps_can_be_drawn),
        IN_SCRATCH(test_nothing_is_leaked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
