/* Pointwise activations: y = f(x) for every element; dx = dy f'(x), f' computed from x or from y,
 * whichever the descriptor says is read. Definitions are PyTorch's torch.nn modules of the same
 * names; hard_sigmoid is clamp(x/6 + 1/2, 0, 1), gelu the exact form with erf. */
#include <float.h>

#include "ops/operation.h"

#define FROM_INPUT .backward_reads_input = true
#define FROM_OUTPUT .backward_reads_output = true

#define ACTIVATION(id, forward_work, backward_work, derivative, ...)                               \
    const ds_operation ds_op_##id = {.name = #id,                                                  \
                                     .program = "activations.cl",                                  \
                                     .family = DS_LAYER,                                           \
                                     .space = DS_SPACE_ELEMENTS,                                   \
                                     .work = {forward_work, backward_work},                        \
                                     derivative,                                                   \
                                     __VA_ARGS__}

ACTIVATION(identity, 0, 0, FROM_OUTPUT, .saved = 0);
ACTIVATION(sigmoid, 4, 3, FROM_OUTPUT, .saved = 0);
ACTIVATION(hard_sigmoid, 4, 4, FROM_INPUT, .saved = 0);
ACTIVATION(tanh, 4, 3, FROM_OUTPUT, .saved = 0);
ACTIVATION(relu, 1, 1, FROM_OUTPUT, .saved = 0);
ACTIVATION(leaky_relu, 2, 2, FROM_INPUT, .option = {{"slope", 0.01, -FLT_MAX, FLT_MAX}});
ACTIVATION(elu, 4, 4, FROM_INPUT, .option = {{"alpha", 1.0, -FLT_MAX, FLT_MAX}});
ACTIVATION(gelu, 6, 9, FROM_INPUT, .saved = 0);
ACTIVATION(silu, 5, 8, FROM_INPUT, .saved = 0);
ACTIVATION(softplus, 5, 4, FROM_INPUT, .saved = 0);
