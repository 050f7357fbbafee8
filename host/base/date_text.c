/* Dates as text: by a format, with what may follow it. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/calendar.h"
#include "base/number.h"

enum { DAY = 86400, HOUR = 3600, MINUTE = 60 };

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool take_character(const char **text, char c) {
    bool there = **text == c;
    *text += there;
    return there;
}

/* Takes `least` to `most` digits off the text. */
static bool take_number(const char **text, int least, int most, int *out) {
    int digits = 0, value = 0;
    for (; digits < most && is_digit(**text); digits++)
        value = value * 10 + *(*text)++ - '0';
    *out = value;
    return digits >= least;
}

/* Takes an English month, "March" or "Mar", in any case. */
static bool take_month(const char **text, int *out) {
    static const char *const names[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    for (int month = 0; month < 12; month++) {
        size_t whole = strlen(names[month]);
        if (strncasecmp(*text, names[month], 3) != 0)
            continue;
        *text += strncasecmp(*text, names[month], whole) == 0 ? whole : 3;
        *out = month + 1;
        return true;
    }
    return false;
}

typedef struct date_parts {
    int year, month, day, hour, minute, second;
    int week, weekday;         /* of ISO 8601; week 0: month and day are given instead */
    bool twelve;               /* the hour is one of 12 */
    enum { ANY, AM, PM } half; /* of the day */
    int offset;                /* seconds that the clock is ahead of UTC */
    double fraction;           /* of a second */
} date_parts;

/* AM, PM, a.m. and p.m. in any case, after a blank or none. */
static bool take_half(const char **text, date_parts *parts) {
    const char *at = *text + (**text == ' ');
    size_t dots = strlen(at) >= 4 && at[1] == '.' && at[3] == '.';
    char first = *at, second = first ? at[1 + dots] : '\0';
    if (!first || !strchr("AaPp", first) || !second || !strchr("Mm", second))
        return false;
    parts->half = strchr("Aa", first) ? AM : PM;
    parts->twelve = true;
    *text = at + 2 + 2 * dots;
    return true;
}

/* Z, UTC, +01:00, +0100 or +01, after a blank or none. */
static bool take_offset(const char **text, date_parts *parts) {
    const char *at = *text + (**text == ' ');
    int hours, minutes = 0;
    if (strncmp(at, "UTC", 3) == 0 || strncmp(at, "GMT", 3) == 0 || *at == 'Z' || *at == 'z') {
        *text = at + (*at == 'Z' || *at == 'z' ? 1 : 3);
        return true;
    }
    bool west = *at == '-';
    if ((!west && *at != '+') || (at++, !take_number(&at, 2, 2, &hours)))
        return false;
    bool colon = take_character(&at, ':');
    if ((colon || is_digit(*at)) && !take_number(&at, 2, 2, &minutes))
        return false;
    if (hours > 23 || minutes > 59)
        return false;
    parts->offset = (hours * HOUR + minutes * MINUTE) * (west ? -1 : 1);
    *text = at;
    return true;
}

static bool take_fraction(const char **text, double *fraction) {
    double digits = 0, unit = 1;
    if (!is_digit(**text))
        return false;
    for (; is_digit(**text); ++*text)
        if (unit < 1e15) {
            digits = 10 * digits + (**text - '0');
            unit *= 10;
        }
    *fraction = digits / unit;
    return true;
}

static bool take_directive(const char **text, char directive, date_parts *parts) {
    int quarter;
    switch (directive) {
    case 'Y':
    case 'G':
        return take_number(text, 4, 4, &parts->year);
    case 'y':
        if (!take_number(text, 2, 2, &parts->year))
            return false;
        parts->year += parts->year < 69 ? 2000 : 1900; /* as POSIX has it */
        return true;
    case 'q':
        if (!take_number(text, 1, 1, &quarter) || quarter < 1 || quarter > 4)
            return false;
        parts->month = 3 * quarter - 2;
        return true;
    case 'm':
        return take_number(text, 1, 2, &parts->month);
    case 'b':
    case 'B':
        return take_month(text, &parts->month);
    case 'V':
        return take_number(text, 1, 2, &parts->week) && parts->week > 0;
    case 'u':
        return take_number(text, 1, 1, &parts->weekday);
    case 'd':
        return take_number(text, 1, 2, &parts->day);
    case 'I':
        parts->twelve = true;
        return take_number(text, 1, 2, &parts->hour);
    case 'p':
        return take_half(text, parts);
    case 'H':
        return take_number(text, 1, 2, &parts->hour);
    case 'M':
        return take_number(text, 1, 2, &parts->minute);
    case 'S':
        return take_number(text, 1, 2, &parts->second);
    case 'f':
        return take_fraction(text, &parts->fraction);
    case 'z':
        return take_offset(text, parts);
    default:
        return false;
    }
}

/* "", " 10:00", "T10:00:00.25Z", "T100000", " 2:05 PM", " 2 PM", " 10:00:00+01:00". */
static bool take_time(const char **text, date_parts *parts) {
    if (!take_character(text, ' ') && !take_character(text, 'T'))
        return true;
    if (!take_number(text, 1, 2, &parts->hour))
        return false;
    bool colon = take_character(text, ':'), minutes = colon || is_digit(**text);
    if (minutes && !take_number(text, 2, 2, &parts->minute))
        return false;
    if (minutes && (colon ? take_character(text, ':') : is_digit(**text)))
        if (!take_number(text, 2, 2, &parts->second))
            return false;
    if (minutes && take_character(text, '.'))
        (void)take_fraction(text, &parts->fraction);
    if (!take_half(text, parts) && !minutes)
        return false;
    (void)take_offset(text, parts);
    return true;
}

/* The first day of a year's first week, the one that holds 4 January. */
static int64_t first_monday(int year) {
    int64_t fourth = ds_day_number(year, 1, 4);
    return fourth - ds_day_of_week(fourth);
}

static bool take_day(const date_parts *parts, int64_t *day) {
    int year, month, day_of_month;
    if (parts->week) {
        *day = first_monday(parts->year) + 7 * (parts->week - 1) + parts->weekday - 1;
        return parts->weekday >= 1 && parts->weekday <= 7 && *day < first_monday(parts->year + 1);
    }
    if (parts->month < 1 || parts->month > 12 || parts->day < 1 || parts->day > 31)
        return false;
    *day = ds_day_number(parts->year, parts->month, parts->day);
    ds_day_parts(*day, &year, &month, &day_of_month);
    return month == parts->month && day_of_month == parts->day; /* not 31 April */
}

static bool take_seconds(const date_parts *parts, int *seconds) {
    int hour = parts->hour;
    if (parts->twelve && (hour < 1 || hour > 12))
        return false;
    if (parts->twelve)
        hour = hour % 12 + (parts->half == PM ? 12 : 0);
    *seconds = hour * HOUR + parts->minute * MINUTE + parts->second - parts->offset;
    return hour <= 23 && parts->minute <= 59 && parts->second <= 60;
}

/* What counts since 1970, in parts of a second. */
static const struct {
    const char *name;
    double parts;
} counts[] = {{"unix", 1}, {"unix_ms", 1e3}, {"unix_us", 1e6}, {"unix_ns", 1e9}};

static double parts_of_second(const char *format) {
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (strcmp(format, counts[i].name) == 0)
            return counts[i].parts;
    return 0;
}

/* Years 0 to 9999, as those of other dates. */
static bool parse_count(const char *text, double parts, double *seconds) {
    double count;
    if (!ds_number_parse(text, &count))
        return false;
    *seconds = count / parts;
    return *seconds >= (double)ds_day_number(0, 1, 1) * DAY &&
           *seconds < (double)ds_day_number(10000, 1, 1) * DAY;
}

/* A number such as 1871 may have been stored as 1871.0. */
static void skip_zeros(const char *text, const char **at) {
    if (**at == '.' && text + strspn(text, "0123456789") == *at)
        *at += 1 + strspn(*at + 1, "0");
}

bool ds_date_parse_zoned(const char *text, const char *format, double *seconds, int *offset) {
    date_parts parts = {.month = 1, .day = 1, .weekday = 1};
    bool with_time = strstr(format, "%H") || strstr(format, "%I");
    double count = parts_of_second(format);
    const char *at = text;
    int64_t day;
    int of_day;
    *offset = 0;
    if (count > 0)
        return parse_count(text, count, seconds);
    for (; *format; format++) {
        if (*format == '%') {
            if (!take_directive(&at, *++format, &parts))
                return false;
        } else if (!take_character(&at, *format)) {
            return false;
        }
    }
    if (!with_time && !take_time(&at, &parts))
        return false;
    skip_zeros(text, &at);
    if (*at || !take_day(&parts, &day) || !take_seconds(&parts, &of_day))
        return false;
    *seconds = (double)(day * DAY + of_day) + parts.fraction;
    *offset = parts.offset;
    return true;
}

bool ds_date_parse(const char *text, const char *format, double *seconds) {
    int offset;
    return ds_date_parse_zoned(text, format, seconds, &offset);
}

bool ds_date_format_is_known(const char *format) {
    bool year = false, iso_year = false, week = false;
    if (parts_of_second(format) > 0)
        return true;
    for (; *format; format++) {
        if (*format != '%')
            continue;
        format++;
        if (*format == '\0' || !strchr("YyGqmbBVudIpHMSfz", *format))
            return false;
        year = year || *format == 'Y' || *format == 'y';
        iso_year = iso_year || *format == 'G';
        week = week || *format == 'V';
    }
    return week ? iso_year : year;
}
