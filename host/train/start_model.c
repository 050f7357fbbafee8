#include "train/start_model.h"

#include <string.h>

#include "base/files.h"
#include "model/safetensors.h"

/* Whether `init` wants the encoding of its file. */
static ds_status keeps_encoding(bool *out, const ds_node *init) {
    const ds_node *encoding = ds_node_get(init, "encoding");
    const char *word = "keep";
    if (encoding)
        DS_CHECK(ds_node_word(encoding, "encoding", &word));
    if (strcmp(word, "keep") != 0 && strcmp(word, "new") != 0)
        return ds_node_fail(encoding, "write keep or new", "encoding: \"%s\" is not known", word);
    *out = strcmp(word, "keep") == 0;
    return DS_OK;
}

ds_status ds_start_model_read(ds_model **out, const ds_node *init, const char *folder) {
    ds_status status = DS_OK;
    ds_stored_file file = {0};
    char *path = NULL;
    const char *name;
    bool keep = false;
    const ds_node *node = ds_node_get(init, "file");
    *out = NULL;
    if (!node)
        return DS_OK;
    DS_CHECK(keeps_encoding(&keep, init));
    if (!keep)
        return DS_OK;
    DS_CHECK(ds_node_word(node, "init.file", &name));
    DS_TRY(ds_path_join(&path, folder, name));
    DS_TRY(ds_safetensors_read(&file, path));
    const char *recipe = ds_stored_metadata(&file, "recipe");
    if (recipe && ds_stored_metadata(&file, "descent"))
        DS_TRY(ds_model_from_metadata(out, recipe, path));

cleanup:
    ds_stored_file_clear(&file);
    ds_free(path);
    return status;
}

/* The name of a layer of a recipe, which may be a word or a mapping. */
static const char *layer_name(const ds_node *layer) {
    return layer->kind == DS_SCALAR ? layer->text : layer->child ? layer->child->key : "";
}

ds_status ds_start_model_compare(const ds_model *start, const ds_node *layers, ds_text *notes) {
    int i = 0;
    DS_EACH_CHILD (layer, layers) {
        const char *name = layer_name(layer);
        if (name && i < start->layers && strcmp(name, start->layer[i].operation->name) != 0)
            DS_CHECK(ds_text_add(notes,
                                 "init: layer %d is %s, in the model to go on from it was %s\n", i,
                                 name, start->layer[i].operation->name));
        i++;
    }
    if (i == start->layers)
        return DS_OK;
    return ds_text_add(notes, "init: the model to go on from has %d layers, this one %d\n",
                       start->layers, i);
}
