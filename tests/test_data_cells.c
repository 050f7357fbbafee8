/* Numbers as people write them, and what makes a column one of numbers. */
#include "test_data_files.h"

#include <cjson/cJSON.h>

#include "data/cell_text.h"

/* A text under each way to read decimals; NAN: no number, or under AUTO one that must wait. */
static const struct {
    const char *text;
    double automatic, point, comma;
} numbers[] = {
    {"5.97", 5.97, 5.97, NAN},
    {"5,97", NAN, NAN, 5.97},
    {"1.234", 1.234, 1.234, 1234},
    {"1,234", NAN, 1234, 1.234},
    {"1,234.5", NAN, 1234.5, NAN},
    {"1.234,5", NAN, NAN, 1234.5},
    {"1,234,567", NAN, 1234567, NAN},
    {"1.234.567", NAN, NAN, 1234567},
    {"0,123", NAN, NAN, 0.123},
    {"1,23,456", NAN, NAN, NAN},
    {"1.2.3", NAN, NAN, NAN},
    {"$1200", 1200, 1200, 1200},
    {"$1,200.50", NAN, 1200.5, NAN},
    {"-$5", -5, -5, -5},
    {"$-5", -5, -5, -5},
    {"5 \xe2\x82\xac", 5, 5, 5},
    {"\xc2\xa3"
     "3.5",
     3.5, 3.5, NAN},
    {"95%", 95, 95, 95},
    {"9.5 %", 9.5, 9.5, NAN},
    {"(51)", -51, -51, -51},
    {"($51.25)", -51.25, -51.25, NAN},
    {"\xe2\x88\x92"
     "7",
     -7, -7, -7},
    {"1 234 567", 1234567, 1234567, 1234567},
    {"1\xc2\xa0"
     "234,5",
     NAN, NAN, 1234.5},
    {"1\xe2\x80\xaf"
     "234",
     1234, 1234, 1234},
    {"1\xe2\x80\x89"
     "234.5",
     1234.5, 1234.5, NAN},
    {"1'234.5", 1234.5, 1234.5, NAN},
    {"1\xe2\x80\x99"
     "234",
     1234, 1234, 1234},
    {"12 34", NAN, NAN, NAN},
    {"1234 567", NAN, NAN, NAN},
    {"1,5e-1", NAN, NAN, 0.15},
    {"1,000e1", NAN, 10000, 10},
    {"(5", NAN, NAN, NAN},
    {"5)", NAN, NAN, NAN},
    {"--5", NAN, NAN, NAN},
    {"5%%", NAN, NAN, NAN},
    {"$", NAN, NAN, NAN},
    {"%", NAN, NAN, NAN},
    {"", NAN, NAN, NAN},
    {"<1.0", NAN, NAN, NAN},
    {"12 kg", NAN, NAN, NAN},
    {"2021-01-31", NAN, NAN, NAN},
};

static void numbers_are_read_as_people_write_them(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const double wanted[] = {numbers[i].automatic, numbers[i].point, numbers[i].comma};
        for (int decimal = 0; decimal < 3; decimal++) {
            double value = NAN;
            unsigned marks = 0;
            bool good = ds_cell_number(numbers[i].text, (ds_decimal)decimal, &value, &marks);
            bool is_wanted = !isnan(wanted[decimal]);
            bool waits = good && isnan(value);
            if ((good && !waits) != is_wanted || (is_wanted && value != wanted[decimal]))
                fail_msg("\"%s\", decimal %d: got %g, wanted %g", numbers[i].text, decimal,
                         good ? value : NAN, wanted[decimal]);
            assert_true(!waits || (decimal == DS_DECIMAL_AUTO &&
                                   marks & (DS_MARK_HAS_COMMA | DS_MARK_COMMA)));
        }
    }
}

