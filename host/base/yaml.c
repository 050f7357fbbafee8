#include "base/yaml.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/number.h"

enum { DEEPEST = 32, MOST_NODES = 200000 };

void ds_node_destroy(ds_node *node) {
    while (node) {
        ds_node *next = node->next;
        ds_node_destroy(node->child);
        ds_free(node->text);
        ds_free(node->key);
        ds_free(node->source);
        ds_free(node);
        node = next;
    }
}

/* A document being turned into a tree. */
typedef struct reader {
    yaml_document_t document;
    const char *source;
    bool places; /* line and column are worth naming */
    int nodes;   /* made so far: an alias is copied where it stands, so a few may become many */
} reader;

static ds_status new_node(ds_node **out, ds_node_kind kind, const char *source) {
    ds_node *node = NULL;
    DS_CHECK(ds_new(&node, 1, sizeof *node));
    ds_status status = ds_copy_text(&node->source, source);
    if (status != DS_OK) {
        ds_free(node);
        return status;
    }
    node->kind = kind;
    *out = node;
    return DS_OK;
}

static void set_place(const reader *from, ds_node *node, yaml_mark_t mark) {
    node->line = from->places ? (int)mark.line + 1 : 0;
    node->column = from->places ? (int)mark.column + 1 : 0;
}

static ds_status convert(ds_node **out, reader *from, int id, int depth);

/* A text of the document; it may not hold a zero, at which C would take it to end. */
static ds_status convert_text(char **out, const ds_node *place, const yaml_node_t *scalar) {
    const char *text = (const char *)scalar->data.scalar.value;
    if (strlen(text) != scalar->data.scalar.length)
        return ds_node_fail(place, "take it out", "the text \"%s\" goes on with a zero byte", text);
    return ds_copy_text(out, text);
}

static ds_status convert_map(ds_node *map, reader *from, const yaml_node_t *node, int depth) {
    ds_node **end = &map->child;
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&from->document, pair->key);
        ds_node place = *map;
        set_place(from, &place, key->start_mark);
        if (key->type != YAML_SCALAR_NODE)
            return ds_node_fail(&place, "write it as `word: value`", "a key must be a word");
        const char *name = (const char *)key->data.scalar.value;
        if (ds_node_get(map, name))
            return ds_node_fail(&place, "keep one of the two", "the key \"%s\" comes twice", name);
        DS_CHECK(convert(end, from, pair->value, depth + 1));
        DS_CHECK(convert_text(&(*end)->key, &place, key));
        /* The place of an entry is that of its key: where a person looks first. */
        set_place(from, *end, key->start_mark);
        end = &(*end)->next;
    }
    return DS_OK;
}

static ds_status convert(ds_node **out, reader *from, int id, int depth) {
    const yaml_node_t *node = yaml_document_get_node(&from->document, id);
    ds_node_kind kind = node->type == YAML_SCALAR_NODE     ? DS_SCALAR
                        : node->type == YAML_SEQUENCE_NODE ? DS_LIST
                                                           : DS_MAP;
    DS_CHECK(new_node(out, kind, from->source));
    set_place(from, *out, node->start_mark);
    if (depth > DEEPEST)
        return ds_node_fail(*out, "write it flatter", "nested more than %d deep", DEEPEST);
    if (++from->nodes > MOST_NODES)
        return ds_node_fail(*out, "write less, or use fewer aliases", "more than %d entries",
                            MOST_NODES);
    if (kind == DS_SCALAR) {
        (*out)->quoted = node->data.scalar.length > 0 &&
                         (node->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                          node->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE);
        return convert_text(&(*out)->text, *out, node);
    }
    if (kind == DS_MAP)
        return convert_map(*out, from, node, depth);
    ds_node **end = &(*out)->child;
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        DS_CHECK(convert(end, from, *item, depth + 1));
        end = &(*end)->next;
    }
    return DS_OK;
}

static ds_status fail_at(const reader *from, yaml_mark_t mark, const char *hint, const char *what,
                         const char *why) {
    if (!from->places)
        return ds_fail(DS_BAD_INPUT, hint, "%s: %s%s", from->source, what, why);
    return ds_fail(DS_BAD_INPUT, hint, "%s:%d:%d: %s%s", from->source, (int)mark.line + 1,
                   (int)mark.column + 1, what, why);
}

