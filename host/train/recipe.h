/* A recipe: its YAML tree and the folder that its file names are relative to. */
#ifndef DS_RECIPE_H
#define DS_RECIPE_H

#include "data/dataset.h"
#include "train/training_options.h"

/* What is known of a recipe beside its text. */
typedef struct ds_kept {
    ds_data *data; /* read already, for the next ds_recipe_open; NULL: it is not */
    ds_text notes; /* of its reading */
    ds_node *said; /* the root before what follows from the data was filled in; NULL: nothing was */
} ds_kept;

struct ds_recipe {
    ds_node *root;
    char *folder;
    bool for_table; /* made by ds_recipe_for_csv */
    ds_kept *kept;
};

ds_status ds_recipe_copy(ds_recipe **out, const ds_recipe *recipe);

/* Parses the training keys and reads the data, unless it is kept; every `auto` of the recipe gives
 * way to what follows from the data. The data is kept. */
ds_status ds_recipe_load(const ds_recipe *recipe, ds_training *training);

/* The same, and takes the data, makes the model and checks `plots`. Notes are lines ended by '\n'.
 */
ds_status ds_recipe_open(const ds_recipe *recipe, ds_training *training, ds_data **data,
                         ds_model **model, ds_text *notes);

/* Gives data (taken over) to the next ds_recipe_open, which then need not read it. */
void ds_recipe_keep(const ds_recipe *recipe, ds_data *data);

/* Moves the data that is kept and its notes to another recipe of the same data. */
void ds_recipe_hand_over(const ds_recipe *from, const ds_recipe *to);

/* What the loss says of the target. */
ds_target_kind ds_recipe_target_kind(const ds_training *training);

/* The recipe as it was said, without what followed from data; forgets what is kept. */
void ds_recipe_reopen(ds_recipe *recipe);

/* ds_recipe_set for what stands in the recipe itself: its paths are relative to the recipe. */
ds_status ds_recipe_vary(ds_recipe *recipe, const char *assignment);

/* Puts in place of `auto` what follows from the data: the loss, the last layer's units, the
 * target's normalization, the batch. */
ds_status ds_recipe_fill_in(ds_node *root, const ds_data *data);
bool ds_recipe_is_open(const ds_node *root);   /* is there an `auto` of these? */
bool ds_recipe_adds_last(const ds_node *root); /* the one of the last layer? */

/* Makes the paths of a value that was typed right for a recipe of this folder: it then means what
 * it meant in the current one. */
ds_status ds_recipe_anchor(ds_assignment *assignment, const char *folder);

/* `train: -`, which YAML takes for a list, is the word. */
ds_status ds_recipe_tidy_paths(ds_node *root);

/* A recipe for a table, from text that nobody wrote: messages name `source`, and no line. */
ds_status ds_recipe_make(ds_recipe **out, const char *text, const char *source);

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
