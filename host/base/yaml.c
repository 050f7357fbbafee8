/* The tree itself. */
#include <string.h>

#include "base/yaml.h"

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

ds_status ds_node_new(ds_node **out, ds_node_kind kind, const char *source) {
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

ds_status ds_node_copy(ds_node **out, const ds_node *node) {
    ds_status status = DS_OK;
    ds_node *copy = NULL;
    DS_TRY(ds_new(&copy, 1, sizeof *copy));
    *copy = (ds_node){.kind = node->kind,
                      .quoted = node->quoted,
                      .unset = node->unset,
                      .line = node->line,
                      .column = node->column};
    DS_TRY(ds_copy_text(&copy->source, node->source));
    if (node->text)
        DS_TRY(ds_copy_text(&copy->text, node->text));
    if (node->key)
        DS_TRY(ds_copy_text(&copy->key, node->key));
    ds_node **end = &copy->child;
    for (const ds_node *child = node->child; child; child = child->next) {
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

ds_node *ds_node_entry(ds_node *map, const char *key) {
    ds_node *entry = map && map->kind == DS_MAP ? map->child : NULL;
    while (entry && (entry->unset || !entry->key || strcmp(entry->key, key) != 0))
        entry = entry->next;
    return entry;
}

const ds_node *ds_node_get(const ds_node *map, const char *key) {
    return ds_node_entry((ds_node *)map, key);
}

int ds_node_count(const ds_node *node) {
    int count = 0;
    DS_EACH_CHILD (entry, node)
        count++;
    return count;
}
