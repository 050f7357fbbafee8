/* Reading CSV: forms of the file, kinds of columns, errors with their place. */
#include "test_data_files.h"

#include <zlib.h>

#include "data/cell_text.h"

static void numbers_are_read_exactly(void **state) {
    static const char *const texts[] = {"0",
                                        "-0",
                                        "1",
                                        "+1.5",
                                        ".5",
                                        "5.",
                                        "1e22",
                                        "1e23",
                                        "1e-22",
                                        "1E+5",
                                        "0.1",
                                        "123456789.123456789",
                                        "9007199254740993",
                                        "1e308",
                                        "4.9e-324",
                                        "2.2250738585072011e-308",
                                        "0.000000000000000000000000001",
                                        "1e400",
                                        "17976931348623157e292",
                                        "00000000000000000000000001.25",
                                        "123456789012345678901234567890"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double value = NAN, wanted = strtod(texts[i], NULL);
        assert_true(ds_number_parse(texts[i], &value));
        assert_memory_equal(&value, &wanted, sizeof value);
    }
    for (unsigned i = 0, x = 1; i < 200000; i++) { /* short and long decimals of every size */
        char text[64];
        double value = NAN;
        x = x * 1664525u + 1013904223u;
        snprintf(text, sizeof text, "%.*ge%d", (int)(x >> 28) + 1, (double)x * 1e-7,
                 (int)(x >> 10 & 63) - 32);
        char *letter = strchr(text, 'e');
        if (letter != strrchr(text, 'e'))
            *strrchr(text, 'e') = '\0';
        double wanted = strtod(text, NULL);
        assert_true(ds_number_parse(text, &value));
        assert_memory_equal(&value, &wanted, sizeof value);
    }
}

static void other_texts_are_no_numbers(void **state) {
    static const char *const texts[] = {"",  "-",   ".",   "e5",  "1e",    "1e+", "0x10", "1 ",
                                        "a", "1,5", "nan", "NaN", "1.2.3", "--1", "1e5x"};
    double value;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(ds_number_parse(texts[i], &value));
    assert_true(ds_number_parse("-Inf", &value) && isinf(value));
    assert_true(ds_cell_is_missing("", false, false, NULL) &&
                ds_cell_is_missing("NA", false, false, NULL) &&
                ds_cell_is_missing("nan", false, false, NULL) &&
                ds_cell_is_missing("null", false, false, NULL) &&
                ds_cell_is_missing("?", false, false, NULL));
    assert_false(ds_cell_is_missing("0", false, false, NULL));
    assert_true(ds_is_utf8("gr\xc3\xb6\xc3\x9f"
                           "e"));
    assert_false(ds_is_utf8("gr\xf6\xdf"
                            "e"));
    assert_false(ds_is_utf8("\xc3"));
    assert_false(ds_is_utf8("\xed\xa0\x80"));
}

static void check_four_rows(const char *name, const char *text) {
    char options[128];
    write_text(name, text);
    snprintf(options, sizeof options, "{train: %s, target: y}", name);
    ds_data *data = must_read(options, DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 2, VALUES(1, 2, 4, 5), 0);
    assert_matrix(&data->train.targets, 2, 1, VALUES(3, 6), 0);
    ds_data_destroy(data);
}

static void every_form_of_csv_is_read(void **state) {
    (void)state;
    check_four_rows("plain.csv", "a,b,y\n1,2,3\n4,5,6\n");
    check_four_rows("no_last_newline.csv", "a,b,y\n1,2,3\n4,5,6");
    check_four_rows("crlf.csv", "a,b,y\r\n1,2,3\r\n4,5,6\r\n");
    check_four_rows("cr.csv", "a,b,y\r1,2,3\r4,5,6\r");
    check_four_rows("bom.csv", "\xef\xbb\xbf"
                               "a,b,y\n1,2,3\n4,5,6\n");
    check_four_rows("quoted.csv", "\"a\",\"b\",\"y\"\n\"1\",2,3\n4,\"5\",6\n");
    check_four_rows("spaces.csv", " a, b, y\n 1 , 2, 3\n4,5,6 \n");
    check_four_rows("semicolons.csv", "a;b;y\n1;2;3\n4;5;6\n");
    check_four_rows("tabs.csv", "a\tb\ty\n1\t2\t3\n4\t5\t6\n");
    check_four_rows("tabs.tsv", "a\tb\ty\n1\t2\t3\n4\t5\t6\n");
    check_four_rows("blank.csv", "\n\na,b,y\n\n1,2,3\n\n\n4,5,6\n\n");
    check_four_rows("blank_first.csv", "\r\n\na;b;y\n1;2;3\n4;5;6\n");
}

