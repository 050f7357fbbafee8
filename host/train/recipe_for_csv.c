/* A recipe for a table without one, and what follows from its data. */
#include <string.h>

#include "base/number.h"
#include "train/recipe.h"

static ds_status quoted(ds_text *out, const char *word) {
    DS_CHECK(ds_text_add(out, "\""));
    for (; *word; word++) {
        if ((unsigned char)*word < ' ')
            DS_CHECK(ds_text_add(out, "\\x%02x", *word));
        else
            DS_CHECK(ds_text_add(out, *word == '"' || *word == '\\' ? "\\%c" : "%c", *word));
    }
    return ds_text_add(out, "\"");
}

/* "16 relu 8 relu": a number is a dense layer of so many units, a word a layer of that name. */
static ds_status add_layers(ds_text *out, const char *layers) {
    for (const char *word = layers; *word;) {
        size_t length = strcspn(word, " ,\t");
        if (length == 0) {
            word++;
            continue;
        }
        bool number = strspn(word, "+-.0123456789") == length;
        DS_CHECK(ds_text_add(out, number ? "  - dense: %.*s\n" : "  - %.*s\n", (int)length, word));
        word += length;
    }
    return DS_OK;
}

/* So that a mistake is told in the words that were given, not in those of the made recipe. */
static ds_status check_layers(const char *list, const char *given) {
    ds_status status = DS_OK;
    ds_text source = {0};
    ds_node *node = NULL;
    ds_layer *layer = NULL;
    int layers = 0;
    DS_TRY(ds_text_add(&source, "--layers \"%s\"", given));
    DS_TRY(ds_node_parse_argument(&node, *list ? list : "[]", source.characters));
    DS_TRY(ds_layers_parse(&layer, &layers, node));

cleanup:
    ds_text_clear(&source);
    ds_node_destroy(node);
    ds_free(layer);
    return status;
}

ds_status ds_recipe_for_csv(ds_recipe **out, const char *csv, const char *target,
                            const char *layers) {
    ds_status status = DS_OK;
    ds_text text = {0}, hidden = {0};
    DS_TRY(ds_text_append(&hidden, "", 0));
    DS_TRY(add_layers(&hidden, layers));
    DS_TRY(check_layers(hidden.characters, layers));
    DS_TRY(ds_text_add(&text, "data: {train: "));
    DS_TRY(quoted(&text, csv));
    DS_TRY(ds_text_add(&text, ", target: "));
    DS_TRY(quoted(&text, target));
    DS_TRY(ds_text_add(&text,
                       ", normalize: standard, split: {validation: 0.2, by: random}, "
                       "normalize_target: auto}\nmodel:\n%s  - dense: auto\n"
                       "loss: auto\noptimizer: {adam: {rate: 0.001}}\n"
                       "batch: auto\nepochs: 100\nseed: 1\n",
                       hidden.characters));
    DS_TRY(ds_recipe_make(out, text.characters, "--data"));

cleanup:
    ds_text_clear(&text);
    ds_text_clear(&hidden);
    return status;
}

/* ---- what follows from the data ---- */

static bool is_auto(const ds_node *node) {
    return node && node->kind == DS_SCALAR && !node->quoted && strcmp(node->text, "auto") == 0;
}

/* The units of the last layer, where that is a dense one. */
static ds_node *last_units(ds_node *root) {
    ds_node *model = ds_node_entry(root, "model"), *last = NULL;
    for (ds_node *layer = model && model->kind == DS_LIST ? model->child : NULL; layer;
         layer = layer->next)
        last = layer;
    ds_node *dense = ds_node_entry(last, "dense");
    return dense && dense->kind == DS_MAP ? ds_node_entry(dense, "units") : dense;
}

bool ds_recipe_adds_last(const ds_node *root) {
    return is_auto(last_units((ds_node *)root));
}

bool ds_recipe_is_open(const ds_node *root) {
    return is_auto(ds_node_get(root, "loss")) || is_auto(ds_node_get(root, "batch")) ||
           is_auto(ds_node_get(ds_node_get(root, "data"), "normalize_target")) ||
           ds_recipe_adds_last(root);
}

static ds_status fill(ds_node *node, const char *word) {
    if (!is_auto(node))
        return DS_OK;
    ds_free(node->text);
    node->text = NULL;
    return ds_copy_text(&node->text, word);
}

ds_status ds_recipe_fill_in(ds_node *root, const ds_data *data) {
    const ds_encoding *encoding = data->encoding;
    ds_target_kind kind = ds_encoding_kind(encoding);
    ds_node *section = ds_node_entry(root, "data");
    char units[32];
    ds_format(units, sizeof units, "%lld",
              (long long)(kind == DS_TARGET_CLASSES ? ds_encoding_classes(encoding)
                                                    : ds_encoding_targets(encoding)));
    DS_CHECK(fill(last_units(root), units));
    DS_CHECK(fill(ds_node_entry(root, "loss"), kind == DS_TARGET_CLASSES  ? "cross_entropy"
                                               : kind == DS_TARGET_BINARY ? "binary_cross_entropy"
                                                                          : "mse"));
    DS_CHECK(fill(ds_node_entry(root, "batch"), data->train.rows < 32 ? "all" : "32"));
    if (kind == DS_TARGET_NUMBERS)
        return fill(ds_node_entry(section, "normalize_target"), "standard");
    if (is_auto(ds_node_get(section, "normalize_target")))
        ds_node_remove(section, "normalize_target");
    return DS_OK;
}
