#include "train_summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "choose_device.h"
#include "scores_output.h"

/* Models of at most so many values show them: in the JSON, and to a person. */
enum { MOST_VALUES_IN_JSON = 100, MOST_VALUES_SHOWN = 16 };

static const char *const set_names[] = {"train", "validation", "test"};

/* A set, and below it the naive forecasts on the same rows. */
static void print_set(const ds_result *result, int set, int digits) {
    if (scores_of(result, (scores_place){set, MODEL})->rows == 0)
        return;
    for (int k = MODEL; k < result->baselines; k++) {
        if (k == MODEL)
            printf("%-11s ", set_names[set]);
        else
            printf("  %-11s ", result->baseline[k].name);
        scores_print(stdout, result, (scores_place){set, k}, digits);
    }
}

static int64_t count_values(const ds_model *model) {
    int64_t count = 0;
    for (size_t i = 0; i < ds_model_parameters(model); i++)
        count += ds_model_parameter(model, i).count;
    return count;
}

static void print_parameters(const ds_model *model, int digits) {
    if (!model || count_values(model) > MOST_VALUES_SHOWN)
        return;
    for (size_t i = 0; i < ds_model_parameters(model); i++) {
        ds_parameter parameter = ds_model_parameter(model, i);
        printf("%-11s %s =", i ? "" : "parameters", parameter.name);
        for (int64_t k = 0; k < parameter.count; k++)
            printf(" %.*g", digits, parameter.values[k]);
        printf("\n");
    }
}

void train_summary_print(const train_summary *summary) {
    const ds_result *result = summary->result;
    int digits = scores_digits(summary->device);
    if (summary->recipe)
        printf("%s\n", summary->recipe);
    printf("device      %s, seed %" PRIu64 "\n", result->device, result->seed);
    if (result->searched)
        printf("searched    %" PRId64 " points; kept is that of the least loss\n",
               result->searched);
    else
        printf("trained     %" PRId64 " epoch%s, %" PRId64 " update%s in %.3g s (%.3g samples/s)\n",
               result->epochs, result->epochs == 1 ? "" : "s", result->updates,
               result->updates == 1 ? "" : "s", result->seconds, result->samples_per_second);
    if (*result->stop_reason)
        printf("stopped     %s\n", result->stop_reason);
    if (result->best_epoch)
        printf("kept        epoch %" PRId64 ", that of the least validation loss\n",
               result->best_epoch);
    if (result->checked)
        printf("checked     %" PRId64 " update%s, worst error %.2g of its bound\n", result->checked,
               result->checked == 1 ? "" : "s", result->checked_worst);
    for (int set = 0; set < 3; set++)
        print_set(result, set, digits);
    print_parameters(summary->model, digits);
    if (!*result->model_path)
        return;
    printf("files       %s\n            %s/history.csv\n            %s/checkpoint.safetensors\n",
           result->model_path, summary->folder, summary->folder);
    if (result->searched)
        printf("            %s/search.csv\n", summary->folder);
    train_summary_print_pictures(result->plots_path, result->pictures);
}

void train_summary_print_pictures(const char *folder, const char *names) {
    for (int length; *names; names += length + 1) {
        length = (int)strcspn(names, "\n");
        printf("            %s/%.*s\n", folder, length, names);
    }
}

/* The values of a tensor from dimension `axis` on, nested as its shape is. */
static cJSON *nest(const ds_parameter *parameter, int axis, const double **value, int digits) {
    char text[40];
    if (axis == parameter->rank) {
        double number = *(*value)++;
        snprintf(text, sizeof text, "%.*g", digits, number);
        return isfinite(number) ? cJSON_CreateRaw(text) : cJSON_CreateNull();
    }
    cJSON *list = cJSON_CreateArray();
    for (int64_t i = 0; list && i < parameter->shape[axis]; i++) {
        cJSON *entry = nest(parameter, axis + 1, value, digits);
        if (!entry || !cJSON_AddItemToArray(list, entry)) {
            cJSON_Delete(entry);
            cJSON_Delete(list);
            return NULL;
        }
    }
    return list;
}

static bool add_parameters(cJSON *json, const ds_model *model, int digits) {
    if (!model || count_values(model) > MOST_VALUES_IN_JSON)
        return true;
    cJSON *object = cJSON_AddObjectToObject(json, "parameters");
    for (size_t i = 0; object && i < ds_model_parameters(model); i++) {
        ds_parameter parameter = ds_model_parameter(model, i);
        const double *value = parameter.values;
        cJSON *values = nest(&parameter, 0, &value, digits);
        if (!values || !cJSON_AddItemToObject(object, parameter.name, values)) {
            cJSON_Delete(values);
            return false;
        }
    }
    return object != NULL;
}

static bool add_set(cJSON *json, const ds_result *result, scores_place place, int digits) {
    if (scores_of(result, place)->rows == 0)
        return true;
    cJSON *object = cJSON_AddObjectToObject(json, set_names[place.set]);
    return object && scores_add(object, result, place, digits);
}

static bool add_sets(cJSON *json, const ds_result *result, int baseline, int digits) {
    for (int set = 0; set < 3; set++)
        if (!add_set(json, result, (scores_place){set, baseline}, digits))
            return false;
    return true;
}

static bool add_baselines(cJSON *json, const ds_result *result, int digits) {
    if (result->baselines == 0)
        return true;
    cJSON *object = cJSON_AddObjectToObject(json, "baselines");
    for (int k = 0; object && k < result->baselines; k++) {
        cJSON *entry = cJSON_AddObjectToObject(object, result->baseline[k].name);
        if (!entry || !add_sets(entry, result, k, digits))
            return false;
    }
    return object != NULL;
}

static bool add_text(cJSON *json, const char *name, const char *text) {
    return !text || !*text || cJSON_AddStringToObject(json, name, text);
}

bool train_summary_fill(cJSON *json, const train_summary *summary) {
    const ds_result *result = summary->result;
    int digits = scores_digits(summary->device);
    return add_text(json, "error", summary->error) && add_text(json, "device", result->device) &&
           (!summary->choice || choose_device_fill(json, summary->choice)) &&
           scores_add_integer(json, "seed", (int64_t)result->seed) &&
           scores_add_integer(json, "epochs", result->epochs) &&
           (!result->best_epoch || scores_add_integer(json, "best_epoch", result->best_epoch)) &&
           scores_add_integer(json, "updates", result->updates) &&
           scores_add_number(json, "seconds", result->seconds, 9) &&
           scores_add_number(json, "samples_per_second", result->samples_per_second, 9) &&
           (!result->searched || scores_add_integer(json, "searched", result->searched)) &&
           (!result->checked || scores_add_integer(json, "checked", result->checked)) &&
           add_text(json, "stopped_by", result->stopped_by) &&
           add_sets(json, result, MODEL, digits) && add_baselines(json, result, digits) &&
           add_parameters(json, summary->model, digits) &&
           add_text(json, "weights_hash", result->weights_hash) &&
           add_text(json, "plan_hash", result->plan_hash) &&
           add_text(json, "plan_hash_before", result->plan_hash_before) &&
           cJSON_AddBoolToObject(json, "verified", result->verified) &&
           add_text(json, "kept_out_of_use", ds_device_kept_out(summary->device)) &&
           add_text(json, "model", result->model_path) &&
           add_text(json, "plots", result->plots_path) && add_text(json, "recipe", summary->recipe);
}

bool train_summary_print_json(const train_summary *summary) {
    cJSON *json = cJSON_CreateObject();
    if (json && train_summary_fill(json, summary))
        return scores_print_json(json);
    cJSON_Delete(json);
    return false;
}
