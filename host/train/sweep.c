/* A recipe's `sweep:`, one run per value of a key. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "base/number.h"
#include "device/device.h"
#include "train/baseline_scores.h"
#include "train/notes.h"
#include "train/pictures_runs.h"
#include "train/recipe.h"
#include "train/sweep_share.h"

enum { MOST_RUNS = 10000 };

/* One run that is asked for: assignments as ds_recipe_vary takes them. */
typedef struct variation {
    char **assignment;
    int assignments;
} variation;

typedef struct sweep {
    ds_sweep_table table;
    variation *variation; /* one per run */
    ds_sweep_share share;
} sweep;

bool ds_recipe_sweeps(const ds_recipe *recipe) {
    const ds_node *node = ds_node_get(recipe->root, "sweep");
    return node && !(node->kind == DS_SCALAR && strcmp(node->text, "none") == 0);
}

void ds_sweep_clear(ds_sweep_table *table) {
    for (size_t i = 0; table->run && i < table->runs; i++)
        ds_result_clear(&table->run[i].result);
    ds_free(table->run);
    *table = (ds_sweep_table){0};
}

static void variations_destroy(variation *list, size_t count) {
    for (size_t i = 0; list && i < count; i++) {
        for (int k = 0; k < list[i].assignments; k++)
            ds_free(list[i].assignment[k]);
        ds_free(list[i].assignment);
    }
    ds_free(list);
}

static ds_status make_room(sweep *s, size_t runs) {
    DS_CHECK(ds_new(&s->table.run, runs, sizeof *s->table.run));
    DS_CHECK(ds_new(&s->variation, runs, sizeof *s->variation));
    s->table.runs = runs;
    return DS_OK;
}

/* Adds "key=value" to a run. */
static ds_status assign(variation *v, const char *key, const char *value) {
    ds_text text = {0};
    DS_CHECK(ds_resize(&v->assignment, (size_t)v->assignments + 1, sizeof *v->assignment));
    ds_status status = ds_text_add(&text, "%s=%s", key, value);
    if (status == DS_OK)
        status = ds_text_take(&text, &v->assignment[v->assignments]);
    if (status == DS_OK)
        v->assignments++;
    else
        ds_text_clear(&text);
    return status;
}

static ds_status assign_node(variation *v, const ds_node *value, char shown[64]) {
    char *text = NULL;
    DS_CHECK(ds_node_print_flow(value, &text));
    snprintf(shown, 64, "%s", text);
    ds_status status = assign(v, value->key, text);
    ds_free(text);
    return status;
}

/* ---- what is asked for ---- */

static ds_status list_named(sweep *s, const ds_node *runs) {
    static const char *const keys[] = {"name", "set", NULL};
    char shown[64];
    int index = 0;
    if (runs->kind != DS_LIST || ds_node_count(runs) == 0)
        return ds_node_fail(runs, "runs: [{name: \"7 days\", set: {data.lags.steps: 7}}]",
                            "sweep.runs: expected a list of runs");
    snprintf(s->table.key[s->table.keys++], sizeof s->table.key[0], "run");
    DS_CHECK(make_room(s, (size_t)ds_node_count(runs)));
    DS_EACH_CHILD (run, runs) {
        const char *name = NULL;
        DS_CHECK(ds_node_only_keys(run, "a run", keys));
        const ds_node *name_node = ds_node_get(run, "name"), *set = ds_node_get(run, "set");
        if (!name_node)
            return ds_node_fail(run, "give each run a name", "sweep.runs: no name");
        DS_CHECK(ds_node_word(name_node, "name", &name));
        snprintf(s->table.run[index].value[0], sizeof s->table.run[0].value[0], "%s", name);
        DS_EACH_CHILD (entry, set)
            DS_CHECK(assign_node(&s->variation[index], entry, shown));
        index++;
    }
    return DS_OK;
}

/* Run number `index` of all combinations: the last key varies fastest. */
static ds_status fill_combination(sweep *s, const ds_node *map, size_t index) {
    size_t rest = index, block = s->table.runs;
    int column = 0;
    DS_EACH_CHILD (key, map) {
        size_t count = (size_t)ds_node_count(key);
        block /= count;
        const ds_node *chosen = key->child;
        for (size_t k = rest / block % count; k > 0; k--)
            chosen = chosen->next;
        ds_node named = *chosen; /* a list's entry, with the key it is a value of */
        named.key = key->key;
        named.next = NULL;
        DS_CHECK(assign_node(&s->variation[index], &named, s->table.run[index].value[column++]));
    }
    return DS_OK;
}

