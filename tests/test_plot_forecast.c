/* The forecast as a picture: the naive ones beside it, missing dates, a part of the rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "picture_files.h"

#include "base/calendar.h"
#include "base/memory.h"
#include "base/text.h"

/* The prediction is 0 from the first row to the last. */
static const char recipe_text[] =
    "data: {train: t.csv, date: day, target: y, lags: {of: y, steps: 1}, "
    "baselines: [last, {seasonal: 7}]}\n"
    "model: [{dense: 1}]\n"
    "loss: mse\n"
    "optimizer: {sgd: {rate: 0}}\n"
    "epochs: 1\n"
    "init: zeros\n";

/* y counts the days from 2021-01-01 on; `skip` lists days that are missing, `apart` leaves out
 * more: with 7, all but every seventh; with -7, Saturdays and Sundays. */
static void write_days(int days, int apart, const char *skip) {
    ds_text text = {0};
    assert_int_equal(ds_text_add(&text, "day,y\n"), DS_OK);
    for (int i = 0; i < days; i++) {
        char date[32];
        int64_t number = ds_day_number(2021, 1, 1) + i;
        ds_date_print(date, (double)number * 86400);
        if (!strstr(skip, date) && (apart < 0 ? ds_day_of_week(number) < 5 : i % apart == 0))
            assert_int_equal(ds_text_add(&text, "%s,%d\n", date, i), DS_OK);
    }
    scratch_write("t.csv", text.characters);
    ds_text_clear(&text);
}

/* Trains with this picture into the folder "run". */
static ds_status draw(const char *text, const char *picture) {
    ds_recipe *recipe = NULL;
    ds_device *device = NULL;
    ds_result result;
    ds_train_options options = {.folder = "run"};
    char assignment[200];
    snprintf(assignment, sizeof assignment, "plots=[%s]", picture);
    assert_int_equal(ds_device_open(&device, "auto"), DS_OK);
    assert_int_equal(ds_recipe_parse(&recipe, text, NULL), DS_OK);
    assert_int_equal(ds_recipe_set(recipe, assignment), DS_OK);
    ds_status status = ds_train(recipe, device, &options, &result, NULL);
    ds_recipe_destroy(recipe);
    ds_device_close(device);
    return status;
}

static void test_naive_forecasts_stand_behind(void **state) {
    (void)state;
    write_days(40, 1, "");
    assert_int_equal(draw(recipe_text, "forecast"), DS_OK);
    picture_drawn("run/plots/forecast");
    picture_says("run/plots/forecast.csv",
                 "\"date\",\"truth\",\"prediction\",\"last\",\"seasonal 7\"\n2021-01-08,7,0,6,0\n"
                 "2021-01-09,8,0,7,1\n");
    /* Drawn before the truth, and paler; but after it in the table. */
    const char *script = picture_text("run/plots/forecast.gp");
    const char *last = strstr(script, "using 1:4 with lines lw 1 lc rgb '#80");
    const char *truth = strstr(script, "using 1:2 with lines lw 2 lc rgb '#0072B2' title 'truth'");
    assert_true(last && truth && last < truth);
    assert_non_null(strstr(last, "title 'last'"));
    assert_non_null(strstr(script, "title 'seasonal 7'"));
    assert_null(strstr(picture_text("run/plots/forecast.csv"), "nan"));
}

static void test_a_gap_interrupts_the_lines(void **state) {
    (void)state;
    write_days(60, 1, "2021-01-20 2021-01-21 2021-02-10");
    assert_int_equal(draw(recipe_text, "forecast"), DS_OK);
    picture_says("run/plots/forecast.csv", "\n2021-01-19,18,0,17,11\n2021-01-20,nan,nan,nan,nan\n"
                                           "2021-01-22,21,0,18,14\n");
    picture_says("run/plots/forecast.csv", "\n2021-02-10,nan,nan,nan,nan\n2021-02-11,41,");
}

/* What every week lacks is no gap of the picture. */
static void test_working_days_are_one_line(void **state) {
    (void)state;
    write_days(60, -7, "");
    assert_int_equal(draw(recipe_text, "forecast"), DS_OK);
    assert_null(strstr(picture_text("run/plots/forecast.csv"), "nan"));
    picture_says("run/plots/forecast.csv", "\n2021-01-11,10,0,7,3\n"); /* Friday, and Monday */
}

