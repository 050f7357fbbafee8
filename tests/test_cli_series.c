/* data/views/any.yaml on files of other people's making: the same series in the ways that programs
 * write it gives the same figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

#include "json_result.h"

#include <math.h>

#include "base/calendar.h"
#include "base/text.h"

static run_result result;

enum { DAYS = 199 /* a prime, so that steps of 77 come to all of them */ };

typedef enum date_style { YEAR_FIRST, SLASHES, MONTH_FIRST, DAY_FIRST, COMPACT } date_style;

/* How a file is written. */
typedef struct form {
    const char *name, *header; /* NULL: none */
    date_style style;
    char separator;
    bool comma; /* before decimals */
    int step;   /* in days from row to row, going round */
    bool twice; /* every tenth row comes twice */
} form;

static const form forms[] = {
    {"plain.csv", "ds,y", YEAR_FIRST, ',', false, 1, false},
    {"mixed.csv", "\"ds\",\"y\"", YEAR_FIRST, ',', false, 77, false},
    {"slashes.csv", "date,value", SLASHES, ',', false, 1, false},
    {"us.csv", "date,value", MONTH_FIRST, ',', false, 77, false},
    {"german.csv", "Datum;Wert", DAY_FIRST, ';', true, 77, false},
    {"compact.tsv", "day\tn", COMPACT, '\t', false, 1, false},
    {"bare.csv", NULL, YEAR_FIRST, ',', false, 77, false},
    {"twice.csv", "ds,y", YEAR_FIRST, ',', false, 77, true},
};

static void print_date(char out[32], int day, date_style style) {
    int y, m, d;
    ds_day_parts(ds_day_number(2021, 1, 1) + day, &y, &m, &d);
    switch (style) {
    case YEAR_FIRST:
        snprintf(out, 32, "%04d-%02d-%02d", y, m, d);
        break;
    case SLASHES:
        snprintf(out, 32, "%04d/%02d/%02d", y, m, d);
        break;
    case MONTH_FIRST:
        snprintf(out, 32, "%d/%d/%d", m, d, y);
        break;
    case DAY_FIRST:
        snprintf(out, 32, "%02d.%02d.%04d", d, m, y);
        break;
    case COMPACT:
        snprintf(out, 32, "%04d%02d%02d", y, m, d);
        break;
    }
}

/* A week with a weekend, and a slow course. */
static void add_row(ds_text *text, const form *f, int day) {
    char date[32], number[32];
    print_date(date, day, f->style);
    snprintf(number, sizeof number, "%.6f", 5 + (day % 7 < 5 ? 1 : -1.5) + sin(day / 30.0));
    if (f->comma)
        *strchr(number, '.') = ',';
    assert_int_equal(ds_text_add(text, "%s%c%s\n", date, f->separator, number), DS_OK);
}

/* The days 60 and 61 are missing. */
static void write_form(const form *f) {
    ds_text text = {0};
    if (f->header)
        assert_int_equal(ds_text_add(&text, "%s\n", f->header), DS_OK);
    for (int row = 0; row < DAYS; row++) {
        int day = row * f->step % DAYS;
        if (day == 60 || day == 61)
            continue;
        add_row(&text, f, day);
        if (f->twice && day % 10 == 0)
            add_row(&text, f, day);
    }
    scratch_write(f->name, text.characters);
    ds_text_clear(&text);
}

static void run_any(const char *file, const char *more) {
    char words[600];
    snprintf(words, sizeof words,
             "train " SOURCE_DIR "/data/views/any.yaml --device reference --set "
             "data.train=%s/%s --set epochs=60 --set data.lags.steps=8 --set plots=[] %s",
             scratch_path, file, more);
    run_descent(&result, words);
}

static void test_every_form_gives_the_same_figures(void **state) {
    char hash[65] = "";
    double test = 0;
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const form *f = &forms[i];
        print_message("%s\n", f->name);
        write_form(f);
        run_any(f->name, "--json");
        run_expect(&result, 0);
        cJSON *json = json_parse(result.out);
        if (i == 0) {
            snprintf(hash, sizeof hash, "%s", json_text(json, "weights_hash"));
            test = json_number(json, "test loss");
            assert_true(test < json_number(json_at(json, "baselines"), "last test loss"));
            assert_int_equal(json_number(json, "train rows"), 158 - 8);
            assert_int_equal(json_number(json, "test rows"), 39 - 8);
        }
        assert_string_equal(json_text(json, "weights_hash"), hash);
        assert_true(json_number(json, "test loss") == test);
        cJSON_Delete(json);
        assert_non_null(strstr(result.said, ": 2 dates are missing, the first 2021-03-02; lags "
                                            "count rows, not days\n"));
        assert_int_equal(strstr(result.said, "rows sorted by date") != NULL, f->step > 1);
        assert_int_equal(strstr(result.said, "have more than one row") != NULL, f->twice);
    }
}

static void test_two_series_are_told_apart_by_name(void **state) {
    (void)state;
    scratch_write("two.csv", "day,a,b\n2021-01-01,1,2\n2021-01-02,3,4\n");
    run_any("two.csv", "");
    run_expect(&result, 2);
    assert_non_null(strstr(result.said, "two.csv has 2 columns of numbers: a, b; name one of them: "
                                        "--set data.target=a"));
}

/* A sweep's columns say which set their numbers are of: those of a run's JSON. */
static void test_a_table_names_the_set_of_a_baseline(void **state) {
    static const struct {
        const char *name, *set, *baseline; /* NULL: the model's own loss */
    } columns[] = {
        {"train loss", "train", NULL},
        {"train last", "train", "last"},
        {"train seasonal 7", "train", "seasonal 7"},
        {"test loss", "test", NULL},
        {"test last", "test", "last"},
        {"test seasonal 7", "test", "seasonal 7"},
    };
    (void)state;
    write_form(&forms[0]);
    run_any("plain.csv", "--json");
    run_expect(&result, 0);
    cJSON *json = json_parse(result.out);
    run_any("plain.csv", "--set sweep={seed:~[1]}");
    run_expect(&result, 0);
    const char *head = strstr(result.out, "seed  "), *row = strstr(result.out, "\n1  ");
    head = head ? strstr(head + 1, "seed  ") : NULL; /* behind "seed unless swept" */
    assert_true(head && row);
    row++;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const char *at = strstr(head, columns[i].name);
        if (!at || at > row)
            fail_msg("no column \"%s\" in %s", columns[i].name, result.out);
        /* Numbers end where their column's name does. */
        const char *end = row + (at - head) + strlen(columns[i].name), *begin = end;
        while (begin[-1] != ' ')
            begin--;
        const cJSON *of = json;
        if (columns[i].baseline)
            of = cJSON_GetObjectItem(json_at(json, "baselines"), columns[i].baseline);
        double loss = json_number(json_at(of, columns[i].set), "loss");
        if (!(fabs(strtod(begin, NULL) - loss) <= 1e-5 * loss))
            fail_msg("%s: got %.12s, the loss is %g", columns[i].name, begin, loss);
    }
    cJSON_Delete(json);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_every_form_gives_the_same_figures),
        IN_SCRATCH(test_two_series_are_told_apart_by_name),
        IN_SCRATCH(test_a_table_names_the_set_of_a_baseline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
