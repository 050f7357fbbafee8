/* Distinct texts numbered from 0: the categories of a column, the classes of a target. */
#ifndef DS_WORDS_H
#define DS_WORDS_H

#include "base/memory.h"

typedef struct ds_words {
    char **word; /* in the order in which they were added */
    int32_t count, capacity;
    int32_t *bucket; /* hash table of indices into `word`; -1 is free */
    int32_t buckets; /* a power of two, at least twice `count` */
    bool numbers;    /* after ds_words_sort: every word is a number */
} ds_words;

/* The number of a text, added if it is new. */
ds_status ds_words_add(ds_words *words, const char *text, int32_t *index);

/* -1 where it is not there. */
int32_t ds_words_find(const ds_words *words, const char *text);

/* Like ds_words_find; where all words are numbers (of sorted words), "1.0" finds "1". */
int32_t ds_words_find_class(const ds_words *words, const char *text);

/* The words of `from` as classes: by value if all are numbers (one class for "1" and "1.0", digit
 * by digit, so that long ids stay apart; "01" is another than "1"), else bytewise. */
ds_status ds_words_sort(ds_words *out, const ds_words *from);

ds_status ds_words_copy(ds_words *out, const ds_words *from);
void ds_words_clear(ds_words *words);

#endif