static void long_numbers_are_compared_digit_by_digit(void **state) {
    static const char *const ascending[] = {"-10",
                                            "-9.5",
                                            "-0.25",
                                            "0",
                                            "1e-3",
                                            "0.5",
                                            "5e-1",
                                            "1",
                                            "1.0",
                                            "+1",
                                            "2",
                                            "10",
                                            "1000",
                                            "1e3",
                                            "1e10",
                                            "9007199254740992",
                                            "9007199254740993",
                                            "1234567890123456788",
                                            "1234567890123456789",
                                            "12345678901234567890.5",
                                            "1e400"};
    static const char *const equal[][2] = {{"0.5", "5e-1"}, {"1", "1.0"},  {"1", "+1"},
                                           {"1000", "1e3"}, {"1.0", "+1"}, {"0", "-0.0"}};
    (void)state;
    enum { COUNT = sizeof ascending / sizeof *ascending };
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < COUNT; j++) {
            bool same = i == j;
            for (size_t k = 0; k < sizeof equal / sizeof *equal; k++)
                same = same || (strcmp(ascending[i < j ? i : j], equal[k][0]) == 0 &&
                                strcmp(ascending[i < j ? j : i], equal[k][1]) == 0);
            int order = ds_number_compare(ascending[i], ascending[j]);
            if (same ? order != 0 : (order < 0) != (i < j))
                fail_msg("%s against %s: %d", ascending[i], ascending[j], order);
        }
    assert_int_equal(ds_number_compare("0", "-0.0"), 0);
}

static void ids_and_codes_stay_apart_as_categories(void **state) {
    (void)state;
    write_text("t.csv", "id,site,y\n1234567890123456788,01,1\n1234567890123456789,1,2\n"
                        "1234567890123456788,001,3\n");
    ds_data *data =
        must_read("{train: t.csv, target: y, categories: [id, site]}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 3, 5, VALUES(1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0),
                  0);
    assert_string_equal(ds_encoding_feature(data->encoding, 2), "site=001");
    ds_data_destroy(data);
    data = must_read("{train: t.csv, target: id, features: y}", DS_TARGET_CLASSES);
    assert_int_equal(ds_encoding_classes(data->encoding), 2);
    ds_data_destroy(data);
}

/* Reads rows in an order and in the reverse; their first feature must be as told, either way. */
static void check_orders(const char *options, const char *const *rows, int count,
                         const double *wanted, const char *note) {
    for (int turn = 0; turn < 2; turn++) {
        char text[2048] = "x,y\n";
        ds_text notes = {0};
        ds_data *data = NULL;
        for (int i = 0; i < count; i++)
            strcat(text, rows[turn ? count - 1 - i : i]);
        write_text("t.csv", text);
        if (read_data(&data, options, DS_TARGET_NUMBERS, &notes) != DS_OK)
            fail_msg("%s: %s", options, ds_last_error()->message);
        for (int i = 0; i < count; i++) {
            double value = wanted[turn ? count - 1 - i : i], got;
            assert_int_equal(data->train.features.columns, 1);
            ds_matrix_read(&data->train.features, i, 1, NULL, &got);
            assert_true(got == value);
        }
        if (note && !(notes.length && strstr(notes.characters, note)))
            fail_msg("no note \"%s\" in: %s", note, notes.length ? notes.characters : "");
        ds_text_clear(&notes);
        ds_data_destroy(data);
    }
}

static void marks_are_taken_off_with_a_note_in_any_order(void **state) {
    static const char *const money[] = {"$5,1\n", "\"$1,200\",2\n", "\"1,000.5\",3\n"};
    static const char *const share[] = {"5%,1\n", "95%,2\n", "0.5%,3\n"};
    static const char minus_three[] = "\xe2\x88\x92" /* U+2212 */
                                      "3,3\n";
    static const char *const owed[] = {"7,1\n", "(51),2\n", minus_three};
    (void)state;
    check_orders("{train: t.csv, target: y}", money, 3, VALUES(5, 1200, 1000.5),
                 "column \"x\" is read as numbers: \"$");
    check_orders("{train: t.csv, target: y}", share, 3, VALUES(5, 95, 0.5), "read as numbers: ");
    check_orders("{train: t.csv, target: y}", owed, 3, VALUES(7, -51, -3), "read as numbers");
}

