/* Dates as seconds since 1970-01-01 00:00 UTC, without leap seconds, and as text. */
#ifndef DS_CALENDAR_H
#define DS_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/* The day of the Gregorian calendar, counted from 1970-01-01; and back. */
int64_t ds_day_number(int year, int month, int day);
void ds_day_parts(int64_t number, int *year, int *month, int *day);

/* 0 for Monday to 6 for Sunday. */
int ds_day_of_week(int64_t number);

/* The month of a date, counted from January of the year 0; the day in it, from 1; a month's length.
 */
int64_t ds_month_number(double seconds);
int ds_day_of_month(double seconds);
int ds_month_days(int64_t month);

/* Reads a date as a format says:
 *
 *   %Y  the year, four digits          %H  the hour, 0 to 23
 *   %y  two: 69 to 99 are 19..         %I  the hour, 1 to 12, with %p, AM or PM
 *   %m  the month                      %M  the minute
 *   %b  or %B: its English name,       %S  the second
 *       whole or of three letters      %f  digits of its fraction
 *   %d  the day                        %z  Z, UTC or the offset: +01:00, +0100, +01
 *   %q  the quarter, 1 to 4
 *   %G  the year of %V, the week, and %u, the weekday from 1, Monday (ISO 8601)
 *
 * Any other character stands for itself. Where the format has no hour, a time may follow after a
 * blank or a T, with an offset or without: 10:00, 10:00:00.5Z, 2:05 PM, 10:00+01:00. What is left
 * out is the first: of a quarter its first day. An offset is subtracted. Of numbers such as 1871
 * and 20210131 decimals that are 0 are no matter.
 *
 * The format unix is seconds since 1970; unix_ms, unix_us and unix_ns are 1000, ... of them.
 * False where the text is no such date. */
bool ds_date_parse(const char *text, const char *format, double *seconds);

/* The same, with the offset in seconds; 0 where there is none. */
bool ds_date_parse_zoned(const char *text, const char *format, double *seconds, int *offset);

/* Whether a format holds a year, and no directive but those above. */
bool ds_date_format_is_known(const char *format);

/* "2021-01-31"; with a time, "2021-01-31 10:00:00". */
void ds_date_print(char out[32], double seconds);

#endif
