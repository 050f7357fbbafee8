/* An encoding after training: on other files, on arrays, through JSON. */
#include "test_data_files.h"

#include <cjson/cJSON.h>

static void must_apply(ds_set *set, const ds_encoding *encoding, const char *path,
                       bool with_targets, int64_t rows) {
    int64_t all = -1;
    if (ds_dataset_apply(set, encoding, path, with_targets, &all, NULL) != DS_OK)
        fail_msg("%s: %s", path, ds_last_error()->message);
    assert_int_equal(all, rows);
}

static void assert_not_applied(const ds_encoding *encoding, const char *path, bool with_targets,
                               const char *message) {
    ds_set set = {0};
    int64_t all = -1;
    long held = ds_memory_held();
    assert_int_equal(ds_dataset_apply(&set, encoding, path, with_targets, &all, NULL),
                     DS_BAD_INPUT);
    assert_message(message);
    assert_int_equal(ds_memory_held(), held);
    assert_true(set.rows == 0 && all == -1);
}

static void columns_are_found_by_name(void **state) {
    ds_set set = {0};
    (void)state;
    write_text("t.csv", "a,b,color,y\n0,1,red,p\n2,3,blue,q\n");
    ds_data *data = must_read("{train: t.csv, target: y, normalize: minmax}", DS_TARGET_CLASSES);
    write_text("new.csv", "color,junk,b,a\nblue,xyz,3,1\nred,,1,2\n");
    must_apply(&set, data->encoding, path_of("new.csv"), false, 2);
    assert_matrix(&set.features, 2, 4, VALUES(0.5, 1, 1, 0, 1, 0, 0, 1), 0);
    assert_null(set.targets.cells);
    ds_set_clear(&set);
    assert_not_applied(data->encoding, path_of("new.csv"), true, "new.csv: no column \"y\"");
    write_text("new.csv", "color,a\nblue,1\n");
    assert_not_applied(data->encoding, path_of("new.csv"), false, "new.csv: no column \"b\"");
    write_text("new.csv", "a,b,color\n1,2,red\n1,x,red\n");
    assert_not_applied(data->encoding, path_of("new.csv"), false,
                       "new.csv:3:2: expected a number, got \"x\" (column \"b\")");
    assert_not_applied(data->encoding, "images=", false, "\"images=\": a file's name is missing");
    ds_data_destroy(data);
}

static void rows_without_history_or_value_are_left_out(void **state) {
    ds_set set = {0};
    (void)state;
    write_text("t.csv", "v\n1\n2\n3\n4\n");
    ds_data *data =
        must_read("{train: t.csv, target: v, lags: {of: v, steps: 2}}", DS_TARGET_NUMBERS);
    write_text("new.csv", "v\n7\n8\n9\n?\n"); /* what is to be predicted is not there yet */
    must_apply(&set, data->encoding, path_of("new.csv"), false, 4);
    assert_matrix(&set.features, 2, 2, VALUES(8, 7, 9, 8), 0);
    assert_int_equal(ds_set_file_row(&set, 1), 4);
    ds_set_clear(&set);
    must_apply(&set, data->encoding, path_of("new.csv"), true, 4); /* nothing to judge it by */
    assert_matrix(&set.features, 1, 2, VALUES(8, 7), 0);
    assert_matrix(&set.targets, 1, 1, VALUES(9), 0);
    ds_set_clear(&set);
    ds_data_destroy(data);
    data = must_read("{train: t.csv, target: v, lags: {of: v, steps: 2}, missing: mean}",
                     DS_TARGET_NUMBERS);
    write_text("new.csv", "v\n7\n\"\"\n9\n");
    must_apply(&set, data->encoding, path_of("new.csv"), false, 3);
    assert_matrix(&set.features, 1, 2, VALUES(2.5, 7), 0);
    ds_set_clear(&set);
    ds_data_destroy(data);
    write_text("t.csv", "x,y\n1,2\n3,4\n");
    data = must_read("{train: t.csv, target: y, missing: drop}", DS_TARGET_NUMBERS);
    write_text("new.csv", "x\n5\nNA\n6\n");
    must_apply(&set, data->encoding, path_of("new.csv"), false, 3);
    assert_matrix(&set.features, 2, 1, VALUES(5, 6), 0);
    assert_int_equal(ds_set_file_row(&set, 1), 3);
    ds_set_clear(&set);
    ds_data_destroy(data);
}

