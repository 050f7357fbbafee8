#include "scores_output.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

int scores_digits(const ds_device *device) {
    return strcmp(ds_device_name(device), "reference") == 0 ? 17 : 9;
}

bool scores_add_number(cJSON *object, const char *name, double value, int digits) {
    char text[40];
    if (!isfinite(value))
        return true;
    snprintf(text, sizeof text, "%.*g", digits, value);
    return cJSON_AddRawToObject(object, name, text) != NULL;
}

bool scores_add_integer(cJSON *object, const char *name, int64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    return cJSON_AddRawToObject(object, name, text) != NULL;
}

/* ---- which ---- */

static const ds_scores *pick(int set, const ds_scores *train, const ds_scores *validation,
                             const ds_scores *test) {
    return set == 0 ? train : set == 1 ? validation : test;
}

static const ds_scores *of_baseline(const ds_baseline *b, int set) {
    return pick(set, &b->train, &b->validation, &b->test);
}

const ds_scores *scores_of(const ds_result *r, scores_place place) {
    return place.baseline == MODEL ? pick(place.set, &r->train, &r->validation, &r->test)
                                   : of_baseline(&r->baseline[place.baseline], place.set);
}

static const ds_scores *of_target(const ds_target_scores *t, scores_place place) {
    return place.baseline == MODEL ? pick(place.set, &t->train, &t->validation, &t->test)
                                   : of_baseline(&t->baseline[place.baseline], place.set);
}

/* ---- JSON ---- */

static bool add_metrics(cJSON *object, const ds_scores *scores, int digits) {
    return scores_add_number(object, "loss", scores->loss, digits) &&
           scores_add_number(object, "accuracy", scores->accuracy, digits) &&
           scores_add_number(object, "mae", scores->mae, digits) &&
           scores_add_number(object, "rmse", scores->rmse, digits) &&
           scores_add_number(object, "r2", scores->r2, digits) &&
           scores_add_number(object, "max_error", scores->max_error, digits);
}

static bool add_targets(cJSON *object, const ds_result *result, scores_place place, int digits) {
    if (result->targets == 0)
        return true;
    cJSON *targets = cJSON_AddObjectToObject(object, "targets");
    for (int64_t k = 0; targets && k < result->targets; k++) {
        const ds_target_scores *target = &result->target[k];
        cJSON *entry = cJSON_AddObjectToObject(targets, target->name);
        if (!entry || !add_metrics(entry, of_target(target, place), digits))
            return false;
    }
    return targets != NULL;
}

bool scores_add(cJSON *object, const ds_result *result, scores_place place, int digits) {
    const ds_scores *scores = scores_of(result, place);
    return scores_add_integer(object, "rows", scores->rows) &&
           add_metrics(object, scores, digits) && add_targets(object, result, place, digits);
}

/* ---- text ---- */

/* More targets than these nobody reads. */
enum { MOST_TARGETS = 16 };

static void print_metric(FILE *to, const char *name, double value, int digits) {
    if (!isnan(value))
        fprintf(to, "  %s %.*g", name, digits, value);
}

static void print_targets(FILE *to, const ds_result *result, scores_place place, int digits) {
    for (int64_t k = 0; k < result->targets && k < MOST_TARGETS; k++) {
        const ds_target_scores *target = &result->target[k];
        const ds_scores *scores = of_target(target, place);
        fprintf(to, "  target    %s", target->name);
        print_metric(to, "mae", scores->mae, digits);
        print_metric(to, "rmse", scores->rmse, digits);
        print_metric(to, "r2", scores->r2, digits);
        print_metric(to, "max_error", scores->max_error, digits);
        fputc('\n', to);
    }
    if (result->targets > MOST_TARGETS)
        fprintf(to, "  ... and %" PRId64 " targets more, which --json shows\n",
                result->targets - MOST_TARGETS);
}

void scores_print(FILE *to, const ds_result *result, scores_place place, int digits) {
    const ds_scores *scores = scores_of(result, place);
    fprintf(to, "loss %.*g", digits, scores->loss);
    print_metric(to, "accuracy", scores->accuracy, digits);
    print_metric(to, "mae", scores->mae, digits);
    print_metric(to, "rmse", scores->rmse, digits);
    print_metric(to, "r2", scores->r2, digits);
    if (result->targets && !isnan(scores->r2))
        fprintf(to, " (mean of %" PRId64 " targets)", result->targets);
    print_metric(to, "max_error", scores->max_error, digits);
    fprintf(to, "  (%" PRId64 " row%s)\n", scores->rows, scores->rows == 1 ? "" : "s");
    print_targets(to, result, place, digits);
}

bool scores_print_json(cJSON *json) {
    char *text = cJSON_Print(json);
    cJSON_Delete(json);
    if (!text)
        return false;
    puts(text);
    cJSON_free(text);
    return true;
}
