/* What columns become: classes, categories, powers, lags, normalized numbers. */
#include "test_data_files.h"

static void text_features_are_one_hot(void **state) {
    (void)state;
    write_text("t.csv", "color,size,y\nred,10,1\nblue,9,2\nred,9,3\n");
    ds_data *data = must_read("{train: t.csv, target: y, categories: size, normalize: standard}",
                              DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 3, 4, VALUES(0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0), 0);
    assert_string_equal(ds_encoding_feature(data->encoding, 0), "color=blue");
    assert_string_equal(ds_encoding_feature(data->encoding, 2), "size=9"); /* as numbers: 9 < 10 */
    ds_data_destroy(data);
}

static void classes_sort_as_numbers_if_all_are(void **state) {
    (void)state;
    write_text("t.csv", "x,y\n1,10\n2,9\n3,-1.0\n4,-1\n");
    ds_data *data = must_read("{train: t.csv, target: y}", DS_TARGET_CLASSES);
    assert_int_equal(ds_encoding_classes(data->encoding), 3);
    assert_string_equal(ds_encoding_class(data->encoding, 2), "10");
    assert_matrix(&data->train.targets, 4, 1, VALUES(2, 1, 0, 0), 0);
    ds_data_destroy(data);
    write_text("t.csv", "x,y\n1,10\n2,9\n3,b\n4,B\n");
    data = must_read("{train: t.csv, target: y}", DS_TARGET_CLASSES);
    assert_matrix(&data->train.targets, 4, 1, VALUES(0, 1, 3, 2), 0);
    ds_data_destroy(data);
    data = must_read("{train: t.csv, target: x, categories: y}", DS_TARGET_AUTO);
    assert_int_equal(ds_encoding_kind(data->encoding), DS_TARGET_NUMBERS);
    ds_data_destroy(data);
}

static void classes_may_be_more_than_the_rows_hold(void **state) {
    (void)state;
    write_text("t.csv", "x,y\n1,3\n2,0\n3,10\n");
    ds_data *data = must_read("{train: t.csv, target: y, classes: 12}", DS_TARGET_CLASSES);
    assert_int_equal(ds_encoding_classes(data->encoding), 12);
    assert_matrix(&data->train.targets, 3, 1, VALUES(3, 0, 10), 0);
    ds_data_destroy(data);
    data = must_read("{train: t.csv, target: y, classes: [10, 3, 0, 7]}", DS_TARGET_CLASSES);
    assert_matrix(&data->train.targets, 3, 1, VALUES(1, 0, 3), 0);
    ds_data_destroy(data);
    assert_bad("{train: t.csv, target: y, classes: 10}", DS_TARGET_CLASSES,
               "t.csv:4:2: \"10\" is none of the classes (column \"y\")");
    assert_bad("{train: t.csv, target: y, classes: 1}", DS_TARGET_CLASSES,
               "recipe.yaml:1:27: classes: expected 2 to 65536 of them");
    assert_bad("{train: t.csv, target: y, classes: 4}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:27: classes: the target is numbers");
}

static void binary_targets(void **state) {
    (void)state;
    write_text("t.csv", "x,sex,n,p,q,r\n1,M,2,0,0.5,0\n2,F,1,1,0,2\n3,M,2,1,1,1\n");
    ds_data *data = must_read("{train: t.csv, target: sex, features: x}", DS_TARGET_BINARY);
    assert_int_equal(ds_encoding_classes(data->encoding), 2);
    assert_string_equal(ds_encoding_class(data->encoding, 1), "M");
    assert_matrix(&data->train.targets, 3, 1, VALUES(1, 0, 1), 0);
    ds_data_destroy(data);
    data = must_read("{train: t.csv, target: n, features: x}", DS_TARGET_BINARY);
    assert_matrix(&data->train.targets, 3, 1, VALUES(1, 0, 1), 0);
    ds_data_destroy(data);
    data = must_read("{train: t.csv, target: [p, q], features: x}", DS_TARGET_BINARY);
    assert_int_equal(ds_encoding_classes(data->encoding), 0);
    assert_matrix(&data->train.targets, 3, 2, VALUES(0, 0.5, 1, 0, 1, 1), 0);
    ds_data_destroy(data);
    assert_bad("{train: t.csv, target: [p, r], features: x}", DS_TARGET_BINARY,
               "t.csv:3:6: expected a number from 0 to 1, got 2 (column \"r\")");
    assert_bad("{train: t.csv, target: [p, sex], features: x}", DS_TARGET_BINARY,
               "t.csv:2:2: expected a number, got \"M\" (column \"sex\")");
    assert_bad("{train: t.csv, target: [p, sex], features: x}", DS_TARGET_CLASSES,
               "t.csv: cross_entropy takes one target column, got 2");
    write_text("t.csv", "x,y\n1,a\n2,b\n3,c\n");
    assert_bad(
        "{train: t.csv, target: y}", DS_TARGET_BINARY,
        "t.csv:2:2: binary_cross_entropy needs two classes, the target has 3 (column \"y\")");
}