static ds_status not_yaml(const reader *from, const yaml_parser_t *parser, const char *text) {
    yaml_mark_t mark = parser->problem_mark;
    if (parser->error == YAML_MEMORY_ERROR)
        return ds_fail(DS_OUT_OF_MEMORY, "", "no memory to read %s", from->source);
    if (parser->error == YAML_READER_ERROR) { /* it counts bytes alone */
        mark = (yaml_mark_t){0, 0, 0};
        for (size_t i = 0; i < parser->problem_offset && text[i]; i++) {
            mark.column = text[i] == '\n' ? 0 : mark.column + 1;
            mark.line += text[i] == '\n';
        }
    }
    return fail_at(from, mark, "check the indentation, colons and brackets there",
                   "not valid YAML: ", parser->problem ? parser->problem : "unreadable");
}

/* Fails where another document follows: nobody would read it. */
static ds_status nothing_follows(const reader *from, yaml_parser_t *parser, const char *text) {
    yaml_document_t second;
    ds_status status = DS_OK;
    if (!yaml_parser_load(parser, &second))
        return not_yaml(from, parser, text);
    const yaml_node_t *root = yaml_document_get_root_node(&second);
    if (root)
        status = fail_at(from, root->start_mark, "keep one", "a second document begins", "");
    yaml_document_delete(&second);
    return status;
}

