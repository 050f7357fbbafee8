/* history.csv, and the scores that stand in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "outcome.h"
#include "scratch_folder.h"
#include "train/history.h"

static void assert_table(const ds_history *history, bool classes, int digits, const char *table) {
    ds_text text = {0};
    DONE(ds_history_print(history, &(ds_history_view){classes, digits, NULL, 0}, &text));
    assert_string_equal(text.characters, table);
    assert_int_equal(text.length, strlen(table));
    ds_text_clear(&text);
}

/* ---- the table ---- */

static void without_rows_there_is_a_header(void **state) {
    ds_history none = {0};
    (void)state;
    assert_table(&none, false, 9,
                 "epoch,updates,seconds,rate,train_loss,train_mae,train_rmse,train_r2\n");
    assert_table(&none, true, 9, "epoch,updates,seconds,rate,train_loss,train_accuracy\n");
}

static void numbers_have_their_metrics_and_empty_cells(void **state) {
    ds_history history = {0};
    ds_history_row first = {.epoch = 1,
                            .updates = 7,
                            .seconds = 0.25,
                            .rate = 0.1,
                            .train = {10, 1.0 / 3, NAN, 0.5, 2, NAN}};
    ds_history_row second = {.epoch = 2,
                             .updates = 14,
                             .seconds = 12.3456789,
                             .rate = 1e-12,
                             .train = {10, 1e20, NAN, 0, INFINITY, -1.5}};
    (void)state;
    DONE(ds_history_add(&history, &first));
    DONE(ds_history_add(&history, &second));
    assert_table(&history, false, 9,
                 "epoch,updates,seconds,rate,train_loss,train_mae,train_rmse,train_r2\n"
                 "1,7,0.250000,0.1,0.333333333,0.5,2,\n"
                 "2,14,12.345679,1e-12,1e+20,0,inf,-1.5\n");
    assert_table(&history, false, 17,
                 "epoch,updates,seconds,rate,train_loss,train_mae,train_rmse,train_r2\n"
                 "1,7,0.250000,0.10000000000000001,0.33333333333333331,0.5,2,\n"
                 "2,14,12.345679,9.9999999999999998e-13,1e+20,0,inf,-1.5\n");
    ds_history_clear(&history);
    assert_int_equal(history.rows, 0);
}

static void classes_have_accuracy_and_a_validation_set_its_columns(void **state) {
    ds_history history = {0};
    ds_history_row row = {.epoch = 1,
                          .updates = 3,
                          .seconds = 1,
                          .rate = 0.5,
                          .train = {10, 0.7, 0.25, NAN, NAN, NAN},
                          .validation = {4, 0.6, 0.75, NAN, NAN, NAN}};
    (void)state;
    DONE(ds_history_add(&history, &row));
    assert_table(&history, true, 9,
                 "epoch,updates,seconds,rate,train_loss,train_accuracy,validation_loss,"
                 "validation_accuracy\n"
                 "1,3,1.000000,0.5,0.7,0.25,0.6,0.75\n");
    ds_history_clear(&history);
}

static void baselines_stand_behind_as_the_same_in_every_row(void **state) {
    static const ds_baseline baseline[] = {
        {"last", {.rows = 10, .loss = 0.5}, {.rows = 4, .loss = 0.25}, {.rows = 3, .loss = 9}},
        {"seasonal 7", {.rows = 10, .loss = 0.125}, {.rows = 4, .loss = 2}, {.loss = 77}}};
    ds_history_row row = {.epoch = 1,
                          .updates = 3,
                          .seconds = 1,
                          .rate = 0.5,
                          .train = {10, 1, NAN, 1, 1, 0},
                          .validation = {4, 2, NAN, 2, 2, 0}};
    ds_history history = {0};
    ds_text text = {0};
    (void)state;
    DONE(ds_history_add(&history, &row));
    DONE(ds_history_print(&history, &(ds_history_view){false, 9, baseline, 2}, &text));
    ds_history_clear(&history);
    assert_string_equal(text.characters,
                        "epoch,updates,seconds,rate,train_loss,train_mae,train_rmse,train_r2,"
                        "validation_loss,validation_mae,validation_rmse,validation_r2,"
                        "train_loss_last,validation_loss_last,test_loss_last,"
                        "train_loss_seasonal_7,validation_loss_seasonal_7\n"
                        "1,3,1.000000,0.5,1,1,1,0,2,2,2,0,0.5,0.25,9,0.125,2\n");
    ds_text_clear(&text);
}

static void a_history_grows(void **state) {
    ds_history history = {0};
    (void)state;
    for (int64_t i = 0; i < 1000; i++) {
        ds_history_row row = {.epoch = i + 1};
        DONE(ds_history_add(&history, &row));
    }
    assert_int_equal(history.rows, 1000);
    for (int64_t i = 0; i < 1000; i++)
        assert_int_equal(ds_history_at(&history, i).epoch, i + 1);
    ds_history_clear(&history);
}

