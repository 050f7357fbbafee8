/* `values: {gender: {M: 0, F: 1}}`: numbers for the texts of a column. */
#include "test_data_files.h"

static void texts_become_numbers(void **state) {
    (void)state;
    write_text("t.csv", "weight,gender\n133,F\n160,M\n152,M\n");
    ds_data *data = must_read("{train: t.csv, target: gender, values: {gender: {M: 0, F: 1}}}",
                              DS_TARGET_NUMBERS);
    assert_int_equal(ds_encoding_kind(data->encoding), DS_TARGET_NUMBERS);
    assert_matrix(&data->train.targets, 3, 1, VALUES(1, 0, 0), 0);
    assert_string_equal(ds_encoding_nearest(data->encoding, 0, 0.6), "F");
    assert_string_equal(ds_encoding_nearest(data->encoding, 0, -7), "M");
    ds_data_destroy(data);
}

/* As any number: normalized, raised to powers, lagged, filled where missing. */
static void a_feature_may_have_them(void **state) {
    (void)state;
    write_text("t.csv", "size,y\nS,1\nL,2\n,3\nM,4\n");
    ds_data *data = must_read("{train: t.csv, target: y, missing: mean, expand: {size: 2}, "
                              "values: {size: {S: 1, M: 2, L: 3}}}",
                              DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 4, 2, VALUES(1, 1, 3, 9, 2, 4, 2, 4), 0);
    assert_null(ds_encoding_nearest(data->encoding, 0, 1));
    ds_data_destroy(data);
    write_text("t.csv", "size,y\nS,1\nL,2\nM,4\n");
    data = must_read("{train: t.csv, target: y, lags: {of: size, steps: 1}, "
                     "values: {size: {S: 1, M: 2, L: 3}}}",
                     DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 1, VALUES(1, 3), 0);
    ds_data_destroy(data);
    /* A column that is left out needs none. */
    write_text("t.csv", "x,size,y\n5,huge,1\n");
    data = must_read("{train: t.csv, target: y, features: x, values: {size: {S: 1}}}",
                     DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 1, 1, VALUES(5), 0);
    ds_data_destroy(data);
}

/* As a column of numbers, where columns are to be found; dates that come twice get their mean. */
static void they_stand_in_series(void **state) {
    (void)state;
    write_text("t.csv", "day,mood\n2021-02-02,bad\n2021-02-01,good\n2021-02-02,good\n");
    ds_data *data = must_read("{train: t.csv, date: {column: auto, duplicates: mean}, "
                              "lags: {steps: 1}, values: {mood: {bad: 0, good: 1}}}",
                              DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 1, 1, VALUES(1), 0);
    assert_matrix(&data->train.targets, 1, 1, VALUES(0.5), 0);
    assert_string_equal(ds_encoding_nearest(data->encoding, 0, 0.7), "good");
    ds_data_destroy(data);
    assert_bad("{train: t.csv, date: day, target: mood, values: {day: {x: 1}}}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:50: values: \"day\" stands under date");
    write_text("t.csv", "auto,day,y\nS,2021-02-01,1\nL,2021-02-02,2\n");
    data = must_read("{train: t.csv, date: auto, target: y, features: auto, "
                     "values: {auto: {S: 3, L: 5}}}",
                     DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 1, VALUES(3, 5), 0);
    ds_data_destroy(data);
}

/* Under binary_cross_entropy they say which of two texts is the 1. */
static void a_binary_target_may_have_them(void **state) {
    (void)state;
    write_text("t.csv", "x,gender\n1,F\n2,M\n3,M\n");
    ds_data *data = must_read("{train: t.csv, target: gender, values: {gender: {M: 0, F: 1}}}",
                              DS_TARGET_BINARY);
    assert_int_equal(ds_encoding_classes(data->encoding), 0);
    assert_matrix(&data->train.targets, 3, 1, VALUES(1, 0, 0), 0);
    ds_data_destroy(data);
    assert_bad("{train: t.csv, target: gender, values: {gender: {M: 1, F: 2}}}", DS_TARGET_BINARY,
               "t.csv:2:2: expected a number from 0 to 1, got 2 (column \"gender\")");
}

static void they_live_in_the_model(void **state) {
    (void)state;
    ds_encoding *again = NULL;
    cJSON *json = NULL;
    ds_set set = {0};
    int64_t rows;
    write_text("t.csv", "size,gender\nS,F\nL,M\n");
    ds_data *data = must_read("{train: t.csv, target: gender, "
                              "values: {gender: {M: 0, F: 1}, size: {S: 0.1, L: 0.3}}}",
                              DS_TARGET_NUMBERS);
    assert_int_equal(ds_encoding_to_json(data->encoding, &json), DS_OK);
    assert_int_equal(ds_encoding_from_json(&again, json, "model"), DS_OK);
    cJSON_Delete(json);
    write_text("new.csv", "gender,size\nM,L\nF,S\n");
    assert_int_equal(ds_dataset_apply(&set, again, path_of("new.csv"), true, &rows, NULL), DS_OK);
    assert_matrix(&set.features, 2, 1, VALUES(0.3, 0.1), 0);
    assert_matrix(&set.targets, 2, 1, VALUES(0, 1), 0);
    ds_set_clear(&set);
    assert_string_equal(ds_encoding_nearest(again, 0, 1), "F");

    write_text("new.csv", "size\nS\nXL\n");
    assert_int_equal(ds_dataset_apply(&set, again, path_of("new.csv"), false, &rows, NULL),
                     DS_BAD_INPUT);
    assert_message("new.csv:3:1: no number stands for \"XL\" (column \"size\")");
    assert_non_null(strstr(ds_last_error()->hint, "S = 0.1, L = 0.3"));
    ds_encoding_destroy(again);
    ds_data_destroy(data);
}

static void mistakes_are_named(void **state) {
    (void)state;
    write_text("t.csv", "x,gender\n1,F\n2,M\n3,?\n4,D\n");
    assert_bad("{train: t.csv, target: gender, missing: drop, values: {gender: {M: 0, F: 1}}}",
               DS_TARGET_NUMBERS, "t.csv:5:2: no number stands for \"D\" (column \"gender\")");
    assert_bad("{train: t.csv, target: x, values: {sex: {M: 0, F: 1}}}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:36: t.csv: no column \"sex\"");
    assert_bad("{train: t.csv, target: x, values: {gender: {M: 0, F: 1, D: 2, \"?\": 3}}}",
               DS_TARGET_NUMBERS, "recipe.yaml:1:63: values: \"?\" is a missing cell");
    assert_bad("{train: t.csv, target: x, values: {gender: {M: zero}}}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:45: M: expected a number, got \"zero\"");
    assert_bad("{train: t.csv, target: x, values: {gender: [M, F]}}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:36: values: expected the texts of \"gender\" with their numbers");
    assert_bad("{train: t.csv, target: x, values: {gender: {M: 0}}, categories: gender}",
               DS_TARGET_NUMBERS, "recipe.yaml:1:36: values: \"gender\" stands under categories");
    write_text("t.csv", "x,gender\n1,F\n2,M\n");
    assert_bad("{train: t.csv, target: gender, values: {gender: {M: 0, F: 1}}}", DS_TARGET_CLASSES,
               "recipe.yaml:1:41: values: cross_entropy needs no numbers for \"gender\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_become_numbers),   cmocka_unit_test(a_feature_may_have_them),
        cmocka_unit_test(they_stand_in_series),   cmocka_unit_test(a_binary_target_may_have_them),
        cmocka_unit_test(they_live_in_the_model), cmocka_unit_test(mistakes_are_named),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