static ds_status parse(ds_node **out, const char *text, const char *source, bool places) {
    ds_status status = DS_OK;
    ds_node *node = NULL;
    reader from = {.source = source, .places = places};
    bool loaded = false;
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return ds_fail(DS_OUT_OF_MEMORY, "", "no memory to read %s", source);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
    if (!yaml_parser_load(&parser, &from.document)) {
        status = not_yaml(&from, &parser, text);
        goto cleanup;
    }
    loaded = true;
    const yaml_node_t *root = yaml_document_get_root_node(&from.document);
    bool empty = !root || (root->type == YAML_SCALAR_NODE && root->data.scalar.length == 0 &&
                           root->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
    if (root)
        DS_TRY(nothing_follows(&from, &parser, text));
    if (!empty) {
        DS_TRY(convert(&node, &from, 1, 0));
    } else {
        DS_TRY(new_node(&node, DS_MAP, source));
        set_place(&from, node, (yaml_mark_t){0, 0, 0});
    }
    *out = node;
    node = NULL;

cleanup:
    ds_node_destroy(node);
    if (loaded)
        yaml_document_delete(&from.document);
    yaml_parser_delete(&parser);
    return status;
}

ds_status ds_node_parse(ds_node **out, const char *text, const char *source) {
    return parse(out, text, source, true);
}

ds_status ds_node_parse_argument(ds_node **out, const char *text, const char *source) {
    return parse(out, text, source, false);
}

ds_status ds_node_copy(ds_node **out, const ds_node *node) {
    ds_status status = DS_OK;
    ds_node *copy = NULL;
    DS_TRY(ds_new(&copy, 1, sizeof *copy));
    *copy = (ds_node){
        .kind = node->kind, .quoted = node->quoted, .line = node->line, .column = node->column};
    DS_TRY(ds_copy_text(&copy->source, node->source));
    if (node->text)
        DS_TRY(ds_copy_text(&copy->text, node->text));
    if (node->key)
        DS_TRY(ds_copy_text(&copy->key, node->key));
    ds_node **end = &copy->child;
    DS_EACH_CHILD (child, node) {
        DS_TRY(ds_node_copy(end, child));
        end = &(*end)->next;
    }
    *out = copy;
    copy = NULL;

cleanup:
    ds_node_destroy(copy);
    return status;
}

void ds_node_remove(ds_node *map, const char *key) {
    for (ds_node **link = &map->child; *link; link = &(*link)->next)
        if ((*link)->key && strcmp((*link)->key, key) == 0) {
            ds_node *removed = *link;
            *link = removed->next;
            removed->next = NULL;
            ds_node_destroy(removed);
            return;
        }
}

const ds_node *ds_node_get(const ds_node *map, const char *key) {
    if (map && map->kind == DS_MAP)
        DS_EACH_CHILD (entry, map)
            if (entry->key && strcmp(entry->key, key) == 0)
                return entry;
    return NULL;
}

int ds_node_count(const ds_node *node) {
    int count = 0;
    DS_EACH_CHILD (entry, node)
        count++;
    return count;
}

ds_status ds_node_widen(ds_node *scalar, const char *key) {
    ds_node *child = NULL;
    DS_CHECK(new_node(&child, DS_SCALAR, scalar->source));
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
        DS_CHECK(new_node(&made, DS_MAP, source));
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

/* The words of "a.b.c", each of at least one character. */
static ds_status check_path(const char *path, const char *assignment) {
    int words = 1;
    size_t length = strlen(path);
    for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.'))
        words++;
    if (*path == '.' || path[length - 1] == '.' || strstr(path, ".."))
        return ds_fail(DS_BAD_INPUT, "for example --set optimizer.adam.rate=0.01",
                       "\"%s\": a key before \"=\" is empty", assignment);
    if (words > DEEPEST)
        return ds_fail(DS_BAD_INPUT, "", "\"%s\": more than %d keys", assignment, DEEPEST);
    return DS_OK;
}

ds_status ds_node_set(ds_node *root, const char *assignment) {
    ds_status status = DS_OK;
    ds_text source = {0};
    char *path = NULL;
    ds_node *value = NULL;
    const char *equals = strchr(assignment, '=');
    if (!equals || equals == assignment)
        return ds_fail(DS_BAD_INPUT, "for example --set epochs=5", "\"%s\": expected KEY=VALUE",
                       assignment);
    DS_TRY(ds_text_add(&source, "--set %s", assignment));
    DS_TRY(ds_copy_text(&path, assignment));
    path[equals - assignment] = '\0';
    DS_TRY(check_path(path, assignment));
    DS_TRY(ds_node_parse_argument(&value, equals + 1, source.characters));
    ds_node *parent = root, **link = NULL;
    char *rest = NULL;
    for (char *word = strtok_r(path, ".", &rest); word; word = strtok_r(NULL, ".", &rest)) {
        DS_TRY(step_into(&link, parent, word, source.characters));
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

/* ---- printing ---- */

static int append_output(void *context, unsigned char *bytes, size_t size) {
    return ds_text_append(context, (const char *)bytes, size) == DS_OK;
}

/* In quotes where it was so, where there is nothing else, and where they keep it on one line. */
static int add_text(yaml_document_t *document, const char *text, bool quoted) {
    bool escape = quoted || !*text || strpbrk(text, "\n\r") || strstr(text, "\xc2\x85") ||
                  strstr(text, "\xe2\x80\xa8") || strstr(text, "\xe2\x80\xa9");
    return yaml_document_add_scalar(document, NULL, (const yaml_char_t *)text, (int)strlen(text),
                                    escape ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
                                           : YAML_ANY_SCALAR_STYLE);
}

static int add_node(yaml_document_t *document, const ds_node *node, bool flow) {
    int id, entry;
    if (node->kind == DS_SCALAR)
        return add_text(document, node->text, node->quoted);
    if (node->kind == DS_LIST) {
        id = yaml_document_add_sequence(
            document, NULL, flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE);
        DS_EACH_CHILD (child, node) {
            entry = add_node(document, child, true);
            if (!id || !entry || !yaml_document_append_sequence_item(document, id, entry))
                return 0;
        }
        return id;
    }
    id = yaml_document_add_mapping(document, NULL,
                                   flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE);
    DS_EACH_CHILD (child, node) {
        int key = add_text(document, child->key, false);
        entry = add_node(document, child, flow || child->kind == DS_MAP);
        if (!id || !key || !entry || !yaml_document_append_mapping_pair(document, id, key, entry))
            return 0;
    }
    return id;
}

static ds_status print_tree(const ds_node *node, bool flow, char **text) {
    ds_status status = DS_OK;
    ds_text output = {0};
    yaml_document_t document;
    yaml_emitter_t emitter;
    bool opened = false, owned = false;
    if (!yaml_emitter_initialize(&emitter))
        return ds_fail(DS_OUT_OF_MEMORY, "", "no memory to print YAML");
    yaml_emitter_set_output(&emitter, append_output, &output);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, flow ? -1 : 100);
    bool made = yaml_document_initialize(&document, NULL, NULL, NULL, 1, 1);
    owned = made;
    opened = made && add_node(&document, node, flow) && yaml_emitter_open(&emitter);
    if (opened) {
        owned = false; /* the emitter deletes what it dumps */
        opened = yaml_emitter_dump(&emitter, &document) && yaml_emitter_close(&emitter);
    }
    if (!opened) {
        status = ds_fail(DS_OUT_OF_MEMORY, "", "no memory to print YAML");
        goto cleanup;
    }
    while (flow && output.length && output.characters[output.length - 1] == '\n')
        output.characters[--output.length] = '\0';
    DS_TRY(ds_text_take(&output, text));

cleanup:
    if (owned)
        yaml_document_delete(&document);
    yaml_emitter_delete(&emitter);
    ds_text_clear(&output);
    return status;
}

ds_status ds_node_print(const ds_node *node, char **text) {
    return print_tree(node, false, text);
}

ds_status ds_node_print_flow(const ds_node *node, char **text) {
    return print_tree(node, true, text);
}

/* ---- typed values ---- */

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
    DS_EACH_CHILD (entry, map) {
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
