#include "train/recipe.h"

#include <string.h>

#include "base/files.h"
#include "train/trained_model.h"

ds_status ds_recipe_parse(ds_recipe **out, const char *text, const char *folder) {
    ds_status status = DS_OK;
    ds_recipe *recipe = NULL;
    DS_TRY(ds_new(&recipe, 1, sizeof *recipe));
    DS_TRY(ds_copy_text(&recipe->folder, folder ? folder : "."));
    DS_TRY(ds_node_parse(&recipe->root, text, "recipe"));
    *out = recipe;
    recipe = NULL;

cleanup:
    ds_recipe_destroy(recipe);
    return status;
}

ds_status ds_recipe_read(ds_recipe **out, const char *path) {
    ds_status status = DS_OK;
    ds_recipe *recipe = NULL;
    ds_bytes bytes = {0};
    DS_TRY(ds_file_read(&bytes, path));
    if (strlen((const char *)bytes.data) != bytes.size) {
        status = ds_fail(DS_BAD_INPUT, "a recipe is a YAML text file", "%s: not a text file", path);
        goto cleanup;
    }
    DS_TRY(ds_new(&recipe, 1, sizeof *recipe));
    DS_TRY(ds_path_folder(&recipe->folder, path));
    DS_TRY(ds_node_parse(&recipe->root, (const char *)bytes.data, path));
    if (recipe->root->kind != DS_MAP) {
        status = ds_node_fail(recipe->root, "write it as `key: value` lines",
                              "a recipe is a mapping with data, model, loss and optimizer");
        goto cleanup;
    }
    *out = recipe;
    recipe = NULL;

cleanup:
    ds_recipe_destroy(recipe);
    ds_free(bytes.data);
    return status;
}

void ds_recipe_destroy(ds_recipe *recipe) {
    if (!recipe)
        return;
    ds_node_destroy(recipe->root);
    ds_free(recipe->folder);
    ds_free(recipe);
}

/* `optimizer.adam.rate=...` chooses adam where the recipe has another optimizer: of the entries of
 * a choice only the one just set stays. */
static ds_status keep_choice(ds_recipe *recipe, const char *assignment, const char *choice) {
    size_t length = strlen(choice), name;
    if (strncmp(assignment, choice, length) != 0 || assignment[length] != '.')
        return DS_OK;
    name = strcspn(assignment + length + 1, ".=");
    ds_node *map = (ds_node *)(uintptr_t)ds_node_get(recipe->root, choice);
    if (strncmp(assignment + length + 1, "warmup", name) == 0 && name == strlen("warmup"))
        return DS_OK;
    for (ds_node **link = &map->child; *link;) {
        ds_node *entry = *link;
        bool chosen =
            strlen(entry->key) == name && strncmp(entry->key, assignment + length + 1, name) == 0;
        if (chosen || strcmp(entry->key, "warmup") == 0) {
            link = &entry->next;
            continue;
        }
        *link = entry->next;
        entry->next = NULL;
        ds_node_destroy(entry);
    }
    return DS_OK;
}

ds_status ds_recipe_set(ds_recipe *recipe, const char *assignment) {
    DS_CHECK(ds_node_set(recipe->root, assignment));
    DS_CHECK(keep_choice(recipe, assignment, "optimizer"));
    DS_CHECK(keep_choice(recipe, assignment, "schedule"));
    return keep_choice(recipe, assignment, "loss");
}

ds_status ds_recipe_print(const ds_recipe *recipe, char **text) {
    return ds_node_print(recipe->root, text);
}

/* ---- from a CSV file ---- */

static ds_status quoted(ds_text *out, const char *word) {
    DS_CHECK(ds_text_add(out, "\""));
    for (; *word; word++)
        DS_CHECK(ds_text_add(out, *word == '"' || *word == '\\' ? "\\%c" : "%c", *word));
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
        bool number = strspn(word, "0123456789") == length;
        DS_CHECK(ds_text_add(out, number ? "  - dense: %.*s\n" : "  - %.*s\n", (int)length, word));
        word += length;
    }
    return DS_OK;
}

/* The target's kind decides loss and outputs, so the data is read once here: 0 classes for numbers. */
static ds_status count_classes(const char *data_section, int64_t *classes) {
    ds_status status = DS_OK;
    ds_node *options = NULL;
    ds_data *data = NULL;
    ds_text notes = {0};
    DS_TRY(ds_node_parse(&options, data_section, "--data"));
    DS_TRY(ds_dataset_read(&data, options, NULL, DS_TARGET_AUTO, 1, &notes));
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
    ds_text text = {0}, section = {0};
    int64_t classes = 0;
    DS_TRY(ds_text_add(&section, "{train: "));
    DS_TRY(quoted(&section, csv));
    DS_TRY(ds_text_add(&section, ", target: "));
    DS_TRY(quoted(&section, target));
    DS_TRY(ds_text_add(&section, ", normalize: standard, split: {validation: 0.2, by: random}}"));
    DS_TRY(count_classes(section.characters, &classes));
    section.characters[--section.length] = '\0'; /* open again, for one key more */
    DS_TRY(ds_text_add(&text, "data: %s%s}\nmodel:\n", section.characters,
                       classes ? "" : ", normalize_target: standard"));
    DS_TRY(add_layers(&text, layers));
    DS_TRY(ds_text_add(&text, "  - dense: %lld\nloss: %s\noptimizer: {adam: {rate: 0.001}}\n",
                       (long long)(classes ? classes : 1), classes ? "cross_entropy" : "mse"));
    DS_TRY(ds_text_add(&text, "batch: 32\nepochs: 100\nseed: 1\n"));
    DS_TRY(ds_recipe_parse(out, text.characters, NULL));

cleanup:
    ds_text_clear(&text);
    ds_text_clear(&section);
    return status;
}

/* ---- opening ---- */

static ds_target_kind kind_for(const ds_operation *loss) {
    return loss == &ds_op_cross_entropy          ? DS_TARGET_CLASSES
           : loss == &ds_op_binary_cross_entropy ? DS_TARGET_BINARY
                                                 : DS_TARGET_NUMBERS;
}

ds_status ds_recipe_open(const ds_recipe *recipe, ds_training *training, ds_data **data_out,
                         ds_model **model_out, ds_text *notes) {
    ds_status status = DS_OK;
    ds_data *data = NULL;
    const ds_node *root = recipe->root, *section = ds_node_get(root, "data");
    const ds_node *layers = ds_node_get(root, "model");
    DS_TRY(ds_training_parse(training, root, true));
    if (!section || !layers) {
        status = ds_fail(DS_BAD_INPUT, "a recipe needs data, model, loss and optimizer",
                         "%s: \"%s\" is missing", root->source, section ? "model" : "data");
        goto cleanup;
    }
    DS_TRY(ds_dataset_read(&data, section, recipe->folder, kind_for(training->loss), training->seed,
                           notes));
    DS_TRY(ds_model_make(model_out, data->encoding, layers, ds_node_get(root, "init"),
                         recipe->folder, training->seed));
    *data_out = data;
    data = NULL;

cleanup:
    ds_data_destroy(data);
    return status;
}
