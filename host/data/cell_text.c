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

bool ds_cell_is_number_with_commas(const char *text) {
    char plain[32];
    size_t length = 0;
    int commas = 0;
    double value;
    for (; *text && length + 1 < sizeof plain; text++) {
        commas += *text == ',';
        if (*text != ',')
            plain[length++] = *text;
    }
    plain[length] = '\0';
    return commas > 0 && !*text && ds_number_parse(plain, &value);
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
