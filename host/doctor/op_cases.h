/* What the doctor runs on every device: a row per operation and way of using it, and the shapes. */
#ifndef DS_OP_CASES_H
#define DS_OP_CASES_H

#include "ops/operation.h"

typedef struct ds_op_case {
    ds_family family;
    const char *name;
    double attribute[DS_MAX_ATTRIBUTES]; /* as the operation's options */
    double clip;                         /* of an optimizer */
} ds_op_case;

extern const ds_op_case ds_op_cases[]; /* ends with a name that is NULL */

/* Samples, inputs, units. Layers that keep their shape and losses leave units out. */
typedef struct ds_op_shape {
    int64_t samples, inputs, units;
} ds_op_shape;

enum { DS_OP_SHAPES = 22, DS_CHAIN_SHAPES = 4 };

extern const ds_op_shape ds_op_shapes[DS_OP_SHAPES];

/* For simulators: every remainder of a tile or strip, and sums longer than a tile is deep. */
enum { DS_SMALL_SHAPES = 3 };
extern const ds_op_shape ds_small_shapes[DS_SMALL_SHAPES];

/* For a chain of all activations with dense layers between them, which has many tensors. */
extern const ds_op_shape ds_chain_shapes[DS_CHAIN_SHAPES];

const ds_operation *ds_case_operation(const ds_op_case *test);

#endif