static ds_status list_combinations(sweep *s, const ds_node *map) {
    double runs = 1;
    if (map->kind != DS_MAP || ds_node_count(map) == 0)
        return ds_node_fail(map, "for example sweep: {batch: [1, 32, all]}",
                            "sweep: expected keys with lists of values");
    DS_EACH_CHILD (key, map) {
        if (key->kind != DS_LIST || ds_node_count(key) == 0)
            return ds_node_fail(key, "write its values in brackets: [1, 2, 3]",
                                "sweep: \"%s\" needs a list of values", key->key);
        if (s->table.keys == DS_SWEEP_KEYS)
            return ds_node_fail(key, "sweep fewer keys at a time", "sweep: more than %d keys",
                                DS_SWEEP_KEYS);
        snprintf(s->table.key[s->table.keys++], sizeof s->table.key[0], "%s", key->key);
        runs *= ds_node_count(key);
    }
    if (runs > MOST_RUNS)
        return ds_node_fail(map, "give the keys fewer values: their numbers multiply",
                            "sweep: %.0f runs, at most %d are made", runs, MOST_RUNS);
    DS_CHECK(make_room(s, (size_t)runs));
    for (size_t i = 0; i < s->table.runs; i++)
        DS_CHECK(fill_combination(s, map, i));
    return DS_OK;
}

static ds_status list_runs(sweep *s, const ds_node *node) {
    const ds_node *runs = ds_node_get(node, "runs");
    if (runs && ds_node_count(node) > 1)
        return ds_node_fail(node, "either a list of runs or keys with values",
                            "sweep: \"runs\" stands alone");
    return runs ? list_named(s, runs) : list_combinations(s, node);
}

/* ---- running ---- */

/* The recipe of one run: a copy without the sweep, with the run's values. */
static ds_status vary(ds_recipe **out, const ds_recipe *recipe, const variation *v) {
    ds_status status = DS_OK;
    ds_recipe *varied = NULL;
    DS_TRY(ds_recipe_copy(&varied, recipe));
    ds_node_remove(varied->root, "sweep");
    DS_TRY(ds_sweep_leave_pictures(varied->root));
    for (int i = 0; i < v->assignments; i++)
        DS_TRY(ds_recipe_vary(varied, v->assignment[i]));
    *out = varied;
    varied = NULL;

cleanup:
    ds_recipe_destroy(varied);
    return status;
}

ds_status ds_sweep_first(ds_recipe **out, const ds_recipe *recipe) {
    sweep s = {0};
    ds_status status = list_runs(&s, ds_node_get(recipe->root, "sweep"));
    if (status == DS_OK)
        status = vary(out, recipe, &s.variation[0]);
    variations_destroy(s.variation, s.table.runs);
    ds_sweep_clear(&s.table);
    return status;
}

/* What can be found wrong with the runs without their data, before the first of them begins. */
static ds_status check_runs(const ds_recipe *recipe, const sweep *s) {
    for (size_t i = 0; i < s->table.runs; i++) {
        ds_recipe *varied = NULL;
        ds_training training;
        ds_layer *layer = NULL;
        int layers = 0;
        DS_CHECK(vary(&varied, recipe, &s->variation[i]));
        const ds_node *model = ds_node_get(varied->root, "model");
        ds_status status = ds_training_parse(&training, varied->root, true);
        if (status == DS_OK && model && !ds_recipe_adds_last(varied->root))
            status = ds_layers_parse(&layer, &layers, model);
        ds_free(layer);
        ds_recipe_destroy(varied);
        DS_CHECK(status);
    }
    return DS_OK;
}

enum { FEW_PARAMETERS = 4 };

/* "0.weight = 2, 0.bias = 0.5"; nothing for a model of more numbers than a person reads. */
static void print_few_parameters(const ds_model *model, char out[256]) {
    int64_t count = 0;
    int length = 0;
    for (size_t i = 0; i < ds_model_parameters(model); i++)
        count += ds_model_parameter(model, i).count;
    for (size_t i = 0; count <= FEW_PARAMETERS && i < ds_model_parameters(model); i++) {
        ds_parameter parameter = ds_model_parameter(model, i);
        length +=
            ds_format(out + length, 256 - (size_t)length, "%s%s =", i ? ", " : "", parameter.name);
        for (int64_t k = 0; k < parameter.count; k++)
            length += ds_format(out + length, 256 - (size_t)length, " %.9g", parameter.values[k]);
    }
}

