/* Columns of dates: how they are read, what they do to the order of rows, to windows and splits. */
#include "noted_data.h"

#include "base/calendar.h"

/* Two rows written in one way, lags of one: the second row follows the first. */
static void the_format_is_found(void **state) {
    static const char *const pairs[][2] = {
        {"2021-01-30", "2021-01-31"},
        {"2021/01/30", "2021/01/31"},
        {"30.01.2021", "31.01.2021"},
        {"01/30/2021", "01/31/2021"},
        {"30/01/2021", "31/01/2021"},
        {"30-01-2021", "31-01-2021"},
        {"01-30-2021", "01-31-2021"},
        {"20210130", "20210131"},
        {"30 Jan 2021", "31 Jan 2021"},
        {"\"Jan 30, 2021\"", "\"Jan 31, 2021\""},
        {"30-January-2021", "31-January-2021"},
        {"2021-01-30 10:00", "2021-01-31 10:00"},
        {"30.01.2021 10:00:00", "31.01.2021 10:00:00"},
        {"30.1.21", "31.1.21"},
        {"01/30/2021 2:05 PM", "01/31/2021 11:05 AM"},
        {"2021-01-30T00:00:00+01:00", "2021-01-31T12:00:00+02:00"},
        {"01/30/21", "01/31/21"},
        {"2021-W04-6", "2021-W04-7"},
        {"1611964800", "1612051200"},
        {"1611964800.0", "1612051200.5"},
        {"1611964800000", "1612051200000"},
        {"1611964800000000", "1612051200000000"},
        {"1611964800000000000", "1612051200000000000"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char text[200];
        snprintf(text, sizeof text, "day,y\n%s,2\n%s,1\n", pairs[i][1], pairs[i][0]);
        write_text("t.csv", text);
        ds_data *data = must_read("{train: t.csv, date: day, target: y, lags: {of: y, steps: 1}}",
                                  DS_TARGET_NUMBERS);
        assert_matrix(&data->train.features, 1, 1, VALUES(1), 0);
        assert_matrix(&data->train.targets, 1, 1, VALUES(2), 0);
        assert_int_equal(ds_set_file_row(&data->train, 0), 1);
        assert_int_equal((int64_t)floor(data->train.date[0] / 86400), ds_day_number(2021, 1, 31));
        ds_data_destroy(data);
    }
}

static void bad_dates_are_named(void **state) {
    const char *plain = "{train: t.csv, date: day, target: y, features: x}";
    (void)state;
    write_text("t.csv", "x,day,y\n1,2021-01-30,2\n1,31.01.2021,1\n");
    assert_bad(plain, DS_TARGET_NUMBERS,
               "t.csv:3:2: expected a date as %Y-%m-%d, got \"31.01.2021\" (column \"day\")");
    write_text("t.csv", "x,day,y\n1,soon,2\n");
    assert_bad(plain, DS_TARGET_NUMBERS,
               "t.csv:2:2: expected a date such as 2021-01-31, got \"soon\" (column \"day\")");
    write_text("t.csv", "x,day,y\n1,2021-01-30,2\n1,,1\n");
    assert_bad(plain, DS_TARGET_NUMBERS, "t.csv:3:2: the date is missing (column \"day\")");
    write_text("t.csv", "x,day,y\n1,02/03/2021,2\n1,04/05/2021,1\n");
    assert_bad(plain, DS_TARGET_NUMBERS,
               "t.csv:2:2: \"02/03/2021\" and all dates below may have the day first or the month "
               "(column \"day\")");
    assert_string_equal(ds_last_error()->hint,
                        "--set 'data.date.format=\"%d/%m/%Y\"', or \"%m/%d/%Y\"");
    ds_data *data =
        must_read("{train: t.csv, date: {column: day, format: \"%d/%m/%Y\"}, target: y, "
                  "features: x}",
                  DS_TARGET_NUMBERS);
    assert_int_equal((int64_t)(data->train.date[0] / 86400), ds_day_number(2021, 3, 2));
    ds_data_destroy(data);
    assert_bad("{train: t.csv, date: {column: day, format: \"%d/%j\"}, target: y}",
               DS_TARGET_NUMBERS,
               "recipe.yaml:1:36: format: \"%d/%j\" does not say how a date with its year is "
               "written");
    for (const char *letter = "YymbdqGVHIpMSz"; *letter; letter++)
        assert_non_null(strstr(ds_last_error()->hint, (const char[]){'%', *letter, '\0'}));
    assert_non_null(strstr(ds_last_error()->hint, "unix_ms milliseconds"));
    assert_bad("{train: t.csv, date: dya, target: y}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:16: t.csv: no column \"dya\"");
    assert_bad("{train: t.csv, date: day, target: day}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:16: date: \"day\" cannot be the date and more");
}

/* A day that counts for itself: rows i = 0 .. count - 1 of the days from 2021-01-01 on, x = i, y =
 * 100 + i; those that `skip` holds are left out. `order` 7 mixes them up. */
static void write_days(int count, int order, const char *skip) {
    ds_text text = {0};
    assert_int_equal(ds_text_add(&text, "y,day,x\n"), DS_OK);
    for (int k = 0; k < count; k++) {
        int i = k * order % count;
        char date[32];
        ds_date_print(date, (double)(ds_day_number(2021, 1, 1) + i) * 86400);
        if (!strstr(skip, date))
            assert_int_equal(ds_text_add(&text, "%d,%s,%d\n", 100 + i, date, i), DS_OK);
    }
    write_text("t.csv", text.characters);
    ds_text_clear(&text);
}

static void assert_same_set(const ds_set *a, const ds_set *b) {
    assert_int_equal(a->rows, b->rows);
    for (int64_t i = 0; i < a->rows; i++) {
        double x[8], y[8];
        ds_matrix_read(&a->features, i, 1, NULL, x);
        ds_matrix_read(&b->features, i, 1, NULL, y);
        assert_memory_equal(x, y, (size_t)a->features.columns * sizeof *x);
        ds_matrix_read(&a->targets, i, 1, NULL, x);
        ds_matrix_read(&b->targets, i, 1, NULL, y);
        assert_memory_equal(x, y, sizeof *x);
        assert_true(a->date[i] == b->date[i]);
    }
}

static void unsorted_rows_give_the_same_sets(void **state) {
    static const char options[] =
        "{train: t.csv, date: day, target: y, lags: {of: [x, y], steps: 3}, features: x, "
        "normalize: standard, split: {validation_at: 2021-01-21, at: 2021-02-01}}";
    (void)state;
    write_days(41, 1, "");
    ds_data *sorted = read_noting(options, "");
    write_days(41, 7, "");
    ds_data *mixed =
        read_noting(options, "t.csv: rows sorted by date: 30 of 41 were out of order\n");
    assert_int_equal(sorted->train.rows, 20 - 3);
    assert_int_equal(sorted->validation.rows, 11 - 3);
    assert_int_equal(sorted->test.rows, 10 - 3);
    assert_same_set(&sorted->train, &mixed->train);
    assert_same_set(&sorted->validation, &mixed->validation);
    assert_same_set(&sorted->test, &mixed->test);
    /* Row k of the mixed file holds day 7 k mod 41. */
    for (int64_t i = 0; i < mixed->test.rows; i++)
        assert_int_equal(7 * (ds_set_file_row(&mixed->test, i) - 1) % 41, 31 + 3 + i);
    ds_data_destroy(sorted);
    ds_data_destroy(mixed);
}

/* The values before a split are unlike those after: any window that crossed it would show. */
static void no_window_crosses_a_split(void **state) {
    static const char *const splits[] = {"{validation_at: 2021-01-11, at: 2021-01-21}",
                                         "{validation: 0.3334, test: 0.3334, by: order}",
                                         "{validation: 0.3334, test: 0.3334}"};
    (void)state;
    ds_text text = {0};
    assert_int_equal(ds_text_add(&text, "day,y\n"), DS_OK);
    for (int i = 0; i < 30; i++)
        assert_int_equal(ds_text_add(&text, "2021-01-%02d,%d\n", i + 1, 1000 * (i / 10) + i),
                         DS_OK);
    write_text("t.csv", text.characters);
    ds_text_clear(&text);
    for (int k = 0; k < 3; k++) {
        char options[200];
        snprintf(options, sizeof options,
                 "{train: t.csv, date: day, target: y, lags: {of: y, steps: 4}, split: %s}",
                 splits[k]);
        ds_data *data = must_read(options, DS_TARGET_NUMBERS);
        const ds_set *sets[] = {&data->train, &data->validation, &data->test};
        for (int s = 0; s < 3; s++) {
            assert_int_equal(sets[s]->rows, 6);
            for (int64_t i = 0; i < 6; i++) {
                double lags[4], y;
                ds_matrix_read(&sets[s]->features, i, 1, NULL, lags);
                ds_matrix_read(&sets[s]->targets, i, 1, NULL, &y);
                assert_true(y == 1000.0 * s + 10.0 * s + 4.0 + (double)i);
                for (int lag = 0; lag < 4; lag++)
                    assert_true(lags[lag] == y - lag - 1);
            }
        }
        ds_data_destroy(data);
    }
    ds_data *data = must_read("{train: t.csv, date: day, target: y, lags: {of: y, steps: 4}, "
                              "split: {at: 2021-01-21, history: before}}",
                              DS_TARGET_NUMBERS);
    assert_int_equal(data->train.rows, 16); /* nothing of the test rows among them */
    assert_int_equal(data->test.rows, 10);
    double lags[4];
    ds_matrix_read(&data->test.features, 0, 1, NULL, lags);
    assert_true(lags[0] == 1019 && lags[3] == 1016);
    ds_data_destroy(data);
}

/* Models that look back at different numbers of rows, on the same days. */
static void rows_may_be_history_for_all(void **state) {
    (void)state;
    write_days(30, 1, "");
    for (int steps = 1; steps <= 6; steps++) {
        char options[256];
        snprintf(options, sizeof options,
                 "{train: t.csv, test: t.csv, date: day, target: y, lags: {of: y, steps: %d}, "
                 "split: {validation_at: 2021-01-21, history: 5}}",
                 steps);
        ds_data *data = must_read(options, DS_TARGET_NUMBERS);
        const ds_set *sets[] = {&data->train, &data->validation, &data->test};
        static const int rows[] = {20, 10, 30}, first[] = {0, 20, 0};
        int history = steps > 5 ? steps : 5; /* no less than the lags need */
        for (int s = 0; s < 3; s++) {
            assert_int_equal(sets[s]->rows, rows[s] - history);
            assert_int_equal(ds_set_file_row(sets[s], 0) - 1, first[s] + history);
        }
        ds_data_destroy(data);
    }
    assert_bad("{train: t.csv, date: day, target: y, split: {at: 2021-01-21, history: 10}}",
               DS_TARGET_NUMBERS,
               "t.csv: 10 rows of history need at least 11 rows, the test set has 10");
    assert_non_null(strstr(ds_last_error()->hint, "take a shorter history"));
    assert_bad("{train: t.csv, date: day, target: y, split: {at: 2021-01-21, history: -1}}",
               DS_TARGET_NUMBERS, "recipe.yaml:1:62: history: expected 0 to 100000 rows, got -1");
    assert_bad("{train: t.csv, target: y, features: x, split: {test: 0.2, history: 5}}",
               DS_TARGET_NUMBERS,
               "recipe.yaml:1:59: split: only rows in order have a history before them");
}

static void splits_at_dates_are_checked(void **state) {
    (void)state;
    write_days(10, 1, "");
    assert_bad("{train: t.csv, date: day, target: y, split: {at: 2022-01-01}}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:46: at: no row is of that date or after 2022-01-01");
    assert_string_equal(ds_last_error()->hint, "the dates are 2021-01-01 to 2021-01-10");
    assert_bad("{train: t.csv, date: day, target: y, split: {at: 2021-01-01}}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:46: at: no row is before 2021-01-01");
    assert_bad("{train: t.csv, date: day, target: y, split: {at: soon}}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:46: at: expected a date, got \"soon\"");
    assert_bad("{train: t.csv, target: y, features: x, split: {at: 2021-01-05}}", DS_TARGET_NUMBERS,
               "recipe.yaml:1:48: split: the rows have no dates");
    assert_bad("{train: t.csv, date: day, target: y, split: {at: 2021-01-05, test: 0.1}}",
               DS_TARGET_NUMBERS,
               "recipe.yaml:1:62: split: \"test\" does not go with a split at a date");
    assert_bad("{train: t.csv, date: day, target: y, "
               "split: {validation_at: 2021-01-07, at: 2021-01-05}}",
               DS_TARGET_NUMBERS,
               "recipe.yaml:1:46: validation_at: no row lies between it and the test rows");
}

static void equal_dates_are_an_error_under_lags(void **state) {
    (void)state;
    write_text("t.csv", "day,y\n2021-01-02,2\n2021-01-01,1\n2021-01-02,3\n");
    assert_bad("{train: t.csv, date: day, target: y, lags: {of: y, steps: 1}}", DS_TARGET_NUMBERS,
               "t.csv: lines 2 and 4 have the same date, 2021-01-02");
    write_text("t.csv", "x,day,y\n5,2021-01-02,2\n6,2021-01-01,1\n7,2021-01-02,3\n");
    ds_data *data = must_read("{train: t.csv, date: day, target: y}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 3, 1, VALUES(6, 5, 7), 0); /* the date is no feature */
    ds_data_destroy(data);
}

static void gaps_are_noted_or_dropped(void **state) {
    (void)state;
    write_days(20, 1, "2021-01-09 2021-01-10 2021-01-15");
    ds_data *data = read_noting(
        "{train: t.csv, date: day, target: y, lags: {of: y, steps: 2}}",
        "t.csv: 3 dates are missing, the first 2021-01-09; lags count rows, not days\n");
    assert_int_equal(data->train.rows, 17 - 2);
    ds_data_destroy(data);
    data =
        read_noting("{train: t.csv, date: {column: day, gaps: drop}, target: y, "
                    "lags: {of: y, steps: 2}}",
                    "t.csv: 3 dates are missing, the first 2021-01-09; rows whose lags span a gap "
                    "are left out\n4 rows of the training set left out: gaps in their history\n");
    /* Runs of 8, 4 and 5 days, each without its first two. */
    assert_matrix(&data->train.targets, 11, 1,
                  VALUES(102, 103, 104, 105, 106, 107, 112, 113, 117, 118, 119), 0);
    ds_data_destroy(data);
    write_text("t.csv", "day,y\n2021-01,1\n2021-02,2\n2021-03,3\n2021-05,5\n");
    data = read_noting("{train: t.csv, date: day, target: y, lags: {of: y, steps: 1}}",
                       "t.csv: 1 date is missing, the first 2021-04-01; lags count rows, not "
                       "time\n");
    ds_data_destroy(data);
}

/* Rows of one date are their mean; they stay rows of the file for what counts its rows. */
static void equal_dates_are_joined_where_asked(void **state) {
    static const char options[] =
        "{train: t.csv, date: {column: day, duplicates: mean}, target: y, lags: {of: y, steps: 1}}";
    ds_set set = {0};
    int64_t rows = 0;
    (void)state;
    write_text("t.csv", "day,y\n2021-01-02,2\n2021-01-03,7\n2021-01-01,1\n2021-01-02,5\n");
    ds_data *data = read_noting(options, "t.csv: rows sorted by date: 2 of 4 were out of order\n"
                                         "t.csv: 1 date has more than one row: the mean of their "
                                         "numbers is taken\n");
    assert_matrix(&data->train.features, 2, 1, VALUES(1, 3.5), 0);
    assert_matrix(&data->train.targets, 2, 1, VALUES(3.5, 7), 0);
    assert_int_equal(ds_set_file_row(&data->train, 0), 1);
    assert_int_equal(ds_set_file_row(&data->train, 1), 2);
    assert_int_equal(data->train.missing[1], 0);
    write_text("later.csv", "day,y\n2021-02-01,4\n2021-02-01,6\n2021-02-02,8\n");
    assert_int_equal(
        ds_dataset_apply(&set, data->encoding, path_of("later.csv"), false, &rows, NULL), DS_OK);
    assert_int_equal(rows, 3);
    assert_matrix(&set.features, 1, 1, VALUES(5), 0);
    assert_int_equal(ds_set_file_row(&set, 0), 3);
    ds_set_clear(&set);
    ds_data_destroy(data);
}

/* Read with columns to be found, a file gives the rows that it gives with their names. */
static void assert_found(const char *text, const char *date, const char *target) {
    char options[200];
    write_text("t.csv", text);
    ds_data *found = must_read("{train: t.csv, date: auto, lags: {steps: 1}}", DS_TARGET_NUMBERS);
    snprintf(options, sizeof options,
             "{train: t.csv, date: %s, target: %s, lags: {of: %s, steps: 1}}", date, target,
             target);
    ds_data *named = must_read(options, DS_TARGET_NUMBERS);
    assert_string_equal(ds_encoding_target(found->encoding, 0), target);
    assert_true(found->train.rows > 0);
    assert_same_set(&found->train, &named->train);
    ds_data_destroy(found);
    ds_data_destroy(named);
}

static void columns_are_found(void **state) {
    (void)state;
    assert_found("y,day\n1,2021-01-30\n3,2021-02-01\n2,2021-01-31\n", "day", "y");
    assert_found("day,y\n20210130,1\n20210131,2\n", "day", "y");
    assert_found("day,note,y\n2021/01/30,a,1\n2021/01/31,,2\n", "day", "y");
    assert_found("2021-01-30,1\n2021-01-31,2\n", "c1", "c2");
    assert_found("day;y\n30.01.2021;1,5\n31.01.2021;2\n", "day", "y");
    write_text("t.csv", "day,y\n2021-01-30,1\n2021-01-31,2\n");
    ds_data *data = read_noting("{train: t.csv, date: auto, lags: {steps: 1}}",
                                "t.csv: column \"day\" holds the dates\n"
                                "t.csv: column \"y\" is to be predicted\n");
    ds_data_destroy(data);
    static const char *const partly[] = {"{train: t.csv, date: day, lags: {steps: 1}}",
                                         "{train: t.csv, date: auto, target: y, lags: {steps: 1}}",
                                         "{train: t.csv, target: y, lags: {steps: 1}}"};
    for (int i = 0; i < 3; i++) {
        data = must_read(partly[i], DS_TARGET_NUMBERS);
        assert_matrix(&data->train.features, 1, 1, VALUES(1), 0);
        assert_matrix(&data->train.targets, 1, 1, VALUES(2), 0);
        ds_data_destroy(data);
    }
}

static void columns_that_cannot_be_told_are_listed(void **state) {
    static const char options[] = "{train: t.csv, date: auto, lags: {steps: 1}}";
    (void)state;
    write_text("t.csv", "day,seen,y\n2021-01-30,2021-01-31,1\n2021-01-31,2021-02-01,2\n");
    assert_bad(options, DS_TARGET_NUMBERS,
               "recipe.yaml:1:16: date: t.csv has 2 columns of dates: day, seen");
    assert_string_equal(ds_last_error()->hint, "name one of them: --set data.date.column=day");
    write_text("t.csv", "id,day,y\n1,2021-01-30,5\n2,2021-01-31,6\n");
    assert_bad(options, DS_TARGET_NUMBERS,
               "recipe.yaml:1:16: target: t.csv has 2 columns of numbers: id, y");
    write_text("t.csv", "day,y\n2021-01-30,1\nn/k,2\n");
    assert_bad(options, DS_TARGET_NUMBERS,
               "t.csv:3:1: expected a date as %Y-%m-%d, got \"n/k\" (column \"day\")");
    write_text("t.csv", "day,y\nsoon,1\nlater,2\n");
    assert_bad(options, DS_TARGET_NUMBERS,
               "recipe.yaml:1:16: date: no column of t.csv holds dates alone");
    write_text("t.csv", "day,y\n2021-01-30,few\n2021-01-31,many\n");
    assert_bad(options, DS_TARGET_NUMBERS,
               "t.csv:2:2: expected a number, got \"few\" (column \"y\")");
    write_text("t.csv", "day\n2021-01-30\n");
    assert_bad(options, DS_TARGET_NUMBERS,
               "recipe.yaml:1:16: target: t.csv has no column of numbers beside the dates");
    write_text("t.csv", "day,y\n02/03/2021,1\n04/05/2021,2\n");
    assert_bad(options, DS_TARGET_NUMBERS,
               "t.csv:2:1: \"02/03/2021\" and all dates below may have the day first or the month "
               "(column \"day\")");
}

static void later_files_are_sorted_likewise(void **state) {
    ds_set set = {0};
    ds_encoding *again = NULL;
    cJSON *json = NULL;
    int64_t rows = 0;
    (void)state;
    write_days(20, 1, "");
    ds_data *data = must_read("{train: t.csv, date: {column: day, gaps: drop}, target: y, "
                              "lags: {of: [y, x], steps: 2}}",
                              DS_TARGET_NUMBERS);
    assert_int_equal(ds_encoding_to_json(data->encoding, &json), DS_OK);
    assert_int_equal(ds_encoding_from_json(&again, json, "model"), DS_OK);
    cJSON_Delete(json);
    write_text("later.csv", "x,y,day\n4,14,2022-01-04\n1,11,2022-01-01\n3,13,2022-01-03\n"
                            "6,16,2022-01-06\n2,12,2022-01-02\n");
    assert_int_equal(ds_dataset_apply(&set, again, path_of("later.csv"), false, &rows, NULL),
                     DS_OK);
    assert_int_equal(rows, 5);
    assert_matrix(&set.features, 2, 4, VALUES(12, 11, 2, 1, 13, 12, 3, 2), 0);
    assert_int_equal(ds_set_file_row(&set, 0),
                     3); /* of the file, whose first row is the fourth day */
    assert_int_equal(ds_set_file_row(&set, 1), 1);
    ds_set_clear(&set);
    write_text("later.csv", "x,y\n1,11\n2,12\n3,13\n");
    assert_int_equal(ds_dataset_apply(&set, again, path_of("later.csv"), false, &rows, NULL),
                     DS_BAD_INPUT);
    assert_message("later.csv: no column \"day\"");
    ds_encoding_destroy(again);
    ds_data_destroy(data);
}

/* Whichever allocation fails, nothing leaks. */
static void no_memory_leaks_nothing(void **state) {
    ds_data *data = NULL;
    ds_status status = DS_OUT_OF_MEMORY;
    (void)state;
    write_text("t.csv", "day,y\n2021-01-02,2\n2021-01-01,1\n2021-01-04,4\n2021-01-04,6\n"
                        "2021-01-05,5\n2021-01-06,6\n2021-01-08,8\n");
    long held = ds_memory_held(), nth = 0;
    while (status != DS_OK) {
        ds_fail_allocation(++nth);
        status = read_data(&data,
                           "{train: t.csv, date: {column: auto, gaps: drop, duplicates: mean}, "
                           "lags: {steps: 1}, baselines: [last], split: {at: 2021-01-05}}",
                           DS_TARGET_NUMBERS, NULL);
        ds_fail_allocation(0);
        if (status != DS_OK) {
            assert_int_equal(status, DS_OUT_OF_MEMORY);
            assert_null(data);
            assert_int_equal(ds_memory_held(), held);
        }
    }
    assert_true(nth > 50);
    ds_data_destroy(data);
    assert_int_equal(ds_memory_held(), held);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_format_is_found),
        cmocka_unit_test(bad_dates_are_named),
        cmocka_unit_test(unsorted_rows_give_the_same_sets),
        cmocka_unit_test(no_window_crosses_a_split),
        cmocka_unit_test(rows_may_be_history_for_all),
        cmocka_unit_test(splits_at_dates_are_checked),
        cmocka_unit_test(equal_dates_are_an_error_under_lags),
        cmocka_unit_test(gaps_are_noted_or_dropped),
        cmocka_unit_test(equal_dates_are_joined_where_asked),
        cmocka_unit_test(columns_are_found),
        cmocka_unit_test(columns_that_cannot_be_told_are_listed),
        cmocka_unit_test(later_files_are_sorted_likewise),
        cmocka_unit_test(no_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
