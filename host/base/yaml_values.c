/* Values of the types that a recipe needs, and messages with their place. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/yaml.h"

ds_status ds_node_fail(const ds_node *node, const char *hint, const char *format, ...) {
    char message[640];
    va_list arguments;
    va_start(arguments, format);
    ds_format_list(message, sizeof message, format, arguments);
    va_end(arguments);
    if (node->line == 0)
        return ds_fail(DS_BAD_INPUT, hint, "%s: %s", node->source, message);
    return ds_fail(DS_BAD_INPUT, hint, "%s:%d:%d: %s", node->source, node->line, node->column,
                   message);
}

static const char *kind_name(const ds_node *node) {
    return node->kind == DS_MAP ? "a mapping" : node->kind == DS_LIST ? "a list" : "a word";
}

ds_status ds_node_only_keys(const ds_node *map, const char *what, const char *const *keys) {
    if (map->kind == DS_SCALAR && map->text[0] == '\0' && !map->quoted)
        return DS_OK; /* `adam:` with nothing behind it: all defaults */
    if (map->kind != DS_MAP)
        return ds_node_fail(map, "write it as `key: value` lines", "%s: expected a mapping, got %s",
                            what, kind_name(map));
    for (const ds_node *entry = map->child; entry; entry = entry->next) {
        const char *const *key = keys;
        while (*key && strcmp(*key, entry->key) != 0)
            key++;
        if (*key)
            continue;
        const char *nearest = ds_nearest_word(entry->key, keys);
        ds_text hint = {0};
        ds_status status = DS_OK;
        if (nearest)
            status = ds_text_add(&hint, "did you mean \"%s\"?", nearest);
        else
            status = ds_text_add(&hint, "known keys:");
        for (key = keys; !nearest && *key && status == DS_OK; key++)
            status = ds_text_add(&hint, "%s %s", key == keys ? "" : ",", *key);
        if (status == DS_OK)
            status =
                ds_node_fail(entry, hint.characters, "unknown key \"%s\" in %s", entry->key, what);
        ds_text_clear(&hint);
        return status;
    }
    return DS_OK;
}

ds_status ds_node_word(const ds_node *node, const char *what, const char **out) {
    if (node->kind != DS_SCALAR)
        return ds_node_fail(node, "", "%s: expected a word, got %s", what, kind_name(node));
    *out = node->text;
    return DS_OK;
}

ds_status ds_node_number(const ds_node *node, const char *what, double *out) {
    if (node->kind != DS_SCALAR)
        return ds_node_fail(node, "", "%s: expected a number, got %s", what, kind_name(node));
    double value;
    if (node->quoted || !ds_number_parse(node->text, &value) || !isfinite(value))
        return ds_node_fail(node, "", "%s: expected a number, got \"%s\"", what, node->text);
    *out = value;
    return DS_OK;
}

ds_status ds_node_integer(const ds_node *node, const char *what, int64_t *out) {
    if (node->kind != DS_SCALAR)
        return ds_node_fail(node, "", "%s: expected a whole number, got %s", what, kind_name(node));
    double wide;
    bool number = !node->quoted && ds_number_parse(node->text, &wide);
    char *end;
    errno = 0;
    long long value = strtoll(node->text, &end, 10);
    if (number && *end == '\0' && !errno) {
        *out = value;
        return DS_OK;
    }
    if (number && wide == rint(wide) && fabs(wide) < 9e15) { /* 1e4 and 5000.0, too */
        *out = (int64_t)wide;
        return DS_OK;
    }
    return ds_node_fail(node, "", "%s: expected a whole number, got \"%s\"", what, node->text);
}

ds_status ds_node_boolean(const ds_node *node, const char *what, bool *out) {
    static const char *const yes[] = {"true", "yes", "on", NULL}, *const no[] = {"false", "no",
                                                                                 "off"};
    for (int i = 0; node->kind == DS_SCALAR && i < 3; i++)
        if (strcmp(node->text, yes[i]) == 0 || strcmp(node->text, no[i]) == 0) {
            *out = strcmp(node->text, yes[i]) == 0;
            return DS_OK;
        }
    return ds_node_fail(node, "write true or false", "%s: expected true or false, got %s", what,
                        node->kind == DS_SCALAR ? node->text : kind_name(node));
}
