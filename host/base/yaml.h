/* YAML as a tree whose every node knows its place, for messages that name file, line and column.
 * Read by libyaml. */
#ifndef DS_YAML_H
#define DS_YAML_H

#include "base/text.h"

enum { DS_NODE_DEEPEST = 32 }; /* maps and lists within each other */

typedef enum ds_node_kind { DS_SCALAR, DS_LIST, DS_MAP } ds_node_kind;

typedef struct ds_node ds_node;
struct ds_node {
    ds_node_kind kind;
    char *text;       /* a scalar's value */
    bool quoted;      /* a scalar in quotes is text even if it looks like a number */
    bool unset;       /* an entry of a map that counts as not written; its key is still checked */
    char *key;        /* in a map, else NULL */
    char *source;     /* file name, or what stands for it */
    int line, column; /* 0 where there is none to name */
    ds_node *child;   /* first entry of a list or map */
    ds_node *next;
};

/* The node, or the next one in its list or map that is not unset. */
static inline const ds_node *ds_node_written(const ds_node *node) {
    while (node && node->unset)
        node = node->next;
    return node;
}

#define DS_EACH_CHILD(entry, parent)                                                               \
    for (const ds_node *entry = ds_node_written((parent) ? (parent)->child : NULL); entry;         \
         entry = ds_node_written(entry->next))

/* Parses one document; `source` names it in messages. An empty text is an empty map. An alias is a
 * copy of what it stands for. */
ds_status ds_node_parse(ds_node **out, const char *text, const char *source);

/* The same for a value from a command line: messages name `source`, which shows it, and no line. */
ds_status ds_node_parse_argument(ds_node **out, const char *text, const char *source);
void ds_node_destroy(ds_node *node);

/* An empty node without a place. */
ds_status ds_node_new(ds_node **out, ds_node_kind kind, const char *source);

/* A copy that keeps its places. */
ds_status ds_node_copy(ds_node **out, const ds_node *node);

/* Takes an entry out of a map, if it is there. */
void ds_node_remove(ds_node *map, const char *key);

/* Entry of a map by name; NULL where there is none, or `map` is NULL or no map. */
const ds_node *ds_node_get(const ds_node *map, const char *key);
ds_node *ds_node_entry(ds_node *map, const char *key); /* the same, to be changed */
int ds_node_count(const ds_node *node);                /* entries of a list or map */

/* "optimizer.adam.rate=0.01": a dotted path and the value that it is to have. Entries of a list are
 * counted from 0, as in "model.0=relu"; a key with dots in it stands in quotes,
 * init.values."0.weight"=1. With += the value is added to a list, which a word becomes. */
typedef struct ds_assignment {
    char *text; /* that `word` points into */
    const char *word[DS_NODE_DEEPEST];
    int words;
    bool adds; /* "data.exclude+=id": the value is one more of a list */
    ds_node *value;
} ds_assignment;

ds_status ds_assignment_parse(ds_assignment *out, const char *text);
void ds_assignment_clear(ds_assignment *assignment);

/* Does it take its key back: is its value the word `none`? */
bool ds_assignment_unsets(const ds_assignment *assignment);

/* Puts the value, which is taken over, in its place, making maps on the way; a scalar in the way
 * gives way to a map. What is taken back counts as not written; in a list it is taken out. */
ds_status ds_node_assign(ds_node *root, ds_assignment *assignment);

/* The two in one. */
ds_status ds_node_set(ds_node *root, const char *assignment);

/* Makes a scalar a map with one entry: {key: scalar}; {scalar: } where `key` is NULL. */
ds_status ds_node_widen(ds_node *scalar, const char *key);

/* The tree as YAML text; as one line of YAML flow text. */
ds_status ds_node_print(const ds_node *node, char **text);
ds_status ds_node_print_flow(const ds_node *node, char **text);

/* DS_BAD_INPUT with "source:line:column: ", or "source: " where there is no place. */
ds_status ds_node_fail(const ds_node *node, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fails at the first key of a map that is not in the list (which ends with NULL), naming the
 * nearest one that is; at anything but a map. */
ds_status ds_node_only_keys(const ds_node *map, const char *what, const char *const *keys);

/* Typed values; a failure names the place. `what` is the value's name in the message. */
ds_status ds_node_number(const ds_node *node, const char *what, double *out);
ds_status ds_node_integer(const ds_node *node, const char *what, int64_t *out);
ds_status ds_node_boolean(const ds_node *node, const char *what, bool *out);
ds_status ds_node_word(const ds_node *node, const char *what, const char **out);

#endif
