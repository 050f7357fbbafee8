/* The pictures of a run: asked for in a recipe, checked before it is trained, drawn when it ends,
 * and drawn again from what it left; on the reference, so that no device is needed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "picture_files.h"

#include "base/memory.h"

static const char line[] = "data: {train: line.csv, target: y}\n"
                           "model: [{dense: 1}]\n"
                           "loss: mse\n"
                           "optimizer: {sgd: {rate: 0.05}}\n"
                           "batch: 2\n"
                           "epochs: 10\n"
                           "init: zeros\n";
static const char curve[] = "data: {train: line.csv, target: y, normalize_target: standard}\n"
                            "model: [{dense: 3}, sigmoid, {dense: 1}]\n"
                            "loss: mse\n"
                            "optimizer: {adam: {rate: 0.05}}\n"
                            "epochs: 20\n";
static const char border[] = "data: {train: border.csv, target: side, test: border.csv}\n"
                             "model: [{dense: 1}]\n"
                             "loss: binary_cross_entropy\n"
                             "optimizer: {adam: {rate: 0.5}}\n"
                             "epochs: 20\n";

static char noted[1000]; /* the last note */

static void take_note(const char *note, void *context) {
    (void)context;
    snprintf(noted, sizeof noted, "%s", note);
}

static void assert_ok(ds_status status) {
    if (status != DS_OK)
        fail_msg("%s; %s", ds_last_error()->message, ds_last_error()->hint);
}

static bool stop_at_once(const ds_progress *progress, void *context) {
    (void)progress;
    (void)context;
    return false;
}

static ds_progress_callback watch; /* of the next runs; NULL: none */

/* Trains a recipe with `plots` in the folder "run". */
static ds_status train(const char *text, const char *plots, bool resume, ds_result *result) {
    ds_recipe *recipe = NULL;
    ds_device *device = NULL;
    ds_train_options options = {
        .folder = "run", .resume = resume, .progress = watch, .note = take_note};
    char assignment[200];
    snprintf(assignment, sizeof assignment, "plots=%s", plots);
    noted[0] = '\0';
    assert_ok(ds_device_open(&device, "reference"));
    assert_ok(ds_recipe_parse(&recipe, text, NULL));
    assert_ok(ds_recipe_set(recipe, assignment));
    ds_status status = ds_train(recipe, device, &options, result, NULL);
    ds_recipe_destroy(recipe);
    ds_device_close(device);
    return status;
}

static void plot(const char *picture, const char *expected) {
    char *files = NULL;
    assert_ok(ds_plot("run", picture, "reference", take_note, NULL, &files));
    if (picture_gnuplot())
        assert_string_equal(files, expected);
    ds_free(files);
}

/* ---- what is asked for ---- */

