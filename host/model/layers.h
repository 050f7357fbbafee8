/* The `model:` list of a recipe. */
#ifndef DS_LAYERS_H
#define DS_LAYERS_H

#include "base/yaml.h"
#include "model/plan_build.h"

/* Parses a list of layers; given back by ds_free. */
ds_status ds_layers_parse(ds_layer **out, int *count, const ds_node *list);

/* Parses `name`, `name: number` or `name: {option: value, ...}` of one family: a layer, a loss or
 * an optimizer. `node` is the word, or the map with that one key. */
ds_status ds_operation_parse(const ds_node *node, ds_family family, const char *what,
                             const ds_operation **operation, double attribute[DS_MAX_ATTRIBUTES]);

/* "dense: {units: 16, bias: true}", as in a recipe. */
ds_status ds_operation_print(const ds_operation *operation, const double *attribute, ds_text *out);

#endif
