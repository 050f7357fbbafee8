/* What a user is told of the sets: classes, constants, numbers that float32 cannot keep apart. */
#include "test_data_files.h"

/* Reads it and compares whether its notes hold a text. */
static void check_note(const char *options, ds_target_kind kind, const char *note, bool wanted) {
    ds_text notes = {0};
    ds_data *data = NULL;
    if (read_data(&data, options, kind, &notes) != DS_OK)
        fail_msg("%s: %s", options, ds_last_error()->message);
    bool there = notes.length && strstr(notes.characters, note);
    if (there != wanted)
        fail_msg("%s: \"%s\" is %s in: %s", options, note, there ? "" : "not",
                 notes.length ? notes.characters : "");
    ds_text_clear(&notes);
    ds_data_destroy(data);
}

static void a_class_without_training_rows_is_noted(void **state) {
    (void)state;
    write_text("t.csv", "x,y\n1,no\n2,no\n3,no\n4,no\n5,yes\n6,yes\n");
    check_note("{train: t.csv, target: y, split: {validation: 0.34, by: order}}", DS_TARGET_CLASSES,
               "no training row has the class \"yes\" of \"y\"", true);
    check_note("{train: t.csv, target: y, split: {validation: 0.34, by: order}}", DS_TARGET_CLASSES,
               "all 2 validation rows are of the class \"yes\"", true);
    check_note("{train: t.csv, target: y, split: {validation: 0.5, by: order}}", DS_TARGET_CLASSES,
               "validation rows are of", false);
    check_note("{train: t.csv, target: y, classes: [no, yes, maybe]}", DS_TARGET_CLASSES,
               "no training row", false);
}

static void a_column_constant_but_for_rounding_is_constant(void **state) {
    (void)state;
    write_text("t.csv", "x,y\n0.3,1\n0.30000000000000004,2\n0.29999999999999999,3\n");
    check_note("{train: t.csv, target: y, normalize: standard}", DS_TARGET_NUMBERS,
               "a column is constant in the training rows and left at 0: \"x\"", true);
    ds_data *data = must_read("{train: t.csv, target: y, normalize: standard}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 3, 1, VALUES(0, 0, 0), 0);
    ds_data_destroy(data);
    check_note("{train: t.csv, target: x, features: y, normalize_target: standard}",
               DS_TARGET_NUMBERS, "the target \"x\" is constant", true);
    write_text("t.csv", "x,y\n1000000000,1\n1000000000.001,2\n1000000000.002,3\n"); /* it is not */
    check_note("{train: t.csv, target: y, normalize: standard}", DS_TARGET_NUMBERS, "constant",
               false);
}

/* Squares beyond a double's range make no column constant, and none too large. */
static void extreme_columns_are_normalized(void **state) {
    static const char *const scales[] = {"e-300", "e300"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        char text[64];
        snprintf(text, sizeof text, "x,y\n1%s,1\n2%s,2\n3%s,3\n", scales[i], scales[i], scales[i]);
        write_text("t.csv", text);
        check_note("{train: t.csv, target: y, normalize: standard}", DS_TARGET_NUMBERS, "constant",
                   false);
        ds_data *data =
            must_read("{train: t.csv, target: y, normalize: standard}", DS_TARGET_NUMBERS);
        assert_matrix(&data->train.features, 3, 1, VALUES(-0.5, 0, 0.5), 1e-12);
        ds_data_destroy(data);
    }
}

static void values_that_float32_loses_are_noted(void **state) {
    (void)state;
    write_text("t.csv", "id,far,y\n123456789,1000000001,1\n123456790,1000000002,2\n"
                        "123456791,1000000003,3\n999999999,1000000009,4\n");
    check_note("{train: t.csv, target: y, features: id, normalize: standard}", DS_TARGET_NUMBERS,
               "column \"id\": its 4 different values become 2 in float32", true);
    check_note("{train: t.csv, target: y, features: far}", DS_TARGET_NUMBERS,
               "column \"far\": its 4 different values become 1 in float32, which devices compute "
               "in: --set data.normalize=standard",
               true);
    check_note("{train: t.csv, target: y, features: far, normalize: standard}", DS_TARGET_NUMBERS,
               "float32", false);
    check_note("{train: t.csv, target: far, features: y}", DS_TARGET_NUMBERS,
               "--set data.normalize_target=standard", true);
    check_note("{train: t.csv, target: far, features: y, normalize_target: standard}",
               DS_TARGET_NUMBERS, "float32", false);
    write_text("t.csv", "x,y\n1e-42,1\n2e-42,2\n4e-42,3\n");
    check_note("{train: t.csv, target: y}", DS_TARGET_NUMBERS, "float32", false);
    write_text("t.csv", "x,y\n1e-50,1\n2e-50,2\n4e-50,3\n");
    check_note("{train: t.csv, target: y}", DS_TARGET_NUMBERS,
               "column \"x\": its 3 different values become 1 in float32", true);
    check_note("{train: t.csv, target: y, normalize: standard}", DS_TARGET_NUMBERS, "float32",
               false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_class_without_training_rows_is_noted),
        cmocka_unit_test(a_column_constant_but_for_rounding_is_constant),
        cmocka_unit_test(extreme_columns_are_normalized),
        cmocka_unit_test(values_that_float32_loses_are_noted),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
