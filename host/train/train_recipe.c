/* ds_train: a whole run of a recipe, with its files. */
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "base/number.h"
#include "train/earlier_run.h"
#include "train/notes.h"
#include "train/pictures_path.h"
#include "train/recipe.h"
#include "train/search.h"
#include "train/trainer.h"

typedef struct run {
    const ds_train_options *options;
    char *model_path, *history_path, *checkpoint_path, *search_path, *start_path;
    char *recipe_text, *recipe_folder; /* the folder as an absolute path */
    ds_path *path;                     /* of descent, where it will be drawn */
} run;

static void run_clear(run *r) {
    ds_free(r->model_path);
    ds_free(r->history_path);
    ds_free(r->search_path);
    ds_free(r->start_path);
    ds_free(r->checkpoint_path);
    ds_free(r->recipe_text);
    ds_free(r->recipe_folder);
    ds_path_destroy(r->path);
}

static ds_status name_files(run *r) {
    const char *folder = r->options->folder;
    if (!folder)
        return DS_OK;
    DS_CHECK(ds_path_join(&r->model_path, folder, "model.safetensors"));
    DS_CHECK(ds_path_join(&r->history_path, folder, "history.csv"));
    DS_CHECK(ds_path_join(&r->search_path, folder, "search.csv"));
    return ds_path_join(&r->checkpoint_path, folder, "checkpoint.safetensors");
}

/* The file that the parameters start from: it may be an earlier run's, and is read again by whoever
 * opens the recipe later. */
static ds_status name_start(run *r, const ds_recipe *recipe) {
    const ds_node *init = ds_node_get(recipe->root, "init");
    const ds_node *file = init && init->kind == DS_MAP ? ds_node_get(init, "file") : NULL;
    return file && file->kind == DS_SCALAR
               ? ds_path_join(&r->start_path, recipe->folder, file->text)
               : DS_OK;
}

/* The folder is there, takes files and holds no earlier run. Made after all that is read was found
 * good, so that a mistake leaves nothing behind and takes nothing away, and before any training. */
static ds_status prepare_folder(const run *r, const ds_training *training,
                                const ds_new_sweep *sweep) {
    const char *folder = r->options->folder;
    unsigned rewrites = DS_REWRITES_RUN | (training->search ? DS_REWRITES_SEARCH : 0) |
                        (r->path ? DS_REWRITES_PATH : 0);
    if (!folder)
        return DS_OK;
    DS_CHECK(ds_folder_make(folder));
    DS_CHECK(ds_folder_check(folder));
    if (sweep) {
        ds_earlier_run_remove(sweep->folder, 0, sweep->runs, r->start_path);
        return ds_folder_make(folder);
    }
    if (!r->options->resume)
        ds_earlier_run_remove(folder, rewrites, 0, r->start_path);
    return DS_OK;
}

/* The checkpoint is the trainer's affair. */
static ds_status write_files(const run *r, const ds_trainer *trainer) {
    ds_text table = {0};
    ds_status status = DS_OK;
    if (!r->options->folder)
        return DS_OK;
    ds_history_view view = {.units = &trainer->units,
                            .digits = ds_device_is_reference(trainer->device) ? 17 : 9,
                            .baseline = trainer->naive.baseline,
                            .baselines = trainer->data->naives};
    DS_TRY(ds_history_print(&trainer->history, &view, &table));
    DS_TRY(ds_file_write(r->history_path, table.characters, table.length));
    DS_TRY(ds_model_save(trainer->model, r->model_path));
    DS_TRY(ds_path_write(r->path, r->options->folder));

cleanup:
    ds_text_clear(&table);
    return status;
}

/* What any surface might be drawn over. */
static ds_status prepare_path(run *r, const ds_node *plots, ds_trainer *trainer) {
    if (!r->options->folder)
        return DS_OK;
    DS_CHECK(ds_path_create(&r->path, plots, trainer->model, trainer->total_updates));
    trainer->path = r->path;
    return r->path && r->options->resume
               ? ds_path_read(r->path, r->options->folder, trainer->updates)
               : DS_OK;
}

/* What is drawn needs no trainer any more, and may need the device's memory. */
static ds_status draw_pictures(const run *r, const ds_picture_source *source, ds_result *result) {
    ds_status status = DS_OK;
    ds_text drawn = {0}, notes = {0};
    char *folder = NULL;
    if (!r->options->folder)
        return DS_OK;
    DS_TRY(ds_pictures_draw(source, &drawn, &notes));
    DS_TRY(ds_pictures_folder(&folder, r->options->folder));
    if (result && drawn.length) {
        snprintf(result->plots_path, sizeof result->plots_path, "%s", folder);
        DS_TRY(ds_pictures_list(folder, &drawn, result->pictures, sizeof result->pictures));
    }
    ds_notes_tell(&notes, r->options->note, r->options->context);

cleanup:
    ds_text_clear(&drawn);
    ds_text_clear(&notes);
    ds_free(folder);
    return status;
}

/* Runs, and writes what was reached, even if the run was interrupted, diverged or found wrong. */
static ds_status run_and_write(const run *r, ds_trainer *trainer, ds_result *result) {
    ds_saved_error error;
    ds_status status = ds_trainer_run(trainer, r->options->progress, r->options->context, result);
    if (!ds_run_is_kept(status))
        return status;
    if (status != DS_OK)
        ds_error_take(&error);
    DS_CHECK(write_files(r, trainer));
    if (result && r->model_path)
        snprintf(result->model_path, sizeof result->model_path, "%s", r->model_path);
    return status == DS_OK ? DS_OK : ds_error_give(&error);
}

