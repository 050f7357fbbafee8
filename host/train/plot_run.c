/* ds_plot, ds_plot_text: pictures of a run that has ended, from the files it left. */
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "model/safetensors.h"
#include "plot/gnuplot.h"
#include "plot/text_chart.h"
#include "train/notes.h"
#include "train/pictures_kinds.h"
#include "train/recipe.h"

enum { TEXT_HEIGHT = 20 };

/* A run opened again. */
typedef struct past_run {
    ds_recipe *recipe;
    ds_training training;
    ds_data *data;
    ds_model *model;
    ds_device *device;
} past_run;

static void close_run(past_run *run) {
    ds_recipe_destroy(run->recipe);
    ds_data_destroy(run->data);
    ds_model_destroy(run->model);
    ds_device_close(run->device);
}

/* The recipe that the run's checkpoint keeps. */
static ds_status read_recipe(ds_recipe **out, const char *folder) {
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
        DS_TRY(ds_recipe_parse(out, text, recipe_folder));

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
    else
        memcpy(model->parameters, trained->parameters,
               (size_t)model->values * sizeof *model->parameters);

cleanup:
    ds_model_destroy(trained);
    return status;
}

/* The entry for a kind as `kind` says it; with the options of the run's recipe where it is a word
 * alone. */
static ds_status find_picture(ds_picture *out, const ds_node *kind, const past_run *run) {
    ds_picture of_recipe;
    bool found;
    DS_CHECK(ds_picture_parse(out, kind));
    if (out->options || !run->recipe)
        return DS_OK;
    DS_CHECK(ds_pictures_find(ds_node_get(run->recipe->root, "plots"), out->kind->name, &of_recipe,
                              &found));
    if (found)
        *out = of_recipe;
    return DS_OK;
}

/* The picture, or, where gnuplot is not there, the script of it. */
static ds_status add_file(ds_text *list, const char *folder, const char *name) {
    char *path = NULL;
    DS_CHECK(ds_drawing_path(&path, folder, name, "svg"));
    ds_status status =
        ds_text_add(list, "%s/%s.%s\n", folder, name, ds_file_exists(path) ? "svg" : "gp");
    ds_free(path);
    return status;
}

static ds_status list_files(const char *run_folder, ds_text *drawn, char **files) {
    ds_status status = DS_OK;
    ds_text list = {0};
    char *folder = NULL, *rest = NULL;
    DS_TRY(ds_pictures_folder(&folder, run_folder));
    DS_TRY(ds_text_append(drawn, "", 0)); /* a run may leave nothing to draw */
    for (char *name = strtok_r(drawn->characters, "\n", &rest); name;
         name = strtok_r(NULL, "\n", &rest))
        DS_TRY(add_file(&list, folder, name));
    DS_TRY(ds_text_take(&list, files));

cleanup:
    ds_text_clear(&list);
    ds_free(folder);
    return status;
}

ds_status ds_plot(const char *folder, const char *picture_text, const char *device,
                  ds_note_callback note, void *context, char **files) {
    ds_status status = DS_OK;
    past_run run = {0};
    ds_node *entry = NULL;
    ds_picture picture;
    ds_text notes = {0}, ignored = {0}, drawn = {0};
    DS_TRY(ds_node_parse(&entry, picture_text, "picture"));
    DS_TRY(ds_picture_parse(&picture, entry));
    ds_picture_source source = {.folder = folder};
    if (!picture.kind->files_alone) {
        DS_TRY(read_recipe(&run.recipe, folder));
        DS_TRY(find_picture(&picture, entry, &run));
        DS_TRY(ds_recipe_open(run.recipe, &run.training, &run.data, &run.model, &ignored));
        DS_TRY(load_parameters(run.model, folder));
        DS_TRY(ds_device_open(&run.device, device));
        source = (ds_picture_source){folder, &run.training, run.data, run.model, run.device};
    }
    DS_TRY(picture.kind->check(&source, &picture));
    DS_TRY(ds_picture_draw(&picture, &source, &drawn, &notes));
    ds_notes_tell(&notes, note, context);
    if (files)
        DS_TRY(list_files(folder, &drawn, files));

cleanup:
    close_run(&run);
    ds_node_destroy(entry);
    ds_text_clear(&notes);
    ds_text_clear(&ignored);
    ds_text_clear(&drawn);
    return status;
}

ds_status ds_plot_text(const char *folder, int width, char **text) {
    ds_status status = DS_OK;
    ds_loss_history history = {0};
    ds_text out = {0};
    DS_TRY(ds_loss_history_read(&history, folder, false));
    if (history.chart.series_count)
        DS_TRY(ds_text_chart(&history.chart, width, TEXT_HEIGHT, &out));
    DS_TRY(ds_text_take(&out, text));

cleanup:
    ds_loss_history_clear(&history);
    ds_text_clear(&out);
    return status;
}