static void array_files(void **state) {
    ds_set set = {0};
    char path[256];
    (void)state;
    write_bytes("images", "\0\0\x08\x03\0\0\0\2\0\0\0\1\0\0\0\2\x00\xff\xff\x33", 20);
    write_bytes("labels", "\0\0\x08\x01\0\0\0\2\5\6", 10);
    write_bytes("wide", "\0\0\x08\x03\0\0\0\1\0\0\0\2\0\0\0\2\1\2\3\4", 20);
    ds_data *data = must_read("{train: {images: images, labels: labels}}", DS_TARGET_CLASSES);
    snprintf(path, sizeof path, "images=%s/images,labels=%s/labels", folder, folder);
    must_apply(&set, data->encoding, path, true, 2);
    assert_matrix(&set.features, 2, 2, VALUES(0, 1, 1, 0.2), 0);
    assert_matrix(&set.targets, 2, 1, VALUES(0, 1), 0);
    ds_set_clear(&set);
    snprintf(path, sizeof path, "images=%s/images", folder);
    must_apply(&set, data->encoding, path, false, 2);
    assert_matrix(&set.features, 2, 2, VALUES(0, 1, 1, 0.2), 0);
    ds_set_clear(&set);
    must_apply(&set, data->encoding, path_of("images"), false, 2);
    ds_set_clear(&set);
    assert_not_applied(data->encoding, path_of("images"), true,
                       "images: the targets (\"label\") are missing");
    assert_not_applied(data->encoding, path_of("wide"), false,
                       "wide: a sample has 4 numbers, the model takes 2");
    write_text("bare.csv", "0,255\n255,51\n"); /* the same columns as CSV */
    must_apply(&set, data->encoding, path_of("bare.csv"), false, 2);
    assert_matrix(&set.features, 2, 2, VALUES(0, 1, 1, 0.2), 0);
    ds_set_clear(&set);
    ds_data_destroy(data);
}

static void arrays_in_memory(void **state) {
    (void)state;
    const float x[] = {1, 2, 3, 4};
    const double y[] = {0, 2};
    ds_array features = {x, DS_ARRAY_FLOAT32, 2, 2}, targets = {y, DS_ARRAY_FLOAT64, 2, 1};
    ds_data *data = NULL;
    ds_matrix matrix = {0};
    assert_int_equal(ds_data_from_arrays(&data, features, targets, 4), DS_OK);
    assert_int_equal(ds_data_rows(data), 2);
    assert_matrix(&data->train.features, 2, 2, VALUES(1, 2, 3, 4), 0);
    assert_null(data->train.features.subtract);
    assert_int_equal(ds_encoding_classes(data->encoding), 4);
    assert_string_equal(ds_encoding_class(data->encoding, 3), "3");
    assert_int_equal(ds_encoding_apply_array(data->encoding, features, &matrix), DS_OK);
    assert_matrix(&matrix, 2, 2, VALUES(1, 2, 3, 4), 0);
    ds_matrix_clear(&matrix);
    ds_data_destroy(data);
    data = NULL;
    assert_int_equal(ds_data_from_arrays(&data, features, targets, 0), DS_OK);
    assert_int_equal(ds_encoding_kind(data->encoding), DS_TARGET_NUMBERS);
    ds_data_destroy(data);
    data = NULL;
    long held = ds_memory_held();
    assert_int_equal(ds_data_from_arrays(&data, features, targets, 2), DS_BAD_INPUT);
    assert_message("targets: row 2: expected a class of 0 to 1, got 2");
    targets.rows = 1;
    assert_int_equal(ds_data_from_arrays(&data, features, targets, 0), DS_BAD_INPUT);
    const double bad[] = {1, 0, INFINITY, 2};
    features = (ds_array){bad, DS_ARRAY_FLOAT64, 2, 2};
    targets.rows = 2;
    assert_int_equal(ds_data_from_arrays(&data, features, targets, 0), DS_BAD_INPUT);
    assert_message("features: row 2, column 1: expected a finite number, got inf");
    features.values = NULL;
    assert_int_equal(ds_data_from_arrays(&data, features, targets, 0), DS_BAD_INPUT);
    assert_int_equal(ds_memory_held(), held);
    assert_null(data);
}