/* A diverged run is drawn, too: its curve says most. What cannot be drawn of it is left out. */
static ds_status draw_divergence(const run *r, const ds_picture_source *source, ds_result *result) {
    ds_saved_error error;
    ds_error_take(&error);
    (void)draw_pictures(r, source, result);
    return ds_error_give(&error);
}

/* Whether a loss grew, though it stayed finite, and from what: beyond the noise of mini-batches
 * since the first epoch; or, where the first updates did it, since before them, to where one is
 * worse off than without a network. */
static bool has_grown(const ds_trainer *trainer, const ds_scores *first, const ds_scores *last,
                      double *from) {
    bool useless = trainer->units.classes ? last->loss > 10 : !(last->r2 >= -1);
    *from = first->loss;
    if (first->loss > 0 && last->loss > 2 * first->loss)
        return true;
    *from = trainer->first_loss;
    return useless && trainer->first_loss > 0 && last->loss > 10 * trainer->first_loss;
}

/* Where an epoch's row is not in history.csv. */
static ds_status note_stride(const run *r, const ds_trainer *trainer) {
    ds_text note = {0};
    if (trainer->history.stride < 2 || !r->options->note || !r->options->folder)
        return DS_OK;
    ds_status status =
        ds_text_add(&note,
                    "history.csv has the first epoch, one of every %lld and the last: a "
                    "row for each would be more than %d\n",
                    (long long)trainer->history.stride, DS_HISTORY_ROWS);
    if (status == DS_OK)
        ds_notes_tell(&note, r->options->note, r->options->context);
    ds_text_clear(&note);
    return status;
}

static ds_status note_growth(const run *r, const ds_trainer *trainer) {
    const ds_history *history = &trainer->history;
    ds_text note = {0};
    if (history->rows < 1 || !r->options->note)
        return DS_OK;
    ds_history_row first = ds_history_at(history, 0);
    ds_history_row last = ds_history_at(history, history->rows - 1);
    double from;
    char rate[32];
    if (!has_grown(trainer, &first.train, &last.train, &from))
        return DS_OK;
    ds_number_print(rate, trainer->options.learning_rate);
    ds_status status = ds_text_add(&note,
                                   "the training loss rose from %.4g to %.4g: try a smaller "
                                   "learning rate than %s\n",
                                   from, last.train.loss, rate);
    if (status == DS_OK)
        ds_notes_tell(&note, r->options->note, r->options->context);
    ds_text_clear(&note);
    return status;
}

ds_status ds_train(const ds_recipe *recipe, ds_device *device, const ds_train_options *options,
                   ds_result *result, ds_model **model_out) {
    return ds_train_first(recipe, device, options, NULL, result, model_out);
}

ds_status ds_train_first(const ds_recipe *recipe, ds_device *device,
                         const ds_train_options *options, const ds_new_sweep *sweep,
                         ds_result *result, ds_model **model_out) {
    ds_status status = DS_OK;
    run r = {.options = options};
    ds_training training;
    ds_data *data = NULL;
    ds_model *model = NULL;
    ds_trainer *trainer = NULL;
    ds_text notes = {0};
    char resumed[65];
    const ds_node *plots = ds_node_get(recipe->root, "plots");
    DS_TRY(name_files(&r));
    DS_TRY(ds_recipe_open(recipe, &training, &data, &model, &notes));
    if (options->resume) {
        ds_checkpoint_plan(r.checkpoint_path, resumed);
        training.plan_hash = resumed;
    }
    DS_TRY(ds_trainer_open(&trainer, model, data, device, &training, recipe->root, &notes));
    DS_TRY(ds_recipe_print(recipe, &r.recipe_text));
    DS_TRY(ds_path_absolute(&r.recipe_folder, recipe->folder));
    ds_free(model->recipe);
    model->recipe = NULL;
    DS_TRY(ds_copy_text(&model->recipe, r.recipe_text));
    trainer->recipe_text = r.recipe_text;
    trainer->recipe_folder = r.recipe_folder;
    trainer->checkpoint_path = r.checkpoint_path;
    trainer->check_every = options->check_every;
    if (options->check_every && ds_device_is_reference(device))
        DS_TRY(ds_text_add(&notes, "nothing to check: the reference is what devices are checked "
                                   "by\n"));
    trainer->on_epoch = options->epoch;
    trainer->epoch_context = options->context;
    if (options->resume)
        DS_TRY(ds_checkpoint_read(trainer, r.checkpoint_path, &notes));
    DS_TRY(prepare_path(&r, plots, trainer));
    const ds_node *search = ds_node_get(recipe->root, "search");
    if (training.search)
        DS_TRY(ds_search_check(model, search));
    DS_TRY(name_start(&r, recipe));
    DS_TRY(prepare_folder(&r, &training, sweep));
    ds_notes_tell(&notes, options->note, options->context);
    if (training.search)
        DS_TRY(ds_search(trainer, search, r.search_path));
    status = run_and_write(&r, trainer, result);
    if (status == DS_OK)
        status = note_stride(&r, trainer);
    if (status == DS_OK)
        status = note_growth(&r, trainer);
    ds_trainer_destroy(trainer);
    trainer = NULL;
    ds_picture_source source = {options->folder, recipe->root, &training, data, model, device};
    if (status == DS_OK)
        status = draw_pictures(&r, &source, result);
    else if (status == DS_DIVERGED)
        status = draw_divergence(&r, &source, result);
    if (model_out && ds_run_is_kept(status)) {
        *model_out = model;
        model = NULL;
    }

cleanup:
    ds_text_clear(&notes);
    ds_trainer_destroy(trainer);
    ds_model_destroy(model);
    ds_data_destroy(data);
    run_clear(&r);
    return status;
}