/* Trains one run into folder NUMBER of the sweep's. */
static ds_status run_one(sweep *s, const ds_recipe *recipe, size_t number, ds_device *device) {
    ds_status status = DS_OK;
    const ds_train_options *options = s->share.options;
    ds_sweep_run *run = &s->table.run[number];
    ds_recipe *varied = NULL;
    ds_model *model = NULL;
    ds_text folder = {0}, checkpoint = {0}, why = {0};
    ds_train_options how = s->share.how;
    const ds_new_sweep anew = {options->folder, (int)s->table.runs};
    bool first = number == 0 && options->folder && !options->resume;
    if (options->folder) {
        DS_TRY(ds_text_add(&folder, "%s/%zu", options->folder, number + 1));
        DS_TRY(ds_text_add(&checkpoint, "%s/checkpoint.safetensors", folder.characters));
        how.folder = folder.characters;
        how.resume = options->resume && ds_file_exists(checkpoint.characters);
    }
    DS_TRY(vary(&varied, recipe, &s->variation[number]));
    if (number == 0)
        ds_recipe_hand_over(recipe, varied); /* of the choice of a device */
    DS_TRY(ds_sweep_share_data(&s->share, varied));
    run->status = ds_train_first(varied, device, &how, first ? &anew : NULL, &run->result, &model);
    if (model)
        print_few_parameters(model, run->parameters);
    if (run->status == DS_DIVERGED && options->note) {
        const ds_error *error = ds_last_error();
        DS_TRY(ds_text_add(&why, "run %zu %s; %s", number + 1, error->message, error->hint));
        options->note(why.characters, options->context);
    }
    status = run->status == DS_DIVERGED ? DS_OK : run->status;

cleanup:
    ds_model_destroy(model);
    ds_recipe_destroy(varied);
    ds_text_clear(&folder);
    ds_text_clear(&checkpoint);
    ds_text_clear(&why);
    return status;
}

/* ---- sweep.csv ---- */

static ds_status print_numbers(const ds_scores *s, int digits, ds_text *out) {
    const double value[] = {s->loss, s->accuracy, s->mae, s->rmse, s->r2, s->max_error};
    for (int i = 0; i < 6; i++)
        if (s->rows == 0 || !isfinite(value[i])) /* a diverged run's: an empty cell */
            DS_CHECK(ds_text_add(out, ","));
        else
            DS_CHECK(ds_text_add(out, ",%.*g", digits, value[i]));
    return DS_OK;
}

/* The losses of the naive forecasts that the first run has; empty where another lacks one. */
static ds_status print_baseline_losses(const ds_result *first, const ds_result *result, int digits,
                                       ds_text *out) {
    for (int k = 0; k < first->baselines; k++) {
        ds_baseline none = {0};
        const ds_baseline *found = &none;
        for (int i = 0; i < result->baselines; i++)
            if (strcmp(result->baseline[i].name, first->baseline[k].name) == 0)
                found = &result->baseline[i];
        const ds_scores *const sets[] = {&found->train, &found->validation, &found->test};
        for (int i = 0; i < 3; i++)
            if (sets[i]->rows)
                DS_CHECK(ds_text_add(out, ",%.*g", digits, sets[i]->loss));
            else
                DS_CHECK(ds_text_add(out, ","));
    }
    return DS_OK;
}

