#include "train/recipe.h"

#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "data/table.h"
#include "train/layer_notes.h"
#include "train/pictures.h"
#include "train/start_model.h"
#include "train/trained_model.h"

static void kept_clear(ds_kept *kept) {
    ds_data_destroy(kept->data);
    ds_text_clear(&kept->notes);
    ds_node_destroy(kept->said);
    *kept = (ds_kept){0};
}

/* A recipe of this tree, which is taken over, as `folder` is. */
static ds_status make_recipe(ds_recipe **out, ds_node *root, char *folder) {
    ds_status status = DS_OK;
    ds_recipe *recipe = NULL;
    DS_TRY(ds_new(&recipe, 1, sizeof *recipe));
    recipe->root = root;
    recipe->folder = folder;
    root = NULL;
    folder = NULL;
    DS_TRY(ds_new(&recipe->kept, 1, sizeof *recipe->kept));
    if (recipe->root->kind != DS_MAP) {
        status = ds_node_fail(recipe->root, "write it as `key: value` lines",
                              "a recipe is a mapping with data, model, loss and optimizer");
        goto cleanup;
    }
    DS_TRY(ds_recipe_tidy_paths(recipe->root));
    *out = recipe;
    recipe = NULL;

cleanup:
    ds_recipe_destroy(recipe);
    ds_node_destroy(root);
    ds_free(folder);
    return status;
}

static ds_status parse_recipe(ds_recipe **out, const char *text, const char *source,
                              const char *folder, bool written) {
    ds_status status = DS_OK;
    ds_node *root = NULL;
    char *copy = NULL;
    DS_TRY((written ? ds_node_parse : ds_node_parse_argument)(&root, text, source));
    DS_TRY(ds_copy_text(&copy, folder));
    return make_recipe(out, root, copy);

cleanup:
    ds_node_destroy(root);
    return status;
}

ds_status ds_recipe_parse(ds_recipe **out, const char *text, const char *folder) {
    return parse_recipe(out, text, "recipe", folder ? folder : ".", true);
}

ds_status ds_recipe_make(ds_recipe **out, const char *text, const char *source) {
    DS_CHECK(parse_recipe(out, text, source, ".", false));
    (*out)->for_table = true;
    return DS_OK;
}

ds_status ds_recipe_read(ds_recipe **out, const char *path) {
    ds_status status = DS_OK;
    const char *name = ds_source_name(path);
    char *folder = NULL;
    ds_bytes bytes = {0};
    DS_TRY(ds_file_read(&bytes, path));
    if (strlen((const char *)bytes.data) != bytes.size) {
        status = ds_fail(DS_BAD_INPUT, "a recipe is a YAML text file", "%s: not a text file", name);
        goto cleanup;
    }
    DS_TRY(ds_path_folder(&folder, path));
    DS_TRY(parse_recipe(out, (const char *)bytes.data, name, folder, true));

cleanup:
    ds_free(folder);
    ds_free(bytes.data);
    return status;
}

ds_status ds_recipe_copy(ds_recipe **out, const ds_recipe *recipe) {
    ds_node *root = NULL;
    char *folder = NULL;
    ds_status status = ds_node_copy(&root, recipe->kept->said ? recipe->kept->said : recipe->root);
    if (status == DS_OK)
        status = ds_copy_text(&folder, recipe->folder);
    if (status != DS_OK) {
        ds_node_destroy(root);
        return status;
    }
    DS_CHECK(make_recipe(out, root, folder));
    (*out)->for_table = recipe->for_table;
    return DS_OK;
}

void ds_recipe_destroy(ds_recipe *recipe) {
    if (!recipe)
        return;
    ds_node_destroy(recipe->root);
    ds_free(recipe->folder);
    if (recipe->kept)
        kept_clear(recipe->kept);
    ds_free(recipe->kept);
    ds_free(recipe);
}

void ds_recipe_reopen(ds_recipe *recipe) {
    if (recipe->kept->said) {
        ds_node_destroy(recipe->root);
        recipe->root = recipe->kept->said;
        recipe->kept->said = NULL;
    }
    kept_clear(recipe->kept);
}