static void powers_stand_behind_their_column(void **state) {
    (void)state;
    write_text("t.csv", "x,z,y\n2,1,0\n4,1,0\n");
    ds_data *data = must_read("{train: t.csv, target: y, expand: {x: 3}}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 4, VALUES(2, 4, 8, 1, 4, 16, 64, 1), 0);
    assert_string_equal(ds_encoding_feature(data->encoding, 1), "x^2");
    ds_data_destroy(data);
    data = must_read("{train: t.csv, target: y, features: x, expand: {x: 2}, normalize: standard}",
                     DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 2, VALUES(-1, -1, 1, 1), 0);
    ds_data_destroy(data);
    data = must_read("{train: t.csv, target: y, expand: {x: 2}, normalize: {x^2: {divide: 4}, z: "
                     "{subtract: 3}}}",
                     DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 3, VALUES(2, 1, -2, 4, 4, -2), 0);
    ds_data_destroy(data);
    write_text("t.csv", "x,y\n1,0\n1e300,0\n");
    assert_bad("{train: t.csv, target: y, expand: {x: 2}}", DS_TARGET_NUMBERS,
               "t.csv:3:1: 1e+300 to the power of 2 is too large (column \"x\")");
}

static void normalization_sees_the_training_rows_alone(void **state) {
    ds_text notes = {0};
    ds_data *data = NULL;
    (void)state;
    write_text("t.csv", "a,b,y\n1,0.1,1\n2,0.1,2\n3,0.1,6\n100,7,100\n");
    assert_int_equal(read_data(&data,
                               "{train: t.csv, target: y, normalize: standard, normalize_target: "
                               "standard, split: {validation: 0.25, by: order}}",
                               DS_TARGET_NUMBERS, &notes),
                     DS_OK);
    double s = sqrt(2.0 / 3), t = sqrt(14.0 / 3);
    assert_matrix(&data->train.features, 3, 2, VALUES(-1 / s, 0, 0, 0, 1 / s, 0), 1e-15);
    assert_matrix(&data->validation.features, 1, 2, VALUES(98 / s, 0), 1e-13);
    assert_matrix(&data->train.targets, 3, 1, VALUES(-2 / t, -1 / t, 3 / t), 1e-15);
    assert_string_equal(notes.characters,
                        "a column is constant in the training rows and left at 0: \"b\"\n");
    double scale, shift;
    ds_encoding_target_units(data->encoding, 0, &scale, &shift);
    assert_true(fabs(scale - t) < 1e-15 && shift == 3);
    float floats[2];
    ds_matrix_read_floats(&data->train.features, 0, 1, (const int32_t[]){2}, floats);
    assert_true(floats[0] == (float)(1 / s) && floats[1] == 0);
    ds_text_clear(&notes);
    ds_data_destroy(data);
}

static void lags_run_backwards_column_by_column(void **state) {
    (void)state;
    write_text("t.csv", "day,u,v,w\na,1,10,5\nb,2,20,6\nc,3,30,7\nd,4,40,8\n");
    ds_data *data =
        must_read("{train: t.csv, target: v, lags: {of: [v, u], steps: 2}}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 4, VALUES(20, 10, 2, 1, 30, 20, 3, 2), 0);
    assert_matrix(&data->train.targets, 2, 1, VALUES(30, 40), 0);
    assert_int_equal(ds_set_file_row(&data->train, 0), 3);
    assert_string_equal(ds_encoding_feature(data->encoding, 1), "v[t-2]");
    ds_data_destroy(data);
    data = must_read("{train: t.csv, target: v, lags: {of: v, steps: 1}, features: w, normalize: "
                     "{v: {divide: 10}}}",
                     DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 3, 2, VALUES(1, 6, 2, 7, 3, 8), 0);
    ds_data_destroy(data);
    write_text("t.csv", "v\n1\n2\n1\n2\n2\n"); /* a class's own past */
    data = must_read("{train: t.csv, target: v, lags: {of: v, steps: 1}}", DS_TARGET_BINARY);
    assert_matrix(&data->train.features, 4, 1, VALUES(1, 2, 1, 2), 0);
    assert_matrix(&data->train.targets, 4, 1, VALUES(1, 0, 1, 1), 0);
    ds_data_destroy(data);
}

static void no_window_crosses_a_split(void **state) {
    (void)state;
    write_text("t.csv", "v\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    ds_data *data = must_read("{train: t.csv, target: v, lags: {of: v, steps: 2}, split: "
                              "{validation: 0.3, test: 0.3, by: order}}",
                              DS_TARGET_NUMBERS);
    assert_matrix(&data->train.targets, 2, 1, VALUES(2, 3), 0);
    assert_matrix(&data->validation.features, 1, 2, VALUES(5, 4), 0);
    assert_matrix(&data->test.features, 1, 2, VALUES(8, 7), 0);
    assert_int_equal(ds_set_file_row(&data->test, 0), 10);
    ds_data_destroy(data);
    assert_bad("{train: t.csv, target: v, lags: {of: v, steps: 3}, split: {test: 0.3}}",
               DS_TARGET_NUMBERS, "t.csv: 3 lags need at least 4 rows, the test set has 3");
    assert_bad("{train: t.csv, target: v, lags: {of: v, steps: 3}, split: {test: 0.3, by: random}}",
               DS_TARGET_NUMBERS,
               "recipe.yaml:1:71: split: rows with lags cannot be split at random: what a row "
               "predicts would stand among another's features");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_features_are_one_hot),
        cmocka_unit_test(classes_sort_as_numbers_if_all_are),
        cmocka_unit_test(classes_may_be_more_than_the_rows_hold),
        cmocka_unit_test(binary_targets),
        cmocka_unit_test(powers_stand_behind_their_column),
        cmocka_unit_test(normalization_sees_the_training_rows_alone),
        cmocka_unit_test(lags_run_backwards_column_by_column),
        cmocka_unit_test(no_window_crosses_a_split),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
