#include "launch/passport.h"

#include <stdio.h>
#include <string.h>

#include "base/cache.h"

static const char folder[] = "passports", title[] = "descent passport 1\n";
static const char of_doctor[] = "doctor ", of_plan[] = "plan ";

enum { HASH = 64, MOST_BYTES = 1 << 18 }; /* beyond it plans are forgotten */

/* ---- lines ---- */

static bool begins(const char *line, const char *word) {
    return strncmp(line, word, strlen(word)) == 0;
}

static const char *end_of(const char *line) {
    return line + strcspn(line, "\n");
}

/* Behind the first `words` words of a line. */
static const char *behind(const char *line, int words) {
    for (; words > 0; words--) {
        line += strcspn(line, " \n");
        line += *line == ' ';
    }
    return line;
}

/* Where a line's verdict stands. */
static const char *judged(const char *line) {
    return behind(line, begins(line, of_doctor) ? 3 : 2);
}

static ds_known verdict_of(const char *line) {
    const char *word = judged(line);
    bool ends = strcspn(word, " \n") == 5;
    return ends && begins(word, "right")   ? DS_KNOWN_RIGHT
           : ends && begins(word, "wrong") ? DS_KNOWN_WRONG
                                           : DS_UNKNOWN;
}

static bool is_sound_line(const char *line) {
    bool plan = begins(line, of_plan) && strspn(line + 5, "0123456789abcdef") == HASH;
    return (plan || begins(line, of_doctor)) && verdict_of(line) != DS_UNKNOWN;
}

/* Whether a line begins so and has that verdict; DS_UNKNOWN: any. */
static bool is_one(const char *line, const char *head, ds_known known) {
    return begins(line, head) && (!known || verdict_of(line) == known);
}

/* The first such line, or NULL. */
static const char *find(const ds_passport *passport, const char *head, ds_known known) {
    const char *line = passport->text;
    while (*line && !is_one(line, head, known))
        line = end_of(line) + 1;
    return *line ? line : NULL;
}

bool ds_passport_is_sound(const char *text) {
    if (!begins(text, title))
        return false;
    for (const char *line = text + sizeof title - 1; *line; line = end_of(line) + 1)
        if (!is_sound_line(line) || *end_of(line) != '\n')
            return false;
    return true;
}

/* ---- in the cache ---- */

ds_status ds_passport_read(ds_passport *out, const ds_device *device) {
    ds_bytes bytes;
    char key[65];
    const char *text = "";
    bool found = ds_device_key(key, device) && ds_cache_read(&bytes, folder, key);
    if (found && strlen((const char *)bytes.data) == bytes.size &&
        ds_passport_is_sound((const char *)bytes.data))
        text = (const char *)bytes.data + sizeof title - 1;
    ds_status status = ds_copy_text(&out->text, text);
    if (found)
        ds_free(bytes.data);
    return status;
}

void ds_passport_clear(ds_passport *passport) {
    ds_free(passport->text);
    passport->text = NULL;
}

/* Takes the text over. */
static ds_status keep(const ds_device *device, ds_text *text, ds_status status) {
    char key[65];
    if (status == DS_OK && ds_device_key(key, device))
        ds_cache_write(folder, key, text->characters, text->length);
    ds_text_clear(text);
    return status;
}

/* ---- verdicts ---- */

ds_known ds_passport_operation(const ds_passport *passport, const char *operation,
                               const char *variant) {
    char head[160];
    snprintf(head, sizeof head, "%s%s %s ", of_doctor, operation, variant);
    const char *line = find(passport, head, DS_UNKNOWN);
    return line ? verdict_of(line) : DS_UNKNOWN;
}

bool ds_passport_any_wrong(const ds_passport *passport, const char *operation) {
    char head[96];
    snprintf(head, sizeof head, "%s%s", of_doctor, operation);
    return find(passport, head, DS_KNOWN_WRONG) != NULL;
}

ds_known ds_passport_plan(const ds_passport *passport, const char *hash, char words[512]) {
    char head[80];
    snprintf(head, sizeof head, "%s%s ", of_plan, hash);
    const char *line = find(passport, head, DS_UNKNOWN);
    if (!line)
        return DS_UNKNOWN;
    const char *why = behind(judged(line), 1);
    snprintf(words, 512, "%.*s", (int)(end_of(line) - why), why);
    return verdict_of(line);
}

ds_status ds_passport_add_plan(const ds_device *device, const char *hash, bool right,
                               const char *words) {
    ds_passport old;
    ds_text text = {0};
    DS_CHECK(ds_passport_read(&old, device));
    size_t kept = strlen(old.text);
    const char *plans = find(&old, of_plan, DS_UNKNOWN); /* behind all of the doctor */
    if (plans && kept > MOST_BYTES)
        kept = (size_t)(plans - old.text);
    ds_status status = ds_text_add(&text, "%s%.*s%s%s %s%.500s\n", title, (int)kept, old.text,
                                   of_plan, hash, right ? "right" : "wrong ", right ? "" : words);
    ds_passport_clear(&old);
    return keep(device, &text, status);
}

static ds_status set_doctor(ds_text *text, const ds_passport *old, const ds_doctor_table *table,
                            bool whole) {
    DS_CHECK(ds_text_add(text, "%s", title));
    for (size_t i = 0; i < table->rows; i++) {
        const ds_doctor_row *row = &table->row[i];
        bool wrong = row->wrong + row->failed > 0;
        if (whole ||
            (wrong && ds_passport_operation(old, row->operation, row->variant) != DS_KNOWN_WRONG))
            DS_CHECK(ds_text_add(text, "%s%s %s %s\n", of_doctor, row->operation, row->variant,
                                 wrong ? "wrong" : "right"));
    }
    for (const char *line = old->text; *line; line = end_of(line) + 1)
        if (!whole || is_one(line, of_plan, DS_KNOWN_RIGHT))
            DS_CHECK(ds_text_append(text, line, (size_t)(end_of(line) + 1 - line)));
    return DS_OK;
}

ds_status ds_passport_set_doctor(const ds_device *device, const ds_doctor_table *table,
                                 bool whole) {
    ds_passport old;
    ds_text text = {0};
    DS_CHECK(ds_passport_read(&old, device));
    ds_status status = set_doctor(&text, &old, table, whole);
    ds_passport_clear(&old);
    return keep(device, &text, status);
}
