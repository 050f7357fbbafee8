#include "train/recipe.h"

#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "train/pictures.h"
#include "train/trained_model.h"

static void opened_clear(ds_opened *opened) {
    ds_data_destroy(opened->data);
    ds_model_destroy(opened->model);
    ds_text_clear(&opened->notes);
    *opened = (ds_opened){0};
}

/* `folder` is taken over. */
static ds_status make_recipe(ds_recipe **out, const char *text, const char *source, char *folder) {
    ds_status status = DS_OK;
    ds_recipe *recipe = NULL;
    DS_TRY(ds_new(&recipe, 1, sizeof *recipe));
    recipe->folder = folder;
    folder = NULL;
    DS_TRY(ds_new(&recipe->kept, 1, sizeof *recipe->kept));
    DS_TRY(ds_node_parse(&recipe->root, text, source));
    if (recipe->root->kind != DS_MAP) {
        status = ds_node_fail(recipe->root, "write it as `key: value` lines",
                              "a recipe is a mapping with data, model, loss and optimizer");
        goto cleanup;
    }
    *out = recipe;
    recipe = NULL;

cleanup:
    ds_recipe_destroy(recipe);
    ds_free(folder);
    return status;
}

ds_status ds_recipe_parse(ds_recipe **out, const char *text, const char *folder) {
    char *copy = NULL;
    DS_CHECK(ds_copy_text(&copy, folder ? folder : "."));
    return make_recipe(out, text, "recipe", copy);
}

ds_status ds_recipe_read(ds_recipe **out, const char *path) {
    ds_status status = DS_OK;
    char *folder = NULL;
    ds_bytes bytes = {0};
    DS_TRY(ds_file_read(&bytes, path));
    if (strlen((const char *)bytes.data) != bytes.size) {
        status = ds_fail(DS_BAD_INPUT, "a recipe is a YAML text file", "%s: not a text file", path);
        goto cleanup;
    }
    DS_TRY(ds_path_folder(&folder, path));
    DS_TRY(make_recipe(out, (const char *)bytes.data, path, folder));

cleanup:
    ds_free(bytes.data);
    return status;
}

ds_status ds_recipe_copy(ds_recipe **out, const ds_recipe *recipe) {
    ds_status status = DS_OK;
    ds_recipe *copy = NULL;
    DS_TRY(ds_new(&copy, 1, sizeof *copy));
    DS_TRY(ds_new(&copy->kept, 1, sizeof *copy->kept));
    DS_TRY(ds_copy_text(&copy->folder, recipe->folder));
    DS_TRY(ds_node_copy(&copy->root, recipe->root));
    *out = copy;
    copy = NULL;

cleanup:
    ds_recipe_destroy(copy);
    return status;
}

void ds_recipe_destroy(ds_recipe *recipe) {
    if (!recipe)
        return;
    ds_node_destroy(recipe->root);
    ds_free(recipe->folder);
    if (recipe->kept)
        opened_clear(recipe->kept);
    ds_free(recipe->kept);
    ds_free(recipe);
}

/* ---- setting one value ---- */

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

