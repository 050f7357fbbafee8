#include "base/number_scan.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- the C locale, for this thread and a moment ---- */

static locale_t c_locale; /* 0, which changes nothing, if there is no memory for it */

static void make_c_locale(void) {
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static locale_t enter_c_locale(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, make_c_locale);
    return uselocale(c_locale);
}

int ds_format_list(char *out, size_t size, const char *format, va_list arguments) {
    locale_t kept = enter_c_locale();
    int length = vsnprintf(out, size, format, arguments);
    uselocale(kept);
    return length;
}

int ds_format(char *out, size_t size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = ds_format_list(out, size, format, arguments);
    va_end(arguments);
    return length;
}

/* ---- reading ---- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* The first 19 significant digits of a number that has more digits than these. */
void ds_take_first_digits(ds_decimal_number *number, const char *at) {
    number->digits = 0;
    number->count = 0;
    for (; is_digit(*at) || *at == '.'; at++) {
        if (*at == '.' || (*at == '0' && number->count == 0))
            continue;
        if (number->count++ < DS_MOST_DIGITS)
            number->digits = number->digits * 10 + (uint64_t)(*at - '0');
    }
}

const char *ds_take_exponent(ds_decimal_number *number, const char *at) {
    bool minus = at[1] == '-';
    int power = 0;
    at += 1 + (at[1] == '-' || at[1] == '+');
    if (!is_digit(*at))
        return NULL;
    for (; is_digit(*at); at++)
        power = power < 100000 ? power * 10 + (*at - '0') : power;
    number->power += minus ? -power : power;
    number->exponent = true;
    return at;
}

const char *ds_number_scan(const char *text, ds_decimal_number *out) {
    return ds_scan_number(text, out, ds_take_digits);
}

static bool parse_infinity(const char *text, double *out) {
    const char *word = text + (*text == '-' || *text == '+');
    if (strcasecmp(word, "inf") != 0 && strcasecmp(word, "infinity") != 0)
        return false;
    *out = *text == '-' ? -INFINITY : INFINITY;
    return true;
}

/* The powers of ten that are doubles. */
static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* One rounding. */
static double times_power(double value, int exponent) {
    return exponent < 0 ? value / power[-exponent] : value * power[exponent];
}

/* Digits beyond 2^53, which a long double of 64 bits or more holds exactly, as it does 10^27. Its
 * one rounding leaves the double open only where a halfway point lies next to it. */
static bool from_long_double(const ds_decimal_number *number, double *out) {
    if (number->count > 19 || number->power < -27 || number->power > 0 || LDBL_MANT_DIG < 64)
        return false;
    long double ten = 1, value = (long double)number->digits;
    for (int i = number->power; i < 0; i++)
        ten *= 10;
    value /= ten;
    double below = (double)(value * (1 - LDBL_EPSILON));
    double above = (double)(value * (1 + LDBL_EPSILON));
    *out = number->negative ? -above : above;
    return below == above;
}

double ds_number_value(const ds_decimal_number *number, const char *text) {
    double value;
    /* Both numbers are exact doubles here, so the one product or quotient is rounded once, as the
     * nearest double is (Clinger, "How to read floating point numbers accurately", 1990). */
    if (number->count <= 19 && number->digits <= (uint64_t)1 << 53 && number->power >= -22 &&
        number->power <= 22) {
        value = times_power((double)number->digits, number->power);
        return number->negative ? -value : value;
    }
    if (from_long_double(number, &value))
        return value;
    locale_t kept = enter_c_locale();
    value = strtod(text, NULL);
    uselocale(kept);
    return value;
}

bool ds_number_parse(const char *text, double *out) {
    ds_decimal_number number;
    const char *end = ds_number_scan(text, &number);
    if (!end)
        return parse_infinity(text, out);
    if (*end != '\0')
        return false;
    *out = ds_number_value(&number, text);
    return true;
}

/* ---- comparing ---- */

/* A decimal number without its leading zeros. */
typedef struct digit_run {
    const char *at, *end; /* with a point among them, perhaps */
    int64_t place;        /* of the first digit, counted from the point; of 0 the lowest */
    bool negative;
} digit_run;

