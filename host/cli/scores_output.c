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

bool scores_add(cJSON *object, const ds_scores *scores, int digits) {
    return scores_add_integer(object, "rows", scores->rows) &&
           scores_add_number(object, "loss", scores->loss, digits) &&
           scores_add_number(object, "accuracy", scores->accuracy, digits) &&
           scores_add_number(object, "mae", scores->mae, digits) &&
           scores_add_number(object, "rmse", scores->rmse, digits) &&
           scores_add_number(object, "r2", scores->r2, digits) &&
           scores_add_number(object, "max_error", scores->max_error, digits);
}

static void print_metric(FILE *to, const char *name, double value, int digits) {
    if (!isnan(value))
        fprintf(to, "  %s %.*g", name, digits, value);
}

void scores_print(FILE *to, const ds_scores *scores, int digits) {
    fprintf(to, "loss %.*g", digits, scores->loss);
    print_metric(to, "accuracy", scores->accuracy, digits);
    print_metric(to, "mae", scores->mae, digits);
    print_metric(to, "rmse", scores->rmse, digits);
    print_metric(to, "r2", scores->r2, digits);
    print_metric(to, "max_error", scores->max_error, digits);
    fprintf(to, "  (%" PRId64 " row%s)\n", scores->rows, scores->rows == 1 ? "" : "s");
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