static void test_wrong_pictures_are_named_before_training(void **state) {
    static const struct {
        const char *recipe, *plots, *message, *hint;
    } mistakes[] = {
        {line, "[loss, confusio]", "unknown picture \"confusio\"", "\"confusion\""},
        {line, "[zzzzzzzz]", "unknown picture", "known: loss, confusion"},
        {line, "lost", "unknown picture \"lost\"", "\"loss\""},
        {line, "[{loss: {y: updates}}]", "\"y\"", ""},
        {line, "[{loss: {x: weeks}}]", "weeks", "epochs"},
        {line, "[sweep]", "\"sweep\" shows the runs of a `sweep`, there is none", "leave"},
        {line, "[{sweep: lots}]", "\"sweep\" shows the runs", ""},
        {line, "[search]", "\"search\" needs a `search` in the recipe", "leave"},
        {line, "[[loss]]", "expected the name of one picture", ""},
        {line, "[confusion]", "needs classes", "leave"},
        {line, "[probability]", "needs one target of two classes", ""},
        {line, "[activation]", "no activation", "activation: sigmoid"},
        {line, "[{activation: dense}]", "\"dense\"", ""},
        {line, "[{activation: sigmod}]", "\"sigmod\"", "sigmoid"},
        {line, "[{fit: 3}]", "\"fit\" has no options", ""},
        {line, "[{surface: {points: 2}}]", "expected 3 to 501", ""},
        {line, "[{surface: {x: 0.weights}}]", "\"0.weights\"", "0.weight.0"},
        {line, "[{surface: {x: '0.weight[1]'}}]", "shape is 1x1", ""},
        {line, "[{surface: {x: 1.weight}}]", "no parameter", "0.weight"},
        {line, "[{surface: {x: '0.weight[0]', y: '0.weight[0][0]'}}]", "the same parameter", ""},
        {line, "[{surface: {x_range: [2, 1]}}]", "is empty", ""},
        {line, "[{forecast: {target: z}}]", "no target \"z\"", ""},
        {line, "[{forecast: {mark: {2021-02-11: eve}}}]", "the rows have no dates", "data.date"},
        {line, "[{forecast: {mark: eve}}]", "expected dates with words", ""},
        {border, "[fit]", "needs a number", ""},
        {border, "[forecast]", "needs a number", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        ds_result result;
        print_message("plots: %s\n", mistakes[i].plots);
        assert_int_equal(train(mistakes[i].recipe, mistakes[i].plots, false, &result),
                         DS_BAD_INPUT);
        if (!strstr(ds_last_error()->message, mistakes[i].message) ||
            !strstr(ds_last_error()->hint, mistakes[i].hint))
            fail_msg("%s; %s", ds_last_error()->message, ds_last_error()->hint);
        assert_false(picture_there("run"));
    }
}

static void test_a_recipe_names_the_place(void **state) {
    ds_recipe *recipe = NULL;
    ds_device *device = NULL;
    char text[1000], *plan = NULL;
    (void)state;
    snprintf(text, sizeof text, "%splots:\n  - loss\n  - surfase: {points: 5}\n", line);
    scratch_write("wrong.yaml", text);
    assert_ok(ds_device_open(&device, "reference"));
    assert_ok(ds_recipe_read(&recipe, "wrong.yaml"));
    assert_int_equal(ds_explain(recipe, device, &plan), DS_BAD_INPUT);
    assert_non_null(strstr(ds_last_error()->message, "wrong.yaml:10:5: "));
    assert_non_null(strstr(ds_last_error()->hint, "surface"));
    ds_recipe_destroy(recipe);
    ds_device_close(device);
}

/* ---- what is drawn ---- */

static void test_loss_fit_and_activation(void **state) {
    ds_result result;
    (void)state;
    assert_ok(
        train(curve, "[loss, fit, activation, forecast, {activation: relu}]", false, &result));
    assert_string_equal(result.plots_path, "run/plots");
    picture_drawn("run/plots/loss");
    picture_drawn("run/plots/fit");
    picture_drawn("run/plots/activation_sigmoid");
    picture_drawn("run/plots/logit");
    picture_drawn("run/plots/activation_relu");
    picture_drawn("run/plots/forecast");
    picture_says("run/plots/activation_sigmoid.csv", "\n0,0.5,0.25\n");
    picture_says("run/plots/activation_relu.csv", "\n0,0,0\n0.025,0.025,1\n");
    picture_says("run/plots/logit.csv", "\n0.5,0\n");
    picture_says("run/plots/loss.csv", "\"epoch\",\"training\"\n1,");
}

/* The curve of a network is the sum of what its hidden units add and its last bias. */
static void test_hidden_units_add_up(void **state) {
    ds_result result;
    ds_model *model = NULL;
    double scale = 0, bias, difference = NAN;
    (void)state;
    assert_ok(train(curve, "[fit]", false, &result));
    assert_ok(ds_model_load(&model, "run"));
    ds_parameter parameter = ds_model_parameter(model, 3);
    assert_string_equal(parameter.name, "2.bias");
    bias = *parameter.values;
    ds_model_destroy(model);
    for (int i = 0; i < 30; i++)
        scale += (i - 14.5) * (i - 14.5) / 30; /* of y = 2 i */
    scale = 2 * sqrt(scale);
    const char *row = strchr(picture_text("run/plots/fit.csv"), '\n') + 1;
    for (int i = 0; i < 20; i++, row = strchr(row, '\n') + 1) {
        double place, y, term[3];
        assert_int_equal(
            sscanf(row, "%*f,%*f,%lf,%lf,%lf,%lf,%lf", &place, &y, &term[0], &term[1], &term[2]),
            5);
        difference = y - term[0] - term[1] - term[2] - bias * scale;
        assert_true(fabs(difference - 29) < 1e-4); /* the mean of y */
    }
}

static void test_confusion_and_probability(void **state) {
    ds_result result;
    (void)state;
    assert_ok(train(border, "[confusion, probability]", false, &result));
    picture_drawn("run/plots/confusion");
    picture_drawn("run/plots/probability");
    picture_says("run/plots/confusion.gp", "right (test set)'");
    picture_says("run/plots/probability.gp", "set ylabel 'P(side = right)'");
}

static void test_without_gnuplot_the_run_is_good(void **state) {
    ds_result result;
    (void)state;
    picture_hide_gnuplot();
    ds_status status = train(line, "[loss, fit]", false, &result);
    picture_show_gnuplot();
    assert_ok(status);
    assert_string_equal(noted, "gnuplot is not installed; run/plots/loss.gp is kept: "
                               "apt-get install gnuplot-nox");
    assert_true(picture_there("run/plots/loss.gp") && picture_there("run/plots/fit.csv"));
    assert_false(picture_there("run/plots/loss.svg"));
}

static void test_a_run_without_an_update(void **state) {
    ds_result result;
    char text[1000], *chart = NULL;
    (void)state;
    snprintf(text, sizeof text, "%sstop: {gradient: 1e30}\n", line);
    assert_ok(train(text, "[loss, surface]", false, &result));
    assert_int_equal(result.updates, 0);
    assert_string_equal(noted, "no update was made: there is no loss to draw");
    picture_drawn("run/plots/surface");
    assert_ok(ds_plot_text("run", 80, &chart));
    assert_string_equal(chart, "");
    ds_free(chart);
}

/* ---- the path of descent ---- */

static int count_rows(const char *path) {
    int rows = -1;
    for (const char *c = picture_text(path); *c; c++)
        rows += *c == '\n';
    return rows;
}

static void test_the_path_changes_no_bit(void **state) {
    ds_result plain, followed;
    (void)state;
    assert_ok(train(line, "[]", false, &plain));
    assert_string_equal(plain.plots_path, "");
    assert_false(picture_there("run/path.csv"));
    assert_ok(train(line, "[{surface: {points: 5}}]", false, &followed));
    assert_string_equal(followed.weights_hash, plain.weights_hash);
    picture_says("run/path.csv", "update,0.weight[0],0.bias[0]\n0,0,0\n1,");
    assert_int_equal(count_rows("run/path.csv"), 151); /* 150 updates, and the start */
    assert_int_equal(count_rows("run/plots/surface.csv"), 5 * 5 + 4);
    picture_drawn("run/plots/surface");
}

static void test_the_path_goes_on_after_a_resume(void **state) {
    ds_result result;
    static char whole[MOST_PICTURE_TEXT];
    char half[1000];
    (void)state;
    assert_ok(train(line, "[{surface: {points: 3}}]", false, &result));
    snprintf(whole, sizeof whole, "%s", picture_text("run/path.csv"));
    snprintf(half, sizeof half, "%sstop: {updates: 70}\n", line);
    assert_ok(train(half, "[{surface: {points: 3}}]", false, &result));
    assert_int_equal(count_rows("run/path.csv"), 71);
    assert_ok(train(line, "[{surface: {points: 3}}]", true, &result));
    assert_string_equal(picture_text("run/path.csv"), whole);
    watch = stop_at_once;
    ds_status status = train(line, "[{surface: {points: 3}}]", false, &result);
    watch = NULL;
    assert_int_equal(status, DS_INTERRUPTED);
    assert_true(count_rows("run/path.csv") < 151);
    assert_ok(train(line, "[{surface: {points: 3}}]", true, &result));
    assert_string_equal(picture_text("run/path.csv"), whole);
}

static void test_a_long_path_is_thinned(void **state) {
    ds_result result;
    char text[1000];
    (void)state;
    snprintf(text, sizeof text, "%s", line);
    memcpy(strstr(text, "epochs: 10"), "epochs: 95", strlen("epochs: 10"));
    assert_ok(train(text, "[{surface: {x: 0.weight.0.0, points: 3}}]", false, &result));
    assert_int_equal(count_rows("run/path.csv"), 1 + 95 * 15 / 2 + 1);
    picture_says("run/plots/surface.csv", "\"0.weight[0]\",\"loss\",\"0.weight[0]\",");
}

/* ---- a finished run ---- */

static void test_drawing_again(void **state) {
    ds_result result;
    char *files = NULL;
    (void)state;
    assert_ok(
        train(curve, "[{surface: {points: 7, x: '2.bias[0]', y: '2.weight[1]'}}]", false, &result));
    assert_int_equal(remove("run/plots/surface.csv"), 0);
    plot("loss", "run/plots/loss.svg\n");
    plot("{loss: {x: updates}}", "run/plots/loss.svg\n");
    picture_says("run/plots/loss.csv", "\"updates\",\"training\"\n1,");
    plot("surface", "run/plots/surface.svg\n");
    picture_says("run/plots/surface.csv", "\"2.bias[0]\",\"2.weight[1]\""); /* as the recipe says */
    assert_int_equal(count_rows("run/plots/surface.csv"), 7 * 7 + 6);
    plot("{surface: {points: 5}}", "run/plots/surface.svg\n");
    picture_says("run/plots/surface.csv", "\"0.weight[0]\",\"0.weight[1]\"");
    assert_false(strstr(picture_text("run/plots/surface.gp"), "surface_path") != NULL);
    plot("fit", "run/plots/fit.svg\n");
    plot("activation", "run/plots/activation_sigmoid.svg\nrun/plots/logit.svg\n");
    assert_int_equal(ds_plot("run", "fitt", "reference", NULL, NULL, NULL), DS_BAD_INPUT);
    assert_non_null(strstr(ds_last_error()->hint, "\"fit\""));
    assert_int_equal(ds_plot("run", "confusion", "reference", NULL, NULL, NULL), DS_BAD_INPUT);
    assert_int_equal(ds_plot("absent", "loss", "reference", NULL, NULL, &files), DS_BAD_INPUT);
    assert_int_equal(ds_plot("absent", "fit", "reference", NULL, NULL, &files), DS_BAD_INPUT);
    assert_null(files);
    /* The loss needs neither the device nor the data. */
    assert_ok(ds_plot("run", "loss", "nonesuch", NULL, NULL, NULL));
}

static void test_the_loss_as_text(void **state) {
    ds_result result;
    char *chart = NULL;
    (void)state;
    assert_ok(train(line, "[]", false, &result));
    assert_ok(ds_plot_text("run", 60, &chart));
    assert_int_equal(strncmp(chart, "loss   * training\n", 18), 0);
    assert_non_null(strstr(chart, "  epoch\n"));
    ds_free(chart);
    assert_int_equal(ds_plot_text("absent", 60, &chart), DS_BAD_INPUT);
}

static int enter(void **state) {
    char text[2000] = "x,y\n";
    scratch_setup(state);
    for (int i = 0; i < 30; i++)
        sprintf(text + strlen(text), "%g,%d\n", i / 30.0, 2 * i);
    scratch_write("line.csv", text);
    scratch_write("border.csv",
                  "x,side\n1,left\n2,left\n3,left\n4,right\n5,left\n6,right\n7,right\n");
    return 0;
}

static int leave(void **state) {
    assert_int_equal(ds_memory_held(), 0);
    return scratch_teardown(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_wrong_pictures_are_named_before_training),
        TEST(test_a_recipe_names_the_place),
        TEST(test_loss_fit_and_activation),
        TEST(test_hidden_units_add_up),
        TEST(test_confusion_and_probability),
        TEST(test_without_gnuplot_the_run_is_good),
        TEST(test_a_run_without_an_update),
        TEST(test_the_path_changes_no_bit),
        TEST(test_the_path_goes_on_after_a_resume),
        TEST(test_a_long_path_is_thinned),
        TEST(test_drawing_again),
        TEST(test_the_loss_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
