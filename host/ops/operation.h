/* What an operation is: its name in a recipe, its options, its shape rule, its cost and how its
 * kernels are launched. No OpenCL here.
 *
 * To add one: its descriptor here in host/ops/, its reference in host/reference/, its kernels in
 * kernels/, one line in the list below, one row in host/doctor/op_cases.c. */
#ifndef DS_OPERATION_H
#define DS_OPERATION_H

#include "ops/plan.h"

/* The list. X(name): descriptor ds_op_NAME, references ds_reference_NAME_forward and _backward. */
#define DS_LAYERS(X)                                                                               \
    X(dense)                                                                                       \
    X(identity)                                                                                    \
    X(sigmoid)                                                                                     \
    X(hard_sigmoid)                                                                                \
    X(tanh)                                                                                        \
    X(relu)                                                                                        \
    X(leaky_relu)                                                                                  \
    X(elu)                                                                                         \
    X(gelu)                                                                                        \
    X(silu)                                                                                        \
    X(softplus)                                                                                    \
    X(softmax)                                                                                     \
    X(dropout)                                                                                     \
    X(layer_norm)

/* X(name): descriptor ds_op_NAME, reference ds_reference_NAME. They have no backward part: a loss
 * gives its gradient together with its value. */
#define DS_LOSSES(X)                                                                               \
    X(mse)                                                                                         \
    X(mae)                                                                                         \
    X(huber)                                                                                       \
    X(binary_cross_entropy)                                                                        \
    X(cross_entropy)

#define DS_OPTIMIZERS(X)                                                                           \
    X(sgd)                                                                                         \
    X(adagrad)                                                                                     \
    X(rmsprop)                                                                                     \
    X(adam)                                                                                        \
    X(adamw)

#define DS_SERVICES(X)                                                                             \
    X(gather)                                                                                      \
    X(record)                                                                                      \
    X(reduce)                                                                                      \
    X(gradient_norm)

typedef enum ds_family { DS_LAYER, DS_LOSS, DS_OPTIMIZER, DS_SERVICE } ds_family;

/* A number that a recipe may give an operation. The first option is also what stands behind the
 * name alone: `leaky_relu: 0.01`. Options fill ds_op.attribute in their order. */
typedef struct ds_option {
    const char *name;
    double value; /* default */
    double least, most;
    enum { DS_OPTION_NUMBER, DS_OPTION_WHOLE, DS_OPTION_SWITCH } type;
    bool required;
} ds_option;

/* How an operation's kernels NAME_forward and NAME_backward (a loss, optimizer or service: NAME)
 * are launched. Their arguments are, in order: for every tensor that is present, inputs then
 * outputs, its buffer and its offset (ulong, in elements); then, by space:
 *
 *     elements  uint count                one work-item an element of the first output
 *     rows      uint rows, uint columns   one work-group a sample
 *     custom    what host/launch/ has for it
 *
 * then, if backward, uint accumulate; then the scalars, as float. */
typedef enum ds_space { DS_SPACE_ELEMENTS, DS_SPACE_ROWS, DS_SPACE_CUSTOM } ds_space;

typedef struct ds_parameter_rule {
    const char *name; /* "weight", "bias" */
    ds_shape shape;
    enum { DS_INIT_WEIGHT, DS_INIT_BIAS, DS_INIT_GAIN, DS_INIT_SHIFT } init;
} ds_parameter_rule;

typedef struct ds_cost {
    double operations, bytes; /* floating-point operations; bytes read and written at least once */
} ds_cost;

enum { DS_MAX_SCALARS = 12 };

typedef struct ds_operation {
    const char *name;
    const char *program; /* the file in kernels/ that holds its kernels */
    ds_family family;
    ds_space space;
    ds_option option[DS_MAX_ATTRIBUTES];

    /* ---- layers ----
     * forward:  inputs x, parameters...;                    outputs y, saved
     * backward: inputs dy, x, y, saved, parameters...;      outputs dx, gradients of parameters...
     * where x and y are absent unless backward reads them, and dx where nothing needs it. */
    ds_status (*shape)(const double *attribute, const ds_shape *in, ds_shape *out); /* NULL: same */
    int (*parameters)(const double *attribute, const ds_shape *in, ds_parameter_rule rule[2]);
    bool backward_reads_input, backward_reads_output;
    bool backward_reads_parameters;
    bool training_only; /* the identity in evaluation */
    int saved;          /* numbers per sample that forward keeps for backward */

    /* ---- optimizers ----
     * inputs gradients, norm, status; outputs (read and written) parameters, moments... */
    int (*moments)(const double *attribute);

    /* Numbers that a kernel gets as float arguments, in double; NULL: the attributes of its
     * options. Returns how many. */
    int (*scalars)(const ds_op *op, const ds_pass *pass, double scalar[DS_MAX_SCALARS]);

    /* Floating-point operations: per element of the first tensor that is written, or by a rule. */
    double work[2]; /* forward, backward */
    double (*operations)(const ds_plan *plan, const ds_op *op, int64_t count);
} ds_operation;

#define DS_DECLARE(name) extern const ds_operation ds_op_##name;
DS_LAYERS(DS_DECLARE)
DS_LOSSES(DS_DECLARE)
DS_OPTIMIZERS(DS_DECLARE)
DS_SERVICES(DS_DECLARE)
#undef DS_DECLARE

/* All of a family, ending with NULL. */
const ds_operation *const *ds_operations(ds_family family);
const ds_operation *ds_operation_find(ds_family family, const char *name); /* or NULL */

int ds_operation_options(const ds_operation *operation);

/* The scalars of an op, by its operation's rule. */
int ds_op_scalars(const ds_op *op, const ds_pass *pass, double scalar[DS_MAX_SCALARS]);

/* Floating-point operations, and bytes of every tensor touched once. */
ds_cost ds_op_cost(const ds_plan *plan, const ds_op *op, int64_t count);

/* An op's name for a person and, where it has one kernel, its kernel's: "relu_backward". */
void ds_op_name(const ds_op *op, char name[64]);

#endif
