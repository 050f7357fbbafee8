/* Charts of text, character by character. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plot/text_chart.h"

enum { POINTS = 50 };
static double x[POINTS], y[POINTS], z[POINTS];

static void assert_chart(const ds_chart *chart, int width, int height, const char *expected) {
    ds_text text = {0};
    assert_int_equal(ds_text_chart(chart, width, height, &text), DS_OK);
    assert_string_equal(text.characters, expected);
    ds_text_clear(&text);
}

static ds_chart chart_of(const ds_series *series, int count) {
    return (ds_chart){.title = "Loss",
                      .x = {"epoch"},
                      .y = {"loss", DS_SCALE_AUTO},
                      .series = series,
                      .series_count = count};
}

static void test_two_series_over_decades(void **state) {
    const ds_series series[] = {{"training", DS_LOOK_LINE, POINTS, x, y},
                                {"validation", DS_LOOK_LINE, POINTS, x, z}};
    const ds_chart chart = chart_of(series, 2);
    (void)state;
    for (int i = 0; i < POINTS; i++) {
        x[i] = i + 1;
        y[i] = pow(10, -i * 3.0 / (POINTS - 1));
        z[i] = fmax(y[i], 0.02);
    }
    assert_chart(&chart, 60, 14,
                 "loss (log scale)   * training  o validation\n"
                 "    1 +o\n"
                 "      | oooooo\n"
                 "      |       ooooooo\n"
                 "  0.1 +              oooooo\n"
                 "      |                    ooooooo\n"
                 "      |                           oooooooooooooooooooooooooo\n"
                 " 0.01 +                                 ******\n"
                 "      |                                       *******\n"
                 "      |                                              ******\n"
                 "0.001 +                                                    *\n"
                 "      +----------+---------+----------+---------+----------+\n"
                 "                10        20         30        40         50\n"
                 "                               epoch\n");
}

static void test_a_straight_line(void **state) {
    static const double at[] = {0, 10}, value[] = {-1, 1};
    const ds_series series[] = {{"y", DS_LOOK_LINE, 2, at, value}};
    ds_chart chart = chart_of(series, 1);
    (void)state;
    chart.y.label = "y";
    chart.x.label = "x";
    assert_chart(&chart, 40, 12,
                 "y   * y\n"
                 " 1 +                                   *\n"
                 "   |                             ******\n"
                 "   |                       ******\n"
                 " 0 +                  *****\n"
                 "   |             *****\n"
                 "   |       ******\n"
                 "   | ******\n"
                 "-1 +*\n"
                 "   ++-----------------+----------------+\n"
                 "    0                 5               10\n"
                 "                     x\n");
}

/* One point, one value: still a chart. */
static void test_one_point(void **state) {
    static const double at[] = {1}, value[] = {0.5};
    const ds_series series[] = {{"training", DS_LOOK_POINTS, 1, at, value}};
    const ds_chart chart = chart_of(series, 1);
    (void)state;
    assert_chart(&chart, 40, 9,
                 "loss   * training\n"
                 "    |\n"
                 "    |\n"
                 "0.5 +                 *\n"
                 "    |\n"
                 "    |\n"
                 "    +-----------------+-----------------\n"
                 "                      1\n"
                 "                    epoch\n");
}

/* Points that are no line, over an axis of decades. */
static void test_marks_over_decades(void **state) {
    static const double at[] = {0.1, 1, 10, 100, 1000}, value[] = {1, 2, 3, 2, 1};
    const ds_series series[] = {{"training", DS_LOOK_MARKS, 5, at, value}};
    ds_chart chart = chart_of(series, 1);
    (void)state;
    chart.x.scale = DS_SCALE_AUTO;
    assert_chart(&chart, 40, 9,
                 "loss   * training\n"
                 "  |                  *\n"
                 "  |\n"
                 "2 +         *                 *\n"
                 "  |\n"
                 "  | *                                 *\n"
                 "  +-+-------+--------+--------+-------+-\n"
                 "   0.1      1       10       100    1000\n"
                 "                   epoch\n");
}

static int longest_line(const char *text) {
    int longest = 0;
    while (*text) {
        int length = (int)strcspn(text, "\n");
        longest = length > longest ? length : longest;
        text += length + (text[length] != '\0');
    }
    return longest;
}

static void test_no_line_is_too_long(void **state) {
    static const double large[] = {-123456789, 987654321, NAN, 1e-12, INFINITY};
    const ds_series series[] = {
        {"a series with a rather long name that goes on", DS_LOOK_LINE, 5, x, large}};
    const ds_chart chart = chart_of(series, 1);
    (void)state;
    for (int width = 0; width < 260; width += 7) {
        ds_text text = {0};
        assert_int_equal(ds_text_chart(&chart, width, 20, &text), DS_OK);
        int most = width < 40 ? 40 : width > 200 ? 200 : width;
        assert_true(longest_line(text.characters) <= most);
        for (const char *c = text.characters; *c; c++)
            assert_true(*c == '\n' || (*c >= ' ' && *c < 0x7f));
        ds_text_clear(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_series_over_decades),
        cmocka_unit_test(test_a_straight_line),
        cmocka_unit_test(test_one_point),
        cmocka_unit_test(test_marks_over_decades),
        cmocka_unit_test(test_no_line_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