static ds_node *entry_of(const ds_node *map, const char *key) {
    ds_node *entry = map->kind == DS_MAP ? map->child : NULL;
    while (entry && strcmp(entry->key, key) != 0)
        entry = entry->next;
    return entry;
}

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
static ds_node *layer_of(const ds_node *root, const char *path, const char **rest) {
    const ds_node *model = entry_of(root, "model");
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

ds_status ds_recipe_set(ds_recipe *recipe, const char *assignment) {
    const char *rest = NULL;
    ds_node *choice = layer_of(recipe->root, assignment, &rest);
    int which = -1;
    opened_clear(recipe->kept);
    if (choice)
        DS_CHECK(spell_out(choice, true, DS_LAYER));
    for (int i = 0; i < CHOICES && !rest; i++)
        if ((rest = below(assignment, choices[i].key)) != NULL)
            which = i;
    if (which >= 0 && (choice = entry_of(recipe->root, choices[which].key)) != NULL)
        DS_CHECK(spell_out(choice, choices[which].has_family, choices[which].family));
    ds_node *data = entry_of(recipe->root, "data");
    ds_node *date = data ? entry_of(data, "date") : NULL;
    if (date && date->kind == DS_SCALAR && below(assignment, "data.date"))
        DS_CHECK(ds_node_widen(date, "column"));
    DS_CHECK(ds_node_set(recipe->root, assignment));
    if (choice)
        keep_choice(choice, rest, which >= 0 && strcmp(choices[which].key, "schedule") == 0);
    return DS_OK;
}

ds_status ds_recipe_print(const ds_recipe *recipe, char **text) {
    return ds_node_print(recipe->root, text);
}

/* ---- from a CSV file ---- */

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

/* The target's kind decides loss and outputs, so the data is read once here: 0 classes for numbers.
 */
static ds_status count_classes(const char *data_section, int64_t *classes) {
    ds_status status = DS_OK;
    ds_node *options = NULL;
    ds_data *data = NULL;
    ds_text notes = {0};
    DS_TRY(ds_node_parse_argument(&options, data_section, "--data"));
    DS_TRY(ds_dataset_read(&data, options, NULL, DS_TARGET_AUTO, NULL, 1, &notes));
    *classes = ds_encoding_classes(data->encoding);

cleanup:
    ds_node_destroy(options);
    ds_data_destroy(data);
    ds_text_clear(&notes);
    return status;
}

ds_status ds_recipe_for_csv(ds_recipe **out, const char *csv, const char *target,
                            const char *layers) {
    ds_status status = DS_OK;
    ds_text text = {0}, section = {0}, hidden = {0};
    int64_t classes = 0;
    DS_TRY(ds_text_append(&hidden, "", 0));
    DS_TRY(add_layers(&hidden, layers));
    DS_TRY(check_layers(hidden.characters, layers));
    DS_TRY(ds_text_add(&section, "{train: "));
    DS_TRY(quoted(&section, csv));
    DS_TRY(ds_text_add(&section, ", target: "));
    DS_TRY(quoted(&section, target));
    DS_TRY(ds_text_add(&section, ", normalize: standard, split: {validation: 0.2, by: random}}"));
    DS_TRY(count_classes(section.characters, &classes));
    section.characters[--section.length] = '\0'; /* open again, for one key more */
    DS_TRY(ds_text_add(&text, "data: %s%s}\nmodel:\n", section.characters,
                       classes ? "" : ", normalize_target: standard"));
    DS_TRY(ds_text_append(&text, hidden.characters, hidden.length));
    DS_TRY(ds_text_add(&text, "  - dense: %lld\nloss: %s\noptimizer: {adam: {rate: 0.001}}\n",
                       (long long)(classes ? classes : 1), classes ? "cross_entropy" : "mse"));
    DS_TRY(ds_text_add(&text, "batch: 32\nepochs: 100\nseed: 1\n"));
    DS_TRY(ds_recipe_parse(out, text.characters, NULL));

cleanup:
    ds_text_clear(&text);
    ds_text_clear(&section);
    ds_text_clear(&hidden);
    return status;
}

/* ---- opening ---- */

static ds_target_kind kind_for(const ds_operation *loss) {
    return loss == &ds_op_cross_entropy          ? DS_TARGET_CLASSES
           : loss == &ds_op_binary_cross_entropy ? DS_TARGET_BINARY
                                                 : DS_TARGET_NUMBERS;
}

void ds_recipe_keep(const ds_recipe *recipe, ds_opened *opened) {
    opened_clear(recipe->kept);
    *recipe->kept = *opened;
    *opened = (ds_opened){0};
}

static ds_status take_kept(ds_opened *kept, ds_training *training, ds_data **data, ds_model **model,
                           ds_text *notes) {
    if (kept->notes.length)
        DS_CHECK(ds_text_append(notes, kept->notes.characters, kept->notes.length));
    *training = kept->training;
    *data = kept->data;
    *model = kept->model;
    kept->data = NULL;
    kept->model = NULL;
    opened_clear(kept);
    return DS_OK;
}

ds_status ds_recipe_open(const ds_recipe *recipe, ds_training *training, ds_data **data_out,
                         ds_model **model_out, ds_text *notes) {
    ds_status status = DS_OK;
    ds_data *data = NULL;
    ds_model *model = NULL;
    const ds_node *root = recipe->root, *section = ds_node_get(root, "data");
    const ds_node *layers = ds_node_get(root, "model");
    if (recipe->kept->data)
        return take_kept(recipe->kept, training, data_out, model_out, notes);
    DS_TRY(ds_training_parse(training, root, true));
    if (!section || !layers) {
        status = ds_fail(DS_BAD_INPUT, "a recipe needs data, model, loss and optimizer",
                         "%s: \"%s\" is missing", root->source, section ? "model" : "data");
        goto cleanup;
    }
    DS_TRY(ds_dataset_read(&data, section, recipe->folder, kind_for(training->loss), NULL,
                           training->seed, notes));
    DS_TRY(ds_model_make(&model, data->encoding, layers, ds_node_get(root, "init"), recipe->folder,
                         training->seed, notes));
    ds_picture_source source = {.recipe = root, .training = training, .data = data, .model = model};
    DS_TRY(ds_pictures_check(&source));
    *data_out = data;
    *model_out = model;
    data = NULL;
    model = NULL;

cleanup:
    ds_data_destroy(data);
    ds_model_destroy(model);
    return status;
}
