/* The parameters of a list of layers in the canonical order (layers, weight before bias), and what
 * they start with. */
#ifndef DS_PARAMETERS_H
#define DS_PARAMETERS_H

#include "model/layers.h"

typedef struct ds_parameter_entry {
    char name[64]; /* "0.weight" */
    ds_parameter_rule rule;
    int64_t inputs, outputs; /* of its layer */
    int64_t offset;          /* in the flat buffer */
} ds_parameter_entry;

/* The entries, given back by ds_free, and the number of values in all. */
ds_status ds_parameters_list(ds_parameter_entry **out, int *count, int64_t *values,
                             const ds_layer *layer, int layers);

/* DS_BAD_INPUT: there is none of this name; names the nearest, or those that there are. */
ds_status ds_parameter_unknown(const ds_parameter_entry *entry, int entries, const ds_node *node,
                               const char *name);

/* Start values by a recipe's `init` (NULL: default), rounded to float32 unless they are given:
 *
 *   default  dense: uniform within +-1/sqrt(inputs), weight and bias (PyTorch's Linear)
 *   xavier   weight uniform within +-sqrt(6 / (inputs + outputs)), bias 0 (Glorot, Bengio 2010)
 *   he       weight normal with deviation sqrt(2 / inputs), bias 0 (He et al. 2015)
 *   normal   N(0, 1), weight and bias;  ones: weight 1, bias 0;  zeros: both 0
 *   {file: F}  from a safetensors file by the names above, relative to `folder`
 *   {file: F, names: {0: fc1, 2.weight: out.weight}}
 *            the same where the file has other names: a key is a name of the model, or the
 * beginning of names up to a dot ("" that of all), and the value stands in its place in the file,
 *            so {"": "net."} puts net. before every name; of several keys the longest counts
 *   {values: {0.weight: [[0, 1], [0, 1]], 0.bias: 0}, else: zeros}
 *            these; one number fills a tensor; tensors not named start by `else`, or by default
 *
 * A layer_norm starts with weight 1 and bias 0 unless its values are given. Notes, where not NULL,
 * receive which tensors of a file are not used. */
ds_status ds_parameters_start(double *values, const ds_parameter_entry *entry, int entries,
                              const ds_node *init, const char *folder, uint64_t seed,
                              ds_text *notes);

/* Its part that reads a file. */
ds_status ds_parameters_from_file(double *values, const ds_parameter_entry *entry, int entries,
                                  const ds_node *init, const char *folder, ds_text *notes);

#endif
