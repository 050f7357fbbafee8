/* Numbers and scores as results show them: in text and in JSON. */
#ifndef DS_CLI_SCORES_OUTPUT_H
#define DS_CLI_SCORES_OUTPUT_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "descent.h"

/* Significant digits that lose nothing: 9 for float32, 17 for the reference's double. */
int scores_digits(const ds_device *device);

/* Adds a number with that many digits; one that is not finite, for which JSON has no word, is left
 * out. False: no memory. */
bool scores_add_number(cJSON *object, const char *name, double value, int digits);
bool scores_add_integer(cJSON *object, const char *name, int64_t value);

/* Which scores of a result are meant, its own and its targets'. */
typedef struct scores_place {
    int set;      /* 0 train, 1 validation, 2 test */
    int baseline; /* of the naive forecasts; MODEL: none of them */
} scores_place;
enum { MODEL = -1 };

const ds_scores *scores_of(const ds_result *result, scores_place place);

/* Adds the loss and the metrics that fit, and an object of each target's own. */
bool scores_add(cJSON *object, const ds_result *result, scores_place place, int digits);

/* "loss 0.0123  accuracy 0.98  (360 rows)", and a line for each target. */
void scores_print(FILE *to, const ds_result *result, scores_place place, int digits);

/* Prints an object on standard output, a newline at its end, and deletes it. False: no memory. */
bool scores_print_json(cJSON *json);

#endif
