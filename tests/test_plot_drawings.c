/* What charts, surfaces and confusion matrices leave in their folder: scripts with the right words
 * in them, data, and pictures; and what they do without gnuplot. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "picture_files.h"

#include "plot/chart.h"
#include "plot/confusion_matrix.h"
#include "plot/gnuplot.h"
#include "plot/heatmap.h"
#include "plot/plot_words.h"

static ds_text notes;

static void assert_ok(ds_status status) {
    if (status != DS_OK)
        fail_msg("%s", ds_last_error()->message);
    if (picture_gnuplot() && notes.length)
        fail_msg("%s", notes.characters);
    ds_text_clear(&notes);
}

/* ---- words ---- */

static void test_words_come_out_as_they_are(void **state) {
    static const struct {
        const char *text, *string, *tick, *cell;
    } words[] = {
        {"plain", "'plain'", "'plain'", "\"plain\""},
        {"a_b^2", "'a\\_b\\^2'", "'a\\_b\\^2'", "\"a_b^2\""},
        {"{x} @ & ~ \\", "'\\{x\\} \\@ \\& \\~ \\\\'", "'\\{x\\} \\@ \\& \\~ \\\\'",
         "\"{x} @ & ~ \\\""},
        {"New Year's Eve", "'New Year''s Eve'", "'New Year''s Eve'", "\"New Year's Eve\""},
        {"50%", "'50%'", "'50%%'", "\"50%\""},
        {"say \"a\"", "'say \"a\"'", "'say \"a\"'", "\"say 'a'\""},
        {"gr\xc3\xb6\xc3\x9f"
         "e \xe4\xb8\xad",
         "'gr\xc3\xb6\xc3\x9f"
         "e \xe4\xb8\xad'",
         "'gr\xc3\xb6\xc3\x9f"
         "e \xe4\xb8\xad'",
         "\"gr\xc3\xb6\xc3\x9f"
         "e \xe4\xb8\xad\""},
        {"two\nlines", "'two lines'", "'two lines'", "\"two lines\""},
        {"bad \xff\xc3", "'bad \?\?'", "'bad \?\?'", "\"bad \xff\xc3\""},
        {"\xed\xa0\x80", "'\?\?\?'", "'\?\?\?'", "\"\xed\xa0\x80\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        ds_text string = {0}, tick = {0}, cell = {0};
        assert_ok(ds_plot_string(&string, words[i].text));
        assert_ok(ds_plot_tick_label(&tick, words[i].text));
        assert_ok(ds_plot_cell(&cell, words[i].text));
        assert_string_equal(string.characters, words[i].string);
        assert_string_equal(tick.characters, words[i].tick);
        assert_string_equal(cell.characters, words[i].cell);
        ds_text_clear(&string);
        ds_text_clear(&tick);
        ds_text_clear(&cell);
    }
}

/* ---- charts ---- */

static const double one_to_five[] = {1, 2, 3, 4, 5};

static void test_a_chart(void **state) {
    static const double falling[] = {1, 0.1, 0.05, 0.008, 0.004}, two[] = {0.5, NAN};
    const ds_series series[] = {{"training", DS_LOOK_LINE, 5, one_to_five, falling},
                                {"it's_validation", DS_LOOK_POINTS, 2, one_to_five, two}};
    const ds_callout callout[] = {{3, NAN, "Lunar New Year's Eve"}, {2, 0.1, "here"}};
    const ds_chart chart = {.title = "Loss of a_b",
                            .x = {"epoch"},
                            .y = {"loss (mse)", DS_SCALE_AUTO},
                            .series = series,
                            .series_count = 2,
                            .callout = callout,
                            .callouts = 2};
    (void)state;
    assert_ok(ds_chart_draw(&chart, "a folder's/plots", "loss", &notes));
    assert_string_equal(picture_text("a folder's/plots/loss.csv"),
                        "\"epoch\",\"training\",\"epoch\",\"it's_validation\"\n1,1,1,0.5\n"
                        "2,0.1,2,nan\n3,0.05,,\n4,0.008,,\n5,0.004,,\n");
    picture_says("a folder's/plots/loss.gp", "gnuplot loss.gp\n");
    picture_says("a folder's/plots/loss.gp", "set title 'Loss of a\\_b'\n");
    picture_says("a folder's/plots/loss.gp", "set ylabel 'loss (mse)'\n");
    picture_says("a folder's/plots/loss.gp", "set logscale y\n");
    picture_says("a folder's/plots/loss.gp", "'Lunar New Year''s Eve' at 3, graph");
    picture_says("a folder's/plots/loss.gp", "using 3:4 with points");
    picture_says("a folder's/plots/loss.gp", "set output 'loss.svg'");
    picture_says("a folder's/plots/loss.gp", "set output 'loss.png'");
    picture_drawn("a folder's/plots/loss");
    if (picture_gnuplot())
        picture_says("a folder's/plots/loss.svg", "Loss of a_b");
}

static void test_the_scale_is_chosen_by_the_values(void **state) {
    static const struct {
        ds_scale scale;
        double y[5];
        bool log;
    } cases[] = {
        {DS_SCALE_AUTO, {1, 0.5, 0.2, 0.1, 0.02}, false}, /* less than two decades */
        {DS_SCALE_AUTO, {1, 0.5, 0.2, 0.1, 0.009}, true},
        {DS_SCALE_AUTO, {1, 0.5, 0.2, NAN, 0.009}, true},
        {DS_SCALE_AUTO, {1, 0.5, 0.2, 0, 0.009}, true}, /* a 0 is left out */
        {DS_SCALE_AUTO, {1, 0.5, 0.2, -1, 0.009}, false},
        {DS_SCALE_AUTO, {0, 0, 0, 0, 0}, false},
        {DS_SCALE_AUTO, {7, 7, 7, 7, 7}, false},
        {DS_SCALE_LINEAR, {1, 0.5, 0.2, 0.1, 0.009}, false},
        {DS_SCALE_LOG, {1, 0.5, 0.2, 0.1, 0.2}, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_series series = {"y", DS_LOOK_LINE, 5, one_to_five, cases[i].y};
        ds_chart chart = {.title = "",
                          .x = {"x"},
                          .y = {"y", cases[i].scale},
                          .series = &series,
                          .series_count = 1};
        ds_axis_range range = ds_chart_y_range(&chart);
        assert_int_equal(range.log, cases[i].log);
        assert_true(range.from < range.to);
        assert_true(!range.log || range.from > 0);
    }
}

static void test_dates(void **state) {
    double day[60], y[60];
    ds_series series = {"views", DS_LOOK_LINE, 60, day, y};
    ds_callout eve = {0, NAN, "Lunar New Year's Eve"};
    ds_chart chart = {.title = "Views",
                      .x = {"date", DS_SCALE_DATE},
                      .y = {"views (thousands)"},
                      .series = &series,
                      .series_count = 1,
                      .callout = &eve,
                      .callouts = 1};
    (void)state;
    for (int i = 0; i < 60; i++) {
        day[i] = 86400.0 * (18628 + i); /* from 2021-01-01 */
        y[i] = i % 7;
    }
    eve.x = day[41];
    assert_ok(ds_chart_draw(&chart, ".", "dates", &notes));
    picture_says("dates.csv", "2021-02-11,6\n");
    picture_says("dates.gp", "set xrange ['2021-01-01':'2021-03-01']");
    picture_says("dates.gp", "at '2021-02-11', graph");
    picture_says("dates.gp", "set xtics ('01 Jan 2021' '2021-01-01', '15 Jan' '2021-01-15', ");
    picture_drawn("dates");
}

/* The words of at most eight ticks do not run into each other. */
static void test_a_year_of_dates(void **state) {
    double day[365], y[365];
    ds_series series = {"views", DS_LOOK_LINE, 365, day, y};
    ds_chart chart = {.title = "Views",
                      .x = {"date", DS_SCALE_DATE},
                      .y = {"views (thousands)"},
                      .series = &series,
                      .series_count = 1};
    (void)state;
    for (int i = 0; i < 365; i++) {
        day[i] = 86400.0 * (18628 + i); /* from 2021-01-01 */
        y[i] = i % 7;
    }
    assert_ok(ds_chart_draw(&chart, ".", "year", &notes));
    picture_says("year.gp", "set xtics ('Jan 2021' '2021-01-01', 'Mar 2021' '2021-03-01', ");
    picture_says("year.gp", "'Nov 2021' '2021-11-01')\n");
    picture_drawn("year");
}

static void test_places_with_names(void **state) {
    static const double place[] = {0, 1, 2}, loss[] = {0.4, 0.2, 0.3};
    static const char *const name[] = {"relu", "leaky_relu", "tanh"};
    const ds_series series = {"test", DS_LOOK_LINE_POINTS, 3, place, loss};
    const ds_chart chart = {.title = "Activations",
                            .x = {.label = "model.1", .name = name, .names = 3},
                            .y = {"loss"},
                            .series = &series,
                            .series_count = 1};
    (void)state;
    assert_ok(ds_chart_draw(&chart, ".", "names", &notes));
    picture_says("names.gp", "set xtics ('relu' 0, 'leaky\\_relu' 1, 'tanh' 2)\n");
    picture_drawn("names");
}

/* Names stand at their places; a few points are marks, lines that stand back are drawn first and
 * have one colour, which takes none of the palette's. */
static void test_places_looks_and_colours(void **state) {
    static const double place[] = {1, 2, 4};
    static const char *const name[] = {"1 layer", "2 layers", "4 layers"};
    const ds_series series[] = {{"line", DS_LOOK_THICK, 3, place, place},
                                {"unit", DS_LOOK_FAINT, 3, place, place},
                                {"mark", DS_LOOK_MARKS, 3, place, place},
                                {"mine", DS_LOOK_LINE, 3, place, place, "#abcdef"},
                                {"next", DS_LOOK_LINE, 3, place, place}};
    const ds_chart chart = {.title = "Looks",
                            .x = {.label = "run", .name = name, .names = 3, .at = place},
                            .y = {"loss"},
                            .series = series,
                            .series_count = 5};
    (void)state;
    assert_ok(ds_chart_draw(&chart, ".", "looks", &notes));
    picture_says("looks.gp", "set xtics ('1 layer' 1, '2 layers' 2, '4 layers' 4)\n");
    picture_says("looks.gp", "plot 'looks.csv' skip 1 using 1:3 with lines lw 1 lc rgb '#b9c6d0'");
    picture_says("looks.gp", "using 1:2 with lines lw 3.5 lc rgb '#0072B2' title 'line'");
    picture_says("looks.gp", "using 1:4 with points pt 7 ps 1.1 lc rgb '#D55E00' title 'mark'");
    picture_says("looks.gp", "using 1:5 with lines lw 2 lc rgb '#abcdef' title 'mine'");
    picture_says("looks.gp", "using 1:6 with lines lw 2 lc rgb '#009E73' title 'next'");
    picture_drawn("looks");
}

/* A word stands where no curve runs: above a valley there are its walls, below there is nothing. */
static void test_a_word_keeps_off_the_curves(void **state) {
    enum { POINTS = 401 };
    static double x[POINTS], valley[POINTS];
    ds_series series = {"loss", DS_LOOK_LINE, POINTS, x, valley};
    const ds_callout end[] = {{0, 1, "the end"}, {0, 1, "another"}};
    const ds_chart chart = {.title = "Valley",
                            .x = {"w"},
                            .y = {.label = "loss", .from = 0, .to = 3},
                            .series = &series,
                            .series_count = 1,
                            .callout = end,
                            .callouts = 2};
    (void)state;
    for (int i = 0; i < POINTS; i++) {
        x[i] = (i - POINTS / 2) / 200.0;
        valley[i] = 1 + 2 * fabs(x[i]);
    }
    assert_ok(ds_chart_draw(&chart, ".", "valley", &notes));
    picture_says("valley.gp", "set label 'the end' at 0, 1 left offset char 0.7,-0.8 ");
    picture_says("valley.gp", "set label 'another' at 0, 1 right offset char -0.7,-0.8 ");
    picture_drawn("valley");
}

/* Eight curves have the palette's colours, more of them shades of which no two are the same. */
static void test_shades(void **state) {
    (void)state;
    assert_string_equal(ds_plot_shade(7, 8), ds_plot_color(7));
    for (int i = 1; i < 16; i++)
        assert_string_not_equal(ds_plot_shade(i, 16), ds_plot_shade(i - 1, 16));
    assert_string_equal(ds_plot_shade(0, 9), ds_plot_shade(0, 24));
    assert_string_equal(ds_plot_shade(8, 9), ds_plot_shade(23, 24));
}

static void test_many_points_are_thinned_in_the_picture_alone(void **state) {
    enum { POINTS = 12000 };
    static double x[POINTS];
    ds_series series = {"x", DS_LOOK_LINE, POINTS, x, x};
    ds_chart chart = {
        .title = "Many", .x = {"x"}, .y = {"y"}, .series = &series, .series_count = 1};
    (void)state;
    for (int i = 0; i < POINTS; i++)
        x[i] = i;
    assert_ok(ds_chart_draw(&chart, ".", "many", &notes));
    picture_says("many.gp", " every 3 using");
    picture_says("many.csv", "\n5000,5000\n");
    picture_drawn("many");
}

/* ---- surfaces and matrices ---- */

enum { SIDE = 21 };

static void test_a_surface(void **state) {
    static double x[SIDE], y[SIDE], z[SIDE * SIDE];
    static const double path_x[] = {-1, 0, 0.5}, path_y[] = {-1, -1, 0.4};
    static const double still[] = {0.2, 0.2};
    const ds_heatmap_path paths[] = {{3, path_x, path_y, .end = "end_a"},
                                     {2, still, still, .end = "b", .color = "#123456"}};
    ds_heatmap map = {
        "Training loss", "0.weight[0]", "0.bias[0]", "loss", SIDE, SIDE, x, y, z, 2, paths};
    (void)state;
    for (int i = 0; i < SIDE; i++)
        x[i] = y[i] = -2 + 0.2 * i;
    for (int i = 0; i < SIDE * SIDE; i++)
        z[i] = 0.001 + x[i % SIDE] * x[i % SIDE] + 3 * y[i / SIDE] * y[i / SIDE];
    assert_ok(ds_heatmap_draw(&map, "plots", "surface", &notes));
    picture_says("plots/surface.csv", "\"0.weight[0]\",\"0.bias[0]\",\"loss\"\n-2,-2,16.001\n");
    picture_says("plots/surface.csv", "\n\n-2,-1.8,");
    picture_says("plots/surface.gp", "set cntrparam levels discrete ");
    picture_says("plots/surface.gp", "set logscale cb");
    picture_says("plots/surface.gp", "set label 'start' at -1,-1");
    picture_says("plots/surface.gp", "set label 'end\\_a' at 0.5,0.4");
    picture_says("plots/surface.gp", "set label 'b' at 0.2,0.2"); /* goes nowhere: an end alone */
    picture_says("plots/surface.gp", "using 3:4:(0) with linespoints nocontour lw 1.5 pt 7 ps 0.3 "
                                     "lc rgb '#123456'");
    picture_says("plots/surface.gp", "set label 'loss' at screen "); /* above the bar of colours */
    picture_says("plots/surface.gp", " center front font");          /* labels of contours */
    assert_string_equal(picture_text("plots/surface_path.csv"),
                        "\"0.weight[0]\",\"0.bias[0]\",\"0.weight[0]\",\"0.bias[0]\"\n"
                        "-1,-1,0.2,0.2\n0,-1,0.2,0.2\n0.5,0.4,,\n");
    picture_drawn("plots/surface");
    for (int i = 0; i < SIDE * SIDE; i++) /* what is nowhere finite, and what is flat */
        z[i] = i % 2 ? NAN : 1;
    map.paths = 0;
    assert_ok(ds_heatmap_draw(&map, "plots", "flat", &notes));
    assert_false(picture_there("plots/flat_path.csv"));
}

static void test_a_confusion_matrix(void **state) {
    static const char *const name[] = {"a_b", "it's", "50%"};
    static const int64_t count[] = {10, 0, 2, 1, 12, 0, 0, 0, 0};
    ds_confusion matrix = {"Confusion", 3, name, count};
    (void)state;
    assert_ok(ds_confusion_draw(&matrix, ".", "confusion", &notes));
    picture_says("confusion.csv", "row,column,count,share,truth,predicted\n"
                                  "0,0,10,0.8333,\"a_b\",\"a_b\"\n");
    picture_says("confusion.csv", "2,2,0,0,\"50%\",\"50%\"\n");
    picture_says("confusion.gp", "set xtics ('a\\_b' 0, 'it''s' 1, '50%%' 2)");
    picture_drawn("confusion");
    if (picture_gnuplot())
        picture_says("confusion.svg", "50%");
}

/* ---- gnuplot ---- */

static void test_without_gnuplot(void **state) {
    ds_series series = {"y", DS_LOOK_LINE, 5, one_to_five, one_to_five};
    ds_chart chart = {
        .title = "Line", .x = {"x"}, .y = {"y"}, .series = &series, .series_count = 1};
    (void)state;
    scratch_write("bare/first.svg", "of an older run");
    picture_hide_gnuplot();
    ds_status status = ds_chart_draw(&chart, "bare", "first", &notes);
    if (status == DS_OK)
        status = ds_chart_draw(&chart, "bare", "second", &notes);
    picture_show_gnuplot();
    assert_int_equal(status, DS_OK);
    assert_string_equal(notes.characters, "gnuplot is not installed; bare/first.gp is kept: "
                                          "apt-get install gnuplot-nox\n");
    ds_text_clear(&notes);
    assert_true(picture_there("bare/first.gp") && picture_there("bare/second.csv"));
    assert_false(picture_there("bare/first.svg") || picture_there("bare/first.png"));
}

/* A gnuplot that fails is named with what it said. */
static void test_gnuplot_that_fails(void **state) {
    ds_series series = {"y", DS_LOOK_LINE, 5, one_to_five, one_to_five};
    ds_chart chart = {
        .title = "Line", .x = {"x"}, .y = {"y"}, .series = &series, .series_count = 1};
    char path[8192];
    (void)state;
    scratch_write("bin/gnuplot", "#!/bin/sh\necho 'no such\n  terminal' >&2\nexit 1\n");
    assert_int_equal(chmod("bin/gnuplot", 0755), 0);
    snprintf(path, sizeof path, "%s/bin:%s", scratch_path, getenv("PATH"));
    picture_hide_gnuplot();
    assert_int_equal(setenv("PATH", path, 1), 0);
    ds_status status = ds_chart_draw(&chart, ".", "failed", &notes);
    picture_show_gnuplot();
    assert_int_equal(status, DS_OK);
    assert_string_equal(notes.characters,
                        "./failed.gp: gnuplot could not draw it: no such terminal \n");
    ds_text_clear(&notes);
}

/* Whatever allocation fails, that is an error, and nothing is kept. */
static void test_every_allocation_may_fail(void **state) {
    static const double z[] = {1, 2, 3, 2, 3, 4, 3, 4, 500};
    static const char *const name[] = {"one", "a name that is far too long for an axis"};
    static const int64_t count[] = {3, 1, 0, 2};
    const ds_series series = {"y", DS_LOOK_STEPS, 3, one_to_five, one_to_five};
    const ds_callout callout = {2, NAN, "here"};
    const ds_chart chart = {"Line", {"x"}, {"y"}, &series, 1, &callout, 1};
    const ds_heatmap_path path = {2, one_to_five, one_to_five};
    const ds_heatmap map = {"Map", "x", "y", "z", 3, 3, one_to_five, one_to_five, z, 1, &path};
    const ds_confusion matrix = {"Confusion", 2, name, count};
    (void)state;
    picture_hide_gnuplot();
    ds_status status[3] = {DS_OUT_OF_MEMORY, DS_OUT_OF_MEMORY, DS_OUT_OF_MEMORY};
    long held = ds_memory_held();
    for (long nth = 1; nth < 300 && held == ds_memory_held(); nth++)
        for (int i = 0; i < 3; i++) {
            if (status[i] == DS_OK)
                continue;
            ds_fail_allocation(nth);
            status[i] = i == 0   ? ds_chart_draw(&chart, "failing", "chart", &notes)
                        : i == 1 ? ds_heatmap_draw(&map, "failing", "map", &notes)
                                 : ds_confusion_draw(&matrix, "failing", "confusion", &notes);
            ds_fail_allocation(0);
            ds_text_clear(&notes);
        }
    picture_show_gnuplot();
    assert_int_equal(held, ds_memory_held());
    for (int i = 0; i < 3; i++)
        assert_int_equal(status[i], DS_OK);
}

static void test_nothing_is_left_behind(void **state) {
    (void)state;
    assert_int_equal(ds_memory_held(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_come_out_as_they_are),
        cmocka_unit_test(test_a_chart),
        cmocka_unit_test(test_the_scale_is_chosen_by_the_values),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_a_year_of_dates),
        cmocka_unit_test(test_places_with_names),
        cmocka_unit_test(test_places_looks_and_colours),
        cmocka_unit_test(test_a_word_keeps_off_the_curves),
        cmocka_unit_test(test_shades),
        cmocka_unit_test(test_many_points_are_thinned_in_the_picture_alone),
        cmocka_unit_test(test_a_surface),
        cmocka_unit_test(test_a_confusion_matrix),
        cmocka_unit_test(test_without_gnuplot),
        cmocka_unit_test(test_gnuplot_that_fails),
        cmocka_unit_test(test_every_allocation_may_fail),
        cmocka_unit_test(test_nothing_is_left_behind),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
