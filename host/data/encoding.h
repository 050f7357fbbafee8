/* The inside of an encoding: what makes features and targets of a source's columns. */
#ifndef DS_ENCODING_H
#define DS_ENCODING_H

#include "data/column_view.h"
#include "data/data_options.h"
#include "data/date_column.h"
#include "data/value_map.h"

/* A column that goes in. It gives one feature; or one per category, 0 or 1; or one per power; or
 * one per lag, t-1 first. */
typedef struct ds_input {
    char *name;
    ds_words categories; /* of a text column */
    int powers;          /* 1: the column alone */
    int lags;            /* 0: the value of the same row */
    bool missing_word;   /* text: a missing cell is one more category, the last */
    ds_missing_rule missing;
    double fill;  /* what a missing number becomes; NAN: nothing */
    char unit[8]; /* "%" or a currency's sign that its numbers had; "" */
} ds_input;

typedef struct ds_output {
    char *name;
    double subtract, divide; /* of normalize_target; 0 and 1 without it */
    char unit[8];
} ds_output;

struct ds_encoding {
    ds_target_kind kind;
    bool drop_targets; /* rows without a target are left out, else an error */
    bool unseen_error; /* words that training did not have are an error, else of no category */
    bool own_missing;  /* `missing_words` are given */
    ds_words missing_words;
    ds_words series; /* the columns that tell series apart; none: there is one series */
    ds_header header;
    ds_decimal decimal;
    ds_date_rule date;
    ds_values values;
    int inputs, outputs;
    ds_input *input;
    ds_output *output;
    ds_words classes; /* none: the targets are numbers */
    int rank;         /* of a sample */
    int64_t shape[3];
    /* By feature; made by ds_encoding_finish from what stands above. */
    int64_t features;
    int64_t raw; /* columns that ds_encoding_apply_array takes */
    int steps;   /* rows of history that a row needs */
    bool plain;  /* features are c1, c2, ... as they are, so an array need not become a table */
    char **feature;
    /* (value - subtract) / divide; divide is INFINITY for a constant column, left at 0. NULL before
     * they are known. */
    double *subtract, *divide;
};

int ds_input_width(const ds_input *input); /* features it gives */

/* Counts and names the features; anew where that was done before. */
ds_status ds_encoding_finish(ds_encoding *encoding);

/* What an encoding wants of a table's columns. */
typedef struct ds_encoding_wish {
    const ds_encoding *encoding;
    bool with_targets;
} ds_encoding_wish;
ds_wish ds_encoding_table_wish(const ds_encoding_wish *wish);

#endif
