/* Cells that are missing, words that training did not have: what each costs, in training and after.
 */
#include "test_data_files.h"

#include <cjson/cJSON.h>

static void apply(ds_set *set, const ds_encoding *encoding, const char *text, bool with_targets,
                  ds_text *notes) {
    int64_t all;
    write_text("new.csv", text);
    if (ds_dataset_apply(set, encoding, path_of("new.csv"), with_targets, &all, notes) != DS_OK)
        fail_msg("%s", ds_last_error()->message);
}

static void each_column_has_its_rule(void **state) {
    ds_set set = {0};
    ds_text notes = {0};
    (void)state;
    write_text("t.csv", "a,b,c,town,y\n1,,3,Ulm,1\n,4,5,,2\n4,8,,Bonn,3\n100,6,7,Ulm,4\n");
    ds_data *data = must_read("{train: t.csv, target: y, missing: {a: median, b: {fill: mean, "
                              "indicator: true}, c: -1, town: word}}",
                              DS_TARGET_NUMBERS);
    /* a; b and whether it was missing; c; town: Bonn, Ulm, missing */
    assert_matrix(&data->train.features, 4, 7,
                  VALUES(1, 6, 1, 3, 0, 1, 0, /**/ 4, 4, 0, 5, 0, 0, 1, /**/ 4, 8, 0, -1, 1, 0, 0,
                         /**/ 100, 6, 0, 7, 0, 1, 0),
                  0);
    assert_string_equal(ds_encoding_feature(data->encoding, 2), "b=(missing)");
    assert_string_equal(ds_encoding_feature(data->encoding, 6), "town=(missing)");
    /* A model keeps the rules. */
    cJSON *json = NULL;
    ds_encoding *back = NULL;
    assert_int_equal(ds_encoding_to_json(data->encoding, &json), DS_OK);
    char *printed = cJSON_Print(json);
    cJSON_Delete(json);
    json = cJSON_Parse(printed);
    cJSON_free(printed);
    assert_int_equal(ds_encoding_from_json(&back, json, "model"), DS_OK);
    cJSON_Delete(json);
    apply(&set, back, "a,b,c,town\n,,,\n1,2,3,Rome\n", false, &notes);
    assert_matrix(&set.features, 2, 7, VALUES(4, 6, 1, -1, 0, 0, 1, 1, 2, 0, 3, 0, 0, 0), 0);
    assert_non_null(strstr(notes.characters,
                           "column \"town\" has 1 cell with words that training did not have, such "
                           "as \"Rome\""));
    ds_set_clear(&set);
    ds_text_clear(&notes);
    ds_encoding_destroy(back);
    ds_data_destroy(data);
}

/* Filled numbers are normalized as the others are; what says that they were missing stays 0 or 1.
 */
static void indicators_are_not_normalized(void **state) {
    (void)state;
    write_text("t.csv", "x,y\n10,1\n,2\n30,3\n");
    ds_data *data =
        must_read("{train: t.csv, target: y, normalize: minmax, missing: {x: {fill: 20, "
                  "indicator: true}}}",
                  DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 3, 2, VALUES(0, 0, 0.5, 1, 1, 0), 0);
    ds_data_destroy(data);
}

/* Rows from memory have no missing values, but the same features. */
static void arrays_have_the_indicators_too(void **state) {
    (void)state;
    write_text("t.csv", "x,z,y\n1,10,1\n,20,2\n3,30,3\n");
    ds_data *data = must_read("{train: t.csv, target: y, missing: {x: {fill: mean, indicator: "
                              "true}}}",
                              DS_TARGET_NUMBERS);
    const float values[] = {1, 10, 2, 20, 3, 30};
    ds_array rows = {values, DS_ARRAY_FLOAT32, 3, 2};
    ds_matrix features = {0};
    assert_int_equal(ds_encoding_apply_array(data->encoding, rows, &features), DS_OK);
    assert_matrix(&features, 3, 3, VALUES(1, 0, 10, 2, 0, 20, 3, 0, 30), 0);
    ds_matrix_clear(&features);
    ds_data_destroy(data);
}