/* Of more epochs than there is room for: the first, every so many, and the last. */
static void a_long_history_is_thinned(void **state) {
    const int64_t epochs = 2 * DS_HISTORY_ROWS + 1001;
    ds_history history = {0}, resumed = {0};
    (void)state;
    for (int64_t i = 1; i <= epochs; i++) {
        ds_history_row row = {.epoch = i, .updates = 3 * i};
        DONE(ds_history_add(&history, &row));
        assert_int_equal(ds_history_at(&history, history.rows - 1).epoch, i);
    }
    assert_int_equal(history.stride, 4);
    assert_in_range(history.rows, DS_HISTORY_ROWS / 2, DS_HISTORY_ROWS);
    assert_int_equal(ds_history_at(&history, 0).epoch, 1);
    for (int64_t i = 1; i < history.rows - 1; i++)
        assert_int_equal(ds_history_at(&history, i).epoch, 4 * i);
    assert_int_equal(ds_history_at(&history, history.rows - 1).updates, 3 * epochs);
    resumed.stride = history.stride;
    for (int64_t i = 0; i < history.rows; i++) {
        ds_history_row row = ds_history_at(&history, i);
        DONE(ds_history_add(&resumed, &row));
    }
    assert_int_equal(resumed.rows, history.rows);
    ds_history_clear(&history);
    ds_history_clear(&resumed);
}

/* ---- scores ---- */

static void a_tally_becomes_means_over_its_samples(void **state) {
    ds_tally tally = {0};
    (void)state;
    ds_tally_add(&tally, (double[DS_RECORD_SIZE]){6, 3, 12, 1}, 3); /* sums over a pass */
    ds_tally_add(&tally, (double[DS_RECORD_SIZE]){2, 1, 4, 1}, 1);
    ds_scores scores = ds_tally_scores(&tally, false, 32);
    assert_int_equal(scores.rows, 4);
    assert_true(scores.loss == 2);
    assert_true(scores.mae == 1);
    assert_true(scores.rmse == 2);
    assert_true(scores.r2 == 0.5);
    assert_true(isnan(scores.accuracy));
    assert_true(isnan(ds_tally_scores(&tally, false, 0).r2));
    assert_true(isnan(ds_tally_scores(&tally, false, NAN).r2));
    scores = ds_tally_scores(&tally, true, NAN);
    assert_true(scores.loss == 2 && scores.accuracy == 0.5);
    assert_true(isnan(scores.mae) && isnan(scores.rmse) && isnan(scores.r2));
    tally = (ds_tally){0};
    scores = ds_tally_scores(&tally, false, 1);
    assert_int_equal(scores.rows, 0);
    assert_true(isnan(scores.loss) && isnan(scores.mae) && isnan(scores.r2));
}

static void a_spread_is_the_sum_of_squares_about_the_mean(void **state) {
    static const double x[] = {1, 2, 3, 4}, y[] = {1, 10, 2, 10, 3, 10, 6, 14};
    static const double numbers[] = {0, 1, 1, 0};
    ds_array features = {x, DS_ARRAY_FLOAT64, 4, 1};
    ds_data *data = NULL;
    double spread = 77;
    (void)state;
    DONE(ds_data_from_arrays(&data, features, (ds_array){y, DS_ARRAY_FLOAT64, 4, 2}, 0));
    DONE(ds_target_spread(&data->train, data->encoding, &spread));
    assert_true(fabs(spread - (4 + 1 + 0 + 9 + 12) / 2.0) < 1e-12);
    DONE(ds_target_spread(&data->validation, data->encoding, &spread));
    assert_true(isnan(spread));
    ds_data_destroy(data);
    DONE(ds_data_from_arrays(&data, features, (ds_array){numbers, DS_ARRAY_FLOAT64, 4, 1}, 2));
    DONE(ds_target_spread(&data->train, data->encoding, &spread));
    assert_true(isnan(spread));
    ds_data_destroy(data);
}

static void a_spread_is_in_the_targets_own_units(void **state) {
    ds_data *data = NULL;
    double spread = 0;
    (void)state;
    scratch_write("t.csv", "x,y\n1,10\n2,40\n3,40\n4,70\n");
    DONE(ds_data_read(&data, "{train: t.csv, target: y, normalize_target: standard}"));
    DONE(ds_target_spread(&data->train, data->encoding, &spread));
    assert_true(fabs(spread - 1800) < 1e-9);
    ds_data_destroy(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_rows_there_is_a_header),
        cmocka_unit_test(numbers_have_their_metrics_and_empty_cells),
        cmocka_unit_test(classes_have_accuracy_and_a_validation_set_its_columns),
        cmocka_unit_test(baselines_stand_behind_as_the_same_in_every_row),
        cmocka_unit_test(a_history_grows),
        cmocka_unit_test(a_long_history_is_thinned),
        cmocka_unit_test(a_tally_becomes_means_over_its_samples),
        cmocka_unit_test(a_spread_is_the_sum_of_squares_about_the_mean),
        cmocka_unit_test_setup_teardown(a_spread_is_in_the_targets_own_units, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
