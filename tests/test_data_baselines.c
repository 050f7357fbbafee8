/* Naive forecasts beside a model: on its rows, by its loss. */
#include "test_data_files.h"

#include "base/calendar.h"
#include "train/baseline_scores.h"

static const char *const series = "day,z,y\n2021-01-01,0,1\n2021-01-02,0,3\n2021-01-03,0,2\n"
                                  "2021-01-04,0,6\n2021-01-05,0,4\n2021-01-06,0,8\n"
                                  "2021-01-07,0,9\n2021-01-08,0,5\n";

static void baselines_stand_on_the_models_rows(void **state) {
    (void)state;
    write_text("t.csv", series);
    ds_data *data = must_read("{train: t.csv, date: day, target: y, lags: {of: y, steps: 2}, "
                              "split: {test: 0.5}, baselines: [last, {seasonal: 3}]}",
                              DS_TARGET_NUMBERS);
    assert_int_equal(data->naives, 2);
    assert_string_equal(data->naive[1].name, "seasonal 3");
    /* Three rows of history for both, though the lags need but two. */
    assert_matrix(&data->train.targets, 1, 1, VALUES(6), 0);
    assert_matrix(&data->train.features, 1, 2, VALUES(2, 3), 0);
    assert_true(data->train.naive[0] == 2 && data->train.naive[1] == 1);
    assert_matrix(&data->test.targets, 1, 1, VALUES(5), 0);
    assert_true(data->test.naive[0] == 9 && data->test.naive[1] == 4);
    ds_data_destroy(data);
}

static ds_scores scores_under(const ds_data *data, int index, const char *options) {
    ds_node *root = NULL;
    ds_training training;
    ds_result result = {0};
    assert_int_equal(ds_node_parse(&root, options, "options"), DS_OK);
    assert_int_equal(ds_training_parse(&training, root, false), DS_OK);
    assert_int_equal(ds_baseline_scores(&result, data, index, &data->train, 0, &training), DS_OK);
    ds_node_destroy(root);
    return result.baseline[index].train;
}

/* The rows judged: 6 4 8 9 5. Naive: 2 6 4 8 9, errors -4 2 -4 -1 4; 1 3 2 6 4, -5 -1 -6 -3 -1. */
static void scores_are_those_computed_by_hand(void **state) {
    static const char *const options[] = {
        "{train: t.csv, date: day, target: y, lags: {of: y, steps: 1}, "
        "baselines: [last, {seasonal: 3}]}",
        "{train: t.csv, date: day, target: y, lags: {of: y, steps: 1}, "
        "normalize_target: standard, baselines: [last, {seasonal: 3}]}"};
    (void)state;
    write_text("t.csv", series);
    for (int k = 0; k < 2; k++) {
        double bound = k ? 1e-14 : 0;
        ds_data *data = must_read(options[k], DS_TARGET_NUMBERS);
        ds_scores last = scores_under(data, 0, "{loss: mae, optimizer: {sgd: {rate: 1}}}");
        assert_int_equal(last.rows, 5);
        assert_true(fabs(last.loss - 3) <= bound && fabs(last.mae - 3) <= bound);
        assert_true(fabs(last.rmse - sqrt(53.0 / 5)) <= 1e-14);
        /* Around their mean of 6.4 the targets' squares add to 17.2. */
        assert_true(fabs(last.r2 - (1 - 53 / 17.2)) <= 1e-14);
        ds_scores seasonal = scores_under(data, 1, "{loss: mse, optimizer: {sgd: {rate: 1}}}");
        assert_true(fabs(seasonal.loss - 72.0 / 5) <= 1e-13);
        assert_true(fabs(seasonal.mae - 16.0 / 5) <= 1e-14);
        ds_scores huber =
            scores_under(data, 0, "{loss: {huber: {delta: 2}}, optimizer: {sgd: {rate: 1}}}");
        assert_true(fabs(huber.loss - (6 + 2 + 6 + 0.5 + 6) / 5) <= 1e-14);
        ds_data_destroy(data);
    }
}

