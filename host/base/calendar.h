/* Dates as seconds since 1970-01-01 00:00, without time zones or leap seconds, and as text. */
#ifndef DS_CALENDAR_H
#define DS_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/* The day of the Gregorian calendar, counted from 1970-01-01; and back. */
int64_t ds_day_number(int year, int month, int day);
void ds_day_parts(int64_t number, int *year, int *month, int *day);

/* 0 for Monday to 6 for Sunday. */
int ds_day_of_week(int64_t number);

/* Reads a date as a format says: %Y (four digits), %y (two), %m, %b or %B (an English name, whole
 * or of three letters), %d, %H, %M and %S; any other character stands for itself. Where the format
 * has no %H, a time may follow after a blank or a T: 10:00, 10:00:00, 10:00:00.5, with a Z or
 * without. False where the text is no such date. */
bool ds_date_parse(const char *text, const char *format, double *seconds);

/* Whether a format holds a year, and no directive but those above. */
bool ds_date_format_is_known(const char *format);

/* "2021-01-31"; with a time, "2021-01-31 10:00:00". */
void ds_date_print(char out[32], double seconds);

#endif
