/* Numbers as text, with a point whatever the program's locale says. */
#ifndef DS_NUMBER_H
#define DS_NUMBER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A decimal number, with nothing around it; the nearest double. "inf", "infinity" and numbers
 * beyond the largest double give an infinity: the caller refuses it by name. */
bool ds_number_parse(const char *text, double *out);

/* A decimal number as it was written: (-1)^negative * digits * 10^power. */
typedef struct ds_decimal_number {
    uint64_t digits;
    int count; /* of its digits; beyond 19, of those after leading zeros, `digits` has the first */
    int power;
    bool negative;
    int whole, decimals; /* digits before and after the point */
    bool point, exponent;
} ds_decimal_number;

/* Reads the number at the beginning of a longer text: where it ends; NULL where none begins.
 * Infinities by name are not taken. */
const char *ds_number_scan(const char *text, ds_decimal_number *out);

/* Bytes that ds_take_digits_padded may read after a text. */
enum { DS_NUMBER_PADDING = 8 };

/* The nearest double of a number that was scanned at `text`. */
double ds_number_value(const ds_decimal_number *number, const char *text);

/* Compares two decimal numbers exactly, digit by digit: ids of 19 digits stay apart. Both must be
 * numbers by ds_number_parse, and finite. Negative, 0 or positive, as strcmp. */
int ds_number_compare(const char *a, const char *b);

/* The fewest digits that read back as the same double: 0.3, not 0.29999999999999999. */
void ds_number_print(char out[32], double value);

/* About the fewest digits that read back as a number closer to it than `distance`; or as the same.
 */
void ds_number_print_near(char out[32], double value, double distance);

/* As printf's "%.*g" does, to the byte, and many times as fast for up to 9 digits. */
void ds_number_round(char out[32], int digits, double value);

/* snprintf and vsnprintf, in the C locale. */
int ds_format(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int ds_format_list(char *out, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

#endif
