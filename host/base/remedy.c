#include "base/remedy.h"

#include <string.h>

/* Neither YAML nor a shell sees more in it than a word; `none` would take the key back. */
static bool is_plain(const char *value) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
                                  "0123456789.-"; /* of these the first 53 begin a word */
    return *value && strspn(value, letters) == strlen(value) &&
           strchr(letters, *value) < letters + 53 && strcmp(value, "none") != 0;
}

static ds_status add_quoted(ds_text *out, const char *value) {
    for (; *value; value++) {
        if (*value == '\'') /* closes the shell's quotes for one of its own */
            DS_CHECK(ds_text_add(out, "'\\''"));
        else if ((unsigned char)*value < ' ')
            DS_CHECK(ds_text_add(out, "\\x%02x", *value));
        else
            DS_CHECK(ds_text_add(out, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value));
    }
    return DS_OK;
}

ds_status ds_text_remedy(ds_text *out, const char *key, const char *value) {
    if (is_plain(value))
        return ds_text_add(out, "--set %s%s", key, value);
    DS_CHECK(ds_text_add(out, "--set '%s\"", key));
    DS_CHECK(add_quoted(out, value));
    return ds_text_add(out, "\"'");
}

ds_status ds_text_remedy_list(ds_text *out, const char *key, char *const *value, int count) {
    if (count == 1)
        return ds_text_remedy(out, key, value[0]);
    DS_CHECK(ds_text_add(out, "--set '%s[", key));
    for (int i = 0; i < count; i++) {
        const char *quote = is_plain(value[i]) ? "" : "\"";
        DS_CHECK(ds_text_add(out, i ? ", %s" : "%s", quote));
        DS_CHECK(add_quoted(out, value[i]));
        DS_CHECK(ds_text_add(out, "%s", quote));
    }
    return ds_text_add(out, "]'");
}