static ds_status print_table(const ds_sweep_table *table, size_t runs, int digits, ds_text *out) {
    static const char *const sets[] = {"train", "validation", "test"};
    for (int k = 0; k < table->keys; k++) {
        DS_CHECK(ds_text_add(out, k ? "," : ""));
        /* a column of results is called so, too */
        bool epochs = strcmp(table->key[k], "epochs") == 0;
        DS_CHECK(ds_text_csv(out, epochs ? "epochs (set)" : table->key[k]));
    }
    DS_CHECK(ds_text_add(out, ",status,epochs,updates,seconds,samples_per_second"));
    for (int i = 0; i < 3; i++)
        DS_CHECK(ds_text_add(out, ",%s_loss,%s_accuracy,%s_mae,%s_rmse,%s_r2,%s_max_error", sets[i],
                             sets[i], sets[i], sets[i], sets[i], sets[i]));
    const ds_result *first = &table->run[0].result;
    for (int k = 0; k < first->baselines; k++)
        for (int i = 0; i < 3; i++)
            DS_CHECK(ds_baseline_column(sets[i], first->baseline[k].name, out));
    DS_CHECK(ds_text_add(out, "\n"));
    for (size_t i = 0; i < runs; i++) {
        const ds_sweep_run *run = &table->run[i];
        for (int k = 0; k < table->keys; k++) {
            DS_CHECK(ds_text_add(out, k ? "," : ""));
            DS_CHECK(ds_text_csv(out, run->value[k]));
        }
        DS_CHECK(ds_text_add(out, ",%s,%lld,%lld,%.6f,%.6g",
                             run->status == DS_OK            ? "done"
                             : run->status == DS_INTERRUPTED ? "interrupted"
                                                             : "diverged",
                             (long long)run->result.epochs, (long long)run->result.updates,
                             run->result.seconds, run->result.samples_per_second));
        DS_CHECK(print_numbers(&run->result.train, digits, out));
        DS_CHECK(print_numbers(&run->result.validation, digits, out));
        DS_CHECK(print_numbers(&run->result.test, digits, out));
        DS_CHECK(print_baseline_losses(first, &run->result, digits, out));
        DS_CHECK(ds_text_add(out, "\n"));
    }
    return DS_OK;
}

static ds_status write_table(const ds_sweep_table *table, size_t runs, const char *folder,
                             int digits) {
    ds_text text = {0};
    char *path = NULL;
    ds_status status = DS_OK;
    if (!folder || !runs)
        return DS_OK;
    DS_TRY(ds_path_join(&path, folder, "sweep.csv"));
    DS_TRY(print_table(table, runs, digits, &text));
    DS_TRY(ds_file_write(path, text.characters, text.length));

cleanup:
    ds_text_clear(&text);
    ds_free(path);
    return status;
}

static ds_status draw(const ds_recipe *recipe, ds_device *device, const ds_train_options *options,
                      ds_sweep_table *table) {
    ds_status status = DS_OK;
    ds_text notes = {0}, drawn = {0};
    char *folder = NULL;
    if (!options->folder)
        return DS_OK;
    DS_TRY(ds_sweep_draw_all(recipe->root, options->folder, device, &drawn, &notes));
    DS_TRY(ds_pictures_folder(&folder, options->folder));
    DS_TRY(ds_pictures_list(folder, &drawn, table->pictures, sizeof table->pictures));
    ds_notes_tell(&notes, options->note, options->context);

cleanup:
    ds_free(folder);
    ds_text_clear(&drawn);
    ds_text_clear(&notes);
    return status;
}

/* What was done before a failure is listed, too. */
static ds_status list_before_failure(const sweep *s, size_t done, const char *folder, int digits) {
    ds_saved_error error;
    ds_error_take(&error);
    (void)write_table(&s->table, done, folder, digits);
    return ds_error_give(&error);
}

ds_status ds_sweep(const ds_recipe *recipe, ds_device *device, const ds_train_options *options,
                   ds_sweep_table *table) {
    ds_status status = DS_OK;
    sweep s = {0};
    size_t done = 0;
    int digits = ds_device_is_reference(device) ? 17 : 9;
    ds_sweep_share_begin(&s.share, options);
    DS_TRY(list_runs(&s, ds_node_get(recipe->root, "sweep")));
    DS_TRY(check_runs(recipe, &s));
    for (; done < s.table.runs && status == DS_OK; done += status == DS_OK)
        status = run_one(&s, recipe, done, device);
    if (status != DS_OK && status != DS_INTERRUPTED) {
        status = list_before_failure(&s, done, options->folder, digits);
        goto cleanup;
    }
    size_t begun = status == DS_INTERRUPTED && *s.table.run[done].result.model_path;
    ds_status written = write_table(&s.table, done + begun, options->folder, digits);
    if (written == DS_OK && status == DS_OK)
        written = draw(recipe, device, options, &s.table);
    if (written != DS_OK) {
        status = written;
        goto cleanup;
    }
    *table = s.table;
    table->runs = done;
    s.table.run = NULL;

cleanup:
    ds_sweep_share_end(&s.share);
    variations_destroy(s.variation, s.table.runs);
    ds_sweep_clear(&s.table);
    return status;
}
