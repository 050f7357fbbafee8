#include "base/calendar.h"

#include <math.h>
#include <stdio.h>

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

int64_t ds_month_number(double seconds) {
    int year, month, day;
    ds_day_parts((int64_t)floor(seconds / DAY), &year, &month, &day);
    return 12 * (int64_t)year + month - 1;
}

int ds_day_of_month(double seconds) {
    int year, month, day;
    ds_day_parts((int64_t)floor(seconds / DAY), &year, &month, &day);
    return day;
}

int ds_month_days(int64_t month) {
    int year = (int)(month / 12), of_year = (int)(month % 12) + 1;
    return (int)(ds_day_number(year + of_year / 12, of_year % 12 + 1, 1) -
                 ds_day_number(year, of_year, 1));
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
