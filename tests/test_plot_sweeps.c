/* Pictures of all runs of a sweep: asked for in a recipe, and of a sweep that has ended. */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "picture_files.h"

#include "base/memory.h"
#include "pictured_runs.h"

/* Sweeps a recipe with `plots` in the folder "all". */
static void sweep(const char *text, const char *what, const char *plots) {
    ds_recipe *recipe = NULL;
    ds_device *device = NULL;
    ds_sweep_table table = {0};
    ds_train_options options = {.folder = "all", .note = take_note};
    char assignment[400];
    noted[0] = '\0';
    assert_ok(ds_device_open(&device, "auto"));
    assert_ok(ds_recipe_parse(&recipe, text, NULL));
    snprintf(assignment, sizeof assignment, "plots=%s", plots);
    assert_ok(ds_recipe_set(recipe, assignment));
    snprintf(assignment, sizeof assignment, "sweep=%s", what);
    assert_ok(ds_recipe_set(recipe, assignment));
    assert_ok(ds_sweep(recipe, device, &options, &table));
    ds_sweep_clear(&table);
    ds_recipe_destroy(recipe);
    ds_device_close(device);
}

/* Each run has its own picture, and the sweep one of all. */
static void test_curves_of_all_runs(void **state) {
    (void)state;
    sweep(curve, "{runs: [{name: a_b}, {name: longer, set: {epochs: 40}}]}", "[fit, loss]");
    assert_null(strstr(noted, "drawn"));
    picture_drawn("all/1/plots/fit");
    picture_drawn("all/2/plots/loss");
    picture_drawn("all/plots/fit");
    picture_drawn("all/plots/loss");
    picture_says("all/plots/fit.gp", "set title 'y from x of every run'\n");
    picture_says("all/plots/fit.csv", "\"x\",\"data\",\"x\",\"a_b\",\"x\",\"longer\"\n0,0,0,");
    picture_says("all/plots/fit.gp", "using 1:2 with points pt 7 ps 1.1 lc rgb '#6b7780'");
    picture_says("all/plots/fit.gp", "using 5:6 with lines lw 2 lc rgb '#D55E00' title 'longer'");
    picture_says("all/plots/loss.gp", "set title 'Training loss of every run'\n");
    assert_int_equal(count_rows("all/plots/loss.csv"), 40);
    picture_says("all/plots/loss.csv", "\n,,21,"); /* the shorter run has ended */
}

static void test_a_validation_loss_is_dashed(void **state) {
    (void)state;
    sweep(line, "{batch: [10, all]}", "loss");
    picture_says("all/plots/loss.gp", "set title 'Training loss by batch'\n");
    sweep("data: {train: line.csv, target: y, split: {validation: 0.2}}\nmodel: [{dense: 1}]\n"
          "loss: mse\noptimizer: {sgd: {rate: 0.05}}\n",
          "{batch: [10, all]}", "[{loss: {x: updates}}]");
    picture_says("all/plots/loss.gp", "set title 'Training and, dashed, validation loss by batch'");
    picture_says("all/plots/loss.gp", "set xlabel 'updates'");
    picture_says("all/plots/loss.gp", "with lines lw 2 lc rgb '#0072B2' title '10'");
    picture_says("all/plots/loss.gp", "with lines lw 2 dt 2 lc rgb '#0072B2' notitle");
    plot("all", "{loss: {x: seconds}}", "all/plots/loss.svg\n");
    picture_says("all/plots/loss.gp", "set logscale x");
}

/* Rows that differ from run to run are drawn in the run's colour. */
static void test_runs_of_other_rows(void **state) {
    (void)state;
    sweep(line, "{data.split: [none, {test: 0.5}]}", "[fit]");
    picture_says("all/plots/fit.gp", "using 1:2 with points pt 7 ps 1.1 lc rgb '#0072B2' notitle");
    picture_says("all/plots/fit.gp", "using 3:4 with points pt 7 ps 1.1 lc rgb '#D55E00' notitle");
}

static void test_probabilities_of_all_runs(void **state) {
    (void)state;
    sweep(border, "{epochs: [1, 100]}", "[probability, confusion]");
    picture_drawn("all/plots/probability");
    picture_drawn("all/2/plots/confusion");
    assert_false(picture_there("all/plots/confusion.gp"));
    picture_says("all/plots/probability.gp",
                 "set title 'P(side = right) by epochs (set)'\nset xlabel 'x'\n");
}

/* Both starts on one surface, and on one curve. */
static void test_paths_of_all_runs(void **state) {
    static const char starts[] = "{init: [zeros, ones]}";
    (void)state;
    sweep(line, starts, "[{surface: {points: 5}}]");
    picture_drawn("all/plots/surface");
    picture_says("all/plots/surface_path.csv", "\n0,0,1,0\n");
    assert_int_equal(count_rows("all/plots/surface_path.csv"), 151);
    picture_says("all/plots/surface.gp", "set label 'zeros' at 0,0 ");
    picture_says("all/plots/surface.gp", "set label 'ones' at 1,0 ");
    plot("all", "{surface: {x: 0.weight.0.0, points: 9}}", "all/plots/surface.svg\n");
    picture_says("all/plots/surface.csv", "\"loss\",\"0.weight[0]\",\"zeros\",\"0.weight[0]\",");
    picture_says("all/plots/surface.gp", "set label 'start' at 1, ");
}