/* y counts the days from 2021-01-01 on, at which it is 0; `skip` lists days of it. */
static void write_counted_days(int days, int apart, const char *skip) {
    ds_text text = {0};
    assert_int_equal(ds_text_add(&text, "day,y\n"), DS_OK);
    for (int i = 0; i < days; i += apart) {
        char date[32];
        ds_date_print(date, (double)(ds_day_number(2021, 1, 1) + i) * 86400);
        if (!strstr(skip, date))
            assert_int_equal(ds_text_add(&text, "%s,%d\n", date, i), DS_OK);
    }
    write_text("t.csv", text.characters);
    ds_text_clear(&text);
}

static void read_noting(ds_data **data, const char *options, const char *wanted) {
    ds_text notes = {0};
    assert_int_equal(read_data(data, options, DS_TARGET_NUMBERS, &notes), DS_OK);
    if (!notes.characters || !strstr(notes.characters, wanted))
        fail_msg("no \"%s\" in \"%s\"", wanted, notes.length ? notes.characters : "");
    ds_text_clear(&notes);
}

/* Day 10 is missing: a week after it stands the value of day 3, and the rows behind day 10 look
 * seven days back, not seven rows. */
static void a_season_goes_by_date_across_gaps(void **state) {
    ds_data *data = NULL;
    (void)state;
    write_counted_days(30, 1, "2021-01-11 2021-01-17");
    data = must_read("{train: t.csv, date: day, target: y, lags: {of: y, steps: 2}, "
                     "baselines: [last, {seasonal: 7}]}",
                     DS_TARGET_NUMBERS);
    const ds_set *train = &data->train;
    assert_int_equal(train->rows, 28 - 7);
    for (int64_t i = 0; i < train->rows; i++) {
        double y, last = train->naive[i], week = train->naive[train->rows + i];
        ds_matrix_read(&train->targets, i, 1, NULL, &y);
        double day_before = y == 11 || y == 17 ? y - 2 : y - 1;
        double week_before = y == 17 ? 3 : y == 23 ? 9 : y - 7;
        if (last != day_before || week != week_before)
            fail_msg("day %g: last %g, seasonal %g", y, last, week);
    }
    ds_data_destroy(data);
}

/* Day 8 has no day a week before it, within the set: it is left out, for all. */
static void rows_without_a_season_are_left_out(void **state) {
    ds_data *data = NULL;
    (void)state;
    write_counted_days(12, 1, "2021-01-02");
    read_noting(&data,
                "{train: t.csv, date: day, target: y, lags: {of: y, steps: 1}, "
                "baselines: {seasonal: 7}}",
                "1 row of the training set left out: gaps in their history\n");
    assert_matrix(&data->train.targets, 4, 1, VALUES(7, 9, 10, 11), 0);
    assert_true(data->train.naive[0] == 0 && data->train.naive[1] == 2);
    ds_data_destroy(data);
}

/* Weeks and months: a season counts steps of the series, which a note says. */
static void a_season_of_weeks_or_months_is_noted(void **state) {
    ds_data *data = NULL;
    (void)state;
    write_counted_days(120, 7, "2021-01-29");
    read_noting(&data,
                "{train: t.csv, date: day, target: y, lags: {of: y, steps: 1}, "
                "baselines: {seasonal: 4}}",
                "rows lie 7 days apart: `seasonal 4` looks 4 such steps back, not days\n");
    assert_matrix(&data->train.targets, 13, 1,
                  VALUES(35, 42, 49, 56, 63, 70, 77, 84, 91, 98, 105, 112, 119), 0);
    assert_true(data->train.naive[0] == 7 && data->train.naive[3] == 0);
    assert_true(data->train.naive[4] == 35);
    ds_data_destroy(data);
    ds_text text = {0};
    assert_int_equal(ds_text_add(&text, "day,y\n"), DS_OK);
    for (int i = 0; i < 40; i++)
        if (i != 10)
            assert_int_equal(ds_text_add(&text, "%d-%02d,%d\n", 2019 + i / 12, i % 12 + 1, i),
                             DS_OK);
    write_text("t.csv", text.characters);
    ds_text_clear(&text);
    read_noting(&data,
                "{train: t.csv, date: day, target: y, lags: {of: y, steps: 1}, "
                "baselines: {seasonal: 12}}",
                "rows lie 1 month apart: `seasonal 12` looks 12 such steps back, not days\n");
    for (int64_t i = 0; i < data->train.rows; i++) {
        double y;
        ds_matrix_read(&data->train.targets, i, 1, NULL, &y);
        assert_true(data->train.naive[i] == y - 12);
    }
    assert_int_equal(data->train.rows, 39 - 12); /* 0 to 11 without 10, and 22 */
    ds_data_destroy(data);
}

