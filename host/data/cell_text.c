#include "data/cell_text.h"

#include <string.h>
#include <strings.h>

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

/* Whether commas stand only behind thousands; then `out` is the text without them. */
static bool take_off_thousands(char out[64], const char *text) {
    const char *digits = text + (*text == '-' || *text == '+');
    size_t first = strspn(digits, "0123456789"), length = (size_t)(digits - text) + first;
    if (strlen(text) >= 64 || first < 1 || first > 3)
        return false;
    memcpy(out, text, length);
    const char *at = digits + first;
    for (; *at == ',' && strspn(at + 1, "0123456789") == 3; at += 4, length += 3)
        memcpy(out + length, at + 1, 3);
    strcpy(out + length, at);
    return true;
}

bool ds_cell_number(const char *text, ds_decimal decimal, double *out) {
    char copy[64];
    if (decimal == DS_DECIMAL_POINT && take_off_thousands(copy, text))
        return ds_number_parse(copy, out);
    if (decimal != DS_DECIMAL_COMMA)
        return ds_number_parse(text, out);
    if (strchr(text, '.') || strlen(text) >= sizeof copy)
        return false;
    strcpy(copy, text);
    char *comma = strchr(copy, ',');
    if (comma)
        *comma = '.';
    return ds_number_parse(copy, out);
}

/* A number without its commas, which is what thousands look like. */
static bool is_number_but_for_commas(const char *text) {
    char plain[64];
    size_t length = 0;
    double value;
    for (; *text && length + 1 < sizeof plain; text++)
        if (*text != ',')
            plain[length++] = *text;
    plain[length] = '\0';
    return !*text && ds_number_parse(plain, &value);
}

ds_comma ds_cell_comma(const char *text) {
    const char *digits = text + (*text == '-' || *text == '+'), *comma = strchr(digits, ',');
    double value;
    if (!comma)
        return DS_COMMA_NONE;
    if (!ds_cell_number(text, DS_DECIMAL_COMMA, &value))
        return is_number_but_for_commas(text) ? DS_COMMA_THOUSANDS : DS_COMMA_NONE;
    bool thousand = comma > digits && comma - digits <= 3 && *digits != '0' &&
                    strspn(comma + 1, "0123456789") == 3 && comma[4] == '\0';
    return thousand ? DS_COMMA_EITHER : DS_COMMA_DECIMAL;
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
