/* The scanning of decimal numbers, inline for whoever reads millions of them. */
#ifndef DS_NUMBER_SCAN_H
#define DS_NUMBER_SCAN_H

#include <string.h>

#include "base/number.h"

/* For ds_scan_number: what few numbers have. */
void ds_take_first_digits(ds_decimal_number *number, const char *at);
const char *ds_take_exponent(ds_decimal_number *number, const char *at);

enum { DS_MOST_DIGITS = 19 }; /* that 64 bits hold, whatever they are */

/* Where the digits at `at` end, and their number after those of `digits`; wrong beyond 19 of them.
 */
static inline const char *ds_take_digits(uint64_t *digits, const char *at) {
    uint64_t taken = *digits;
    for (unsigned digit; (digit = (unsigned)(*at - '0')) <= 9; at++)
        taken = taken * 10 + digit;
    *digits = taken;
    return at;
}

#if defined(__GNUC__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

/* The same, eight characters at a time, of a text that 8 more bytes may be read after. */
static inline const char *ds_take_digits_padded(uint64_t *digits, const char *at) {
    static const uint64_t tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    for (;;) {
        uint64_t eight, other;
        memcpy(&eight, at, sizeof eight);
        eight ^= 0x3030303030303030u; /* digits are 0 to 9 now */
        other = (eight | (eight + 0x7676767676767676u)) & 0x8080808080808080u;
        int count = other ? __builtin_ctzll(other) / 8 : 8;
        if (count == 0)
            return at;
        eight <<= 64 - 8 * count;                              /* the digits last, after zeros */
        eight = (eight & 0x0f0f0f0f0f0f0f0fu) * 2561 >> 8;     /* 10 a + b, by pairs */
        eight = (eight & 0x00ff00ff00ff00ffu) * 6553601 >> 16; /* 100 a + b */
        eight = (eight & 0x0000ffff0000ffffu) * 42949672960001u >> 32;
        *digits = *digits * tens[count] + eight;
        at += count;
        if (count < 8)
            return at;
    }
}

#else
#define ds_take_digits_padded ds_take_digits
#endif

typedef const char *ds_digit_taker(uint64_t *digits, const char *at);

/* Most numbers have few digits before the point, and more after it: these `take` takes. The parts are
 * put together one by one: copying them as a whole would wait for each to be written. */
static inline const char *ds_scan_number(const char *text, ds_decimal_number *out,
                                         ds_digit_taker *take) {
    const char *first = text + (*text == '-' || *text == '+');
    uint64_t digits = 0;
    const char *at = ds_take_digits(&digits, first);
    const int whole = (int)(at - first);
    const bool point = *at == '.';
    int decimals = 0;
    if (point) {
        const char *end = take(&digits, at + 1);
        decimals = (int)(end - at) - 1;
        at = end;
    }
    if (whole + decimals == 0)
        return NULL;
    out->digits = digits;
    out->count = whole + decimals;
    out->power = -decimals;
    out->negative = *text == '-';
    out->whole = whole;
    out->decimals = decimals;
    out->point = point;
    out->exponent = false;
    if (whole + decimals > DS_MOST_DIGITS)
        ds_take_first_digits(out, first);
    return *at == 'e' || *at == 'E' ? ds_take_exponent(out, at) : at;
}

#endif
