/* From text to a tree, by libyaml. */
#include <string.h>
#include <yaml.h>

#include "base/yaml.h"

enum { MOST_NODES = 200000 };

/* A document being turned into a tree. */
typedef struct reader {
    yaml_document_t document;
    const char *source;
    bool places; /* line and column are worth naming */
    int nodes;   /* made so far: an alias is copied where it stands, so a few may become many */
} reader;

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
    DS_CHECK(ds_node_new(out, kind, from->source));
    set_place(from, *out, node->start_mark);
    if (depth > DS_NODE_DEEPEST)
        return ds_node_fail(*out, "write it flatter", "nested more than %d deep", DS_NODE_DEEPEST);
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
    const char *at = text;
    for (size_t line = 0; line < mark.line && at; line++)
        at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL;
    bool dash = at && strlen(at) > mark.column && at[mark.column] == '-' &&
                strspn(at + mark.column + 1, " \r\n") > 0;
    return fail_at(from, mark,
                   dash ? "for standard input write \"-\", in quotes"
                        : "check the indentation, colons and brackets there",
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
        DS_TRY(ds_node_new(&node, DS_MAP, source));
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