static void one_rule_for_all_columns(void **state) {
    static const struct {
        const char *rule;
        int64_t rows;
        double first;
    } cases[] = {{"drop", 1, 3}, {"mean", 3, 5}, {"median", 3, 5}, {"0", 3, 0}};
    (void)state;
    write_text("t.csv", "x,town,y\n,Ulm,1\n3,,2\n7,Ulm,3\n5,Ulm,\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char options[96];
        double row[3];
        snprintf(options, sizeof options, "{train: t.csv, target: y, missing: %s}", cases[i].rule);
        ds_data *data = must_read(options, DS_TARGET_NUMBERS);
        assert_int_equal(data->train.rows, cases[i].rows);
        if (i > 0) {
            ds_matrix_read(&data->train.features, 0, 1, NULL, row);
            assert_true(row[0] == cases[i].first);
            assert_int_equal(data->train.features.columns, 3); /* Ulm, missing */
        }
        ds_data_destroy(data);
    }
    assert_bad("{train: t.csv, target: y}", DS_TARGET_NUMBERS,
               "t.csv:5:3: the cell is missing (column \"y\")");
    assert_bad("{train: t.csv, target: y, missing: {y: drop}}", DS_TARGET_NUMBERS,
               "t.csv:2:1: the cell is missing (column \"x\")");
    assert_bad("{train: t.csv, target: y, missing: {town: mean}}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:37: missing: \"town\" is text, which has no number");
    assert_bad("{train: t.csv, target: y, missing: {x: word}}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:37: missing: \"x\" is numbers, not words");
    assert_bad("{train: t.csv, target: y, missing: {y: mean, x: 0, town: word}}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:37: missing: \"y\" is the target, which cannot be filled in");
    assert_bad("{train: t.csv, target: y, missing: {z: drop}}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:37: t.csv: no column \"z\"");
}

/* A row that cannot be answered costs itself alone, whatever the rule was in training. */
static void later_files_lose_single_rows(void **state) {
    ds_set set = {0};
    ds_text notes = {0};
    (void)state;
    write_text("t.csv", "x,town,y\n1,Ulm,1\n2,Bonn,2\n");
    ds_data *data = must_read("{train: t.csv, target: y}", DS_TARGET_NUMBERS);
    apply(&set, data->encoding, "x,town\n1,\n2,Ulm\n,Bonn\n4,Rome\n", false, &notes);
    assert_matrix(&set.features, 2, 3, VALUES(2, 0, 1, 4, 0, 0), 0);
    assert_int_equal(ds_set_file_row(&set, 0), 2);
    assert_int_equal(ds_set_file_row(&set, 1), 4);
    assert_non_null(
        strstr(notes.characters, "2 of 4 rows get no prediction: 2 with a missing cell"));
    ds_set_clear(&set);
    ds_text_clear(&notes);
    apply(&set, data->encoding, "x,town,y\n1,Ulm,\n2,Ulm,5\n", true, &notes);
    assert_matrix(&set.targets, 1, 1, VALUES(5), 0);
    assert_non_null(strstr(notes.characters, "1 of 2 rows are left out: 1 with a missing cell"));
    ds_set_clear(&set);
    ds_text_clear(&notes);
    apply(&set, data->encoding, "x,town\n,\n", false, &notes); /* all of them */
    assert_int_equal(set.rows, 0);
    ds_set_clear(&set);
    ds_text_clear(&notes);
    ds_data_destroy(data);
}

/* A word that only other rows have is one that training did not have. */
static void categories_are_those_of_training_rows(void **state) {
    ds_text notes = {0};
    ds_data *data = NULL;
    (void)state;
    write_text("t.csv", "c,y\na,1\nb,2\na,3\nz,4\n");
    assert_int_equal(read_data(&data,
                               "{train: t.csv, target: y, split: {validation: 0.25, by: "
                               "order}}",
                               DS_TARGET_NUMBERS, &notes),
                     DS_OK);
    assert_matrix(&data->train.features, 3, 2, VALUES(1, 0, 0, 1, 1, 0), 0);
    assert_matrix(&data->validation.features, 1, 2, VALUES(0, 0), 0);
    assert_string_equal(ds_encoding_feature(data->encoding, 1), "c=b");
    assert_non_null(strstr(notes.characters, "such as \"z\""));
    ds_text_clear(&notes);
    ds_data_destroy(data);
    assert_bad("{train: t.csv, target: y, unseen: error, split: {validation: 0.25, by: order}}",
               DS_TARGET_NUMBERS,
               "t.csv:5:1: \"z\" does not occur in the training data (column \"c\")");
}

