/* Numbers as text, with a point whatever the program's locale says. */
#ifndef DS_NUMBER_H
#define DS_NUMBER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* A decimal number, with nothing around it; the nearest double. "inf", "infinity" and numbers
 * beyond the largest double give an infinity: the caller refuses it by name. */
bool ds_number_parse(const char *text, double *out);

/* The fewest digits that read back as the same double: 0.3, not 0.29999999999999999. */
void ds_number_print(char out[32], double value);

/* As printf's "%.*g" does, to the byte, and many times as fast for up to 9 digits. */
void ds_number_round(char out[32], int digits, double value);

/* snprintf and vsnprintf, in the C locale. */
int ds_format(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int ds_format_list(char *out, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

#endif
