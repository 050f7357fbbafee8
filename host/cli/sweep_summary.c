#include "sweep_summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "choose_device.h"
#include "scores_output.h"
#include "train_summary.h"

/* Characters of a UTF-8 text, for columns that line up. */
static int width(const char *text) {
    int count = 0;
    for (; *text; text++)
        count += (*text & 0xc0) != 0x80;
    return count;
}

static void print_padded(const char *text, int columns) {
    printf("%s%*s  ", text, columns > width(text) ? columns - width(text) : 0, "");
}

static int column_width(const ds_sweep_table *table, int key) {
    int widest = width(table->key[key]);
    for (size_t i = 0; i < table->runs; i++)
        if (width(table->run[i].value[key]) > widest)
            widest = width(table->run[i].value[key]);
    return widest;
}

enum { SETS = 3, NUMBER = 11 };

static const ds_scores *scores_of_run(const ds_sweep_run *run, int set) {
    return scores_of(&run->result, (scores_place){set, MODEL});
}

static bool set_is_there(const ds_sweep_table *table, int set) {
    for (size_t i = 0; i < table->runs; i++)
        if (scores_of_run(&table->run[i], set)->rows)
            return true;
    return false;
}

static const char *const set_names[SETS] = {"train", "validation", "test"};

/* What a column of numbers is called: "test loss", "test seasonal 7". */
typedef struct heading {
    char text[64];
    int width;
} heading;

static heading head(int set, const char *what) {
    heading h;
    snprintf(h.text, sizeof h.text, "%s %s", set_names[set], what);
    h.width = width(h.text) > NUMBER ? width(h.text) : NUMBER;
    return h;
}

/* A number under its heading, or a dash where there is none. */
static void print_number(double value, int digits, int columns) {
    if (isnan(value))
        printf("%*s  ", columns, "-");
    else
        printf("%*.*g  ", columns, digits, value);
}

/* Beside the loss: what fits the target. */
static const char *metric_of(const ds_sweep_table *table, int set) {
    const ds_scores *scores = scores_of_run(&table->run[0], set);
    return !isnan(scores->accuracy) ? "accuracy" : !isnan(scores->max_error) ? "max_error" : "r2";
}

static double metric_value(const ds_scores *scores) {
    return scores->rows == 0          ? (double)NAN
           : isnan(scores->max_error) ? scores->r2
                                      : scores->max_error;
}

/* The loss of a naive forecast on a set of a run; NAN where it has none. */
static double baseline_loss(const ds_sweep_run *run, const char *name, int set) {
    for (int k = 0; k < run->result.baselines; k++) {
        const ds_baseline *b = &run->result.baseline[k];
        const ds_scores *const sets[SETS] = {&b->train, &b->validation, &b->test};
        if (strcmp(b->name, name) == 0 && sets[set]->rows)
            return sets[set]->loss;
    }
    return NAN;
}

/* Of every set the loss, whichever there is of the accuracy and the largest error, and the losses
 * of naive forecasts: what runs are compared by. */
static void print_headings(const ds_sweep_table *table) {
    const ds_result *first = &table->run[0].result;
    for (int s = 0; s < SETS; s++) {
        if (!set_is_there(table, s))
            continue;
        const char *const what[] = {"loss", metric_of(table, s)};
        for (int i = 0; i < 2; i++)
            printf("%*s  ", head(s, what[i]).width, head(s, what[i]).text);
        for (int k = 0; k < first->baselines; k++) {
            heading h = head(s, first->baseline[k].name);
            printf("%*s  ", h.width, h.text);
        }
    }
}

static void print_run(const ds_sweep_table *table, const ds_sweep_run *run) {
    const ds_result *first = &table->run[0].result;
    for (int s = 0; s < SETS; s++) {
        const ds_scores *scores = scores_of_run(run, s);
        if (!set_is_there(table, s))
            continue;
        int columns = head(s, metric_of(table, s)).width;
        print_number(scores->rows ? scores->loss : (double)NAN, 6, head(s, "loss").width);
        if (!isnan(scores->accuracy))
            printf("%*.4f  ", columns, scores->accuracy);
        else
            print_number(metric_value(scores), 6, columns);
        for (int k = 0; k < first->baselines; k++) {
            const char *name = first->baseline[k].name;
            print_number(baseline_loss(run, name, s), 6, head(s, name).width);
        }
    }
    printf("%9" PRId64 "  %9.3g  %9.3g%s\n", run->result.updates, run->result.seconds,
           run->result.samples_per_second, run->status == DS_OK ? "" : "  diverged");
}

/* Of models so small that a person reads their numbers. */
static void print_few_parameters(const ds_sweep_table *table) {
    for (size_t i = 0; i < table->runs; i++) {
        if (!*table->run[i].parameters)
            continue;
        if (i == 0)
            printf("\n");
        for (int k = 0; k < table->keys; k++)
            printf("%s%s", k ? ", " : "", table->run[i].value[k]);
        printf(": %s\n", table->run[i].parameters);
    }
}

void sweep_summary_print(const ds_sweep_table *table, const ds_device *device, const char *folder) {
    char plots[4096];
    printf("device      %s\n", ds_device_name(device));
    if (table->runs)
        printf("seed        %" PRIu64 " unless swept\n\n", table->run[0].result.seed);
    for (int k = 0; k < table->keys; k++)
        print_padded(table->key[k], column_width(table, k));
    if (table->runs)
        print_headings(table);
    printf("%9s  %9s  %9s\n", "updates", "seconds", "samples/s");
    for (size_t i = 0; i < table->runs; i++) {
        for (int k = 0; k < table->keys; k++)
            print_padded(table->run[i].value[k], column_width(table, k));
        print_run(table, &table->run[i]);
    }
    print_few_parameters(table);
    printf("\nfiles       %s/sweep.csv, and a folder for each run: %s/1 ...\n", folder, folder);
    snprintf(plots, sizeof plots, "%s/plots", folder);
    train_summary_print_pictures(plots, table->pictures);
}

static cJSON *run_json(const ds_sweep_table *table, const ds_sweep_run *run,
                       const ds_device *device) {
    train_summary summary = {.result = &run->result, .device = device};
    cJSON *json = cJSON_CreateObject();
    cJSON *set = cJSON_AddObjectToObject(json, "set");
    bool good = set != NULL;
    if (run->status != DS_OK)
        summary.error = "diverged";
    for (int k = 0; good && k < table->keys; k++)
        good = cJSON_AddStringToObject(set, table->key[k], run->value[k]);
    if (good && train_summary_fill(json, &summary))
        return json;
    cJSON_Delete(json);
    return NULL;
}

bool sweep_summary_print_json(const ds_sweep_table *table, const ds_device *device,
                              const ds_choice *choice) {
    cJSON *json = cJSON_CreateObject();
    cJSON *keys = cJSON_AddArrayToObject(json, "keys");
    cJSON *runs = cJSON_AddArrayToObject(json, "runs");
    bool good = keys && runs && choose_device_fill(json, choice);
    for (int k = 0; good && k < table->keys; k++)
        good = cJSON_AddItemToArray(keys, cJSON_CreateString(table->key[k]));
    for (size_t i = 0; good && i < table->runs; i++) {
        cJSON *run = run_json(table, &table->run[i], device);
        good = run && cJSON_AddItemToArray(runs, run);
    }
    if (good)
        return scores_print_json(json);
    cJSON_Delete(json);
    return false;
}
