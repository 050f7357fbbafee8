/* Naive forecasts beside a model: on its rows, by its loss. */
#include "test_data_files.h"

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
    ds_scores scores;
    assert_int_equal(ds_node_parse(&root, options, "options"), DS_OK);
    assert_int_equal(ds_training_parse(&training, root, false), DS_OK);
    assert_int_equal(ds_baseline_scores(&scores, data, &data->train, index, &training), DS_OK);
    ds_node_destroy(root);
    return scores;
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
        cmocka_unit_test(several_columns_work),
        cmocka_unit_test(a_test_file_is_judged_likewise),
        cmocka_unit_test(impossible_baselines_are_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