static void test_results_of_all_runs(void **state) {
    (void)state;
    sweep(line, "{batch: [10, all]}", "[sweep, {sweep: updates}, {sweep: max_error}, {sweep: r2}]");
    assert_null(strstr(noted, "drawn"));
    picture_drawn("all/plots/sweep");
    picture_drawn("all/plots/sweep_updates");
    picture_drawn("all/plots/sweep_max_error");
    picture_says("all/plots/sweep.gp", "set xtics ('10' 0, 'all' 1)\n");
    picture_says("all/plots/sweep_updates.csv", "\"batch\",\"updates\"\n0,30\n1,10\n");
    picture_says("all/plots/sweep_max_error.gp", "set title 'Max error of every run'");
    plot("all", "{sweep: epochs}", "all/plots/sweep_epochs.svg\n");
    assert_int_equal(ds_plot("all", "{sweep: accuracy}", "auto", take_note, NULL, NULL), DS_OK);
    assert_string_equal(noted, "no run of the sweep has a result \"accuracy\" to draw");
    fails("all", "{sweep: lots}", "all: sweep: no result is called \"lots\"", "one of loss, ");
}

/* Names that begin with rising numbers stand at these; too long ones give way to numbers. */
static void test_where_runs_stand(void **state) {
    (void)state;
    sweep(line, "{runs: [{name: 1 epoch, set: {epochs: 1}}, {name: 4 epochs, set: {epochs: 4}}]}",
          "[sweep]");
    picture_says("all/plots/sweep.gp", "set xtics ('1 epoch' 1, '4 epochs' 4)\n");
    picture_says("all/plots/sweep.gp", "with linespoints");
    sweep(line, "{epochs: [1, 2, 4]}", "[sweep]");
    picture_says("all/plots/sweep.csv", "\"epochs (set)\",\"training\"\n1,");
    picture_says("all/plots/sweep.gp", "set xlabel 'epochs (set)'\n");
    sweep(line, "{runs: [{name: a name so long that no picture has room for it}, {name: b}]}",
          "[sweep, fit]");
    picture_says("all/plots/sweep.gp", "set xtics ('run 1' 0, 'run 2' 1)\n");
    picture_says("all/plots/fit.gp", "title 'run 1'");
}

/* Twenty-four are drawn together, and a note says so; their losses all stand in one row. */
static void test_more_runs_than_a_picture_shows(void **state) {
    (void)state;
    sweep("data: {train: line.csv, target: y}\nmodel: [{dense: 1}]\nloss: mse\n"
          "optimizer: {sgd: {rate: 0.05}}\nepochs: 1\n",
          "{seed: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]}", "[sweep]");
    assert_null(strstr(noted, "drawn"));
    assert_int_equal(count_rows("all/plots/sweep.csv"), 25);
    plot("all", "loss", "all/plots/loss.svg\n");
    if (picture_gnuplot())
        assert_string_equal(noted, "loss: the first 24 of 25 runs are drawn together");
    picture_says("all/plots/loss.gp", "title '24'");
    assert_null(strstr(picture_text("all/plots/loss.gp"), "title '25'"));
}

static void test_pictures_of_single_runs(void **state) {
    (void)state;
    sweep(curve, "{epochs: [1, 2]}", "[]");
    assert_false(picture_there("all/plots"));
    fails("all", "forecast", "all: this is a sweep, and \"forecast\" is a picture of a single run",
          "descent plot all/1 forecast");
    plot("all/1", "forecast", "all/1/plots/forecast.svg\n");
    fails("all/1", "sweep", "all/1: this run was not a sweep", "sweep: {batch: ");
    plot("all", "fit", "all/plots/fit.svg\n");
    fails("all", "probability", "all: \"probability\" needs one target of two classes",
          "draw another one");
    fails("all", "{fit: 3}", "all: \"fit\" has no options", "");
}

/* A folder is that of its last run: a sweep's table does not make a later run one. */
static void test_a_folder_used_again(void **state) {
    ds_result result;
    struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    (void)state;
    sweep(line, "{epochs: [1, 2]}", "[]");
    assert_int_equal(rename("all", "run"), 0);
    plot("run", "sweep", "run/plots/sweep.svg\n");
    assert_int_equal(utimensat(AT_FDCWD, "run/sweep.csv", old, 0), 0);
    assert_ok(train(line, "[]", false, &result));
    fails("run", "sweep", "run: this run was not a sweep", "");
    plot("run", "fit", "run/plots/fit.svg\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_curves_of_all_runs),      TEST(test_a_validation_loss_is_dashed),
        TEST(test_runs_of_other_rows),      TEST(test_probabilities_of_all_runs),
        TEST(test_paths_of_all_runs),       TEST(test_results_of_all_runs),
        TEST(test_where_runs_stand),        TEST(test_more_runs_than_a_picture_shows),
        TEST(test_pictures_of_single_runs), TEST(test_a_folder_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
