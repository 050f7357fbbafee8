/* Which elements of many, in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/places.h"

/* `stride` is 0 for numbers that have none. */
static const char *words(int64_t from, int64_t to, int64_t stride, int64_t all, int64_t row) {
    static char text[96];
    ds_places places = {0};
    for (int64_t i = from; i <= to; i += stride ? stride : i - from + 1)
        ds_places_add(&places, i);
    ds_places_print(&places, 0, all, row, text);
    return text;
}

static void test_words(void **state) {
    (void)state;
    assert_string_equal(words(5, 5, 1, 100, 10), "");
    assert_string_equal(words(0, 99, 1, 100, 10), "all of them");
    assert_string_equal(words(30, 59, 1, 100, 10), "rows 3 to 5");
    assert_string_equal(words(30, 39, 1, 100, 10), "row 3");
    assert_string_equal(words(30, 39, 1, 100, 1), "elements 30 to 39");
    assert_string_equal(words(31, 39, 1, 100, 10), "elements 31 to 39");
    assert_string_equal(words(1024, 1999, 1, 2000, 7), "from element 1024 on");
    assert_string_equal(words(63, 4095, 64, 4096, 1), "every 64th from 63 on");
    assert_string_equal(words(63, 575, 64, 4096, 1), "every 64th from 63 to 575");
    assert_string_equal(words(1, 99, 2, 100, 10), "every 2nd from 1 on");
    assert_string_equal(words(1, 99, 22, 200, 10), "every 22nd from 1 to 89");
    assert_string_equal(words(1, 99, 13, 200, 10), "every 13th from 1 to 92");
    assert_string_equal(words(3, 8, 5, 100, 10), "elements 3 and 8");
    assert_string_equal(words(3, 40, 0, 100, 10), "scattered from element 3 to 34");
}

static void test_elements_are_told_from_an_origin(void **state) {
    (void)state;
    char text[96];
    ds_places places = {0};
    for (int i = 110; i < 120; i++)
        ds_places_add(&places, i);
    ds_places_print(&places, 100, 20, 10, text);
    assert_string_equal(text, "row 1");
    ds_places_print(&places, 100, 0, 1, text);
    assert_string_equal(text, "elements 10 to 19");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_elements_are_told_from_an_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