/* Nor does a row without its date, or its series, cost the others. */
static void rows_without_a_date_are_left_out(void **state) {
    ds_set set = {0};
    ds_text notes = {0};
    (void)state;
    write_text("t.csv", "d,s,v\n2024-01-03,A,3\n,A,9\n2024-01-01,A,1\n2024-01-02,A,2\n"
                        "2024-01-04,,7\n");
    assert_bad("{train: t.csv, target: v, date: d, lags: {of: v, steps: 1}, series: s}",
               DS_TARGET_NUMBERS,
               "t.csv:6:2: the cell says which date or series the row is of, and is missing "
               "(column \"s\")");
    ds_data *data = must_read("{train: t.csv, target: v, date: d, lags: {of: v, steps: 1}, series: "
                              "s, missing: drop}",
                              DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 1, VALUES(1, 2), 0);
    assert_int_equal(ds_set_file_row(&data->train, 0), 4);
    assert_int_equal(ds_set_file_row(&data->train, 1), 1);
    apply(&set, data->encoding, "d,s,v\n2024-02-02,A,4\n,A,5\n2024-02-01,A,3\n2024-02-03,A,\n",
          false, &notes);
    assert_matrix(&set.features, 2, 1, VALUES(3, 4), 0);
    assert_int_equal(ds_set_file_row(&set, 0), 1);
    assert_int_equal(ds_set_file_row(&set, 1), 4);
    assert_non_null(strstr(notes.characters,
                           "2 of 4 rows get no prediction: 1 with a missing cell, "
                           "1 without the values of all 1 rows before them"));
    ds_set_clear(&set);
    ds_text_clear(&notes);
    ds_data_destroy(data);
}

static void words_for_missing_can_be_chosen(void **state) {
    (void)state;
    /* Among numbers more words mean it than among texts. */
    write_text("t.csv", "x,y\n1,1\nNone,2\n#N/A,3\n-,4\n2,5\n");
    ds_data *data = must_read("{train: t.csv, target: y, missing: drop}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 1, VALUES(1, 2), 0);
    ds_data_destroy(data);
    write_text("t.csv", "x,y\nNone,1\nWall,2\n-,3\n");
    data = must_read("{train: t.csv, target: y}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 3, 3, VALUES(0, 1, 0, 0, 0, 1, 1, 0, 0), 0);
    ds_data_destroy(data);
    /* NA is a word in quotes, or where no word means it. */
    write_text("t.csv", "x,y\n\"EU\",1\n\"NA\",2\n");
    data = must_read("{train: t.csv, target: y}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 2, VALUES(1, 0, 0, 1), 0);
    ds_data_destroy(data);
    write_text("t.csv", "x,y\nEU,1\nNA,2\n");
    data = must_read("{train: t.csv, target: y, missing_words: []}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 2, VALUES(1, 0, 0, 1), 0);
    ds_data_destroy(data);
    write_text("t.csv", "r,y\nNA,1\nEU,2\n");
    data = must_read("{train: t.csv, target: y, missing_words: [], values: {r: {NA: 0, EU: 1}}}",
                     DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 1, VALUES(0, 1), 0);
    ds_data_destroy(data);
    /* A number may mean it, too, and the model remembers. */
    write_text("t.csv", "x,y\n-999,1\n4,2\n6,3\n");
    data = must_read("{train: t.csv, target: y, missing: mean, missing_words: [-999, none]}",
                     DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 3, 1, VALUES(5, 4, 6), 0);
    ds_set set = {0};
    apply(&set, data->encoding, "x\nnone\n-999\n1\n", false, NULL);
    assert_matrix(&set.features, 3, 1, VALUES(5, 5, 1), 0);
    ds_set_clear(&set);
    ds_data_destroy(data);
}

/* Windows of lags that touch an empty cell are left out, and no others. */
static void windows_that_touch_a_hole_are_dropped(void **state) {
    (void)state;
    write_text("t.csv", "v\n1\n2\n3\n\"\"\n5\n6\n7\n8\n");
    ds_data *data = must_read("{train: t.csv, target: v, lags: {of: v, steps: 2}, missing: drop, "
                              "baselines: [last]}",
                              DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 3, 2, VALUES(2, 1, 6, 5, 7, 6), 0);
    assert_matrix(&data->train.targets, 3, 1, VALUES(3, 7, 8), 0);
    assert_true(data->train.naive[1] == 6);
    ds_data_destroy(data);
    assert_bad("{train: t.csv, target: v, lags: {of: v, steps: 2}}", DS_TARGET_NUMBERS,
               "t.csv:5:1: the cell is missing (column \"v\")");
    write_text("t.csv", "v\n1\n\"\"\n3\n\"\"\n5\n");
    assert_bad("{train: t.csv, target: v, lags: {of: v, steps: 1}, missing: drop}",
               DS_TARGET_NUMBERS,
               "t.csv: every history of 1 rows in the training set touches a missing cell");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_column_has_its_rule),
        cmocka_unit_test(indicators_are_not_normalized),
        cmocka_unit_test(arrays_have_the_indicators_too),
        cmocka_unit_test(one_rule_for_all_columns),
        cmocka_unit_test(later_files_lose_single_rows),
        cmocka_unit_test(categories_are_those_of_training_rows),
        cmocka_unit_test(rows_without_a_date_are_left_out),
        cmocka_unit_test(words_for_missing_can_be_chosen),
        cmocka_unit_test(windows_that_touch_a_hole_are_dropped),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
