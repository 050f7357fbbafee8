/* The calendar, and dates as text: by their formats, with times and offsets. What is expected was
 * computed by Python's datetime. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/calendar.h"

static void assert_date(const char *text, const char *format, const char *wanted) {
    double seconds = 0;
    char printed[32] = "no date";
    if (ds_date_parse(text, format, &seconds))
        ds_date_print(printed, seconds);
    assert_string_equal(printed, wanted);
}

static void the_calendar_counts_days(void **state) {
    (void)state;
    assert_int_equal(ds_day_number(1970, 1, 1), 0);
    assert_int_equal(ds_day_number(2000, 2, 29), 11016);
    assert_int_equal(ds_day_number(1969, 12, 31), -1);
    assert_int_equal(ds_day_of_week(ds_day_number(2021, 2, 11)), 3); /* a Thursday */
    for (int64_t number = -200000; number < 200000; number++) {
        int year, month, day;
        ds_day_parts(number, &year, &month, &day);
        assert_int_equal(ds_day_number(year, month, day), number);
    }
}

static void dates_are_read_by_their_format(void **state) {
    (void)state;
    assert_date("2021-01-31", "%Y-%m-%d", "2021-01-31");
    assert_date("2021-1-5", "%Y-%m-%d", "2021-01-05");
    assert_date("31.01.2021", "%d.%m.%Y", "2021-01-31");
    assert_date("01/31/2021", "%m/%d/%Y", "2021-01-31");
    assert_date("31/1/69", "%d/%m/%y", "1969-01-31");
    assert_date("20210131", "%Y%m%d", "2021-01-31");
    assert_date("2021-02", "%Y-%m", "2021-02-01");
    assert_date("2021-01-31 10:05", "%Y-%m-%d", "2021-01-31 10:05:00");
    assert_date("2021-01-31T10:05:07Z", "%Y-%m-%d", "2021-01-31 10:05:07");
    assert_date("2020-01-01T00:00:00+01:00", "%Y-%m-%d", "2019-12-31 23:00:00");
    assert_date("2020Q3", "%YQ%q", "2020-07-01");
    assert_date("1871", "%Y", "1871-01-01");
    assert_date("10h31.01.2021", "%Hh%d.%m.%Y", "2021-01-31 10:00:00");
    assert_date("2024-02-29", "%Y-%m-%d", "2024-02-29");
    assert_date("01 Mar 2019", "%d %b %Y", "2019-03-01");
    assert_date("september 9, 2019", "%b %d, %Y", "2019-09-09");
    assert_date("1-MAY-19 10:05", "%d-%B-%y", "2019-05-01 10:05:00");
    assert_date("01 Mai 2019", "%d %b %Y", "no date");
    assert_date("01 Marc 2019", "%d %b %Y", "no date");
    static const char *const wrong[] = {"2021-02-29",       "2021-13-01",      "2021-00-10",
                                        "2021-01-32",       "21-01-31",        "2021-01-31x",
                                        "2021-01-31 25:00", "2021-01-31 10:6", "",
                                        "2021-01",          "2021-01-31 ",     "1900-02-29"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_date(wrong[i], "%Y-%m-%d", "no date");
}

static void dates_are_seconds_of_utc(void **state) {
    static const struct {
        const char *text, *format;
        double seconds;
    } cases[] = {
        {"2020-01-01T00:00:00+01:00", "%Y-%m-%d", 1577833200.0},
        {"2020-01-01 00:00:00+0100", "%Y-%m-%d", 1577833200.0},
        {"2020-01-01 00:00:00-05", "%Y-%m-%d", 1577854800.0},
        {"2020-01-01T00:00:00Z", "%Y-%m-%d", 1577836800.0},
        {"2020-03-29T02:30:00+01:00", "%Y-%m-%d", 1585445400.0},
        {"2020-03-29T03:30:00+02:00", "%Y-%m-%d", 1585445400.0},
        {"2020-10-25 02:30:00+02:00", "%Y-%m-%d", 1603585800.0},
        {"2020-10-25 02:30:00+01:00", "%Y-%m-%d", 1603589400.0},
        {"2024-02-29T23:59:59.25-11:30", "%Y-%m-%d", 1709292599.25},
        {"1969-12-31T23:59:59.5+00:00", "%Y-%m-%d", -0.5},
        {"2020-12-31T23:30-01:00", "%Y-%m-%d", 1609461000.0},
        {"2021-01-31T100507", "%Y-%m-%d", 1612087507.0},
        {"1600-02-29 12:00", "%Y-%m-%d", -11670955200.0},
        {"2020-06-01 00:00:00.123456+05:45", "%Y-%m-%d", 1590948900.123456},
        {"9999-12-31T23:59:59", "%Y-%m-%d", 253402300799.0},
        {"2020-01-01 00:00:00 +0100", "%Y-%m-%d", 1577833200.0},
        {"2020-01-01 10:00:00 UTC", "%Y-%m-%d", 1577872800.0},
        {"01/31/2021 2:05 PM", "%m/%d/%Y", 1612101900.0},
        {"01/31/2021 12:00 AM", "%m/%d/%Y", 1612051200.0},
        {"01/31/2021 12:00 PM", "%m/%d/%Y", 1612094400.0},
        {"01/31/2021 12:59:59 AM", "%m/%d/%Y", 1612054799.0},
        {"01/31/2021 2:05pm", "%m/%d/%Y", 1612101900.0},
        {"01/31/2021 2:05 p.m.", "%m/%d/%Y", 1612101900.0},
        {"01/31/2021 2 PM", "%m/%d/%Y", 1612101600.0},
        {"02:05PM 31.01.2021", "%I:%M%p %d.%m.%Y", 1612101900.0},
        {"31.01.2021 14.05.07.250", "%d.%m.%Y %H.%M.%S.%f", 1612101907.25},
        {"2021-01-31 14:05:07 +0530", "%Y-%m-%d %H:%M:%S %z", 1612082107.0},
        {"2020-W01-3", "%G-W%V-%u", 1577836800.0},
        {"2020-W53-5", "%G-W%V-%u", 1609459200.0},
        {"2021-W01-1", "%G-W%V-%u", 1609718400.0},
        {"2016-W52-7", "%G-W%V-%u", 1483228800.0},
        {"1871", "%Y", -3124137600.0},
        {"2020-W01-1", "%G-W%V-%u", 1577664000.0},
        {"2020-W01", "%G-W%V", 1577664000.0},
        {"2020-W53", "%G-W%V", 1609113600.0},
        {"2021-W52", "%G-W%V", 1640563200.0},
        {"2015-W53", "%G-W%V", 1451260800.0},
        {"2026-W53", "%G-W%V", 1798416000.0},
        {"2009-W53", "%G-W%V", 1261958400.0},
        {"2010-W01", "%G-W%V", 1262563200.0},
        {"2020W013", "%GW%V%u", 1577836800.0},
        {"2020Q1", "%YQ%q", 1577836800.0},
        {"Q1 2020", "Q%q %Y", 1577836800.0},
        {"1999Q2", "%YQ%q", 922924800.0},
        {"Q2 1999", "Q%q %Y", 922924800.0},
        {"2020Q3", "%YQ%q", 1593561600.0},
        {"Q3 2020", "Q%q %Y", 1593561600.0},
        {"2021Q4", "%YQ%q", 1633046400.0},
        {"Q4 2021", "Q%q %Y", 1633046400.0},
        {"1871.0", "%Y", -3124137600.0},
        {"20210131.00", "%Y%m%d", 1612051200.0},
        {"1609459200", "unix", 1609459200.0},
        {"-1.5", "unix", -1.5},
        {"1609459200250", "unix_ms", 1609459200.25},
        {"1609459200250000", "unix_us", 1609459200.25},
        {"1609459200500000000", "unix_ns", 1609459200.5},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double seconds;
        if (!ds_date_parse(cases[i].text, cases[i].format, &seconds))
            fail_msg("%s is no date", cases[i].text);
        if (seconds != cases[i].seconds)
            fail_msg("%s is %.9g, not %.9g", cases[i].text, seconds, cases[i].seconds);
    }
}

static void what_is_no_date_is_refused(void **state) {
    static const char *const cases[][2] = {
        {"2020-01-01 24:00", "%Y-%m-%d"},
        {"2020-01-01 23:60", "%Y-%m-%d"},
        {"2020-01-01 10:00:00+1", "%Y-%m-%d"},
        {"2020-01-01 10:00:00+24:00", "%Y-%m-%d"},
        {"2020-01-01 10:00+01:60", "%Y-%m-%d"},
        {"2020-01-01 10:00:00 EST", "%Y-%m-%d"},
        {"2020-01-01+01:00", "%Y-%m-%d"},
        {"2020-01-01 10", "%Y-%m-%d"},
        {"2020-01-01 0:30 PM", "%Y-%m-%d"},
        {"2020-01-01 13:00 PM", "%Y-%m-%d"},
        {"2020-01-01 1:00 XM", "%Y-%m-%d"},
        {"2020-01-01 1:00 P", "%Y-%m-%d"},
        {"2020-01-01 1:00 p.m", "%Y-%m-%d"},
        {"13:00 2020-01-01", "%I:%M %Y-%m-%d"},
        {"2021-02-30", "%Y-%m-%d"},
        {"2020Q0", "%YQ%q"},
        {"2020Q5", "%YQ%q"},
        {"2020Q", "%YQ%q"},
        {"2020-W00", "%G-W%V"},
        {"2020-W54", "%G-W%V"},
        {"2021-W53", "%G-W%V"},
        {"2019-W53-1", "%G-W%V-%u"},
        {"2020-W01-0", "%G-W%V-%u"},
        {"2020-W01-8", "%G-W%V-%u"},
        {"1871.5", "%Y"},
        {"187", "%Y"},
        {"18710", "%Y"},
        {"31.01.2021.0", "%d.%m.%Y"},
        {"1609459200000", "unix"},
        {"soon", "unix"},
        {"inf", "unix"},
        {"", "unix"},
        {"-62167219201", "unix"},
        {"253402300800", "unix"},
        {"10:00.", "%H:%M.%f"},
        {"2021-01-31 10:00", "%Y-%m-%d %H:%M %z"},
    };
    double seconds;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (ds_date_parse(cases[i][0], cases[i][1], &seconds))
            fail_msg("%s is no date as %s, but was read", cases[i][0], cases[i][1]);
}

/* 36 years from 1900 to 2100 have a week 53; their sum is 72029. */
static void week_53_is_there_where_it_is(void **state) {
    int count = 0, sum = 0;
    (void)state;
    for (int year = 1900; year <= 2100; year++) {
        char text[16];
        double seconds;
        snprintf(text, sizeof text, "%d-W53", year);
        if (ds_date_parse(text, "%G-W%V", &seconds)) {
            count++;
            sum += year;
        }
    }
    assert_int_equal(count, 36);
    assert_int_equal(sum, 72029);
}

static void a_format_has_a_year(void **state) {
    static const char *const known[] = {"%Y",   "%d.%m.%y", "%G-W%V-%u", "%YQ%q", "%I:%M:%S %p %Y",
                                        "unix", "unix_ns",  "%Y %f%z",   "%b%B%Y"};
    static const char *const unknown[] = {"%d.%m", "%Y-W%V", "%V", "%G %", "%Y %j", "unix_x", ""};
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_true(ds_date_format_is_known(known[i]));
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_false(ds_date_format_is_known(unknown[i]));
}

static void months_are_counted(void **state) {
    (void)state;
    assert_int_equal(ds_month_number(0), 12 * 1970);
    assert_int_equal(ds_month_number(-1), 12 * 1970 - 1);
    assert_int_equal(ds_day_of_month(-1), 31);
    assert_int_equal(ds_month_days(12 * 2020 + 1), 29);
    assert_int_equal(ds_month_days(12 * 2100 + 1), 28);
    assert_int_equal(ds_month_days(12 * 2020 + 11), 31);
    assert_int_equal(ds_month_days(12 * 2020 + 10), 30);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_calendar_counts_days),
        cmocka_unit_test(dates_are_read_by_their_format),
        cmocka_unit_test(dates_are_seconds_of_utc),
        cmocka_unit_test(what_is_no_date_is_refused),
        cmocka_unit_test(week_53_is_there_where_it_is),
        cmocka_unit_test(a_format_has_a_year),
        cmocka_unit_test(months_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
