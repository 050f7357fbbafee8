/* Setting one value of a recipe. */
#include <stdlib.h>
#include <string.h>

#include "train/pictures_runs.h"
#include "train/recipe.h"

/* Where a recipe chooses one of several: an entry's name is what is chosen. */
static const struct {
    const char *key;
    bool has_family;
    ds_family family;
} choices[] = {
    {"optimizer", true, DS_OPTIMIZER},
    {"loss", true, DS_LOSS},
    {"schedule", false, DS_LAYER},
};

enum { CHOICES = sizeof choices / sizeof *choices };

/* Does a dotted path go on below `key`? The rest of it. */
static const char *below(const char *path, const char *key) {
    size_t length = strlen(key);
    return strncmp(path, key, length) == 0 && path[length] == '.' ? path + length + 1 : NULL;
}

/* A choice may be written short: `cosine` for {cosine: }, {adam: 0.01} for {adam: {rate: 0.01}}. It
 * is spelled out before a part of it is set, so that no other part is lost. */
static ds_status spell_out(ds_node *choice, bool has_family, ds_family family) {
    if (choice->kind == DS_SCALAR)
        return choice->text[0] ? ds_node_widen(choice, NULL) : DS_OK;
    ds_node *chosen = choice->kind == DS_MAP ? choice->child : NULL;
    if (!has_family || !chosen || chosen->kind != DS_SCALAR || !chosen->text[0])
        return DS_OK;
    const ds_operation *operation = ds_operation_find(family, chosen->key);
    if (!operation || ds_operation_options(operation) == 0)
        return DS_OK;
    return ds_node_widen(chosen, operation->option[0].name);
}

/* `optimizer.adam.rate=...` chooses adam where the recipe has another optimizer: of the entries of
 * a choice only the one just set stays. A schedule's warmup is not a kind of its own. */
static void keep_choice(ds_node *choice, const char *rest, bool schedule) {
    size_t length = strcspn(rest, ".=");
    if (choice->kind != DS_MAP || (schedule && strncmp(rest, "warmup", length) == 0 && length == 6))
        return;
    for (ds_node **link = &choice->child; *link;) {
        ds_node *entry = *link;
        bool chosen = strlen(entry->key) == length && strncmp(entry->key, rest, length) == 0;
        if (chosen || (schedule && strcmp(entry->key, "warmup") == 0)) {
            link = &entry->next;
            continue;
        }
        *link = entry->next;
        entry->next = NULL;
        ds_node_destroy(entry);
    }
}

/* The layer that a path such as "model.2.dense.units" goes into, and the rest of the path. */
static ds_node *layer_of(ds_node *root, const char *path, const char **rest) {
    ds_node *model = ds_node_entry(root, "model");
    const char *digits = below(path, "model");
    if (!model || model->kind != DS_LIST || !digits)
        return NULL;
    size_t length = strspn(digits, "0123456789");
    if (length == 0 || length > 6 || digits[length] != '.')
        return NULL;
    ds_node *layer = model->child;
    for (long i = strtol(digits, NULL, 10); layer && i > 0; i--)
        layer = layer->next;
    *rest = digits + length + 1;
    return layer;
}

/* What stands at the path, ready for a part of it to be set. */
static ds_status prepare(ds_recipe *recipe, const char *path, ds_node **choice, const char **rest,
                         bool *schedule) {
    int which = -1;
    *choice = layer_of(recipe->root, path, rest);
    if (*choice)
        return spell_out(*choice, true, DS_LAYER);
    for (int i = 0; i < CHOICES && which < 0; i++)
        if ((*rest = below(path, choices[i].key)) != NULL)
            which = i;
    *schedule = which >= 0 && strcmp(choices[which].key, "schedule") == 0;
    if (which >= 0 && (*choice = ds_node_entry(recipe->root, choices[which].key)) != NULL)
        return spell_out(*choice, choices[which].has_family, choices[which].family);
    ds_node *data = ds_node_entry(recipe->root, "data");
    ds_node *date = data ? ds_node_entry(data, "date") : NULL;
    return date && date->kind == DS_SCALAR && below(path, "data.date")
               ? ds_node_widen(date, "column")
               : DS_OK;
}

static ds_status assign(ds_recipe *recipe, const char *path, ds_assignment *assignment) {
    ds_node *choice = NULL;
    const char *rest = NULL;
    bool schedule = false, unset = ds_assignment_unsets(assignment);
    DS_CHECK(prepare(recipe, path, &choice, &rest, &schedule));
    DS_CHECK(ds_node_assign(recipe->root, assignment));
    if (choice && !unset)
        keep_choice(choice, rest, schedule);
    if (unset && strcmp(path, "sweep=none") == 0)
        return ds_sweep_leave_pictures(recipe->root);
    return DS_OK;
}

/* `typed`: on a command line or by a program, not in the recipe. */
static ds_status set(ds_recipe *recipe, const char *text, bool typed) {
    ds_assignment assignment = {0};
    ds_recipe_reopen(recipe);
    if (recipe->for_table && strcmp(text, "loss=none") == 0)
        text = "loss=auto"; /* as if it had not been said */
    DS_CHECK(ds_assignment_parse(&assignment, text));
    ds_status status = typed ? ds_recipe_anchor(&assignment, recipe->folder) : DS_OK;
    if (status == DS_OK)
        status = assign(recipe, text, &assignment);
    if (status == DS_OK)
        status = ds_recipe_tidy_paths(recipe->root);
    ds_assignment_clear(&assignment);
    return status;
}

ds_status ds_recipe_set(ds_recipe *recipe, const char *assignment) {
    return set(recipe, assignment, true);
}

ds_status ds_recipe_vary(ds_recipe *recipe, const char *assignment) {
    return set(recipe, assignment, false);
}