static digit_run significant(const char *text) {
    ds_decimal_number number = {0};
    const char *at = text + (*text == '-' || *text == '+');
    (void)ds_number_scan(text, &number);
    digit_run d = {.at = at, .end = at + number.whole + number.point + number.decimals};
    int64_t place = (int64_t)number.power + number.decimals + number.whole;
    for (; d.at < d.end && (*d.at == '0' || *d.at == '.'); d.at++)
        place -= *d.at == '0';
    d.place = d.at < d.end ? place : INT64_MIN;
    d.negative = *text == '-' && d.at < d.end;
    return d;
}

/* The next digit, and past it; 0 after the last. */
static char next_digit(digit_run *d) {
    if (d->at < d->end && *d->at == '.')
        d->at++;
    return d->at < d->end ? *d->at++ : '0';
}

int ds_number_compare(const char *a, const char *b) {
    digit_run x = significant(a), y = significant(b);
    int order = 0;
    if (x.negative != y.negative)
        return x.negative ? -1 : 1;
    if (x.place != y.place)
        order = x.place < y.place ? -1 : 1;
    while (order == 0 && (x.at < x.end || y.at < y.end))
        order = next_digit(&x) - next_digit(&y);
    return x.negative ? -order : order;
}

/* ---- printing ---- */

void ds_number_print(char out[32], double value) {
    for (int digits = 15; digits <= 17; digits++) {
        double back;
        ds_format(out, 32, "%.*g", digits, value);
        if (ds_number_parse(out, &back) && back == value)
            return;
    }
}

void ds_number_print_near(char out[32], double value, double distance) {
    double back, ratio = fabs(value) / distance;
    int digits = ratio > 10 && ratio < 1e17 ? (int)log10(ratio) : ratio >= 1e17 ? 17 : 1;
    for (; digits <= 17; digits++) {
        ds_number_round(out, digits, value);
        if (ds_number_parse(out, &back) && (back == value || fabs(back - value) < distance))
            return;
    }
}

/* The first digits of a positive number as a whole number, rounded, and the power of ten of the
 * first of them; false where one rounding of a double leaves open which way it goes. */
static bool round_to_digits(double value, int digits, int64_t *whole, int *first) {
    int exponent = (int)floor(log10(value)); /* at most one beside */
    for (int tries = 0; tries < 2; tries++) {
        int shift = digits - 1 - exponent;
        if (shift < -22 || shift > 22)
            return false;
        double scaled = times_power(value, shift), below = floor(scaled);
        if (fabs(scaled - below - 0.5) < 1e-5) /* the error is below 2^-53 * 1e10 */
            return false;
        *whole = (int64_t)below + (scaled - below > 0.5);
        if (*whole < (int64_t)power[digits - 1])
            exponent--;
        else if (*whole >= (int64_t)power[digits])
            exponent++;
        else {
            *first = exponent;
            return true;
        }
    }
    return false;
}

void ds_number_round(char out[32], int digits, double value) {
    char digit[16];
    int64_t whole;
    int first, count = digits;
    if (digits < 1 || digits > 9 || !isfinite(value) || value == 0 ||
        !round_to_digits(fabs(value), digits, &whole, &first) || first < -4 || first >= digits) {
        ds_format(out, 32, "%.*g", digits, value);
        return;
    }
    for (int i = digits - 1; i >= 0; i--, whole /= 10)
        digit[i] = (char)('0' + whole % 10);
    while (count > 1 && count > first + 1 && digit[count - 1] == '0')
        count--;
    if (value < 0)
        *out++ = '-';
    if (first < 0) { /* 0.00ddd */
        *out++ = '0';
        *out++ = '.';
        for (int i = -1; i > first; i--)
            *out++ = '0';
    }
    for (int i = 0; i < count; i++) {
        if (first >= 0 && i == first + 1)
            *out++ = '.';
        *out++ = digit[i];
    }
    *out = '\0';
}
