/* The paths in a recipe, when a value of it is set. */
#include <string.h>

#include "base/files.h"
#include "data/source.h"
#include "train/recipe.h"

/* Is `key` the dotted path `name`, or below it? */
static bool is_within(const char *key, const char *name) {
    size_t length = strlen(name);
    return strncmp(key, name, length) == 0 && (key[length] == '\0' || key[length] == '.');
}

/* Whether a word at this dotted path (without the numbers of a list's entries) is a path of files;
 * of a sweep the same below the keys that it sets. */
static bool holds_path(const char *key) {
    static const char *const of_sweep[] = {"sweep.runs.set.", "sweep."};
    for (int i = 0; i < 2; i++)
        if (strncmp(key, of_sweep[i], strlen(of_sweep[i])) == 0)
            return holds_path(key + strlen(of_sweep[i]));
    return is_within(key, "data.train") || is_within(key, "data.test") ||
           strcmp(key, "init.file") == 0;
}

static ds_status anchor_text(char **text, const char *here) {
    ds_status status = DS_OK;
    ds_files files = {0};
    ds_text joined = {0};
    DS_TRY(ds_files_from_text(&files, *text, here));
    if (files.pair)
        DS_TRY(ds_text_add(&joined, "%s=%s", files.images ? "images" : "features", files.features));
    else
        DS_TRY(ds_text_add(&joined, "%s", files.features));
    if (files.targets)
        DS_TRY(ds_text_add(&joined, ",%s=%s", files.images ? "labels" : "target", files.targets));
    ds_free(*text);
    *text = joined.characters;
    joined = (ds_text){0};

cleanup:
    ds_text_clear(&joined);
    ds_files_clear(&files);
    return status;
}

/* Makes every path below a node begin with the folder `here`. */
static ds_status anchor(ds_node *node, const char *key, const char *here) {
    ds_status status = DS_OK;
    if (node->kind == DS_SCALAR)
        return *node->text && holds_path(key) ? anchor_text(&node->text, here) : DS_OK;
    for (ds_node *child = node->child; child && status == DS_OK; child = child->next) {
        ds_text below = {0};
        status = ds_text_add(&below, child->key ? "%s.%s" : "%s", key, child->key);
        if (status == DS_OK)
            status = anchor(child, below.characters, here);
        ds_text_clear(&below);
    }
    return status;
}

ds_status ds_recipe_anchor(ds_assignment *assignment, const char *folder) {
    ds_status status = DS_OK;
    char *here = NULL;
    ds_text key = {0};
    if (strcmp(folder, ".") == 0 || ds_assignment_unsets(assignment))
        return DS_OK; /* the two folders are one */
    DS_TRY(ds_path_absolute(&here, "."));
    for (int i = 0; i < assignment->words; i++)
        DS_TRY(ds_text_add(&key, "%s%s", i ? "." : "", assignment->word[i]));
    DS_TRY(anchor(assignment->value, key.characters, here));

cleanup:
    ds_free(here);
    ds_text_clear(&key);
    return status;
}

/* A list of nothing. */
static bool is_dash(const ds_node *node) {
    const ds_node *only = node && node->kind == DS_LIST ? node->child : NULL;
    return only && !only->next && only->kind == DS_SCALAR && !only->quoted && !*only->text;
}

ds_status ds_recipe_tidy_paths(ds_node *root) {
    static const char *const keys[] = {"train", "test"};
    ds_node *data = ds_node_entry(root, "data");
    for (int i = 0; i < 2; i++) {
        ds_node *node = ds_node_entry(data, keys[i]);
        if (!is_dash(node))
            continue;
        ds_node_destroy(node->child);
        node->child = NULL;
        node->kind = DS_SCALAR;
        DS_CHECK(ds_copy_text(&node->text, "-"));
    }
    return DS_OK;
}
