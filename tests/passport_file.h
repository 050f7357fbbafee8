/* The passports that a program has left under cache/, for tests that change one. */
#ifndef PASSPORT_FILE_H
#define PASSPORT_FILE_H

#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cache.h"
#include "base/text.h"
#include "outcome.h"

static char passport[4096];
static int passports;

static inline int count_passport(const char *path, const struct stat *about, int kind,
                                 struct FTW *where) {
    (void)about, (void)where;
    if (kind == FTW_F) {
        snprintf(passport, sizeof passport, "%s", path);
        passports++;
    }
    return 0;
}

static inline int find_passports(void) {
    passports = 0;
    nftw("cache/passports", count_passport, 4, FTW_PHYS);
    return passports;
}

/* The only passport so far with one place changed, not as damage would. */
static inline void change_passport(const char *was, const char *becomes) {
    ds_bytes bytes;
    ds_text changed = {0};
    assert_int_equal(find_passports(), 1);
    const char *key = strrchr(passport, '/') + 1;
    assert_true(ds_cache_read(&bytes, "passports", key));
    const char *text = (const char *)bytes.data, *at = strstr(text, was);
    if (!at)
        fail_msg("the passport has no \"%s\": %s", was, text);
    DONE(ds_text_add(&changed, "%.*s%s%s", (int)(at - text), text, becomes, at + strlen(was)));
    ds_cache_write("passports", key, changed.characters, changed.length);
    ds_text_clear(&changed);
    ds_free(bytes.data);
}

#endif