static void one_unit_to_a_column(void **state) {
    (void)state;
    write_text("t.csv", "x,y\n95%,1\n0.95,2\n");
    assert_bad("{train: t.csv, target: y}", DS_TARGET_NUMBERS,
               "t.csv:2:1: \"95%\" has a %, other numbers of its column have none (column \"x\")");
    write_text("t.csv", "x,y\n$5,1\n\xe2\x82\xac"
                        "5,2\n");
    assert_bad("{train: t.csv, target: y}", DS_TARGET_NUMBERS,
               "t.csv:3:1: \"\xe2\x82\xac"
               "5\" is in another currency than the numbers above it "
               "($) (column \"x\")");
}

/* The kind of a column is told by all of its cells, wherever they stand. */
static void kinds_do_not_hang_on_the_first_rows(void **state) {
    enum { ROWS = 3000 };
    static char text[ROWS * 16];
    (void)state;
    for (int turn = 0; turn < 4; turn++) {
        bool words_first = turn & 1, mostly_words = turn & 2;
        int words = mostly_words ? 2000 : 1000;
        char *at = text + sprintf(text, "x,y\n");
        for (int i = 0; i < ROWS; i++) {
            bool word = words_first ? i < words : i >= ROWS - words;
            at += word ? sprintf(at, "w%d,%d\n", i % 3, i) : sprintf(at, "%d,%d\n", i % 3, i);
        }
        write_text("t.csv", text);
        if (mostly_words) {
            ds_data *data = must_read("{train: t.csv, target: y}", DS_TARGET_NUMBERS);
            assert_int_equal(data->train.features.columns, 6); /* 0 1 2 w0 w1 w2 */
            ds_data_destroy(data);
        } else {
            char message[80];
            int first = words_first ? 0 : ROWS - words;
            snprintf(message, sizeof message,
                     "t.csv:%d:1: expected a number, got \"w%d\" (column \"x\")", first + 2,
                     first % 3);
            assert_bad("{train: t.csv, target: y}", DS_TARGET_NUMBERS, message);
        }
    }
}

static void commas_are_told_by_the_whole_file(void **state) {
    enum { ROWS = 2500 };
    static char text[ROWS * 24];
    (void)state;
    char *at = text + sprintf(text, "a;b;y\n");
    for (int i = 0; i < ROWS; i++) /* only the last row says what a comma is */
        at += sprintf(at, "%d;2.155;%d\n", i, i);
    sprintf(at, "19,5;1;0\n");
    write_text("t.csv", text);
    ds_text notes = {0};
    ds_data *data = NULL;
    assert_int_equal(read_data(&data, "{train: t.csv, target: y}", DS_TARGET_NUMBERS, &notes),
                     DS_OK);
    double row[2];
    ds_matrix_read(&data->train.features, 0, 1, NULL, row);
    assert_true(row[0] == 0 && row[1] == 2155);
    ds_matrix_read(&data->train.features, ROWS, 1, NULL, row);
    assert_true(row[0] == 19.5);
    assert_non_null(strstr(notes.characters, "the points in column \"b\" stand between thousands"));
    ds_text_clear(&notes);
    ds_data_destroy(data);
}

/* Whatever the first rows let expect, the values are those of the whole file. */
static void thousands_are_told_from_decimals(void **state) {
    static const struct {
        const char *text;
        double first, last;
    } cases[] = {{"a,y\n\"1,234.50\",1\n\"2,000\",2\n", 1234.5, 2000},
                 {"a,y\n\"2,000\",1\n\"1,234.50\",2\n", 2000, 1234.5},
                 {"a;y\n2.000;1\n1.234,50;2\n", 2000, 1234.5},
                 {"a;y\n1,000,000;1\n5;2\n", 1000000, 5},
                 {"a;y\n1.000.000;1\n5;2\n", 1000000, 5},
                 {"a;b;y\n2,000;0.5;1\n3,000;5.25;2\n", 2000, 3000}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_text("t.csv", cases[i].text);
        ds_data *data = must_read("{train: t.csv, target: y}", DS_TARGET_NUMBERS);
        double first[2], last[2];
        ds_matrix_read(&data->train.features, 0, 1, NULL, first);
        ds_matrix_read(&data->train.features, 1, 1, NULL, last);
        assert_true(first[0] == cases[i].first && last[0] == cases[i].last);
        ds_data_destroy(data);
    }
}

