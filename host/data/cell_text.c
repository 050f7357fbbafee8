#include "data/cell_text.h"

#include <math.h>
#include <string.h>
#include <strings.h>

static bool is_one_of(const char *text, const char *const *words) {
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

bool ds_cell_is_missing(const char *text, bool quoted, bool number, const ds_words *given) {
    static const char *const always[] = {"NA", "N/A", "null", "NULL", "?", NULL};
    static const char *const among_numbers[] = {"None", "#N/A", "<NA>", "n/a",
                                                "-",    "--",   ".",    NULL};
    if (*text == '\0')
        return true;
    if (quoted && !number)
        return false;
    if (given)
        return ds_words_find(given, text) >= 0;
    if (strlen(text) > 4)
        return false;
    return is_one_of(text, always) || strcasecmp(text, "nan") == 0 ||
           (number && is_one_of(text, among_numbers));
}

/* ---- numbers as people write them ---- */

static const char *const minus_sign = "\xe2\x88\x92"; /* U+2212 */

/* The length of a currency's sign that stands here; 0: none does. */
static size_t currency(const char *at) {
    static const char *const signs[] = {"$",
                                        "\xe2\x82\xac",
                                        "\xc2\xa3",
                                        "\xc2\xa5",
                                        "\xe2\x82\xb9",
                                        "\xe2\x82\xa9",
                                        "\xe2\x82\xba",
                                        "\xe2\x82\xbd"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strncmp(at, signs[i], strlen(signs[i])) == 0)
            return strlen(signs[i]);
    return 0;
}

/* The length of a blank or an apostrophe that may stand between thousands. */
static size_t thousands_gap(const char *at) {
    static const char *const gaps[] = {
        " ", "'", "\xc2\xa0", "\xe2\x80\x89", "\xe2\x80\xaf", "\xe2\x80\x99"};
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++)
        if (strncmp(at, gaps[i], strlen(gaps[i])) == 0)
            return strlen(gaps[i]);
    return 0;
}

static size_t blank(const char *at) {
    return *at == '\'' || strncmp(at, "\xe2\x80\x99", 3) == 0 ? 0 : thousands_gap(at);
}

static size_t count_digits(const char *at) {
    return strspn(at, "0123456789");
}

/* What stands around the digits. */
typedef struct wrapping {
    bool negative, sign, parens;
    unsigned marks;
} wrapping;

static const char *take_front(wrapping *w, const char *at) {
    for (size_t length;; at += length) {
        if (*at == '(' && !w->parens && !w->sign) {
            w->parens = true;
            length = 1;
        } else if ((*at == '-' || *at == '+') && !w->sign) {
            w->negative = *at == '-';
            w->sign = true;
            length = 1;
        } else if (strncmp(at, minus_sign, 3) == 0 && !w->sign) {
            w->negative = w->sign = true;
            w->marks |= DS_MARK_OTHER;
            length = 3;
        } else if ((length = currency(at)) > 0 && !(w->marks & DS_MARK_CURRENCY)) {
            w->marks |= DS_MARK_CURRENCY;
        } else if ((length = blank(at)) == 0) {
            return at;
        }
    }
}

/* Whether nothing but signs of their kind stands after the digits. */
static bool take_back(wrapping *w, const char *at) {
    bool open = w->parens;
    for (size_t length; *at; at += length) {
        if (*at == '%' && !(w->marks & DS_MARK_PERCENT)) {
            w->marks |= DS_MARK_PERCENT;
            length = 1;
        } else if ((length = currency(at)) > 0 && !(w->marks & DS_MARK_CURRENCY)) {
            w->marks |= DS_MARK_CURRENCY;
        } else if (*at == ')' && open) {
            open = false;
            length = 1;
        } else if ((length = blank(at)) == 0) {
            return false;
        }
    }
    w->marks |= w->parens ? DS_MARK_OTHER : 0;
    return !open;
}

/* Copies digits, points and commas, without the gaps between thousands; where they end. */
static const char *take_body(wrapping *w, char out[64], const char *at) {
    size_t length = 0;
    bool grouped = false;
    for (;;) {
        size_t digits = strspn(at, "0123456789.,"), gap;
        if (length + digits >= 63)
            return NULL;
        memcpy(out + length, at, digits);
        length += digits;
        at += digits;
        out[length] = '\0';
        gap = thousands_gap(at);
        bool after_group = grouped ? digits == 3 : digits >= 1 && digits <= 3;
        if (gap == 0 || count_digits(at + gap) != 3 || !after_group || strpbrk(out, ".,"))
            return at;
        w->marks |= DS_MARK_OTHER;
        grouped = true;
        at += gap;
    }
}

/* Whether a text of digits is 1 to 3 of them and then groups of three, each behind `mark`, up to
 * `end`. */
static bool is_grouped(const char *text, const char *end, char mark) {
    size_t first = count_digits(text);
    if (first < 1 || first > 3 || *text == '0')
        return false;
    const char *at = text + first;
    while (at < end && *at == mark && count_digits(at + 1) == 3)
        at += 4;
    return at == end;
}

/* What the points and commas of a number say. */
static unsigned marks_of(const char *body) {
    const char *comma = strchr(body, ','), *point = strchr(body, '.');
    const char *end = body + strlen(body);
    if (!comma && !point)
        return 0;
    if (comma && point) {
        char thousands = comma < point ? ',' : '.';
        const char *last = comma < point ? point : comma;
        bool good = is_grouped(body, last, thousands) && count_digits(last + 1) == strlen(last + 1);
        return !good ? 0 : comma < point ? DS_MARK_POINT : DS_MARK_COMMA;
    }
    char mark = comma ? ',' : '.';
    const char *first = comma ? comma : point;
    bool grouped = is_grouped(body, end, mark);
    if (strchr(first + 1, mark)) /* more than one: between thousands */
        return !grouped ? 0 : comma ? DS_MARK_POINT : DS_MARK_COMMA;
    if (grouped)
        return comma ? DS_MARK_COMMA_EITHER : DS_MARK_POINT_EITHER;
    return comma ? DS_MARK_COMMA : DS_MARK_POINT;
}

