/* ds_device_choose: the device that trains a recipe fastest, remembered or timed. */
#include "measure/choice_memory.h"
#include "measure/race.h"
#include "train/recipe.h"
#include "train/trainer.h"

/* What a recipe becomes. */
typedef struct opened_recipe {
    ds_training training;
    ds_data *data;
    ds_model *model;
    ds_text notes;
} opened_recipe;

/* The devices that can be used. */
static ds_status list_devices(ds_choice *choice) {
    ds_device_info *about = NULL;
    size_t count = 0;
    DS_CHECK(ds_devices(&about, &count));
    ds_status status = ds_new(&choice->row, count, sizeof *choice->row);
    for (size_t i = 0; status == DS_OK && i < count; i++)
        if (about[i].available)
            choice->row[choice->rows++].device = about[i];
    ds_free(about);
    return status;
}

/* What its training would run. */
static ds_status plan_work(ds_race_work *work, ds_plan **plan, const opened_recipe *opened,
                           const ds_node *root) {
    ds_training training = opened->training;
    if (training.stop_gradient > 0) /* made-up numbers are not to be stopped by it */
        training.stop_gradient = 0;
    int64_t rows = opened->data->train.rows;
    if (rows == 0)
        return ds_fail(DS_BAD_INPUT, "give it at least one row", "there is nothing to train on");
    DS_CHECK(ds_model_check_outputs(opened->model, training.loss, ds_node_get(root, "model")));
    DS_CHECK(ds_run_plan(plan, opened->model, opened->data, &training));
    int64_t batches = (rows + (*plan)->training_batch - 1) / (*plan)->training_batch;
    *work = (ds_race_work){.plan = *plan,
                           .loss = training.loss,
                           .batches = batches < DS_STAGE_BATCHES ? batches : DS_STAGE_BATCHES,
                           .trains = training.optimizer != NULL};
    return DS_OK;
}

/* Gives the data back, so that it is read once. */
static void close_recipe(const ds_recipe *recipe, const ds_recipe *first, opened_recipe *opened) {
    if (opened->data)
        ds_recipe_keep(first ? first : recipe, opened->data);
    if (first)
        ds_recipe_hand_over(first, recipe);
    ds_model_destroy(opened->model);
    ds_text_clear(&opened->notes);
}

static bool recall(ds_choice *choice, const ds_plan *plan, const char *key, ds_device **out) {
    if (!ds_choice_recall(choice, key) ||
        ds_device_open(out, choice->row[choice->chosen].device.id) != DS_OK)
        return false;
    for (size_t i = 0; i < choice->rows; i++)
        choice->row[i].samples_per_second = (double)plan->training_batch / choice->row[i].seconds;
    choice->remembered = true;
    return true;
}

/* Of several devices. */
static ds_status choose(ds_choice *choice, const ds_recipe *recipe,
                        const ds_choose_options *options, ds_device **out) {
    ds_status status = DS_OK;
    ds_recipe *first = NULL;
    const ds_recipe *meant = recipe;
    opened_recipe opened = {0};
    ds_plan *plan = NULL;
    ds_race_work work;
    char key[65];
    if (ds_recipe_sweeps(recipe))
        DS_TRY(ds_sweep_first(&first, recipe));
    if (first)
        meant = first;
    DS_TRY(ds_recipe_open(meant, &opened.training, &opened.data, &opened.model, &opened.notes));
    DS_TRY(plan_work(&work, &plan, &opened, meant->root));
    bool keyed = ds_choice_key(key, plan, choice);
    if (!options->again && keyed && recall(choice, plan, key, out))
        goto cleanup;
    if (options->only_remembered) {
        ds_choice_clear(choice);
        status = ds_device_open(out, "auto");
        goto cleanup;
    }
    DS_TRY(ds_race(choice, &work, options, out));
    if (keyed)
        ds_choice_remember(choice, key);

cleanup:
    close_recipe(recipe, first, &opened);
    ds_plan_destroy(plan);
    ds_recipe_destroy(first);
    return status;
}

void ds_choice_clear(ds_choice *choice) {
    ds_free(choice->row);
    *choice = (ds_choice){0};
}

ds_status ds_device_choose(ds_device **out, const ds_recipe *recipe,
                           const ds_choose_options *options, ds_choice *choice) {
    static const ds_choose_options usual = {0};
    ds_choice made = {0};
    ds_status status = list_devices(&made);
    if (status == DS_OK && made.rows > 1) {
        status = choose(&made, recipe, options ? options : &usual, out);
    } else {
        ds_choice_clear(&made);
        status = status == DS_OK ? ds_device_open(out, "auto") : status;
    }
    if (status != DS_OK || !choice)
        ds_choice_clear(&made);
    else
        *choice = made;
    return status;
}
