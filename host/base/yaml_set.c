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

static void make_empty(ds_node *node) {
    ds_node_destroy(node->child);
    ds_free(node->text);
    node->child = NULL;
    node->text = NULL;
    node->kind = DS_MAP;
    node->quoted = node->unset = false;
}

/* One step of a dotted path: the entry's link in its parent, made if the parent is a map. A scalar
 * gives way to a map, unless the entry is only to be taken back. */
static ds_status step_into(ds_node ***link, ds_node *parent, const char *word, const ds_node *value,
                           bool unset) {
    ds_node **at = &parent->child;
    if (parent->kind == DS_SCALAR && (!unset || !*parent->text))
        make_empty(parent);
    if (parent->kind == DS_LIST) {
        char *end;
        long index = strtol(word, &end, 10);
        for (; *end == '\0' && *at && index > 0; index--)
            at = &(*at)->next;
        if (*end != '\0' || !*at || index < 0)
            return ds_fail(DS_BAD_INPUT, "count the entries from 0",
                           "%s: no entry \"%s\" in the list", value->source, word);
        *link = at;
        return DS_OK;
    }
    while (*at && strcmp((*at)->key, word) != 0)
        at = &(*at)->next;
    if (!*at) {
        ds_node *made = NULL;
        DS_CHECK(ds_node_new(&made, DS_MAP, value->source));
        ds_status status = ds_copy_text(&made->key, word);
        if (status != DS_OK) {
            ds_node_destroy(made);
            return status;
        }
        made->unset = unset;
        *at = made;
    }
    if ((*at)->unset && !unset)
        make_empty(*at);
    *link = at;
    return DS_OK;
}

/* The '=' after the path. */
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

void ds_assignment_clear(ds_assignment *assignment) {
    ds_free(assignment->text);
    ds_node_destroy(assignment->value);
    *assignment = (ds_assignment){0};
}

ds_status ds_assignment_parse(ds_assignment *out, const char *text) {
    ds_status status = DS_OK;
    ds_assignment read = {0};
    ds_text source = {0};
    const char *equals = find_equals(text);
    if (!equals || equals == text)
        return ds_fail(DS_BAD_INPUT, "for example --set epochs=5", "\"%s\": expected KEY=VALUE",
                       text);
    DS_TRY(ds_text_add(&source, "--set %s", text));
    DS_TRY(ds_copy_text(&read.text, text));
    read.adds = equals > text + 1 && equals[-1] == '+';
    read.text[equals - text - read.adds] = '\0';
    DS_TRY(cut_path(read.text, text, read.word, &read.words));
    DS_TRY(ds_node_parse_argument(&read.value, equals + 1, source.characters));
    *out = read;
    read = (ds_assignment){0};

cleanup:
    ds_assignment_clear(&read);
    ds_text_clear(&source);
    return status;
}

bool ds_assignment_unsets(const ds_assignment *assignment) {
    const ds_node *value = assignment->value;
    return !assignment->adds && value->kind == DS_SCALAR && !value->quoted &&
           strcmp(value->text, "none") == 0;
}

/* A list of what stands here: nothing, or a word. */
static ds_status make_list(ds_node *node) {
    ds_node *word = NULL;
    if (node->kind == DS_MAP && node->child)
        return ds_node_fail(node, "write the whole of it", "%s holds no list to add to", node->key);
    if (node->kind == DS_SCALAR && *node->text) {
        DS_CHECK(ds_node_new(&word, DS_SCALAR, node->source));
        word->line = node->line;
        word->column = node->column;
        word->text = node->text;
        word->quoted = node->quoted;
        node->text = NULL;
    }
    if (node->kind != DS_LIST) {
        make_empty(node);
        node->kind = DS_LIST;
        node->child = word;
    }
    return DS_OK;
}

/* Adds the value, or, of a list, its entries. */
static ds_status add_to_list(ds_node *node, ds_assignment *assignment) {
    ds_node *value = assignment->value;
    DS_CHECK(make_list(node));
    ds_node **end = &node->child;
    while (*end)
        end = &(*end)->next;
    if (value->kind == DS_LIST) {
        *end = value->child;
        value->child = NULL;
    } else {
        *end = value;
        assignment->value = NULL;
    }
    return DS_OK;
}

/* Takes an entry of a list out. */
static void take_out(ds_node **link) {
    ds_node *entry = *link;
    *link = entry->next;
    entry->next = NULL;
    ds_node_destroy(entry);
}

ds_status ds_node_assign(ds_node *root, ds_assignment *assignment) {
    bool unset = ds_assignment_unsets(assignment);
    ds_node *value = assignment->value, *parent = NULL, *at = root, **link = NULL;
    for (int i = 0; i < assignment->words; i++) {
        parent = at;
        DS_CHECK(step_into(&link, parent, assignment->word[i], value, unset));
        at = *link;
    }
    if (assignment->adds)
        return add_to_list(at, assignment);
    if (unset && parent->kind == DS_LIST) {
        take_out(link);
        return DS_OK;
    }
    /* The new value takes the old one's place and name. */
    value->unset = unset;
    value->key = at->key;
    value->next = at->next;
    *link = value;
    assignment->value = NULL;
    at->key = NULL;
    at->next = NULL;
    ds_node_destroy(at);
    return DS_OK;
}

ds_status ds_node_set(ds_node *root, const char *assignment) {
    ds_assignment parsed = {0};
    DS_CHECK(ds_assignment_parse(&parsed, assignment));
    ds_status status = ds_node_assign(root, &parsed);
    ds_assignment_clear(&parsed);
    return status;
}
