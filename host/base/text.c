#include "base/text.h"

#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "base/number.h"

static ds_status reserve(ds_text *text, size_t length) {
    if (length + 1 <= text->capacity)
        return DS_OK;
    size_t capacity = text->capacity ? text->capacity : 128;
    while (capacity < length + 1)
        capacity *= 2;
    DS_CHECK(ds_resize(&text->characters, capacity, 1));
    text->capacity = capacity;
    return DS_OK;
}

ds_status ds_text_append(ds_text *text, const char *bytes, size_t length) {
    DS_CHECK(reserve(text, text->length + length));
    memcpy(text->characters + text->length, bytes, length);
    text->length += length;
    text->characters[text->length] = '\0';
    return DS_OK;
}

ds_status ds_text_add(ds_text *text, const char *format, ...) {
    va_list arguments, again;
    ds_status status = reserve(text, text->length);
    if (status != DS_OK)
        return status;
    va_start(arguments, format);
    va_copy(again, arguments);
    size_t room = text->capacity - text->length;
    size_t length =
        (size_t)ds_format_list(text->characters + text->length, room, format, arguments);
    va_end(arguments);
    if (length >= room) {
        text->characters[text->length] = '\0';
        status = reserve(text, text->length + length);
        if (status == DS_OK)
            ds_format_list(text->characters + text->length, length + 1, format, again);
    }
    va_end(again);
    if (status == DS_OK)
        text->length += length;
    return status;
}

ds_status ds_text_number(ds_text *text, double value) {
    char digits[32];
    ds_number_print(digits, value);
    return ds_text_add(text, "%s", digits);
}

void ds_text_clear(ds_text *text) {
    ds_free(text->characters);
    *text = (ds_text){0};
}

ds_status ds_text_take(ds_text *text, char **out) {
    DS_CHECK(ds_text_append(text, "", 0));
    *out = text->characters;
    *text = (ds_text){0};
    return DS_OK;
}

ds_status ds_text_csv(ds_text *text, const char *cell) {
    if (!strpbrk(cell, ",\"\r\n"))
        return ds_text_add(text, "%s", cell);
    DS_CHECK(ds_text_add(text, "\""));
    for (; *cell; cell++)
        DS_CHECK(ds_text_add(text, *cell == '"' ? "\"\"" : "%c", *cell));
    return ds_text_add(text, "\"");
}

enum { LONGEST_WORD = 48 };

static int edit_distance(const char *a, const char *b) {
    int row[LONGEST_WORD + 1];
    int length_a = (int)strlen(a), length_b = (int)strlen(b);
    if (length_a > LONGEST_WORD || length_b > LONGEST_WORD)
        return INT_MAX;
    for (int j = 0; j <= length_b; j++)
        row[j] = j;
    for (int i = 1; i <= length_a; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= length_b; j++) {
            int replace = diagonal + (a[i - 1] != b[j - 1]);
            int shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = replace < shorter ? replace : shorter;
        }
    }
    return row[length_b];
}

const char *ds_nearest_word(const char *word, const char *const *list) {
    const char *nearest = NULL;
    int least = (int)strlen(word) / 2 + 1; /* farther than this is no likeness */
    for (; *list; list++) {
        int distance = edit_distance(word, *list);
        if (distance < least) {
            least = distance;
            nearest = *list;
        }
    }
    return nearest;
}

bool ds_text_take_word(const char **at, const char *word) {
    size_t length = strlen(word);
    if (strncmp(*at, word, length) != 0)
        return false;
    *at += length;
    return true;
}
