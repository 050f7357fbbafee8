#include "data/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/cell_text.h"

static uint64_t hash(const char *text) { /* FNV-1a */
    uint64_t value = 14695981039346656037u;
    for (; *text; text++)
        value = (value ^ (unsigned char)*text) * 1099511628211u;
    return value ^ value >> 32;
}

/* The bucket that holds the text, or the free one where it belongs. */
static int32_t *bucket_of(const ds_words *words, const char *text) {
    uint64_t mask = (uint64_t)words->buckets - 1, at = hash(text) & mask;
    while (words->bucket[at] >= 0 && strcmp(words->word[words->bucket[at]], text) != 0)
        at = (at + 1) & mask;
    return &words->bucket[at];
}

static ds_status grow(ds_words *words) {
    int32_t *bucket = NULL;
    int32_t capacity = words->capacity ? words->capacity * 2 : 8;
    if (capacity > 1 << 29)
        return ds_fail(DS_BAD_INPUT, "", "more than %d different texts", words->count);
    DS_CHECK(ds_resize(&words->word, (size_t)capacity, sizeof *words->word));
    DS_CHECK(ds_new(&bucket, (size_t)capacity * 2, sizeof *bucket));
    memset(bucket, 0xff, (size_t)capacity * 2 * sizeof *bucket);
    ds_free(words->bucket);
    words->bucket = bucket;
    words->buckets = capacity * 2;
    words->capacity = capacity;
    for (int32_t i = 0; i < words->count; i++)
        *bucket_of(words, words->word[i]) = i;
    return DS_OK;
}

ds_status ds_words_add(ds_words *words, const char *text, int32_t *index) {
    if (words->count == words->capacity)
        DS_CHECK(grow(words));
    int32_t *bucket = bucket_of(words, text);
    if (*bucket < 0) {
        DS_CHECK(ds_copy_text(&words->word[words->count], text));
        *bucket = words->count++;
    }
    *index = *bucket;
    return DS_OK;
}

int32_t ds_words_find(const ds_words *words, const char *text) {
    return words->count ? *bucket_of(words, text) : -1;
}

/* Whether a word is a number that 1 and 1.0 may be the same for; 01 is a code. */
static bool is_number(const char *word) {
    ds_decimal_number number;
    const char *end = ds_number_scan(word, &number);
    const char *first = word + (*word == '-' || *word == '+');
    return end && *end == '\0' && !(number.whole > 1 && *first == '0');
}

int32_t ds_words_find_class(const ds_words *words, const char *text) {
    int32_t index = ds_words_find(words, text), first = 0, end = words->count;
    if (index >= 0 || !words->numbers || !is_number(text))
        return index;
    while (first < end) { /* they are sorted */
        int32_t middle = first + (end - first) / 2;
        if (ds_number_compare(words->word[middle], text) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    for (; end < words->count && ds_number_compare(words->word[end], text) == 0; end++)
        if (is_number(words->word[end]))
            return end;
    return -1;
}

static int by_bytes(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int by_value(const void *a, const void *b) {
    int order = ds_number_compare(*(char *const *)a, *(char *const *)b);
    return order ? order : by_bytes(a, b);
}

ds_status ds_words_sort(ds_words *out, const ds_words *from) {
    ds_status status = DS_OK;
    ds_words sorted = {0};
    char **order = NULL;
    double value;
    int32_t index;
    sorted.numbers = from->count > 0;
    for (int32_t i = 0; i < from->count && sorted.numbers; i++)
        sorted.numbers = ds_number_parse(from->word[i], &value) && isfinite(value);
    DS_TRY(ds_new(&order, (size_t)from->count, sizeof *order));
    if (from->count)
        memcpy(order, from->word, (size_t)from->count * sizeof *order);
    qsort(order, (size_t)from->count, sizeof *order, sorted.numbers ? by_value : by_bytes);
    const char *last = NULL; /* the last number that is no code */
    for (int32_t i = 0; i < from->count; i++) {
        bool number = sorted.numbers && is_number(order[i]);
        if (number && last && ds_number_compare(last, order[i]) == 0)
            continue;
        last = number ? order[i] : last;
        DS_TRY(ds_words_add(&sorted, order[i], &index));
    }
    *out = sorted;
    sorted = (ds_words){0};

cleanup:
    ds_free(order);
    ds_words_clear(&sorted);
    return status;
}

ds_status ds_words_copy(ds_words *out, const ds_words *from) {
    ds_words copy = {.numbers = from->numbers};
    int32_t index;
    for (int32_t i = 0; i < from->count; i++) {
        ds_status status = ds_words_add(&copy, from->word[i], &index);
        if (status != DS_OK) {
            ds_words_clear(&copy);
            return status;
        }
    }
    *out = copy;
    return DS_OK;
}

void ds_words_clear(ds_words *words) {
    for (int32_t i = 0; i < words->count; i++)
        ds_free(words->word[i]);
    ds_free(words->word);
    ds_free(words->bucket);
    *words = (ds_words){0};
}
