/* A recipe: its YAML tree and the folder that its file names are relative to. */
#ifndef DS_RECIPE_H
#define DS_RECIPE_H

#include "data/dataset.h"
#include "train/training_options.h"

struct ds_recipe {
    ds_node *root;
    char *folder;
};

ds_status ds_recipe_copy(ds_recipe **out, const ds_recipe *recipe);

/* Parses the training keys, reads the data, makes the model and checks `plots`. Notes are lines
 * ended by '\n'. */
ds_status ds_recipe_open(const ds_recipe *recipe, ds_training *training, ds_data **data,
                         ds_model **model, ds_text *notes);

/* The recipe of the first run of a `sweep`. */
ds_status ds_sweep_first(ds_recipe **out, const ds_recipe *recipe);

#endif