static void array_rows_are_encoded_as_files_are(void **state) {
    (void)state;
    const double rows[] = {2, 1, 6, 5};
    ds_array array = {rows, DS_ARRAY_FLOAT64, 2, 2};
    ds_matrix matrix = {0};
    write_text("t.csv", "x,z,y\n2,1,0\n4,1,0\n");
    ds_data *data = must_read("{train: t.csv, target: y, expand: {x: 2}, normalize: minmax}",
                              DS_TARGET_NUMBERS);
    assert_int_equal(ds_encoding_apply_array(data->encoding, array, &matrix), DS_OK);
    assert_matrix(&matrix, 2, 3, VALUES(0, 0, 0, 2, 32 / 12., 0), 1e-15);
    ds_matrix_clear(&matrix);
    array.columns = 1;
    assert_int_equal(ds_encoding_apply_array(data->encoding, array, &matrix), DS_BAD_INPUT);
    assert_message("features: expected 2 columns, got 1");
    ds_data_destroy(data);
    write_text("t.csv", "v\n1\n2\n3\n4\n");
    data = must_read("{train: t.csv, target: v, lags: {of: v, steps: 2}}", DS_TARGET_NUMBERS);
    array.columns = 2;
    assert_int_equal(ds_encoding_apply_array(data->encoding, array, &matrix), DS_OK);
    assert_matrix(&matrix, 2, 2, rows, 0);
    ds_matrix_clear(&matrix);
    ds_data_destroy(data);
}

/* Encodings of every kind, for JSON. */
static const char *const recipes[] = {
    "{train: t.csv, target: y, normalize: standard, expand: {b: 3}, missing: mean}",
    "{train: t.csv, target: b, normalize: standard, normalize_target: standard, features: [a, y]}",
    "{train: t.csv, target: [a, b], lags: {of: [a, b], steps: 3}, normalize: minmax}",
    "{train: t.csv, target: color, features: [a, b, z], normalize: standard, header: true}",
    "{train: {images: images, labels: labels}, normalize: standard}",
    "{train: t.csv, target: a, features: [y, z], values: {y: {p: 0.1, q: 2}, z: {0: 7}}}",
    "{train: days.csv, date: {column: d, duplicates: mean}, target: y, values: {s: {A: 1, B: 3}}}",
};

static ds_data *read_recipe(size_t index) {
    write_text("t.csv", "a,b,z,color,y\n0.1,1,0,red,p\n0.2,3e-7,0,blue,q\n0.7,3,0,\"r,\"\"x\",p\n"
                        "0.3,1e17,0,red,q\n0.9,3,0,gr\xc3\xbcn,q\n");
    write_text("days.csv", "d,s,y\n2021-01-31,A,1\n2021-02-01,B,2\n2021-02-01,A,4\n");
    write_bytes("images", "\0\0\x08\x03\0\0\0\2\0\0\0\1\0\0\0\2\x00\xff\xff\xff", 20);
    write_bytes("labels", "\0\0\x08\x01\0\0\0\2\5\6", 10);
    return must_read(recipes[index], DS_TARGET_AUTO);
}

static char *print_encoding(const ds_encoding *encoding) {
    cJSON *json = NULL;
    assert_int_equal(ds_encoding_to_json(encoding, &json), DS_OK);
    char *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    assert_non_null(text);
    return text;
}

static void json_keeps_every_bit(void **state) {
    (void)state;
    long held = ds_memory_held();
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        ds_data *data = read_recipe(i);
        ds_encoding *back = NULL, *copy = NULL;
        ds_set set = {0}, copied = {0};
        int64_t all;
        char *text = print_encoding(data->encoding);
        cJSON *json = cJSON_Parse(text);
        assert_int_equal(ds_encoding_from_json(&back, json, "model"), DS_OK);
        assert_int_equal(ds_encoding_copy(&copy, data->encoding), DS_OK);
        char *again = print_encoding(back), *third = print_encoding(copy);
        assert_string_equal(text, again);
        assert_string_equal(text, third);
        const char *path = path_of(i == 4 ? "images" : i == 6 ? "days.csv" : "t.csv");
        assert_int_equal(ds_dataset_apply(&set, data->encoding, path, false, &all, NULL), DS_OK);
        assert_int_equal(ds_dataset_apply(&copied, back, path, false, &all, NULL), DS_OK);
        assert_int_equal(set.rows, copied.rows);
        for (int64_t row = 0; row < set.rows; row++) {
            double a[32], b[32];
            ds_matrix_read(&set.features, row, 1, NULL, a);
            ds_matrix_read(&copied.features, row, 1, NULL, b);
            assert_memory_equal(a, b, (size_t)set.features.columns * sizeof *a);
        }
        ds_text description = {0};
        assert_int_equal(ds_encoding_describe(back, &description), DS_OK);
        assert_true(description.length > 10);
        ds_text_clear(&description);
        free(text);
        free(again);
        free(third);
        cJSON_Delete(json);
        ds_encoding_destroy(back);
        ds_encoding_destroy(copy);
        ds_set_clear(&set);
        ds_set_clear(&copied);
        ds_data_destroy(data);
    }
    assert_int_equal(ds_memory_held(), held);
}

