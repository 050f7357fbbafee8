/* Exhaustive search: the training loss at every point of a grid over some parameters.
 *
 *     search: {0.weight: {from: 0, to: 4, step: 0.1}}      41 points
 *     search: {0.weight: [0, 1, 2], 0.bias: [-1, 1]}       6 points
 *
 * A parameter is named as in the model file, with an index where its tensor holds more than one
 * number: "0.weight.0.1" (or, in quotes, "0.weight[0][1]"). Point k of a range is from + k * step,
 * never a running sum. */
#ifndef DS_SEARCH_H
#define DS_SEARCH_H

#include "train/trainer.h"

/* Place in the flat parameters of "0.weight.0.1"; `node` is where it was asked for. */
ds_status ds_model_locate(const ds_model *model, const char *name, const ds_node *node,
                          int64_t *offset);

/* Whether `search` names parameters and values that can be tried. */
ds_status ds_search_check(const ds_model *model, const ds_node *node);

/* Tries every point, leaves the parameters at the first of the least losses on the device, and
 * writes the table (parameters, loss) to `path`, unless that is NULL. */
ds_status ds_search(ds_trainer *trainer, const ds_node *node, const char *path);

#endif
