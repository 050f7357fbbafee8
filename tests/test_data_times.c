/* Series whose dates are quarters, weeks, years or counts, or have offsets: how they are found, and
 * how far apart their rows are. */
#include "noted_data.h"

/* Columns whose rows lie further apart: the first row's date is that of its text. */
static void long_steps_are_found(void **state) {
    static const struct {
        const char *rows[2];
        int first, second; /* days since 1970 */
    } cases[] = {
        {{"2020Q1", "2020Q2"}, 18262, 18353},     {{"2020-Q3", "2020-Q4"}, 18444, 18536},
        {{"Q4 1999", "Q1 2000"}, 10865, 10957},   {{"2020-W01", "2020-W02"}, 18260, 18267},
        {{"2020W53", "2021W01"}, 18624, 18631},   {{"1871", "1872"}, -36159, -35794},
        {{"1871.0", "1872.0"}, -36159, -35794},   {{"202001", "202002"}, 18262, 18293},
        {{"Jan-2020", "Feb-2020"}, 18262, 18293},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        snprintf(text, sizeof text, "t,x,y\n%s,5,1\n%s,6,2\n", cases[i].rows[0], cases[i].rows[1]);
        write_text("t.csv", text);
        ds_data *data = must_read("{train: t.csv, date: t, target: y}", DS_TARGET_NUMBERS);
        assert_true(data->train.date[0] == 86400.0 * cases[i].first);
        assert_true(data->train.date[1] == 86400.0 * cases[i].second);
        ds_data_destroy(data);
    }
}

/* A series of months has gaps of months, whatever their lengths; the date missing is on the day
 * that the others are on. */
