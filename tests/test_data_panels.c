/* Several series in one table: lags, gaps, naive forecasts and splits stay within one of them. */
#include "test_data_files.h"

/* Two stores on the same days: A sells 1, 2, 3, ..., B 101, 102, 103, ... */
static void write_panel(const char *name, int days, bool mixed, bool dates) {
    static char text[8192];
    char *at = text + sprintf(text, dates ? "day,store,sales\n" : "store,sales\n");
    for (int i = 0; i < 2 * days; i++) {
        int day = mixed ? i / 2 : i % days, store = mixed ? i % 2 : i / days;
        if (dates)
            at += sprintf(at, "2021-03-%02d,", day + 1);
        at += sprintf(at, "%c,%d\n", 'A' + store, 100 * store + day + 1);
    }
    write_text(name, text);
}

static void lags_stay_within_a_series(void **state) {
    (void)state;
    for (int form = 0; form < 4; form++) {
        bool mixed = form & 1, dates = form & 2;
        char options[160];
        if (mixed && !dates)
            write_panel("t.csv", 5, true, false);
        else
            write_panel("t.csv", 5, mixed, dates);
        snprintf(options, sizeof options,
                 "{train: t.csv, target: sales, series: store, %slags: {of: sales, steps: 2}, "
                 "baselines: [last]}",
                 dates ? "date: day, " : "");
        ds_data *data = must_read(options, DS_TARGET_NUMBERS);
        assert_matrix(&data->train.features, 6, 2,
                      VALUES(2, 1, 3, 2, 4, 3, 102, 101, 103, 102, 104, 103), 0);
        assert_matrix(&data->train.targets, 6, 1, VALUES(3, 4, 5, 103, 104, 105), 0);
        assert_true(data->train.naive[3] == 102);
        ds_data_destroy(data);
    }
}

static void each_series_is_split_by_itself(void **state) {
    (void)state;
    write_panel("t.csv", 10, true, true);
    ds_data *data = must_read("{train: t.csv, target: sales, series: store, date: day, lags: {of: "
                              "sales, steps: 1}, split: {test: 0.3, by: order}}",
                              DS_TARGET_NUMBERS);
    assert_matrix(&data->test.targets, 4, 1, VALUES(9, 10, 109, 110), 0);
    assert_int_equal(data->train.rows, 12);
    ds_data_destroy(data);
    data = must_read("{train: t.csv, target: sales, series: store, date: day, lags: {of: sales, "
                     "steps: 1}, split: {at: 2021-03-08, history: before}}",
                     DS_TARGET_NUMBERS);
    assert_matrix(&data->test.targets, 6, 1, VALUES(8, 9, 10, 108, 109, 110), 0);
    assert_matrix(&data->test.features, 6, 1, VALUES(7, 8, 9, 107, 108, 109), 0);
    ds_data_destroy(data);
}

static void later_files_are_read_by_series(void **state) {
    ds_set set = {0};
    int64_t all;
    (void)state;
    write_panel("t.csv", 6, true, true);
    ds_data *data = must_read("{train: t.csv, target: sales, series: store, date: day, lags: {of: "
                              "sales, steps: 2}}",
                              DS_TARGET_NUMBERS);
    write_text("new.csv", "store,day,sales\nC,2021-04-01,7\nD,2021-04-01,50\nC,2021-04-02,8\n"
                          "D,2021-04-02,51\nC,2021-04-03,\nD,2021-04-03,\n");
    assert_int_equal(ds_dataset_apply(&set, data->encoding, path_of("new.csv"), false, &all, NULL),
                     DS_OK);
    assert_matrix(&set.features, 2, 2, VALUES(8, 7, 51, 50), 0);
    assert_int_equal(ds_set_file_row(&set, 0), 5);
    assert_int_equal(ds_set_file_row(&set, 1), 6);
    ds_set_clear(&set);
    ds_data_destroy(data);
}

