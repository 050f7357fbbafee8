#include "doctor/passport.h"

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

/* "right" or "wrong", up to a blank or the line's end. */
static ds_known verdict_at(const char *word) {
    size_t length = strcspn(word, " \n");
    if (length == 5 && begins(word, "right"))
        return DS_KNOWN_RIGHT;
    return length == 5 && begins(word, "wrong") ? DS_KNOWN_WRONG : DS_UNKNOWN;
}

/* Behind the first `words` words of a line. */
static const char *behind(const char *line, int words) {
    for (; words > 0; words--) {
        line += strcspn(line, " \n");
        line += *line == ' ';
    }
    return line;
}

static bool is_sound_line(const char *line) {
    if (begins(line, of_doctor))
        return verdict_at(behind(line, 3)) != DS_UNKNOWN;
    return begins(line, of_plan) && strspn(line + 5, "0123456789abcdef") == HASH &&
           verdict_at(behind(line, 2)) != DS_UNKNOWN;
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

static void keep(const ds_device *device, const ds_text *text) {
    char key[65];
    if (ds_device_key(key, device))
        ds_cache_write(folder, key, text->characters, text->length);
}

static bool is_of_doctor(const char *line) {
    return begins(line, of_doctor);
}

static bool is_of_right_plan(const char *line) {
    return begins(line, of_plan) && verdict_at(behind(line, 2)) == DS_KNOWN_RIGHT;
}

static bool is_any(const char *line) {
    return *line != '\0';
}

static ds_status copy_lines(ds_text *out, const ds_passport *passport, bool wanted(const char *)) {
    for (const char *line = passport->text; *line; line = end_of(line) + 1)
        if (wanted(line))
            DS_CHECK(ds_text_append(out, line, (size_t)(end_of(line) + 1 - line)));
    return DS_OK;
}

/* ---- verdicts ---- */

ds_known ds_passport_operation(const ds_passport *passport, const char *operation,
                               const char *variant) {
    char head[160];
    int length = snprintf(head, sizeof head, "%s%s %s ", of_doctor, operation, variant);
    for (const char *line = passport->text; *line; line = end_of(line) + 1)
        if (begins(line, head))
            return verdict_at(line + length);
    return DS_UNKNOWN;
}

bool ds_passport_any_wrong(const ds_passport *passport, const char *operation) {
    char head[96];
    snprintf(head, sizeof head, "%s%s", of_doctor, operation);
    for (const char *line = passport->text; *line; line = end_of(line) + 1)
        if (begins(line, head) && verdict_at(behind(line, 3)) == DS_KNOWN_WRONG)
            return true;
    return false;
}

ds_known ds_passport_plan(const ds_passport *passport, const char *hash, char words[512]) {
    ds_known known = DS_UNKNOWN;
    char head[80];
    int length = snprintf(head, sizeof head, "%s%s ", of_plan, hash);
    for (const char *line = passport->text; *line; line = end_of(line) + 1)
        if (begins(line, head)) { /* the last one counts */
            const char *why = behind(line + length, 1);
            known = verdict_at(line + length);
            if (words)
                snprintf(words, 512, "%.*s", (int)(end_of(line) - why), why);
        }
    return known;
}

ds_status ds_passport_add_plan(const ds_device *device, const char *hash, bool right,
                               const char *words) {
    ds_status status = DS_OK;
    ds_passport old = {0};
    ds_text text = {0};
    DS_TRY(ds_passport_read(&old, device));
    DS_TRY(ds_text_add(&text, "%s", title));
    DS_TRY(copy_lines(&text, &old, strlen(old.text) < MOST_BYTES ? is_any : is_of_doctor));
    DS_TRY(ds_text_add(&text, "%s%s %s%.500s\n", of_plan, hash, right ? "right" : "wrong ",
                       right ? "" : words));
    keep(device, &text);

cleanup:
    ds_passport_clear(&old);
    ds_text_clear(&text);
    return status;
}

ds_status ds_passport_set_doctor(const ds_device *device, const ds_doctor_table *table,
                                 bool whole) {
    ds_status status = DS_OK;
    ds_passport old = {0};
    ds_text text = {0};
    DS_TRY(ds_passport_read(&old, device));
    DS_TRY(ds_text_add(&text, "%s", title));
    for (size_t i = 0; i < table->rows; i++) {
        const ds_doctor_row *row = &table->row[i];
        bool wrong = row->wrong + row->failed > 0;
        if (whole ||
            (wrong && ds_passport_operation(&old, row->operation, row->variant) != DS_KNOWN_WRONG))
            DS_TRY(ds_text_add(&text, "%s%s %s %s\n", of_doctor, row->operation, row->variant,
                               wrong ? "wrong" : "right"));
    }
    DS_TRY(copy_lines(&text, &old, whole ? is_of_right_plan : is_any)); /* the first line counts */
    keep(device, &text);

cleanup:
    ds_passport_clear(&old);
    ds_text_clear(&text);
    return status;
}
