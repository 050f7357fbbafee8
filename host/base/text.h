/* Text that grows: for reports, CSV, generated kernel source. */
#ifndef DS_TEXT_H
#define DS_TEXT_H

#include "base/memory.h"

typedef struct ds_text {
    char *characters; /* zero-terminated once anything was added; given back by ds_text_clear */
    size_t length, capacity;
} ds_text;

/* As printf does in the C locale. */
ds_status ds_text_add(ds_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
ds_status ds_text_append(ds_text *text, const char *bytes, size_t length);

/* A number with as few digits as bring it back with all its bits: 0.3, not 0.29999999999999999. */
ds_status ds_text_number(ds_text *text, double value);
void ds_text_clear(ds_text *text);

/* Moves the text out; "" where nothing was added. */
ds_status ds_text_take(ds_text *text, char **out);

/* Goes behind a word that stands here; false where another does. */
bool ds_text_take_word(const char **at, const char *word);

/* A cell of a CSV table, in quotes where it needs them. */
ds_status ds_text_csv(ds_text *text, const char *cell);

/* The word of a list that is nearest to `word` by edit distance; NULL if none is near. The list
 * ends with NULL. */
const char *ds_nearest_word(const char *word, const char *const *list);

#endif