/* 3,5 is a number where no comma stands between cells and nothing speaks against it. */
static void decimal_commas_are_read(void **state) {
    (void)state;
    static const char *const texts[] = {"x;y\n1,5;-0,25\n2;3,125\n", "x\ty\n1,5\t-0,25\n2\t3,125\n",
                                        "c1;y\n1,5;-,25\n2;31,25e-1\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_text("comma.csv", texts[i]);
        ds_data *data = must_read("{train: comma.csv, target: y}", DS_TARGET_NUMBERS);
        assert_matrix(&data->train.features, 2, 1, VALUES(1.5, 2), 0);
        assert_matrix(&data->train.targets, 2, 1, VALUES(-0.25, 3.125), 0);
        ds_data_destroy(data);
    }
    /* Without a header, where commas are as many as semicolons, or more. */
    write_text("comma.csv", "1,5;2,5\n2,5;3\n");
    ds_data *data = must_read("{train: comma.csv, target: c2}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 1, VALUES(1.5, 2.5), 0);
    assert_matrix(&data->train.targets, 2, 1, VALUES(2.5, 3), 0);
    ds_data_destroy(data);
    write_text("comma.csv", "31.01.2021;1,5\n01.02.2021;2,5\n");
    data = must_read("{train: comma.csv, target: c2, date: c1, lags: {of: c2, steps: 1}}",
                     DS_TARGET_NUMBERS);
    assert_matrix(&data->train.targets, 1, 1, VALUES(2.5), 0);
    ds_data_destroy(data);
}

/* A number with commas that cannot be read is an error: it does not make its column words. */
static void doubtful_commas_are_refused(void **state) {
    static const struct {
        const char *text, *place, *cell, *column, *hint;
    } cases[] = {
        {"x;y\n1;1,234\n2;5,678\n", "2:2", "1,234", "y",
         "--set data.decimal=point, if before decimals, --set data.decimal=comma"},
        {"x;y\n1,234;1\n5,678;2\n", "2:1", "1,234", "x",
         "--set data.decimal=point, if before decimals, --set data.decimal=comma"},
        {"x;y\n1.5;2\n2;5,67\n", "3:2", "5,67", "y", "write decimals behind a point"},
        {"x,y\n1,\"5,67\"\n", "2:2", "5,67", "y", "write decimals behind a point"},
        {"x,y\n\"1,5\",2\n\"2,5\",3\n", "2:1", "1,5", "x", "--set data.categories+=x"},
        {"x,y\n\"1,000,000.5\",2\n\"5,67\",2\n", "2:1", "1,000,000.5", "x",
         "thousands without commas"},
        {"x;y\n5,67;2\n1,000,000;2\n", "2:1", "5,67", "x", "write decimals behind a point"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char message[120];
        write_text("comma.csv", cases[i].text);
        snprintf(message, sizeof message,
                 "comma.csv:%s: expected a number, got \"%s\" (column \"%s\")", cases[i].place,
                 cases[i].cell, cases[i].column);
        assert_bad("{train: comma.csv, target: y}", DS_TARGET_NUMBERS, message);
        assert_non_null(strstr(ds_last_error()->hint, cases[i].hint));
    }
    /* Words for whoever says so. */
    write_text("comma.csv", "x;y\n1,5;2\n2,5;3\n");
    ds_data *data = must_read("{train: comma.csv, target: y, categories: x}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 2, VALUES(1, 0, 0, 1), 0);
    ds_data_destroy(data);
}

/* Three digits behind every comma: the recipe says what it is, and the model of the next file. */
static void the_recipe_says_what_a_comma_is(void **state) {
    (void)state;
    write_text("comma.csv", "x;y\n77,639;1\n-1,234;2\n");
    ds_data *data = must_read("{train: comma.csv, target: y, decimal: comma}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 1, VALUES(77.639, -1.234), 0);
    ds_data_destroy(data);
    data = must_read("{train: comma.csv, target: y, decimal: point}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 1, VALUES(77639, -1234), 0);
    ds_data_destroy(data);
    write_text("comma.csv", "x,y\n\"1,234,567.5\",1\n1.25,\"1,000e1\"\n");
    data = must_read("{train: comma.csv, target: y, decimal: point}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 1, VALUES(1234567.5, 1.25), 0);
    assert_matrix(&data->train.targets, 2, 1, VALUES(1, 10000), 0);
    ds_data_destroy(data);
    write_text("comma.csv", "x;y\n1,234;1\n12,34;2\n");
    assert_bad("{train: comma.csv, target: y, decimal: point}", DS_TARGET_NUMBERS,
               "comma.csv:3:1: expected a number, got \"12,34\" (column \"x\")");
    write_text("comma.csv", "x;y\n1.5;1\n");
    assert_bad("{train: comma.csv, target: y, decimal: comma}", DS_TARGET_NUMBERS,
               "comma.csv:2:1: expected a number, got \"1.5\" (column \"x\")");
}

static void gzip_is_read(void **state) {
    (void)state;
    gzFile file = gzopen(path_of("packed.csv.gz"), "wb");
    gzputs(file, "a,y\n1,2\n");
    gzclose(file);
    ds_data *data = must_read("{train: packed.csv.gz, target: y}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 1, 1, VALUES(1), 0);
    ds_data_destroy(data);
}

static void a_file_without_header_has_numbered_columns(void **state) {
    (void)state;
    write_text("bare.csv", "1,2,3\n4,5,6\n");
    ds_data *data = must_read("{train: bare.csv, target: c2}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 2, VALUES(1, 3, 4, 6), 0);
    assert_string_equal(ds_encoding_feature(data->encoding, 1), "c3");
    ds_data_destroy(data);
    write_text("years.csv", "1990,1991,y\n1,2,3\n"); /* the recipe names y: a header */
    data = must_read("{train: years.csv, target: y}", DS_TARGET_NUMBERS);
    assert_string_equal(ds_encoding_feature(data->encoding, 0), "1990");
    ds_data_destroy(data);
    write_text("words.csv", "red,yes\nblue,no\nred,yes\n");
    data = must_read("{train: words.csv, target: c2, header: false}", DS_TARGET_AUTO);
    assert_int_equal(data->train.rows, 3);
    assert_int_equal(ds_encoding_classes(data->encoding), 2);
    ds_data_destroy(data);
}

/* "3" is the first row's last cell: a name or a number? */
static void a_first_row_of_numbers_is_not_taken_for_names(void **state) {
    (void)state;
    write_text("bare.csv", "1,2,3\n4,5,6\n");
    assert_bad("{train: bare.csv, target: 3}", DS_TARGET_NUMBERS,
               "bare.csv: the first row is all numbers, so \"3\" is no column's name");
    assert_non_null(strstr(ds_last_error()->hint, "c1, c2, c3"));
    ds_data *data = must_read("{train: bare.csv, target: 3, header: true}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.targets, 1, 1, VALUES(6), 0);
    ds_data_destroy(data);
    data = must_read("{train: bare.csv, target: c3, header: false}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.targets, 2, 1, VALUES(3, 6), 0);
    ds_data_destroy(data);
}

static void a_bad_cell_is_named_by_its_place(void **state) {
    (void)state;
    write_text("people.csv", "gender,height,weight\nF,1,1\nF,2,2\nM,3,3\nM,4,abc\n");
    assert_bad("{train: people.csv, target: gender}", DS_TARGET_AUTO,
               "people.csv:5:3: expected a number, got \"abc\" (column \"weight\")");
    write_text("people.csv",
               "gender,height,weight\r\n\"a\r\nb\nc\",1,1\r\n\r\nF,2,2\r\nM,3,abc\r\n");
    assert_bad("{train: people.csv, target: gender}", DS_TARGET_AUTO,
               "people.csv:7:3: expected a number, got \"abc\" (column \"weight\")");
    write_text("people.csv", "x,y\n1,1\n2,inf\n");
    assert_bad("{train: people.csv, target: y}", DS_TARGET_AUTO,
               "people.csv:3:2: expected a finite number, got \"inf\" (column \"y\")");
    write_text("people.csv", "x,y\n1,1\n2,red\n3,red\n4,blue\n");
    assert_bad("{train: people.csv, target: y}", DS_TARGET_NUMBERS,
               "people.csv:3:2: expected a number, got \"red\" (column \"y\")");
    write_text("people.csv", "x,y\n1,1\n,2\n");
    assert_bad("{train: people.csv, target: y}", DS_TARGET_AUTO,
               "people.csv:3:1: the cell is missing (column \"x\")");
}

static void a_bad_file_is_named(void **state) {
    (void)state;
    assert_bad("{train: absent.csv, target: y}", DS_TARGET_AUTO,
               "absent.csv: No such file or directory");
    write_text("bad.csv", "");
    assert_bad("{train: bad.csv, target: y}", DS_TARGET_AUTO, "bad.csv: the file is empty");
    write_text("bad.csv", "\n\n");
    assert_bad("{train: bad.csv, target: y}", DS_TARGET_AUTO, "bad.csv: the file is empty");
    write_text("bad.csv", "x,y\n");
    assert_bad("{train: bad.csv, target: y}", DS_TARGET_AUTO,
               "bad.csv: no row of data, only a header");
    write_text("bad.csv", "x,y\n1,2\n3\n");
    assert_bad("{train: bad.csv, target: y}", DS_TARGET_AUTO, "bad.csv:3: expected 2 cells, got 1");
    write_text("bad.csv", "x,y\n1,2\n3,4,5\n");
    assert_bad("{train: bad.csv, target: y}", DS_TARGET_AUTO, "bad.csv:3: expected 2 cells, got 3");
    write_text("bad.csv", "x,y\n1,2\n3,\"4\n");
    assert_bad("{train: bad.csv, target: y}", DS_TARGET_AUTO,
               "bad.csv:3:2: a quote that is not closed, or stands inside a cell");
    write_text("bad.csv", "x,\"y\n1,2\n");
    assert_bad("{train: bad.csv, target: y}", DS_TARGET_AUTO,
               "bad.csv:1:2: a quote that is not closed, or stands inside a cell");
    write_text("bad.csv", "x,x,y\n1,2,3\n");
    assert_bad("{train: bad.csv, target: y}", DS_TARGET_AUTO,
               "bad.csv: columns 1 and 2 are both named \"x\"");
    write_text("bad.csv", "x,gr\xf6\xdf"
                          "e,y\n1,2,3\n");
    assert_bad("{train: bad.csv, target: y}", DS_TARGET_AUTO,
               "bad.csv: the name of column 2 is not UTF-8");
    write_bytes("bad.csv", "x\0,y\n1,2\n", 9);
    assert_bad("{train: bad.csv, target: y}", DS_TARGET_AUTO, "bad.csv: the file is not text");
    write_text("bad.csv", "weight,height\n1,2\n");
    assert_bad("{train: bad.csv, target: wieght}", DS_TARGET_AUTO,
               "recipe.yaml:1:18: bad.csv: no column \"wieght\"");
    assert_string_equal(ds_last_error()->hint, "did you mean \"weight\"?");
}

static void odd_first_lines_do_no_harm(void **state) {
    static const char *const texts[] = {"sep=\n\nx,y\n1,2\n", "sep=\r\n\nx,y\n1,2\n",
                                        "sep=\"\nx,y\n1,2\n", "a,y\nx,1\n\xff,2,3,4\n"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ds_data *data = NULL;
        write_text("t.csv", texts[i]);
        if (read_data(&data, "{train: t.csv, target: y}", DS_TARGET_NUMBERS, NULL) == DS_OK)
            assert_matrix(&data->train.targets, 1, 1, VALUES(2), 0);
        ds_data_destroy(data);
    }
}

static void json_is_named(void **state) {
    static const char *const texts[] = {"{\"x\": 1, \"y\": 2}\n", "[{\"x\": 1}]", "[\n  {\n"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_text("t.csv", texts[i]);
        assert_bad("{train: t.csv, target: y}", DS_TARGET_NUMBERS,
                   "t.csv: the file looks like JSON, which is not read");
    }
}

static void missing_cells_follow_the_policy(void **state) {
    (void)state;
    write_text("gaps.csv", "x,y\n1,1\nNA,2\n4,3\n7,?\n");
    ds_data *data = must_read("{train: gaps.csv, target: y, missing: drop}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 1, VALUES(1, 4), 0);
    assert_int_equal(ds_set_file_row(&data->train, 1), 3);
    ds_data_destroy(data);
    data = must_read("{train: gaps.csv, target: y, missing: mean}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 3, 1, VALUES(1, 2.5, 4), 0); /* a target is no mean */
    ds_data_destroy(data);
    write_text("gaps.csv", "x,y\n1,1\nNA,2\n4,3\n100,4\n");
    data = must_read("{train: gaps.csv, target: y, missing: mean, split: {test: 0.25, by: order}}",
                     DS_TARGET_NUMBERS); /* of the training rows alone */
    assert_matrix(&data->train.features, 3, 1, VALUES(1, 2.5, 4), 0);
    ds_data_destroy(data);
    write_text("gaps.csv", "x,y\nred,1\nNA,2\n");
    data = must_read("{train: gaps.csv, target: y, missing: mean}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 2, VALUES(1, 0, 0, 1), 0);
    ds_data_destroy(data);
    write_text("gaps.csv", "x,y\n,1\n,2\n");
    assert_bad("{train: gaps.csv, target: y, missing: drop}", DS_TARGET_NUMBERS,
               "gaps.csv: every row has a missing cell");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_exactly),
        cmocka_unit_test(other_texts_are_no_numbers),
        cmocka_unit_test(every_form_of_csv_is_read),
        cmocka_unit_test(decimal_commas_are_read),
        cmocka_unit_test(doubtful_commas_are_refused),
        cmocka_unit_test(the_recipe_says_what_a_comma_is),
        cmocka_unit_test(gzip_is_read),
        cmocka_unit_test(a_file_without_header_has_numbered_columns),
        cmocka_unit_test(a_first_row_of_numbers_is_not_taken_for_names),
        cmocka_unit_test(a_bad_cell_is_named_by_its_place),
        cmocka_unit_test(a_bad_file_is_named),
        cmocka_unit_test(odd_first_lines_do_no_harm),
        cmocka_unit_test(json_is_named),
        cmocka_unit_test(missing_cells_follow_the_policy),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