static void texts_that_look_like_numbers_are_noted(void **state) {
    static const struct {
        const char *text, *note;
    } cases[] = {
        {"x,y\n<1.0,1\n<2.0,2\n>3,3\n", "\"x\" is text, though 3 of its 3 cells look like numbers"},
        {"x,y\n5 kg,1\n6 kg,2\n7 kg,3\n", "such as \"5 kg\""},
        {"x,y\n007,1\n012,2\n100,3\n", "\"007\" as one without its leading 0"},
        {"x,y\n9007199254740993,1\n3,2\n5,3\n", "whole numbers beyond 2^53"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_text notes = {0};
        ds_data *data = NULL;
        write_text("t.csv", cases[i].text);
        assert_int_equal(read_data(&data, "{train: t.csv, target: y}", DS_TARGET_NUMBERS, &notes),
                         DS_OK);
        if (!notes.length || !strstr(notes.characters, cases[i].note))
            fail_msg("no note \"%s\" in: %s", cases[i].note, notes.length ? notes.characters : "");
        ds_text_clear(&notes);
        ds_data_destroy(data);
    }
}

static void the_first_lines_need_not_be_the_header(void **state) {
    static const char *const texts[] = {"sep=;\r\nx;y\r\n1;2\r\n3;4\r\n",
                                        "SEP=|\nx|y\n1|2\n3|4\n",
                                        "# exported\nx,y\n1,2\n# more\n3,4\n",
                                        "Report of sales,\nx,y\n1,2\n3,4\n",
                                        "Report\nby me\n\nx,y\n1,2\n3,4\n",
                                        "x,y,\n1,2,\n3,4,\n",
                                        "x,y\n1,2,\n3,4,\n",
                                        "x|y\n1|2\n3|4\n",
                                        "x,y\n1,2\n3,4\n\x1a",
                                        ",x,y\n0,1,2\n1,3,4\n",
                                        "Unnamed: 0,x,y\n7,1,2\n5,3,4\n"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_text("t.csv", texts[i]);
        ds_data *data = must_read("{train: t.csv, target: y}", DS_TARGET_NUMBERS);
        assert_matrix(&data->train.features, 2, 1, VALUES(1, 3), 0);
        assert_matrix(&data->train.targets, 2, 1, VALUES(2, 4), 0);
        ds_data_destroy(data);
    }
    write_text("t.csv", ",x,y\n0,1,2\n0,3,4\n"); /* counts nothing, so it is a feature */
    ds_data *data = must_read("{train: t.csv, target: y}", DS_TARGET_NUMBERS);
    assert_matrix(&data->train.features, 2, 2, VALUES(0, 1, 0, 3), 0);
    ds_data_destroy(data);
    write_text("t.csv", "x,y\n1,2\nTotal,4\n5,6\n");
    assert_bad("{train: t.csv, target: y}", DS_TARGET_NUMBERS,
               "t.csv:3:1: expected a number, got \"Total\" (column \"x\")");
}

static void units_and_marks_are_told_from_codes(void **state) {
    static const char *const like[] = {"<1.0",
                                       "~5",
                                       "12 kg",
                                       "3rd",
                                       "USD 100",
                                       "US$100",
                                       "R$ 50.5",
                                       "Rs. 1976",
                                       "CHF 17965.-",
                                       "1,00,000",
                                       "\xe2\x80\x93"
                                       "2.5",
                                       "2.5-",
                                       "[51]",
                                       "1_000",
                                       "1/2",
                                       "12:30",
                                       "100 EUR",
                                       NULL};
    static const char *const unlike[] = {"N00012",     "K7",         "A 1", "Room 5", "2021-01-31",
                                         "31.01.2021", "10/31/2021", "red", "a.b",    "v1.2",
                                         "",           "-",          NULL};
    (void)state;
    for (int i = 0; like[i]; i++)
        if (!ds_cell_looks_like_number(like[i]))
            fail_msg("\"%s\" looks like a number", like[i]);
    for (int i = 0; unlike[i]; i++)
        if (ds_cell_looks_like_number(unlike[i]))
            fail_msg("\"%s\" does not look like a number", unlike[i]);
}

/* What a file told of its numbers is kept: a later file is read in the same way, or refused. */
static void the_way_of_writing_is_kept(void **state) {
    static const struct {
        const char *train, *later;
        double wanted;
        const char *message; /* NULL: none */
    } cases[] = {
        {"a;y\n1.000;1\n950,5;2\n", "a\n2.000\n", 2000, NULL},
        {"a,y\n\"1,200\",0.5\n\"1,300\",1.5\n", "a\n\"1,400\"\n", 1400, NULL},
        {"a,y\n1.5,0.5\n2,1.5\n", "a\n\"1,400\"\n", 1400, NULL},
        {"a,y\n5%,1\n6%,2\n", "a\n7%\n", 7, NULL},
        {"a,y\n5%,1\n6%,2\n", "a\n0.07\n", 0,
         "new.csv: column \"a\" is written without %, in training it was with %"},
        {"a,y\n5,1\n6,2\n", "a\n7%\n", 0,
         "new.csv: column \"a\" is written with %, in training it was without %"},
        {"a,y\n$5,1\n$6,2\n", "a\n7\n", 7, NULL},
        {"a,y\n$5,1\n$6,2\n",
         "a\n\xe2\x82\xac"
         "7\n",
         0, "new.csv: column \"a\" is written with \xe2\x82\xac, in training it was with $"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_set set = {0};
        int64_t all;
        cJSON *json = NULL;
        ds_encoding *back = NULL;
        write_text("t.csv", cases[i].train);
        write_text("new.csv", cases[i].later);
        ds_data *data = must_read("{train: t.csv, target: y}", DS_TARGET_NUMBERS);
        assert_int_equal(ds_encoding_to_json(data->encoding, &json), DS_OK);
        char *text = cJSON_PrintUnformatted(json);
        cJSON_Delete(json);
        json = cJSON_Parse(text);
        cJSON_free(text);
        assert_int_equal(ds_encoding_from_json(&back, json, "model"), DS_OK);
        cJSON_Delete(json);
        ds_status status = ds_dataset_apply(&set, back, path_of("new.csv"), false, &all, NULL);
        assert_int_equal(status, cases[i].message ? DS_BAD_INPUT : DS_OK);
        if (cases[i].message)
            assert_message(cases[i].message);
        else
            assert_matrix(&set.features, 1, 1, &cases[i].wanted, 0);
        ds_set_clear(&set);
        ds_encoding_destroy(back);
        ds_data_destroy(data);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_as_people_write_them),
        cmocka_unit_test(long_numbers_are_compared_digit_by_digit),
        cmocka_unit_test(ids_and_codes_stay_apart_as_categories),
        cmocka_unit_test(marks_are_taken_off_with_a_note_in_any_order),
        cmocka_unit_test(one_unit_to_a_column),
        cmocka_unit_test(kinds_do_not_hang_on_the_first_rows),
        cmocka_unit_test(commas_are_told_by_the_whole_file),
        cmocka_unit_test(thousands_are_told_from_decimals),
        cmocka_unit_test(texts_that_look_like_numbers_are_noted),
        cmocka_unit_test(units_and_marks_are_told_from_codes),
        cmocka_unit_test(the_way_of_writing_is_kept),
        cmocka_unit_test(the_first_lines_need_not_be_the_header),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
