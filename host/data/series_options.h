/* The keys under `data:` that concern rows in an order: split, date, baselines. */
#ifndef DS_SERIES_OPTIONS_H
#define DS_SERIES_OPTIONS_H

#include "data/data_options.h"

enum { DS_MOST_LAGS = 100000 };

/* One of a list of words, which ends with NULL: its index. */
ds_status ds_option_choice(int *out, const ds_node *node, const char *what,
                           const char *const *choices);

/* `date: day` or `date: {column: day, format: "%d/%m/%Y", gaps: drop, duplicates: mean}`; the
 * column `auto` is found by ds_guess_columns. */
ds_status ds_date_options_read(ds_data_options *out, const ds_node *node);

/* `baselines: [last, {seasonal: 7}]`, or one of them. */
ds_status ds_baseline_options_read(ds_data_options *out, const ds_node *node);

/* Shares or dates; after lags, date and baselines, which it must go with. */
ds_status ds_split_options_read(ds_data_options *out, const ds_node *node);

#endif
