/* The pictures of a run: asked for in a recipe, checked before it is trained, drawn when it ends.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "picture_files.h"

#include "base/memory.h"
#include "pictured_runs.h"

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
        {line, "[{surface: {x: 0.weights}}]", "no parameter \"0.weights\"", "\"0.weight\""},
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
    assert_ok(ds_device_open(&device, "auto"));
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
    picture_says("run/plots/activation_relu.csv", "\n0,0,0\n");
    picture_says("run/plots/activation_relu.csv", "\n0.125,0.125,1\n"); /* exact in float32 */
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
    noted[0] = '\0'; /* of a run that has ended the picture is all that was asked for */
    picture_hide_gnuplot();
    status = ds_plot("run", "fit", "auto", take_note, NULL, NULL);
    picture_show_gnuplot();
    assert_int_equal(status, DS_IO_FAILED);
    assert_string_equal(noted, "");
    assert_string_equal(ds_last_error()->message,
                        "gnuplot is not installed; run/plots/fit.gp is kept: "
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

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_wrong_pictures_are_named_before_training),
        TEST(test_a_recipe_names_the_place),
        TEST(test_loss_fit_and_activation),
        TEST(test_hidden_units_add_up),
        TEST(test_confusion_and_probability),
        TEST(test_without_gnuplot_the_run_is_good),
        TEST(test_a_run_without_an_update),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
