#include "data/target_names.h"

#include <string.h>

/* The next name of a list with commas, without the blanks around it; false at the end. */
static bool next_part(const char **at, const char **part, size_t *length) {
    if (!*at)
        return false;
    const char *comma = strchr(*at, ',');
    const char *end = comma ? comma : *at + strlen(*at);
    *part = *at + strspn(*at, " ");
    while (end > *part && end[-1] == ' ')
        end--;
    *length = end > *part ? (size_t)(end - *part) : 0;
    *at = comma ? comma + 1 : NULL;
    return true;
}

static bool has_part(const char *list, const char *name) {
    const char *part;
    size_t length;
    for (const char *at = list; next_part(&at, &part, &length);)
        if (length == strlen(name) && strncmp(part, name, length) == 0)
            return true;
    return false;
}

bool ds_target_may_be(const ds_names *target, const char *column) {
    for (int i = 0; i < target->count; i++)
        if (strcmp(target->node[i]->text, column) == 0 || has_part(target->node[i]->text, column))
            return true;
    return false;
}

/* Is this the name of no column, but made of some? */
static bool is_list(const char *name, const ds_table *table) {
    if (!strchr(name, ',') || ds_table_find(table, name))
        return false;
    for (int j = 0; j < table->columns; j++)
        if (has_part(name, table->column[j].name))
            return true;
    return false;
}

static ds_status add_part(ds_data_options *options, ds_names *out, const ds_node *node,
                          const char *part, size_t length) {
    ds_text name = {0};
    ds_node *made = NULL;
    DS_CHECK(ds_node_new(&made, DS_SCALAR, node->source));
    made->line = node->line;
    made->column = node->column;
    made->next = options->found_target;
    options->found_target = made;
    DS_CHECK(ds_text_append(&name, part, length));
    made->text = name.characters;
    if (ds_names_find(out, made->text))
        return ds_node_fail(node, "name it once", "target: \"%s\" comes twice", made->text);
    if (ds_names_find(&options->features, made->text))
        return ds_node_fail(ds_names_find(&options->features, made->text),
                            "take it out of one of the two", "features: \"%s\" is the target",
                            made->text);
    return ds_names_add(out, made);
}

static ds_status spread(ds_data_options *options, ds_names *names, const ds_table *table) {
    ds_status status = DS_OK;
    ds_names out = {0};
    const char *part;
    size_t length;
    for (int i = 0; i < names->count && status == DS_OK; i++) {
        const ds_node *node = names->node[i];
        if (!is_list(node->text, table)) {
            status = ds_names_add(&out, node);
            continue;
        }
        for (const char *at = node->text; status == DS_OK && next_part(&at, &part, &length);)
            status = add_part(options, &out, node, part, length);
    }
    ds_free(names->node);
    *names = out;
    return status;
}

ds_status ds_target_names(ds_data_options *options, const ds_source *source) {
    if (source->is_array || source->has_labels)
        return DS_OK;
    bool of_target = options->lagged.count && options->target.count &&
                     options->lagged.node[0] == options->target.node[0];
    DS_CHECK(spread(options, &options->target, &source->table));
    return of_target ? spread(options, &options->lagged, &source->table) : DS_OK;
}
