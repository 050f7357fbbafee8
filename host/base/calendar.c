#include "base/calendar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { DAY = 86400 };

/* Years begin in March here, so that a leap day is the last of its year: 400 of them are 146097
 * days, and month m of such a year begins on its day (153 m + 2) / 5. */
int64_t ds_day_number(int year, int month, int day) {
    int64_t march_year = year - (month <= 2);
    int64_t era = (march_year >= 0 ? march_year : march_year - 399) / 400;
    int64_t of_era = march_year - era * 400, march_month = (month + 9) % 12;
    int64_t of_year = (153 * march_month + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void ds_day_parts(int64_t number, int *year, int *month, int *day) {
    int64_t days = number + 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097, of_era = days - era * 146097;
    int64_t march_year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * march_year + march_year / 4 - march_year / 100);
    int64_t march_month = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * march_month + 2) / 5 + 1);
    *month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    *year = (int)(march_year + era * 400 + (*month <= 2));
}

int ds_day_of_week(int64_t number) {
    return (int)(((number + 3) % 7 + 7) % 7);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
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
    double fraction;
} date_parts;

static bool take_directive(const char **text, char directive, date_parts *parts) {
    switch (directive) {
    case 'Y':
        return take_number(text, 4, 4, &parts->year);
    case 'y':
        if (!take_number(text, 2, 2, &parts->year))
            return false;
        parts->year += parts->year < 69 ? 2000 : 1900; /* as POSIX has it */
        return true;
    case 'm':
        return take_number(text, 1, 2, &parts->month);
    case 'b':
    case 'B':
        return take_month(text, &parts->month);
    case 'd':
        return take_number(text, 1, 2, &parts->day);
    case 'H':
        return take_number(text, 1, 2, &parts->hour);
    case 'M':
        return take_number(text, 1, 2, &parts->minute);
    case 'S':
        return take_number(text, 1, 2, &parts->second);
    default:
        return false;
    }
}

/* "", " 10:00", "T10:00:00.25Z". */
static bool take_time(const char **text, date_parts *parts) {
    if (**text != ' ' && **text != 'T')
        return true;
    ++*text;
    if (!take_number(text, 1, 2, &parts->hour) || *(*text)++ != ':' ||
        !take_number(text, 2, 2, &parts->minute))
        return false;
    if (**text == ':') {
        ++*text;
        if (!take_number(text, 2, 2, &parts->second))
            return false;
    }
    if (**text == '.') {
        double unit = 0.1;
        for (++*text; is_digit(**text); ++*text, unit /= 10)
            parts->fraction += unit * (**text - '0');
    }
    *text += **text == 'Z';
    return true;
}

static bool is_real(const date_parts *parts) {
    int year, month, day;
    if (parts->month < 1 || parts->month > 12 || parts->day < 1 || parts->day > 31 ||
        parts->hour > 23 || parts->minute > 59 || parts->second > 60)
        return false;
    ds_day_parts(ds_day_number(parts->year, parts->month, parts->day), &year, &month, &day);
    return month == parts->month && day == parts->day; /* not 31 April */
}

bool ds_date_parse(const char *text, const char *format, double *seconds) {
    date_parts parts = {.month = 1, .day = 1};
    bool with_time = strstr(format, "%H") != NULL;
    for (; *format; format++) {
        if (*format == '%') {
            if (!take_directive(&text, *++format, &parts))
                return false;
        } else if (*text++ != *format) {
            return false;
        }
    }
    if (!with_time && !take_time(&text, &parts))
        return false;
    if (*text || !is_real(&parts))
        return false;
    int64_t day = ds_day_number(parts.year, parts.month, parts.day);
    *seconds =
        (double)(day * DAY + parts.hour * 3600 + parts.minute * 60 + parts.second) + parts.fraction;
    return true;
}

bool ds_date_format_is_known(const char *format) {
    bool year = false;
    for (; *format; format++) {
        if (*format != '%')
            continue;
        format++;
        if (*format == '\0' || !strchr("YymbBdHMS", *format))
            return false;
        year = year || *format == 'Y' || *format == 'y';
    }
    return year;
}

void ds_date_print(char out[32], double seconds) {
    int year, month, day;
    double days = floor(seconds / DAY);
    int rest = (int)(seconds - days * DAY);
    ds_day_parts((int64_t)days, &year, &month, &day);
    int length = snprintf(out, 32, "%04d-%02d-%02d", year, month, day);
    if (rest && length > 0 && length < 20)
        snprintf(out + length, 32 - (size_t)length, " %02d:%02d:%02d", rest / 3600, rest / 60 % 60,
                 rest % 60);
}
