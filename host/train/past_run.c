#include "train/past_run.h"

#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "model/safetensors.h"

void ds_past_run_close(ds_past_run *run) {
    ds_recipe_destroy(run->recipe);
    ds_data_destroy(run->data);
    ds_model_destroy(run->model);
    *run = (ds_past_run){0};
}

ds_status ds_past_run_recipe(ds_past_run *run, const char *folder) {
    ds_status status = DS_OK;
    ds_stored_file file = {0};
    char *path = NULL;
    DS_TRY(ds_path_join(&path, folder, "checkpoint.safetensors"));
    DS_TRY(ds_safetensors_read(&file, path));
    const char *text = ds_stored_metadata(&file, "text");
    const char *recipe_folder = ds_stored_metadata(&file, "folder");
    if (!text || !*text)
        status = ds_fail(DS_BAD_INPUT, "train it from a recipe",
                         "%s: the checkpoint does not say which recipe it is of", path);
    else
        DS_TRY(ds_recipe_parse(&run->recipe, text, recipe_folder));

cleanup:
    ds_stored_file_clear(&file);
    ds_free(path);
    return status;
}

static ds_status load_parameters(ds_model *model, const char *folder) {
    ds_status status = DS_OK;
    ds_model *trained = NULL;
    DS_TRY(ds_model_load(&trained, folder));
    if (trained->values != model->values)
        status = ds_fail(DS_BAD_INPUT, "train it again",
                         "%s: model and checkpoint are of different networks", folder);
    else {
        model->best_epoch = trained->best_epoch;
        memcpy(model->parameters, trained->parameters,
               (size_t)model->values * sizeof *model->parameters);
    }

cleanup:
    ds_model_destroy(trained);
    return status;
}

/* The data cannot be read again where nobody gives it. */
static ds_status check_input(const ds_node *recipe, const char *folder) {
    const ds_node *train = ds_node_get(ds_node_get(recipe, "data"), "train");
    if (train && train->kind == DS_SCALAR && strcmp(train->text, "-") == 0 && isatty(STDIN_FILENO))
        return ds_fail(DS_BAD_INPUT, "give it once more: descent plot DIR KIND < FILE.csv",
                       "%s: the data of this run came from standard input", folder);
    return DS_OK;
}

ds_status ds_past_run_open(ds_past_run *run, const char *folder) {
    ds_status status = DS_OK;
    ds_text notes = {0}; /* they were told when it was trained */
    if (!run->recipe)
        DS_TRY(ds_past_run_recipe(run, folder));
    DS_TRY(check_input(run->recipe->root, folder));
    DS_TRY(ds_recipe_open(run->recipe, &run->training, &run->data, &run->model, &notes));
    DS_TRY(load_parameters(run->model, folder));

cleanup:
    ds_text_clear(&notes);
    return status;
}

ds_picture_source ds_past_run_source(const ds_past_run *run, const char *folder,
                                     ds_device *device) {
    return (ds_picture_source){.folder = folder,
                               .recipe = run->recipe ? run->recipe->root : NULL,
                               .training = &run->training,
                               .data = run->data,
                               .model = run->model,
                               .device = device};
}
