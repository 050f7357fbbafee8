/* history.csv, and the scores that stand in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "model/layers.h"
#include "outcome.h"
#include "scratch_folder.h"
#include "train/history.h"

static const ds_units number = {.targets = 1, .error = 1, .loss = 1};
static const ds_units classes = {.classes = true, .error = 1, .loss = 1};

static void assert_table(const ds_history *history, const ds_units *units, int digits,
                         const char *table) {
    ds_text text = {0};
    DONE(ds_history_print(history, &(ds_history_view){units, digits, NULL, 0}, &text));
    assert_string_equal(text.characters, table);
    assert_int_equal(text.length, strlen(table));
    ds_text_clear(&text);
}

/* ---- the table ---- */

static void without_rows_there_is_a_header(void **state) {
    ds_history none = {0};
    (void)state;
    const ds_units several = {.targets = 3, .error = 1, .loss = 1},
                   apart = {.targets = 3, .apart = true};
    assert_table(&none, &number, 9,
                 "epoch,updates,seconds,rate,train_loss,train_mae,train_rmse,train_r2\n");
    assert_table(&none, &classes, 9, "epoch,updates,seconds,rate,train_loss,train_accuracy\n");
    assert_table(&none, &several, 9,
                 "epoch,updates,seconds,rate,train_loss,train_mae,train_rmse\n");
    assert_table(&none, &apart, 9, "epoch,updates,seconds,rate,train_loss\n");
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
    assert_table(&history, &number, 9,
                 "epoch,updates,seconds,rate,train_loss,train_mae,train_rmse,train_r2\n"
                 "1,7,0.250000,0.1,0.333333333,0.5,2,\n"
                 "2,14,12.345679,1e-12,1e+20,0,inf,-1.5\n");
    assert_table(&history, &number, 17,
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
    assert_table(&history, &classes, 9,
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
    DONE(ds_history_print(&history, &(ds_history_view){&number, 9, baseline, 2}, &text));
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
    ds_scores scores = ds_tally_scores(&tally, &number, 32);
    assert_int_equal(scores.rows, 4);
    assert_true(scores.loss == 2);
    assert_true(scores.mae == 1);
    assert_true(scores.rmse == 2);
    assert_true(scores.r2 == 0.5);
    assert_true(isnan(scores.accuracy));
    assert_true(isnan(ds_tally_scores(&tally, &number, 0).r2));
    assert_true(isnan(ds_tally_scores(&tally, &number, NAN).r2));
    scores = ds_tally_scores(&tally, &classes, NAN);
    assert_true(scores.loss == 2 && scores.accuracy == 0.5);
    assert_true(isnan(scores.mae) && isnan(scores.rmse) && isnan(scores.r2));
    tally = (ds_tally){0};
    scores = ds_tally_scores(&tally, &number, 1);
    assert_int_equal(scores.rows, 0);
    assert_true(isnan(scores.loss) && isnan(scores.mae) && isnan(scores.r2));
}

static void a_tally_is_shown_in_the_targets_own_units(void **state) {
    const ds_units units = {.targets = 1, .error = 0x1p-100, .loss = 0x1p-200, .shift = 0x1p-199};
    ds_tally tally = {.record = {6, 3, 12, 1, 5}, .samples = 3};
    (void)state;
    ds_scores scores = ds_tally_scores(&tally, &units, 24);
    assert_true(scores.loss == 0x1p-198);
    assert_true(scores.mae == 0x1p-100 && scores.rmse == 0x1p-99 && scores.r2 == 0.5);
    assert_true(scores.max_error == 5 * 0x1p-100);
    const ds_units apart = {.targets = 2, .apart = true, .error = 1, .loss = 1};
    scores = ds_tally_scores(&tally, &apart, NAN);
    assert_true(scores.loss == 2 && isnan(scores.mae) && isnan(scores.rmse));
    assert_true(isnan(scores.r2) && isnan(scores.max_error));
}

static ds_units units_under(const ds_data *data, const char *loss) {
    ds_node *node = NULL;
    const ds_operation *operation = NULL;
    double attribute[DS_MAX_ATTRIBUTES], trained[DS_MAX_ATTRIBUTES];
    DONE(ds_node_parse(&node, loss, "loss"));
    DONE(ds_operation_parse(node, DS_LOSS, "loss", &operation, attribute));
    ds_node_destroy(node);
    ds_units units = ds_units_of(data->encoding, operation, attribute);
    ds_units_options(&units, operation, attribute, trained);
    if (operation == &ds_op_huber)
        assert_true(fabs(trained[0] * units.error - attribute[0]) <= 1e-12 * attribute[0]);
    return units;
}

/* y is 10, 40, 40, 70: its deviation is the root of 450. */
static void one_target_has_units_and_several_have_none_in_common(void **state) {
    ds_data *data = NULL;
    const double s = sqrt(450);
    (void)state;
    scratch_write("t.csv", "x,y,z\n1,10,1\n2,40,2\n3,40,3\n4,70,4\n");
    DONE(ds_data_read(&data, "{train: t.csv, target: y, normalize_target: standard}"));
    ds_units units = units_under(data, "{mse: {shift: -7}}");
    assert_true(fabs(units.error - s) < 1e-12 && fabs(units.loss - 450) < 1e-9);
    assert_true(units.shift == -7 && !units.apart && units.targets == 1 && !units.classes);
    units = units_under(data, "{mae: {}}");
    assert_true(fabs(units.loss - s) < 1e-12 && units.shift == 0);
    units = units_under(data, "{huber: {delta: 3}}");
    assert_true(fabs(units.loss - 450) < 1e-9);
    ds_data_destroy(data);
    DONE(ds_data_read(&data, "{train: t.csv, target: [y, z], normalize_target: standard}"));
    units = units_under(data, "{huber: {delta: 3}}");
    assert_true(units.error == 1 && units.loss == 1 && units.apart && units.targets == 2);
    ds_data_destroy(data);
    DONE(ds_data_read(&data, "{train: t.csv, target: [y, z]}"));
    units = units_under(data, "{mse: {}}");
    assert_true(units.error == 1 && !units.apart && units.targets == 2);
    ds_data_destroy(data);
}

static void a_spread_is_the_sum_of_squares_about_the_mean(void **state) {
    static const double x[] = {1, 2, 3, 4}, y[] = {1, 2, 3, 6}, numbers[] = {0, 1, 1, 0};
    ds_array features = {x, DS_ARRAY_FLOAT64, 4, 1};
    ds_data *data = NULL;
    (void)state;
    DONE(ds_data_from_arrays(&data, features, (ds_array){y, DS_ARRAY_FLOAT64, 4, 1}, 0));
    assert_true(fabs(ds_target_spread(&data->train, data->encoding) - 14) < 1e-12);
    assert_true(isnan(ds_target_spread(&data->validation, data->encoding)));
    ds_data_destroy(data);
    DONE(ds_data_from_arrays(&data, features, (ds_array){numbers, DS_ARRAY_FLOAT64, 4, 1}, 2));
    assert_true(isnan(ds_target_spread(&data->train, data->encoding)));
    ds_data_destroy(data);
    scratch_write("t.csv", "x,y\n1,10\n2,40\n3,40\n4,70\n");
    DONE(ds_data_read(&data, "{train: t.csv, target: y, normalize_target: standard}"));
    assert_true(fabs(ds_target_spread(&data->train, data->encoding) - 4) < 1e-12); /* trained */
    ds_data_destroy(data);
}

/* ---- scores of predictions ---- */

static ds_errors errors_of(const ds_data *data, const double *prediction, int64_t rows) {
    static const double no_options[DS_MAX_ATTRIBUTES];
    ds_errors errors;
    DONE(ds_errors_open(&errors, &data->train, data->encoding, &ds_op_mse, no_options));
    ds_errors_add(&errors, 0, 1, prediction);
    ds_errors_add(&errors, 1, rows - 1, prediction + errors.units.targets);
    return errors;
}

static void each_target_has_its_own_scores(void **state) {
    static const double x[] = {1, 2, 3, 4};
    static const double y[] = {1, 10, 7, 2, 10, 7, 3, 10, 7, 6, 14, 7};
    static const double p[] = {1, 11, 7, 1, 10, 8, 4, 10, 7, 6, 12, 7};
    ds_data *data = NULL;
    (void)state;
    DONE(ds_data_from_arrays(&data, (ds_array){x, DS_ARRAY_FLOAT64, 4, 1},
                             (ds_array){y, DS_ARRAY_FLOAT64, 4, 3}, 0));
    ds_errors errors = errors_of(data, p, 4);
    ds_scores first = ds_errors_of_target(&errors, 0), second = ds_errors_of_target(&errors, 1);
    ds_scores constant = ds_errors_of_target(&errors, 2), all = ds_errors_scores(&errors);
    assert_true(first.mae == 0.5 && first.rmse == sqrt(0.5) && first.max_error == 1);
    assert_true(fabs(first.r2 - (1 - 2 / 14.0)) < 1e-15 && isnan(first.loss));
    assert_true(second.mae == 0.75 && second.rmse == sqrt(1.25) && second.max_error == 2);
    assert_true(fabs(second.r2 - (1 - 5 / 12.0)) < 1e-15);
    assert_true(constant.mae == 0.25 && isnan(constant.r2));
    assert_true(all.rows == 4 && fabs(all.loss - 8 / 12.0) < 1e-15 && all.max_error == 2);
    assert_true(fabs(all.mae - 0.5) < 1e-15 && fabs(all.rmse - sqrt(8 / 12.0)) < 1e-15);
    assert_true(fabs(all.r2 - (first.r2 + second.r2) / 2) < 1e-15);
    ds_errors_close(&errors);
    ds_data_destroy(data);
}

/* A million errors of which every one is lost beside the first in a plain sum, around a mean that
 * float32 cannot tell from its targets. */
static void sums_lose_nothing_to_their_length(void **state) {
    enum { ROWS = 1000001 };
    double *y = NULL, *p = NULL;
    ds_data *data = NULL;
    (void)state;
    DONE(ds_new(&y, ROWS, sizeof *y));
    DONE(ds_new(&p, ROWS, sizeof *p));
    for (int64_t i = 0; i < ROWS; i++) {
        y[i] = 0x1p60 + (i % 2 ? 65536 : 0);
        p[i] = y[i] + (i == 0 ? 0x1p59 : 256);
    }
    DONE(ds_data_from_arrays(&data, (ds_array){y, DS_ARRAY_FLOAT64, ROWS, 1},
                             (ds_array){y, DS_ARRAY_FLOAT64, ROWS, 1}, 0));
    ds_errors errors = errors_of(data, p, ROWS);
    ds_scores scores = ds_errors_scores(&errors);
    assert_true(scores.mae == (0x1p59 + 256.0 * (ROWS - 1)) / ROWS);
    assert_true(fabs(errors.column[0].spread - 0x1p30 * ROWS) < 0x1p30);
    ds_errors_close(&errors);
    ds_data_destroy(data);
    ds_free(y);
    ds_free(p);
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
        cmocka_unit_test(a_tally_is_shown_in_the_targets_own_units),
        cmocka_unit_test(each_target_has_its_own_scores),
        cmocka_unit_test(sums_lose_nothing_to_their_length),
        cmocka_unit_test_setup_teardown(one_target_has_units_and_several_have_none_in_common,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_spread_is_the_sum_of_squares_about_the_mean,
                                        scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
