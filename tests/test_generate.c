/* Invented data sets: the same again for the same seed, and as their files say. */
#include "test_data_files.h"

#include "base/calendar.h"
#include "data/generate.h"

static void must_generate(char **csv, const char *kind, ds_generate_options options) {
    if (ds_generate(kind, &options, csv) != DS_OK)
        fail_msg("%s: %s", kind, ds_last_error()->message);
}

static int count_lines(const char *text) {
    int lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* The files that are shipped are what the program makes. */
static void the_shipped_files_are_made_again(void **state) {
    static const struct {
        const char *kind, *path;
        ds_generate_options options;
    } shipped[] = {
        {"views", "views/views.csv", {.seed = 1}},
        {"pm25", "pm25/pm25.csv", {.seed = 1}},
        {"spam", "spam/spam.csv", {.seed = 1}},
        {"survey", "survey/survey.csv", {.seed = 1}},
        {"go", "go/go.csv.gz", {.seed = 1, .rows = 4000}},
        {"kink", "kink/kink.csv", {.seed = 1}},
        {"line", "batches/samples.csv.gz", {.seed = 1, .rows = 10000}},
        {"speech", "speech/speech.csv.gz", {.seed = 1}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++) {
        ds_bytes file = {0};
        char path[512];
        snprintf(path, sizeof path, "%s/data/%s", SOURCE_DIR, shipped[i].path);
        assert_int_equal(ds_file_read(&file, path), DS_OK);
        char *csv = NULL;
        must_generate(&csv, shipped[i].kind, shipped[i].options);
        if (strcmp(csv, (const char *)file.data) != 0)
            fail_msg("%s is not what the program makes", shipped[i].path);
        ds_free(csv);
        ds_free(file.data);
    }
}

static void every_kind_is_a_table(void **state) {
    (void)state;
    for (const ds_generated_kind *kind = ds_generated_kinds(); kind->name; kind++) {
        char *csv = NULL;
        must_generate(&csv, kind->name, (ds_generate_options){.seed = 3, .rows = 40});
        char *again = NULL;
        must_generate(&again, kind->name, (ds_generate_options){.seed = 3, .rows = 40});
        char *other = NULL;
        must_generate(&other, kind->name, (ds_generate_options){.seed = 4, .rows = 40});
        assert_int_equal(count_lines(csv), 41);
        assert_string_equal(csv, again);
        assert_string_not_equal(csv, other);
        assert_null(strstr(csv, "nan"));
        assert_null(strstr(csv, "inf"));
        ds_free(csv);
        ds_free(again);
        ds_free(other);
    }
}

static double views_on(const char *csv, const char *date) {
    const char *row = strstr(csv, date);
    assert_non_null(row);
    return atof(row + strlen(date) + 1);
}

/* Growth, low Fridays and Saturdays, the drop on Lunar New Year's Eve. */
static void judge_views(uint64_t seed) {
    static const char *const eves[] = {"2017-01-27", "2018-02-15", "2019-02-04", "2020-01-24",
                                       "2021-02-11"};
    double year[5] = {0}, weekday[7] = {0};
    char *csv = NULL;
    print_message("seed %d\n", (int)seed);
    must_generate(&csv, "views", (ds_generate_options){.seed = seed});
    assert_int_equal(count_lines(csv), 1 + 1826);
    for (int64_t day = ds_day_number(2017, 1, 1); day <= ds_day_number(2021, 12, 31); day++) {
        char date[32];
        ds_date_print(date, (double)day * 86400);
        double views = views_on(csv, date);
        year[atoi(date) - 2017] += views;
        weekday[ds_day_of_week(day)] += views;
    }
    assert_true(year[1] > year[0] && year[2] > year[1] && year[4] > year[0]);
    for (int day = 0; day < 7; day++)
        if (day != 4 && day != 5)
            assert_true(weekday[day] > 1.1 * weekday[4] && weekday[day] > 1.1 * weekday[5]);
    for (int i = 0; i < 5; i++) {
        char before[32], after[32];
        double seconds;
        assert_true(ds_date_parse(eves[i], "%Y-%m-%d", &seconds));
        ds_date_print(before, seconds - 7 * 86400);
        ds_date_print(after, seconds + 7 * 86400);
        assert_true(views_on(csv, eves[i]) < 0.3 * (views_on(csv, before) + views_on(csv, after)));
    }
    ds_free(csv);
}

static void views_have_their_shape(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++)
        judge_views(seed);
}

static void the_answer_mirrors_the_last_stone(void **state) {
    (void)state;
    char *csv = NULL;
    must_generate(&csv, "go", (ds_generate_options){.seed = 1, .rows = 20});
    char *rest = strchr(csv, '\n') + 1;
    for (int i = 0; i < 20; i++) {
        int board[361], last = -1, move, stones = 0;
        for (int p = 0; p < 361; p++) {
            board[p] = (int)strtol(rest, &rest, 10);
            last = board[p] == -2 ? p : last;
            stones += board[p] != 0;
            rest++;
        }
        move = (int)strtol(rest, &rest, 10);
        assert_int_equal(board[move], 0);
        assert_true(last == i);
        if (stones > 1)
            assert_true(abs(move % 19 + last % 19 - 18) + abs(move / 19 + last / 19 - 18) <= 3);
        else
            assert_int_equal(move, 180);
    }
    ds_free(csv);
}

static void assert_refused(const char *kind, ds_generate_options options, const char *message) {
    char *csv = NULL;
    assert_int_equal(ds_generate(kind, &options, &csv), DS_BAD_INPUT);
    assert_null(csv);
    assert_string_equal(ds_last_error()->message, message);
}

static void impossible_wishes_are_refused(void **state) {
    (void)state;
    assert_refused("view", (ds_generate_options){0}, "generate: no kind \"view\"");
    assert_string_equal(ds_last_error()->hint, "did you mean views?");
    assert_refused("spam", (ds_generate_options){.from = "2017-01-01"},
                   "generate: spam has no dates");
    assert_refused("views", (ds_generate_options){.from = "soon"},
                   "generate: from: expected a date, got \"soon\"");
    assert_refused("views", (ds_generate_options){.from = "2018-01-01", .to = "2017-01-01"},
                   "generate: expected 1 to 1000000 rows, got -364");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_files_are_made_again),
        cmocka_unit_test(every_kind_is_a_table),
        cmocka_unit_test(views_have_their_shape),
        cmocka_unit_test(the_answer_mirrors_the_last_stone),
        cmocka_unit_test(impossible_wishes_are_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