static void months_quarters_and_years_are_steps(void **state) {
    static const struct {
        const char *rows, *note;
    } cases[] = {
        {"2021-01-31 2021-02-28 2021-03-31 2021-05-31 2021-06-30",
         "t.csv: 1 date is missing, the first 2021-04-30; lags count rows, not time\n"},
        {"2020-01-30 2020-02-29 2020-03-30 2020-05-30",
         "t.csv: 1 date is missing, the first 2020-04-30; lags count rows, not time\n"},
        {"2010-01-15 2010-02-15 2010-03-15 2020-03-15",
         "t.csv: 119 dates are missing, the first 2010-04-15; lags count rows, not time\n"},
        {"1999Q1 1999Q2 1999Q3 1999Q4 2009Q4 2010Q1",
         "t.csv: 39 dates are missing, the first 2000-01-01; lags count rows, not time\n"},
        {"1871 1872 1873 1971 1972",
         "t.csv: 97 dates are missing, the first 1874-01-01; lags count rows, not time\n"},
        {"2020-W52 2020-W53 2021-W01 2021-W03",
         "t.csv: 1 date is missing, the first 2021-01-11; lags count rows, not time\n"},
        {"2021-01-04 2021-02-01 2021-03-01 2021-03-29 2021-05-24", /* every four weeks */
         "t.csv: 1 date is missing, the first 2021-04-26; lags count rows, not time\n"},
        {"2020-02-01 2020-03-01 2021-01-01 2021-02-01 2021-03-01",
         "t.csv: 9 dates are missing, the first 2020-04-01; lags count rows, not time\n"},
        {"2020-03-28T00:00+01:00 2020-03-29T00:00+01:00 2020-03-30T00:00+02:00",
         "t.csv: dates with an offset from UTC are taken, and shown, as UTC\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_text text = {0};
        char rows[128], *rest = NULL;
        snprintf(rows, sizeof rows, "%s", cases[i].rows);
        assert_int_equal(ds_text_add(&text, "t,y\n"), DS_OK);
        for (char *row = strtok_r(rows, " ", &rest); row; row = strtok_r(NULL, " ", &rest))
            assert_int_equal(ds_text_add(&text, "%s,1\n", row), DS_OK);
        write_text("t.csv", text.characters);
        ds_text_clear(&text);
        ds_data_destroy(read_noting("{train: t.csv, date: t, target: y, lags: {of: y, steps: 1}}",
                                    cases[i].note));
    }
}

/* The model keeps the step: a file of two rows that lie a quarter apart has two months missing. */
static void later_files_have_the_step_of_the_first(void **state) {
    ds_set set = {0};
    int64_t rows = 0;
    (void)state;
    write_text("t.csv", "t,y\n2020-01,1\n2020-02,2\n2020-03,3\n2020-04,4\n");
    ds_data *data = must_read("{train: t.csv, date: {column: t, gaps: drop}, target: y, lags: {of: "
                              "y, steps: 1}}",
                              DS_TARGET_NUMBERS);
    write_text("later.csv", "t,y\n2021-01,1\n2021-04,2\n2021-05,3\n");
    assert_int_equal(
        ds_dataset_apply(&set, data->encoding, path_of("later.csv"), true, &rows, NULL), DS_OK);
    assert_int_equal(set.rows, 1); /* May */
    ds_set_clear(&set);
    ds_data_destroy(data);
}

/* From the last row of one series to the first of another there is no step. */
static void each_series_has_its_months(void **state) {
    (void)state;
    write_text("t.csv", "t,s,y\n2020Q1,a,1\n2020Q2,a,2\n2020Q3,a,3\n2020Q4,a,4\n2010Q1,b,5\n"
                        "2010Q4,b,6\n2011Q1,b,7\n");
    ds_data *data = read_noting("{train: t.csv, date: {column: t, gaps: drop}, series: s, target: "
                                "y, lags: {of: y, steps: 1}}",
                                "t.csv: 2 dates are missing, the first 2010-04-01; rows whose lags "
                                "span a gap are left out\n1 row of the training set left out: gaps "
                                "in their history\n");
    assert_matrix(&data->train.targets, 4, 1, VALUES(2, 3, 4, 7), 0);
    ds_data_destroy(data);
}

static void counts_since_1970_are_found_last(void **state) {
    static const char options[] = "{train: t.csv, date: auto, target: y, lags: {steps: 1}}";
    (void)state;
    write_text("t.csv", "t,y\n1611964800,1\n1612051200,2\n");
    ds_data *data =
        read_noting(options, "t.csv: column \"t\" holds the dates, counted since 1970\n");
    assert_true(data->train.date[0] == 1612051200);
    ds_data_destroy(data);
    write_text("t.csv", "t,day,y\n1611964800,2021-01-30,1\n1612051200,2021-01-31,2\n");
    data = read_noting(options, "t.csv: column \"day\" holds the dates\n");
    ds_data_destroy(data);
    write_text("t.csv", "t,u,y\n1611964800,1611964800000,1\n1612051200,1612051200000,2\n");
    assert_bad(options, DS_TARGET_NUMBERS,
               "recipe.yaml:1:16: date: t.csv has 2 columns of dates: t, u");
    write_text("t.csv", "t,y\n11964800,1\n12051200,2\n"); /* 1970 */
    assert_bad(options, DS_TARGET_NUMBERS,
               "recipe.yaml:1:16: date: no column of t.csv holds dates alone");
    write_text("t.csv", "t,y\n1871,1\n1872,2\n");
    assert_bad(options, DS_TARGET_NUMBERS,
               "recipe.yaml:1:16: date: no column of t.csv holds dates alone");
    assert_string_equal(
        ds_last_error()->hint,
        "years alone are dates in a column that is named: --set data.date.column=t");
    write_text("t.csv", "t,x,y\n86400,5,1\n172800,6,2\n");
    data =
        must_read("{train: t.csv, date: {column: t, format: unix}, target: y}", DS_TARGET_NUMBERS);
    assert_true(data->train.date[0] == 86400 && data->train.date[1] == 172800);
    ds_data_destroy(data);
    write_text("t.csv", "t,x,y\n1611964800000,5,1\n");
    assert_bad("{train: t.csv, date: {column: t, format: unix}, target: y}", DS_TARGET_NUMBERS,
               "t.csv:2:1: expected a date as unix, got \"1611964800000\" (column \"t\")");
    assert_string_equal(ds_last_error()->hint,
                        "unix is seconds since 1970, unix_ms is milliseconds");
    write_text("t.csv", "t,x,y\n915148800000,5,1\n"); /* of 1999 */
    assert_bad("{train: t.csv, date: t, target: y}", DS_TARGET_NUMBERS,
               "t.csv:2:1: expected a date such as 2021-01-31, got \"915148800000\" (column "
               "\"t\")");
    assert_string_equal(ds_last_error()->hint,
                        "--set 'data.date.format=\"unix_ms\"'; if the column holds no dates, --set "
                        "data.date=none");
}

/* The format that the hint shows is one that reads the file. */
static void a_hint_shows_how_the_file_writes_dates(void **state) {
    static const char *const cases[][3] = {
        {"31-01-21", "01-02-21", "%d-%m-%y"},     {"01-31-21", "02-01-21", "%m-%d-%y"},
        {"99-01-31", "99-02-01", "%y-%m-%d"},     {"2021 01 31", "2021 02 01", "%Y %m %d"},
        {"31_01_2021", "01_02_2021", "%d_%m_%Y"}, {"03/2021", "04/2021", "%m/%Y"},
        {"02-01-21", "31-01-21", "%d-%m-%y"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200], hint[200], options[200];
        snprintf(text, sizeof text, "t,x,y\n%s,5,1\n%s,6,2\n", cases[i][0], cases[i][1]);
        write_text("t.csv", text);
        snprintf(text, sizeof text,
                 "t.csv:2:1: expected a date such as 2021-01-31, got \"%s\" (column \"t\")",
                 cases[i][0]);
        snprintf(hint, sizeof hint,
                 "--set 'data.date.format=\"%s\"'; if the column holds no dates, --set "
                 "data.date=none",
                 cases[i][2]);
        assert_bad("{train: t.csv, date: t, target: y}", DS_TARGET_NUMBERS, text);
        assert_string_equal(ds_last_error()->hint, hint);
        assert_bad("{train: t.csv, date: auto, target: y}", DS_TARGET_NUMBERS,
                   "recipe.yaml:1:16: date: no column of t.csv holds dates alone");
        snprintf(hint, sizeof hint, "--set data.date.column=t --set 'data.date.format=\"%s\"'",
                 cases[i][2]);
        assert_string_equal(ds_last_error()->hint, hint);
        snprintf(options, sizeof options,
                 "{train: t.csv, date: {column: t, format: \"%s\"}, target: y}", cases[i][2]);
        ds_data_destroy(must_read(options, DS_TARGET_NUMBERS));
    }
}

static void offsets_are_told(void **state) {
    (void)state;
    write_text("t.csv", "t,x,y\n2020-01-01T00:30:00+01:00,1,1\n2019-12-31T23:00:00Z,2,2\n");
    ds_data *data = read_noting("{train: t.csv, date: t, target: y}",
                                "t.csv: dates with an offset from UTC are taken, and shown, as "
                                "UTC\nt.csv: rows sorted by date: 1 of 2 were out of order\n");
    assert_true(data->train.date[1] == 1577835000);
    ds_data_destroy(data);
    write_text("t.csv", "t,x,y\n2020-01-01T00:30:00Z,1,1\n2020-01-02T00:00:00+00:00,2,2\n");
    ds_data_destroy(read_noting("{train: t.csv, date: t, target: y}", ""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_steps_are_found),
        cmocka_unit_test(months_quarters_and_years_are_steps),
        cmocka_unit_test(later_files_have_the_step_of_the_first),
        cmocka_unit_test(each_series_has_its_months),
        cmocka_unit_test(counts_since_1970_are_found_last),
        cmocka_unit_test(a_hint_shows_how_the_file_writes_dates),
        cmocka_unit_test(offsets_are_told),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
