/* What a run leaves for pictures: the path of descent; and pictures drawn of it when it has ended.
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

/* ---- the path of descent ---- */

static void test_the_path_changes_no_bit(void **state) {
    ds_result plain, followed;
    (void)state;
    assert_ok(train(wide, "[{surface: {points: 5}}]", false, &followed));
    picture_says("run/path.csv", "update,0.weight[0],0.weight[1]\n0,");
    assert_int_equal(count_rows("run/path.csv"), 21);
    assert_ok(train(wide, "[]", false, &plain));
    assert_string_equal(plain.plots_path, "");
    assert_false(picture_there("run/path.csv")); /* that of the run before is not this one's */
    assert_string_equal(followed.weights_hash, plain.weights_hash);
}

/* Of a small model every parameter is followed, and any surface can be drawn later. */
static void test_the_path_of_a_small_model(void **state) {
    ds_result result;
    (void)state;
    assert_ok(train(line, "[]", false, &result));
    picture_says("run/path.csv", "update,0.weight[0],0.bias[0]\n0,0,0\n1,");
    assert_int_equal(count_rows("run/path.csv"), 151); /* 150 updates, and the start */
    plot("run", "{surface: {x: '0.bias[0]', y: '0.weight[0]', points: 5}}",
         "run/plots/surface.svg\n");
    assert_int_equal(count_rows("run/plots/surface.csv"), 5 * 5 + 4);
    picture_says("run/plots/surface_path.csv", "\"0.bias[0]\",\"0.weight[0]\"\n0,0\n");
    assert_int_equal(count_rows("run/plots/surface_path.csv"), 151);
    picture_says("run/plots/surface.gp", "set label 'start' at 0,0 ");
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
        train(wide, "[{surface: {points: 7, x: '2.bias[0]', y: '2.weight[1]'}}]", false, &result));
    assert_int_equal(remove("run/plots/surface.csv"), 0);
    plot("run", "loss", "run/plots/loss.svg\n");
    plot("run", "{loss: {x: updates}}", "run/plots/loss.svg\n");
    picture_says("run/plots/loss.csv", "\"updates\",\"training\"\n1,");
    plot("run", "surface", "run/plots/surface.svg\n");
    picture_says("run/plots/surface.csv", "\"2.bias[0]\",\"2.weight[1]\""); /* as the recipe says */
    assert_int_equal(count_rows("run/plots/surface.csv"), 7 * 7 + 6);
    plot("run", "{surface: {points: 5}}", "run/plots/surface.svg\n");
    picture_says("run/plots/surface.csv", "\"0.weight[0]\",\"0.weight[1]\"");
    /* These were not followed: where they ended is known. */
    assert_int_equal(count_rows("run/plots/surface_path.csv"), 1);
    picture_says("run/plots/surface.gp", "set label 'end' at ");
    plot("run", "fit", "run/plots/fit.svg\n");
    plot("run", "activation", "run/plots/activation_sigmoid.svg\nrun/plots/logit.svg\n");
    fails("run", "fitt", "run: unknown picture \"fitt\"", "\"fit\"");
    fails("run", "confusion", "run: \"confusion\" needs classes", "draw another one");
    fails("run", "sweep", "run: this run was not a sweep", "sweep: {batch: ");
    fails("run", "search", "run: this run was not a search", "search: {0.weight: ");
    assert_int_equal(ds_plot("absent", "loss", "auto", NULL, NULL, &files), DS_BAD_INPUT);
    assert_int_equal(ds_plot("absent", "fit", "auto", NULL, NULL, &files), DS_BAD_INPUT);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_the_path_changes_no_bit),
        TEST(test_the_path_of_a_small_model),
        TEST(test_the_path_goes_on_after_a_resume),
        TEST(test_a_long_path_is_thinned),
        TEST(test_drawing_again),
        TEST(test_the_loss_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
