/* The model that a recipe goes on from, `init: {file: run/model.safetensors}`: of its own files
 * descent knows the columns, normalization, classes and layers. */
#ifndef DS_START_MODEL_H
#define DS_START_MODEL_H

#include "train/trained_model.h"

/* The model without its parameters; NULL where `init` names no file, says `encoding: new`, or names a
 * file that is not descent's own. `folder` is what the path is relative to. */
ds_status ds_start_model_read(ds_model **out, const ds_node *init, const char *folder);

/* Notes layers that are others than the model's at the same place, though parameters may fit. */
ds_status ds_start_model_compare(const ds_model *start, const ds_node *layers, ds_text *notes);

#endif
