#include "base/number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

/* The parts of a decimal number: (-1)^negative * digits * 10^exponent. */
typedef struct decimal {
    uint64_t digits;
    int count; /* significant digits; beyond 19 `digits` is no longer whole */
    int exponent;
    bool negative;
} decimal;

static void take_digit(decimal *number, char c) {
    if (number->count < 19)
        number->digits = number->digits * 10 + (uint64_t)(c - '0');
    if (number->count > 0 || c != '0')
        number->count++;
}

/* The end of the number that starts at `text`; NULL where there is none. */
static const char *scan_decimal(decimal *number, const char *text) {
    const char *at = text + (*text == '-' || *text == '+');
    bool any = false;
    number->negative = *text == '-';
    for (; is_digit(*at); at++, any = true)
        take_digit(number, *at);
    if (*at == '.')
        for (at++; is_digit(*at); at++, any = true) {
            take_digit(number, *at);
            if (number->exponent > -100000)
                number->exponent--;
        }
    if (!any)
        return NULL;
    if (*at == 'e' || *at == 'E') {
        bool minus = at[1] == '-';
        int power = 0;
        at += 1 + (at[1] == '-' || at[1] == '+');
        if (!is_digit(*at))
            return NULL;
        for (; is_digit(*at); at++)
            power = power < 100000 ? power * 10 + (*at - '0') : power;
        number->exponent += minus ? -power : power;
    }
    return at;
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

bool ds_number_parse(const char *text, double *out) {
    decimal number = {0};
    const char *end = scan_decimal(&number, text);
    if (!end)
        return parse_infinity(text, out);
    if (*end != '\0')
        return false;
    /* Both numbers are exact doubles here, so the one product or quotient is rounded once, as the
     * nearest double is (Clinger, "How to read floating point numbers accurately", 1990). */
    if (number.count <= 19 && number.digits <= (uint64_t)1 << 53 && number.exponent >= -22 &&
        number.exponent <= 22) {
        double value = times_power((double)number.digits, number.exponent);
        *out = number.negative ? -value : value;
        return true;
    }
    locale_t kept = enter_c_locale();
    *out = strtod(text, NULL);
    uselocale(kept);
    return true;
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