static void gaps_are_those_of_a_series(void **state) {
    (void)state;
    write_text("t.csv", "day,store,v\n2021-01-01,A,1\n2021-01-02,A,2\n2021-01-03,A,3\n"
                        "2021-01-05,A,5\n2021-01-06,A,6\n2021-01-07,A,7\n"
                        "2021-06-01,B,11\n2021-06-02,B,12\n2021-06-03,B,13\n");
    ds_data *data = must_read("{train: t.csv, target: v, series: store, date: {column: day, gaps: "
                              "drop}, lags: {of: v, steps: 2}}",
                              DS_TARGET_NUMBERS);
    assert_matrix(&data->train.targets, 3, 1, VALUES(3, 7, 13), 0);
    ds_data_destroy(data);
}

/* Going on from a model, the series are those that it knows. */
static void a_kept_encoding_splits_by_series(void **state) {
    ds_data *on = NULL;
    ds_node *node = NULL;
    ds_text notes = {0};
    (void)state;
    write_text("t.csv", "s,x,y\na,0,0\nb,10,10\na,1,1\nb,11,11\na,2,2\nb,12,12\na,3,3\nb,13,13\n");
    const char *options =
        "{train: t.csv, target: y, series: s, split: {validation: 0.5, by: order}}";
    ds_data *data = must_read(options, DS_TARGET_NUMBERS);
    assert_matrix(&data->train.targets, 4, 1, VALUES(0, 1, 10, 11), 0);
    assert_int_equal(ds_node_parse(&node, options, "recipe.yaml"), DS_OK);
    assert_int_equal(
        ds_dataset_read(&on, node, folder, DS_TARGET_NUMBERS, data->encoding, 1, &notes), DS_OK);
    assert_matrix(&on->train.targets, 4, 1, VALUES(0, 1, 10, 11), 0);
    ds_text_clear(&notes);
    ds_node_destroy(node);
    ds_data_destroy(on);
    ds_data_destroy(data);
}

static void series_that_are_too_short_are_named(void **state) {
    (void)state;
    write_text("t.csv", "s,y\na,1\nb,2\nc,3\nd,4\n");
    assert_bad(
        "{train: t.csv, target: y, series: s, lags: {of: y, steps: 1}}", DS_TARGET_NUMBERS,
        "t.csv: no series of the training set has the 2 rows in a row that a forecast needs");
}

/* What is not needed costs nothing: no words, no note, no error. */
static void columns_beside_lags_are_given_up(void **state) {
    enum { ROWS = 6000 };
    static char text[ROWS * 40];
    ds_text notes = {0};
    ds_data *data = NULL;
    (void)state;
    char *at = text + sprintf(text, "w,u,v,y\n");
    for (int i = 0; i < ROWS; i++)
        at += sprintf(at,
                      "name%d,gr\xf6\xdf"
                      "e,%d,%d\n",
                      i, i, i);
    write_text("t.csv", text);
    assert_int_equal(read_data(&data, "{train: t.csv, target: y, lags: {of: y, steps: 1}}",
                               DS_TARGET_NUMBERS, &notes),
                     DS_OK);
    assert_int_equal(notes.length, 0);
    ds_data_destroy(data);
}

/* Two stores are never averaged, and no message says so. */
static void series_are_not_averaged(void **state) {
    (void)state;
    write_panel("t.csv", 5, true, true);
    assert_bad("{train: t.csv, target: sales, date: day, lags: {of: sales, steps: 2}}",
               DS_TARGET_NUMBERS, "t.csv: lines 2 and 3 have the same date, 2021-03-01");
    assert_string_equal(ds_last_error()->hint,
                        "--set data.series=store tells the rows of a date apart");
    assert_bad("{train: t.csv, target: sales, date: {column: day, duplicates: mean}, lags: {of: "
               "sales, steps: 2}}",
               DS_TARGET_NUMBERS,
               "t.csv: the rows of a date differ in \"store\": their mean would mix series");
    /* Rows that nothing tells apart may be. */
    write_text("t.csv", "day,v\n2021-01-01,1\n2021-01-02,2\n2021-01-02,4\n2021-01-03,5\n");
    ds_data *data = must_read("{train: t.csv, target: v, date: {column: day, duplicates: mean}, "
                              "lags: {of: v, steps: 1}}",
                              DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 1, VALUES(1, 3), 0);
    ds_data_destroy(data);
}