ds_status ds_recipe_print(const ds_recipe *recipe, char **text) {
    ds_training training;
    if (ds_recipe_is_open(recipe->root))
        DS_CHECK(ds_recipe_load(recipe, &training));
    return ds_node_print(recipe->root, text);
}

/* ---- opening ---- */

ds_target_kind ds_recipe_target_kind(const ds_training *training) {
    return !training->loss                                 ? DS_TARGET_AUTO
           : training->loss == &ds_op_cross_entropy        ? DS_TARGET_CLASSES
           : training->loss == &ds_op_binary_cross_entropy ? DS_TARGET_BINARY
                                                           : DS_TARGET_NUMBERS;
}

void ds_recipe_keep(const ds_recipe *recipe, ds_data *data) {
    ds_data_destroy(recipe->kept->data);
    recipe->kept->data = data;
}

void ds_recipe_hand_over(const ds_recipe *from, const ds_recipe *to) {
    ds_recipe_keep(to, from->kept->data);
    ds_text_clear(&to->kept->notes);
    to->kept->notes = from->kept->notes;
    from->kept->data = NULL;
    from->kept->notes = (ds_text){0};
}

static ds_status read_data(const ds_recipe *recipe, const ds_training *training) {
    ds_kept *kept = recipe->kept;
    const ds_node *root = recipe->root, *section = ds_node_get(root, "data");
    if (!section || !ds_node_get(root, "model"))
        return ds_fail(DS_BAD_INPUT, "a recipe needs data, model, loss and optimizer",
                       "%s: \"%s\" is missing", root->source, section ? "model" : "data");
    ds_model *start = NULL;
    ds_status status = DS_OK;
    ds_text_clear(&kept->notes);
    DS_TRY(ds_start_model_read(&start, ds_node_get(root, "init"), recipe->folder));
    DS_TRY(ds_dataset_read(&kept->data, section, recipe->folder, ds_recipe_target_kind(training),
                           start ? start->encoding : NULL, training->seed, &kept->notes));
    if (start)
        DS_TRY(ds_start_model_compare(start, ds_node_get(root, "model"), &kept->notes));

cleanup:
    ds_model_destroy(start);
    return status;
}

ds_status ds_recipe_load(const ds_recipe *recipe, ds_training *training) {
    ds_kept *kept = recipe->kept;
    ds_node *said = NULL;
    DS_CHECK(ds_training_parse(training, recipe->root, true));
    if (!kept->data)
        DS_CHECK(read_data(recipe, training));
    if (!ds_recipe_is_open(recipe->root))
        return DS_OK;
    if (!kept->said) {
        DS_CHECK(ds_node_copy(&said, recipe->root));
        kept->said = said;
    }
    DS_CHECK(ds_recipe_fill_in(recipe->root, kept->data));
    return ds_training_parse(training, recipe->root, true);
}

ds_status ds_recipe_open(const ds_recipe *recipe, ds_training *training, ds_data **data_out,
                         ds_model **model_out, ds_text *notes) {
    ds_status status = DS_OK;
    ds_kept *kept = recipe->kept;
    ds_data *data = NULL;
    ds_model *model = NULL;
    const ds_node *root = recipe->root;
    DS_CHECK(ds_recipe_load(recipe, training));
    data = kept->data;
    kept->data = NULL;
    if (kept->notes.length)
        DS_TRY(ds_text_append(notes, kept->notes.characters, kept->notes.length));
    DS_TRY(ds_model_make(&model, data->encoding, ds_node_get(root, "model"),
                         ds_node_get(root, "init"), recipe->folder, training->seed, notes));
    ds_picture_source source = {.recipe = root, .training = training, .data = data, .model = model};
    DS_TRY(ds_pictures_check(&source));
    ds_noted noted = {root,  training,          data,
                      model, recipe->for_table, kept->said && ds_recipe_adds_last(kept->said)};
    DS_TRY(ds_layer_notes(&noted, notes));
    DS_TRY(ds_target_note(&noted, notes));
    *data_out = data;
    *model_out = model;
    data = NULL;
    model = NULL;

cleanup:
    ds_data_destroy(data);
    ds_model_destroy(model);
    return status;
}
