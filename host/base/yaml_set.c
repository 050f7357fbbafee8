/* Changing a value by its dotted path. */
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"

ds_status ds_node_widen(ds_node *scalar, const char *key) {
    ds_node *child = NULL;
    DS_CHECK(ds_node_new(&child, DS_SCALAR, scalar->source));
    ds_status status = ds_copy_text(&child->key, key ? key : scalar->text);
    if (status == DS_OK && !key)
        status = ds_copy_text(&child->text, "");
    if (status != DS_OK) {
        ds_node_destroy(child);
        return status;
    }
    child->line = scalar->line;
    child->column = scalar->column;
    if (key) {
        child->text = scalar->text;
        child->quoted = scalar->quoted;
    } else {
        ds_free(scalar->text);
    }
    scalar->kind = DS_MAP;
    scalar->text = NULL;
    scalar->quoted = false;
    scalar->child = child;
    return DS_OK;
}

/* One step of a dotted path: the entry's link in its parent, made if the parent is a map. A scalar
 * gives way to a map. */
static ds_status step_into(ds_node ***link, ds_node *parent, const char *word, const char *source) {
    ds_node **at = &parent->child;
    if (parent->kind == DS_SCALAR) {
        ds_free(parent->text);
        parent->text = NULL;
        parent->quoted = false;
        parent->kind = DS_MAP;
    }
    if (parent->kind == DS_LIST) {
        char *end;
        long index = strtol(word, &end, 10);
        for (; *end == '\0' && *at && index > 0; index--)
            at = &(*at)->next;
        if (*end != '\0' || !*at || index < 0)
            return ds_fail(DS_BAD_INPUT, "count the entries from 0",
                           "%s: no entry \"%s\" in the list", source, word);
        *link = at;
        return DS_OK;
    }
    while (*at && strcmp((*at)->key, word) != 0)
        at = &(*at)->next;
    if (!*at) {
        ds_node *made = NULL;
        DS_CHECK(ds_node_new(&made, DS_MAP, source));
        ds_status status = ds_copy_text(&made->key, word);
        if (status != DS_OK) {
            ds_node_destroy(made);
            return status;
        }
        *at = made;
    }
    *link = at;
    return DS_OK;
}

/* The '=' behind the path. */
static const char *find_equals(const char *assignment) {
    bool quoted = false;
    for (; *assignment && (quoted || *assignment != '='); assignment++)
        quoted = quoted != (*assignment == '"');
    return *assignment ? assignment : NULL;
}

/* Cuts a.b."c.d" into its keys, each of at least one character. */
static ds_status cut_path(char *path, const char *assignment, const char *word[DS_NODE_DEEPEST],
                          int *words) {
    for (char *at = path; at; (*words)++) {
        bool quoted = *at == '"';
        char *end = quoted ? strchr(++at, '"') : strchr(at, '.');
        char *rest = quoted && end ? end + 1 : end;
        if (end == at || !*at || (quoted && (!end || (*rest && *rest != '.'))))
            return ds_fail(DS_BAD_INPUT,
                           "for example --set optimizer.adam.rate=0.01, or --set "
                           "'init.values.\"0.weight\"=1'",
                           "\"%s\": a key before \"=\" is empty, or its quotes are not closed",
                           assignment);
        if (*words == DS_NODE_DEEPEST)
            return ds_fail(DS_BAD_INPUT, "", "\"%s\": more than %d keys", assignment,
                           DS_NODE_DEEPEST);
        word[*words] = at;
        at = rest && *rest ? rest + 1 : NULL;
        if (end)
            *end = '\0';
    }
    return DS_OK;
}

ds_status ds_node_set(ds_node *root, const char *assignment) {
    ds_status status = DS_OK;
    ds_text source = {0};
    char *path = NULL;
    ds_node *value = NULL;
    const char *word[DS_NODE_DEEPEST];
    int words = 0;
    const char *equals = find_equals(assignment);
    if (!equals || equals == assignment)
        return ds_fail(DS_BAD_INPUT, "for example --set epochs=5", "\"%s\": expected KEY=VALUE",
                       assignment);
    DS_TRY(ds_text_add(&source, "--set %s", assignment));
    DS_TRY(ds_copy_text(&path, assignment));
    path[equals - assignment] = '\0';
    DS_TRY(cut_path(path, assignment, word, &words));
    DS_TRY(ds_node_parse_argument(&value, equals + 1, source.characters));
    ds_node *parent = root, **link = NULL;
    for (int i = 0; i < words; i++) {
        DS_TRY(step_into(&link, parent, word[i], source.characters));
        parent = *link;
    }
    /* The new value takes the old one's place and name. */
    value->key = parent->key;
    value->next = parent->next;
    *link = value;
    value = NULL;
    parent->key = NULL;
    parent->next = NULL;
    ds_node_destroy(parent);

cleanup:
    ds_node_destroy(value);
    ds_free(path);
    ds_text_clear(&source);
    return status;
}