/* Takes the marks between thousands out, and puts a point before decimals; false where the number
 * is not written so. */
static bool make_plain(char *body, unsigned marks, ds_decimal decimal) {
    bool comma = decimal == DS_DECIMAL_COMMA;
    if (marks & (comma ? DS_MARK_POINT : DS_MARK_COMMA))
        return false;
    char *to = body;
    for (const char *at = body; *at; at++) {
        if (*at == (comma ? ',' : '.'))
            *to++ = '.';
        else if (*at != ',' && *at != '.')
            *to++ = *at;
    }
    *to = '\0';
    return true;
}

unsigned ds_plain_marks(const ds_decimal_number *number, const char *text) {
    const char *first = text + (*text == '-' || *text == '+');
    unsigned marks = 0;
    if (number->whole > 1 && *first == '0')
        marks |= DS_MARK_ZERO_FIRST;
    if (number->point)
        marks |= number->decimals == 3 && number->whole >= 1 && number->whole <= 3 &&
                         *first != '0' && !number->exponent
                     ? DS_MARK_POINT_EITHER
                     : DS_MARK_POINT;
    bool beyond = number->count > 19 || number->digits > (uint64_t)1 << 53;
    if (beyond && number->power == 0 &&
        (number->count > 19 || (uint64_t)(double)number->digits != number->digits))
        marks |= DS_MARK_ROUNDED;
    return marks;
}

/* The length of an exponent that stands here: e-3. */
static size_t exponent_length(const char *at) {
    size_t sign = *at && (at[1] == '-' || at[1] == '+'), digits;
    if (*at != 'e' && *at != 'E')
        return 0;
    digits = count_digits(at + 1 + sign);
    return digits && digits < 8 ? 1 + sign + digits : 0;
}

bool ds_cell_number(const char *text, ds_decimal decimal, double *out, unsigned *marks) {
    ds_decimal_number number;
    wrapping w = {0};
    char body[64 + 16];
    const char *end = ds_number_scan(text, &number);
    if (end && *end == '\0' && (decimal != DS_DECIMAL_COMMA || !number.point)) {
        *marks |= ds_plain_marks(&number, text);
        *out = ds_number_value(&number, text);
        return true;
    }
    if (!end && ds_number_parse(text, out)) /* an infinity by name */
        return true;
    const char *back = take_body(&w, body, take_front(&w, text));
    size_t exponent = back ? exponent_length(back) : 0;
    if (!back || count_digits(body + (*body == ',' || *body == '.')) == 0 ||
        !take_back(&w, back + exponent))
        return false;
    unsigned separators = marks_of(body);
    bool comma = strchr(body, ',') != NULL;
    if (!separators && strpbrk(body, ".,"))
        return false;
    *marks |= w.marks | separators | (comma ? DS_MARK_HAS_COMMA : 0);
    if ((comma || separators & DS_MARK_COMMA) && decimal == DS_DECIMAL_AUTO) {
        *out = NAN;
        return true;
    }
    if (!make_plain(body, separators, decimal))
        return false;
    strncat(body, back, exponent);
    if (!ds_number_parse(body, out))
        return false;
    if (w.negative || w.parens)
        *out = -*out;
    return true;
}

void ds_cell_currency(char out[8], const char *text) {
    size_t length = 0;
    while (*text && (length = currency(text)) == 0)
        text++;
    memcpy(out, text, length);
    out[length] = '\0';
}

/* How often a character stands in a text. */
static int count_of(const char *text, char c) {
    int count = 0;
    for (; *text; text++)
        count += *text == c;
    return count;
}

bool ds_cell_looks_like_number(const char *text) {
    static const char *const around[] = {"<",
                                         ">",
                                         "~",
                                         "=",
                                         "\xe2\x89\xa4",
                                         "\xe2\x89\xa5",
                                         "\xe2\x89\x88",
                                         "\xc2\xb1",
                                         " ",
                                         "\xe2\x80\x93",
                                         "[",
                                         "(",
                                         "+",
                                         "-",
                                         "$",
                                         "."};
    size_t capitals = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    size_t letters = capitals + strspn(text + capitals, "abcdefghijklmnopqrstuvwxyz");
    bool mark = letters > 0, found = true;
    const char *at = text + letters;
    /* A currency's code may come first: USD 100, Rs. 5, US$3. */
    bool code = *at == '$' || (letters > 1 && (*at == '.' || (*at == ' ' && capitals == letters)));
    if (letters > 3 || (letters > 0 && !code))
        return false;
    while (found) {
        found = false;
        for (size_t i = 0; i < sizeof around / sizeof *around; i++)
            if (strncmp(at, around[i], strlen(around[i])) == 0) {
                at += strlen(around[i]);
                mark = found = true;
            }
    }
    size_t body = strspn(at, "0123456789.,_'/: ");
    if (!count_digits(at) || count_of(at, '-') > 1 || count_of(at, '/') > 1 ||
        (count_of(at, '.') > 1 && !count_of(at, ',')))
        return false; /* dates are no numbers */
    const char *end = at + body;
    size_t unit = strspn(end, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz%$]*)-+.");
    bool plain = body == count_digits(at) && !end[unit];
    return end[unit] ? unit == 0 && strlen(end) <= 4 : unit <= 3 && (mark || unit || !plain);
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