static void test_a_range_of_dates_is_shown(void **state) {
    (void)state;
    write_days(200, 1, "");
    assert_int_equal(draw(recipe_text, "{forecast: {from: 2021-03-01, to: 2021-03-10}}"), DS_OK);
    const char *table = picture_text("run/plots/forecast.csv");
    assert_non_null(strstr(table, "\"seasonal 7\"\n2021-03-01,59,"));
    assert_non_null(strstr(table, "\n2021-03-10,68,0,67,61\n"));
    assert_null(strstr(table, "2021-03-11"));
    picture_says("run/plots/forecast.gp", "set xtics ('01 Mar 2021' '2021-03-01', '03 Mar' ");
    assert_int_equal(draw(recipe_text, "{forecast: {from: 2021-07-15}}"), DS_OK);
    picture_says("run/plots/forecast.csv", "\"seasonal 7\"\n2021-07-15,195,");
    picture_says("run/plots/forecast.csv", "\n2021-07-19,199,");
}

/* Years from 1900 on, one missing: its place is a date of its own, and ticks are years. */
static void test_years_are_the_ticks_of_years(void **state) {
    ds_text text = {0};
    (void)state;
    assert_int_equal(ds_text_add(&text, "day,y\n"), DS_OK);
    for (int year = 1900; year < 1990; year++)
        if (year != 1950)
            assert_int_equal(ds_text_add(&text, "%d,%d\n", year, year - 1900), DS_OK);
    scratch_write("t.csv", text.characters);
    ds_text_clear(&text);
    assert_int_equal(draw(recipe_text, "forecast"), DS_OK);
    picture_drawn("run/plots/forecast");
    picture_says("run/plots/forecast.csv", "\n1949-01-01,49,0,48,42\n1950-01-01,nan,nan,nan,nan\n"
                                           "1951-01-01,51,0,49,44\n");
    picture_says("run/plots/forecast.gp",
                 "set xtics ('1920' '1920-01-01', '1940' '1940-01-01', '1960' '1960-01-01', "
                 "'1980' '1980-01-01')\n");
}

/* A part under a name of its own beside the whole. */
static void test_two_forecasts_of_one_run(void **state) {
    (void)state;
    write_days(40, 1, "");
    assert_int_equal(
        draw(recipe_text, "forecast, {forecast: {name: a_week, from: 2021-01-18, to: 2021-01-24}}"),
        DS_OK);
    picture_drawn("run/plots/forecast");
    picture_says("run/plots/forecast.csv", "\n2021-02-09,39,");
    picture_drawn("run/plots/forecast_a_week");
    picture_says("run/plots/forecast_a_week.gp", "plot 'forecast_a_week.csv' skip 1");
    picture_says("run/plots/forecast_a_week.csv", "\"seasonal 7\"\n2021-01-18,17,");
    assert_int_equal(draw(recipe_text, "{forecast: {name: ../week}}"), DS_BAD_INPUT);
    assert_non_null(strstr(ds_last_error()->message, "\"../week\" is no part of a file's name"));
}

static void test_an_empty_range_is_named(void **state) {
    (void)state;
    write_days(20, 1, "");
    assert_int_equal(draw(recipe_text, "{forecast: {from: 2021-02-01}}"), DS_BAD_INPUT);
    assert_non_null(strstr(ds_last_error()->message, "forecast: no row lies in this range"));
    assert_string_equal(ds_last_error()->hint, "the training rows are 2021-01-08 to 2021-01-20");
    assert_int_equal(draw(recipe_text, "{forecast: {to: soon}}"), DS_BAD_INPUT);
    assert_non_null(strstr(ds_last_error()->message, "forecast.to: no date \"soon\""));
}

/* Rows without dates are named by their number. */
static void test_a_range_of_rows_is_shown(void **state) {
    static const char text[] = "data: {train: t.csv, target: y, features: x}\n"
                               "model: [{dense: 1}]\nloss: mse\noptimizer: {sgd: {rate: 0}}\n"
                               "epochs: 1\ninit: zeros\n";
    (void)state;
    scratch_write("t.csv", "x,y\n1,2\n2,4\n3,6\n4,8\n5,10\n");
    assert_int_equal(draw(text, "{forecast: {from: 2, to: 4}}"), DS_OK);
    picture_says("run/plots/forecast.csv",
                 "\"row\",\"truth\",\"prediction\"\n2,4,0\n3,6,0\n4,8,0\n");
    assert_null(strstr(picture_text("run/plots/forecast.csv"), "\n5,"));
    assert_int_equal(draw(text, "{forecast: {from: 9}}"), DS_BAD_INPUT);
    assert_string_equal(ds_last_error()->hint, "the training rows are 1 to 5");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_naive_forecasts_stand_behind), IN_SCRATCH(test_a_gap_interrupts_the_lines),
        IN_SCRATCH(test_working_days_are_one_line),    IN_SCRATCH(test_a_range_of_dates_is_shown),
        IN_SCRATCH(test_years_are_the_ticks_of_years), IN_SCRATCH(test_two_forecasts_of_one_run),
        IN_SCRATCH(test_an_empty_range_is_named),      IN_SCRATCH(test_a_range_of_rows_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
