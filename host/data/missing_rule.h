/* What a cell that is missing becomes: `missing` under a recipe's data. */
#ifndef DS_MISSING_RULE_H
#define DS_MISSING_RULE_H

#include "base/yaml.h"

typedef enum ds_missing {
    DS_MISSING_ERROR,  /* training stops; a prediction's row stays empty */
    DS_MISSING_DROP,   /* its row is left out */
    DS_MISSING_MEAN,   /* of the training rows */
    DS_MISSING_MEDIAN, /* likewise */
    DS_MISSING_WORD,   /* a category of its own */
    DS_MISSING_NUMBER  /* that number */
} ds_missing;

typedef struct ds_missing_rule {
    ds_missing what;
    double number;
    bool indicator; /* a feature more: 1 where the cell is missing, else 0 */
} ds_missing_rule;

typedef struct ds_missing_options {
    ds_missing_rule all;
    const ds_node *node; /* map from columns to rules; NULL: `all` is for every column */
} ds_missing_options;

/* `missing: mean`, `missing: 0`, `missing: {age: median, town: word, income: {fill: mean,
 * indicator: true}}`. NULL: an error for every column. */
ds_status ds_missing_options_read(ds_missing_options *out, const ds_node *node);

/* The rule of a column. One rule for all means, for a text under mean, median or a number: a
 * category of its own; under `word`, for a number: an error. A rule of the column itself that does
 * not fit it is an error at its place. */
ds_status ds_missing_rule_find(ds_missing_rule *out, const ds_missing_options *options,
                               const char *column, bool text);

/* The words of the rules, which end with NULL, by ds_missing. */
extern const char *const ds_missing_words[];

#endif