/* Some series have two names: neither shop nor item alone tells the rows of a date apart. */
static void series_are_told_apart_by_several_columns(void **state) {
    static char text[4096];
    ds_set set = {0};
    int64_t all;
    (void)state;
    char *at = text + sprintf(text, "day,shop,item,sold\n");
    for (int i = 0; i < 16; i++)
        at += sprintf(at, "2021-03-%02d,%s,%s,%d\n", i / 4 + 1, i & 2 ? "B" : "A",
                      i & 1 ? "the tea" : "rice", 10 * (i % 4) + i / 4);
    write_text("t.csv", text);
    assert_bad("{train: t.csv, target: sold, date: day, lags: {of: sold, steps: 2}}",
               DS_TARGET_NUMBERS, "t.csv: lines 2 and 3 have the same date, 2021-03-01");
    assert_string_equal(ds_last_error()->hint,
                        "--set 'data.series=[shop, item]' tells the rows of a date apart");
    assert_bad("{train: t.csv, target: sold, date: day, series: shop, lags: {of: sold, steps: 2}}",
               DS_TARGET_NUMBERS, "t.csv: lines 2 and 3 have the same date, 2021-03-01");
    assert_string_equal(ds_last_error()->hint,
                        "--set 'data.series=[shop, item]' tells the rows of a date apart");
    assert_bad("{train: t.csv, target: sold, date: {column: day, duplicates: mean}, series: item, "
               "lags: {of: sold, steps: 2}}",
               DS_TARGET_NUMBERS,
               "t.csv: the rows of a date differ in \"shop\": their mean would mix series");
    ds_data *data = must_read("{train: t.csv, target: sold, date: day, series: [shop, item], lags: "
                              "{of: sold, steps: 2}}",
                              DS_TARGET_NUMBERS);
    assert_matrix(&data->train.targets, 8, 1, VALUES(2, 3, 12, 13, 22, 23, 32, 33), 0);
    assert_matrix(&data->train.features, 8, 2,
                  VALUES(1, 0, 2, 1, 11, 10, 12, 11, 21, 20, 22, 21, 31, 30, 32, 31), 0);
    assert_int_equal(ds_dataset_apply(&set, data->encoding, path_of("t.csv"), true, &all, NULL),
                     DS_OK);
    assert_int_equal(set.rows, 8);
    ds_set_clear(&set);
    ds_data_destroy(data);
}

static void stacked_series_are_noted(void **state) {
    ds_text notes = {0};
    ds_data *data = NULL;
    (void)state;
    write_panel("t.csv", 5, false, false);
    assert_int_equal(read_data(&data, "{train: t.csv, target: sales, lags: {of: sales, steps: 2}}",
                               DS_TARGET_NUMBERS, &notes),
                     DS_OK);
    assert_non_null(
        strstr(notes.characters, "if these are series of their own, --set data.series=store"));
    ds_text_clear(&notes);
    ds_data_destroy(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lags_stay_within_a_series),
        cmocka_unit_test(each_series_is_split_by_itself),
        cmocka_unit_test(later_files_are_read_by_series),
        cmocka_unit_test(gaps_are_those_of_a_series),
        cmocka_unit_test(a_kept_encoding_splits_by_series),
        cmocka_unit_test(series_that_are_too_short_are_named),
        cmocka_unit_test(columns_beside_lags_are_given_up),
        cmocka_unit_test(series_are_not_averaged),
        cmocka_unit_test(series_are_told_apart_by_several_columns),
        cmocka_unit_test(stacked_series_are_noted),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