/* Two targets and two columns with lags. */
static void several_columns_work(void **state) {
    (void)state;
    write_text("t.csv", "a,b,day\n1,10,2021-01-01\n3,30,2021-01-03\n2,20,2021-01-02\n");
    ds_data *data = must_read("{train: t.csv, date: day, target: [b, a], "
                              "lags: {of: [a, b], steps: 1}, baselines: last}",
                              DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 2, VALUES(1, 10, 2, 20), 0);
    assert_matrix(&data->train.targets, 2, 2, VALUES(20, 2, 30, 3), 0);
    assert_true(data->train.naive[0] == 10 && data->train.naive[1] == 1);
    assert_true(data->train.naive[2] == 20 && data->train.naive[3] == 2);
    ds_data_destroy(data);
}

static void a_test_file_is_judged_likewise(void **state) {
    (void)state;
    write_text("t.csv", series);
    write_text("later.csv", "day,y\n2021-02-02,2\n2021-02-01,1\n2021-02-03,4\n2021-02-04,7\n");
    ds_data *data = must_read("{train: t.csv, test: later.csv, date: day, target: y, "
                              "lags: {of: y, steps: 1}, baselines: [{seasonal: 2}]}",
                              DS_TARGET_NUMBERS);
    assert_matrix(&data->test.targets, 2, 1, VALUES(4, 7), 0);
    assert_true(data->test.naive[0] == 1 && data->test.naive[1] == 2);
    ds_data_destroy(data);
}

static void impossible_baselines_are_refused(void **state) {
    (void)state;
    write_text("t.csv", series);
    assert_bad("{train: t.csv, target: y, features: z, baselines: [lats]}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:52: baselines: \"lats\" is not known");
    assert_bad("{train: t.csv, target: y, features: z, baselines: [{season: 7}]}",
               DS_TARGET_NUMBERS, "recipe.yaml:1:53: unknown key \"season\" in baselines");
    assert_bad("{train: t.csv, target: y, features: z, baselines: [last, last]}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:58: baselines: \"last\" comes twice");
    assert_bad("{train: t.csv, target: y, features: z, baselines: [{seasonal: 0}]}",
               DS_TARGET_NUMBERS, "recipe.yaml:1:53: seasonal: expected 1 to 100000, got 0");
    assert_bad("{train: t.csv, target: y, features: z, baselines: [{seasonal: 8}]}",
               DS_TARGET_NUMBERS,
               "t.csv: 8 rows of history need at least 9 rows, the training set "
               "has 8");
    assert_non_null(strstr(ds_last_error()->hint,
                           "take shorter seasons: --set data.baselines=last; or give more rows"));
    assert_bad("{train: t.csv, target: y, features: z, baselines: last, split: {by: random, "
               "test: 0.2}}",
               DS_TARGET_NUMBERS,
               "recipe.yaml:1:65: split: baselines need the rows of a set in their order");
    assert_bad("{train: t.csv, target: y, features: z, baselines: last}", DS_TARGET_CLASSES,
               "recipe.yaml:1:40: baselines: the target is classes, not a number");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(baselines_stand_on_the_models_rows),
        cmocka_unit_test(scores_are_those_computed_by_hand),
        cmocka_unit_test(a_season_goes_by_date_across_gaps),
        cmocka_unit_test(rows_without_a_season_are_left_out),
        cmocka_unit_test(a_season_of_weeks_or_months_is_noted),
        cmocka_unit_test(several_columns_work),
        cmocka_unit_test(a_test_file_is_judged_likewise),
        cmocka_unit_test(impossible_baselines_are_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
