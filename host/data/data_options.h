/* What stands under `data:` in a recipe, checked, with its nodes kept for the places in messages.
 */
#ifndef DS_DATA_OPTIONS_H
#define DS_DATA_OPTIONS_H

#include "data/missing_rule.h"
#include "data/source.h"
#include "data/value_map.h"

typedef enum ds_normalize {
    DS_NORMALIZE_NONE,
    DS_NORMALIZE_STANDARD,
    DS_NORMALIZE_MINMAX,
    DS_NORMALIZE_GIVEN /* by `constants` */
} ds_normalize;

enum { DS_HIGHEST_POWER = 32 };

/* Column names: a word or a list of words. */
typedef struct ds_names {
    const ds_node **node; /* each a scalar */
    int count;
} ds_names;

/* How rows are dated. */
typedef struct ds_date_options {
    const ds_node *node; /* of the column's name; NULL: the rows have no dates */
    const char *column, *format;
    bool guess; /* `auto`: the column is to be found */
    bool drop_gaps, join;
} ds_date_options;

typedef struct ds_data_options {
    ds_files train, test;
    const ds_node *section;                /* all of it */
    const ds_node *train_node, *test_node; /* NULL: no such key */
    ds_names target, features, exclude, lagged, categories;
    bool guess_target;     /* to be found; `lagged` may be empty until then, too */
    ds_node *found_target; /* nodes of targets that were found, or named with others in one word */
    int lags;
    const ds_node *values_node; /* map from column to texts with numbers; NULL: none */
    ds_values values;
    const ds_node *expand;    /* map from column to power; NULL: none */
    const ds_node *constants; /* map from column to {subtract, divide}; NULL: none */
    const ds_node *split;     /* NULL: none */
    double validation_share, test_share;
    const ds_node *validation_at, *test_at; /* dates where the two begin; NULL: none */
    bool by_order;
    bool history_before; /* the history of a set's first rows may be the rows before the set */
    int history;         /* rows at the start of a set that are history only, whatever lags need */
    ds_date_options date;
    ds_naive naive[DS_MOST_BASELINES];
    int naives;
    ds_normalize normalize;
    const ds_node *normalize_target; /* NULL: none */
    bool normalize_numbers;          /* a target of numbers is normalized, whatever it is */
    const ds_node *classes;          /* a number or a list; NULL: those that the rows hold */
    ds_missing_options missing;
    const ds_node *missing_words; /* a word or a list; NULL: the usual ones */
    ds_words missing_word;        /* as a set */
    bool unseen_error;            /* words that training did not have are an error */
    ds_names series; /* the columns that name the series of a row; none: there is one */
    ds_header header;
    ds_decimal decimal;
    ds_target_kind kind;
} ds_data_options;

/* `options` must outlive what is given. */
ds_status ds_data_options_read(ds_data_options *out, const ds_node *options, const char *folder,
                               ds_target_kind kind);
void ds_data_options_clear(ds_data_options *options);

const ds_node *ds_names_find(const ds_names *names, const char *name); /* NULL: not there */

/* Adds the node of a column's name, which must outlive the names. */
ds_status ds_names_add(ds_names *names, const ds_node *node);

/* What these options want of a table's columns. */
ds_wish ds_data_options_wish(const ds_data_options *options);

/* Whether features must be looked at column by column, so that an array becomes a table. */
bool ds_data_options_need_table(const ds_data_options *options);

#endif
