/* ds_device_choose: the device that trains a recipe fastest, remembered or timed. */
#include "measure/choice_memory.h"
#include "measure/race.h"
#include "train/recipe.h"
#include "train/trainer.h"

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
typedef struct task {
    ds_training training;
    ds_data *data;
    ds_model *model;
    ds_plan *plan;
    ds_race_work work;
} task;

static ds_status task_open(task *t, const ds_recipe *recipe, ds_text *notes) {
    DS_CHECK(ds_recipe_open(recipe, &t->training, &t->data, &t->model, notes));
    if (t->training.stop_gradient > 0) /* made-up numbers are not to be stopped by it */
        t->training.stop_gradient = 0;
    int64_t rows = t->data->train.rows;
    if (rows == 0)
        return ds_fail(DS_BAD_INPUT, "give it at least one row", "there is nothing to train on");
    DS_CHECK(
        ds_model_check_outputs(t->model, t->training.loss, ds_node_get(recipe->root, "model")));
    DS_CHECK(ds_run_plan(&t->plan, t->model, t->data, &t->training));
    int64_t batches = (rows + t->plan->training_batch - 1) / t->plan->training_batch;
    t->work = (ds_race_work){.plan = t->plan,
                             .loss = t->training.loss,
                             .batches = batches < DS_STAGE_BATCHES ? batches : DS_STAGE_BATCHES,
                             .trains = t->training.optimizer != NULL};
    return DS_OK;
}

static void task_close(task *t) {
    ds_plan_destroy(t->plan);
    ds_model_destroy(t->model);
    ds_data_destroy(t->data);
}

static bool recall(ds_choice *choice, const task *t, const char *key, ds_device **out) {
    if (!ds_choice_recall(choice, key) ||
        ds_device_open(out, choice->row[choice->chosen].device.id) != DS_OK)
        return false;
    for (size_t i = 0; i < choice->rows; i++)
        choice->row[i].samples_per_second =
            (double)t->plan->training_batch / choice->row[i].seconds;
    choice->remembered = true;
    return true;
}

/* Of several devices. */
static ds_status choose(ds_choice *choice, const ds_recipe *recipe,
                        const ds_choose_options *options, ds_device **out) {
    ds_status status = DS_OK;
    ds_recipe *first = NULL;
    task t = {0};
    ds_text notes = {0};
    char key[65];
    if (ds_recipe_sweeps(recipe))
        DS_TRY(ds_sweep_first(&first, recipe));
    DS_TRY(task_open(&t, first ? first : recipe, &notes));
    bool keyed = ds_choice_key(key, t.plan, choice);
    if (!options->again && keyed && recall(choice, &t, key, out))
        goto cleanup;
    if (options->only_remembered) {
        ds_choice_clear(choice);
        status = ds_device_open(out, "auto");
        goto cleanup;
    }
    DS_TRY(ds_race(choice, &t.work, options, out));
    if (keyed)
        ds_choice_remember(choice, key);

cleanup:
    task_close(&t);
    ds_recipe_destroy(first);
    ds_text_clear(&notes);
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
