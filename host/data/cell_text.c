#include "data/cell_text.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

/* strtod expects the point of the program's locale, so it is given digits and an exponent without
 * one. Digits beyond 1000 cannot change the nearest double but in ties no one writes. */
static double parse_slowly(const char *text) {
    char plain[1100];
    int length = 0, exponent = 0;
    bool fraction = false;
    const char *at = text;
    for (; *at && *at != 'e' && *at != 'E'; at++) {
        if (*at == '.') {
            fraction = true;
        } else if (length < 1000) {
            plain[length++] = *at;
            exponent -= fraction;
        } else {
            exponent += !fraction;
        }
    }
    if (*at) {
        long written = strtol(at + 1, NULL, 10);
        exponent += (int)(written > 100000 ? 100000 : written < -100000 ? -100000 : written);
    }
    snprintf(plain + length, sizeof plain - (size_t)length, "e%d", exponent);
    return strtod(plain, NULL);
}

bool ds_number_parse(const char *text, double *out) {
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
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
        double value = (double)number.digits;
        value =
            number.exponent < 0 ? value / power[-number.exponent] : value * power[number.exponent];
        *out = number.negative ? -value : value;
        return true;
    }
    *out = parse_slowly(text);
    return true;
}

bool ds_cell_is_missing(const char *text) {
    static const char *const words[] = {"NA", "N/A", "null", "NULL", "?"};
    if (*text == '\0')
        return true;
    if (strlen(text) > 4)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return strcasecmp(text, "nan") == 0;
}

void ds_number_print(char out[32], double value) {
    for (int digits = 15; digits <= 17; digits++) {
        double back;
        snprintf(out, 32, "%.*g", digits, value);
        char *comma = strchr(out, ','); /* the point of the program's locale */
        if (comma)
            *comma = '.';
        if (ds_number_parse(out, &back) && back == value)
            return;
    }
}

void ds_cell_excerpt(char out[64], const char *text) {
    size_t length = strlen(text), kept = length;
    if (length > 48) {
        kept = 45;
        while (kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80) /* not inside a character */
            kept--;
    }
    for (size_t i = 0; i < kept; i++)
        out[i] = (unsigned char)text[i] < ' ' || text[i] == 127 ? ' ' : text[i];
    strcpy(out + kept, kept < length ? "..." : "");
}

bool ds_is_utf8(const char *text) {
    const unsigned char *at = (const unsigned char *)text;
    while (*at) {
        int more = *at < 0x80 ? 0 : *at >= 0xc2 && *at < 0xe0 ? 1 : (*at & 0xf0) == 0xe0 ? 2 : 3;
        if ((*at >= 0x80 && *at < 0xc2) || *at > 0xf4)
            return false;
        /* No longer form than needed, no surrogates, nothing beyond U+10FFFF. */
        if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) ||
            (*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f))
            return false;
        for (at++; more > 0; more--, at++)
            if ((*at & 0xc0) != 0x80)
                return false;
    }
    return true;
}