static int replaced; /* values still to pass by before one is replaced */

/* Puts `text` as JSON in the place of the value number `replaced`; removes it where NULL. */
static bool damage(cJSON *json, const char *text) {
    for (cJSON *entry = json->child; entry; entry = entry->next) {
        if (replaced-- == 0) {
            if (!text) {
                cJSON_Delete(cJSON_DetachItemViaPointer(json, entry));
                return true;
            }
            cJSON *value = cJSON_Parse(text);
            if (entry->string) {
                char key[64];
                snprintf(key, sizeof key, "%s", entry->string);
                return cJSON_ReplaceItemInObjectCaseSensitive(json, key, value);
            }
            return cJSON_ReplaceItemViaPointer(json, entry, value);
        }
        if (damage(entry, text))
            return true;
    }
    return false;
}

static void damaged_json_is_refused(void **state) {
    static const char *const values[] = {
        "null", "true", "-1", "0",       "1e300",       "0.5",        "1e999", "\"\"", "\"x\"",
        "[]",   "[[]]", "{}", "[1,2,3]", "\"numbers\"", "\"binary\"", "3",     NULL};
    (void)state;
    long held = ds_memory_held();
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        ds_data *data = read_recipe(i);
        char *text = print_encoding(data->encoding);
        for (size_t k = 0; k < sizeof values / sizeof *values; k++)
            for (int place = 0;; place++) {
                ds_encoding *encoding = NULL;
                cJSON *json = cJSON_Parse(text);
                replaced = place;
                bool done = !damage(json, values[k]);
                ds_status status = ds_encoding_from_json(&encoding, json, "model");
                assert_true(status == DS_OK || status == DS_BAD_INPUT);
                ds_encoding_destroy(encoding);
                cJSON_Delete(json);
                if (done)
                    break;
            }
        free(text);
        ds_data_destroy(data);
    }
    ds_encoding *encoding = NULL;
    assert_int_equal(ds_encoding_from_json(&encoding, NULL, "model"), DS_BAD_INPUT);
    assert_int_equal(ds_memory_held(), held);
}

/* Columns that are text here and numbers there would be read where nothing is. */
static void contradictions_in_json_are_refused(void **state) {
    static const char *const changes[][3] = {
        {"", "", ""}, /* as it is, it is good */
        {"\"columns\":", "\"series\":\"x\",\"columns\":", "series"},
        {"\"columns\":[", "\"columns\":[{\"name\":\"w\",\"missing\":\"error\"},", "columns"},
        {"\"name\":\"x\"", "\"name\":\"x\",\"powers\":1000", "powers"},
        {"\"name\":\"x\"", "\"name\":\"x\",\"missing_word\":true", "columns"},
        {"\"name\":\"x\"", "\"name\":\"x\",\"lags\":2,\"indicator\":true", "columns"},
        {"{\"name\":\"y\",\"subtract\":0,", "{\"name\":\"y\",\"subtract\":-1e6,", "divide"},
        {"{\"name\":\"y\",\"subtract\"", "{\"name\":\"w\",\"subtract\"", "targets"},
    };
    (void)state;
    write_text("t.csv", "x,w,y\n1,a,no\n2,b,yes\n");
    ds_data *data = must_read("{train: t.csv, target: y}", DS_TARGET_CLASSES);
    cJSON *json = NULL;
    assert_int_equal(ds_encoding_to_json(data->encoding, &json), DS_OK);
    char *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char changed[2048], message[128];
        ds_encoding *encoding = NULL;
        const char *at = strstr(text, changes[i][0]);
        assert_non_null(at);
        snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, changes[i][1],
                 at + strlen(changes[i][0]));
        json = cJSON_Parse(changed);
        assert_non_null(json);
        ds_status status = ds_encoding_from_json(&encoding, json, "model");
        assert_int_equal(status, i ? DS_BAD_INPUT : DS_OK);
        snprintf(message, sizeof message,
                 "model: the description of the columns is wrong at \"%s\"", changes[i][2]);
        if (i)
            assert_string_equal(ds_last_error()->message, message);
        ds_encoding_destroy(encoding);
        cJSON_Delete(json);
    }
    cJSON_free(text);
    ds_data_destroy(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_found_by_name),
        cmocka_unit_test(rows_without_history_or_value_are_left_out),
        cmocka_unit_test(array_files),
        cmocka_unit_test(arrays_in_memory),
        cmocka_unit_test(array_rows_are_encoded_as_files_are),
        cmocka_unit_test(json_keeps_every_bit),
        cmocka_unit_test(damaged_json_is_refused),
        cmocka_unit_test(contradictions_in_json_are_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
