/* Numbers for texts, column by column: `values: {gender: {M: 0, F: 1}}`. */
#ifndef DS_VALUE_MAP_H
#define DS_VALUE_MAP_H

#include "base/yaml.h"
#include "data/table.h"

typedef struct ds_value_map {
    char *column;
    ds_words texts;
    double *number; /* of each text */
} ds_value_map;

typedef struct ds_values {
    ds_value_map *map;
    int count;
} ds_values;

/* From a recipe; NULL: none. `missing`: the words that mean a missing cell; NULL: the usual ones. */
ds_status ds_values_read(ds_values *out, const ds_node *node, const ds_words *missing);
ds_status ds_values_copy(ds_values *out, const ds_values *from);
void ds_values_clear(ds_values *values);

const ds_value_map *ds_values_find(const ds_values *values, const char *column); /* NULL: none */

/* Makes numbers of the texts of a table's columns; fails at a text that has none. */
ds_status ds_values_apply(const ds_values *values, ds_table *table);

/* The text whose number is nearest. */
const char *ds_value_map_nearest(const ds_value_map *map, double number);

/* "M = 0, F = 1" */
ds_status ds_value_map_print(const ds_value_map *map, ds_text *out);

#endif
