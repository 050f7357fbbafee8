/* A recipe: its YAML tree and the folder that its file names are relative to. */
#ifndef DS_RECIPE_H
#define DS_RECIPE_H

#include "data/dataset.h"
#include "train/training_options.h"

/* What a recipe becomes. */
typedef struct ds_opened {
    ds_training training;
    ds_data *data;
    ds_model *model;
    ds_text notes;
} ds_opened;

struct ds_recipe {
    ds_node *root;
    char *folder;
    ds_opened *kept; /* for the next ds_recipe_open; its data is NULL where nothing is */
};

ds_status ds_recipe_copy(ds_recipe **out, const ds_recipe *recipe);

/* Parses the training keys, reads the data, makes the model and checks `plots`. Notes are lines
 * ended by '\n'. */
ds_status ds_recipe_open(const ds_recipe *recipe, ds_training *training, ds_data **data,
                         ds_model **model, ds_text *notes);

/* Gives back what ds_recipe_open gave, untouched, so that the next call need not read the data. */
void ds_recipe_keep(const ds_recipe *recipe, ds_opened *opened);

/* A sweep that begins anew in its folder. */
typedef struct ds_new_sweep {
    const char *folder;
    int runs;
} ds_new_sweep;

/* ds_train of the first run of a sweep: when that is sure to begin, what an earlier run left in the
 * sweep's folder is removed. `sweep` may be NULL. */
ds_status ds_train_first(const ds_recipe *recipe, ds_device *device,
                         const ds_train_options *options, const ds_new_sweep *sweep,
                         ds_result *result, ds_model **model);

/* The recipe of the first run of a `sweep`. */
ds_status ds_sweep_first(ds_recipe **out, const ds_recipe *recipe);

#endif
