/* Ops that no recipe names.
 *
 * gather         inputs: the data set's features and targets, the indices; outputs: the batch's
 *                features and targets. Row i of the batch is row indices[first + i] of the set.
 * record         input: the loss's record per sample (N, DS_RECORD_SIZE); output: their sum (of the
 *                largest errors: the largest), in the
 *                history's record `slot` of this pass.
 * reduce         input and output: the gradients. The sum over devices; empty on one.
 * gradient_norm  inputs: the gradients, the batch's record; outputs: their Euclidean norm (1), the
 *                status words; scratch: partial sums. Sets DS_STATUS_NOT_FINITE where a gradient or
 *                the loss is not finite as float32, DS_STATUS_SMALL_ENOUGH where norm <= its scalar
 *                `least` (-1: never). Beyond float32's range the double-precision reference stops,
 *                too, as every device does. Kernels gradient_norm_partial and gradient_norm_total.
 */
#include "ops/operation.h"

#define SERVICE(id, file, operations_per_element)                                                  \
    const ds_operation ds_op_##id = {.name = #id,                                                  \
                                     .program = file,                                              \
                                     .family = DS_SERVICE,                                         \
                                     .space = DS_SPACE_CUSTOM,                                     \
                                     .work = {operations_per_element, 0}}

SERVICE(gather, "gather.cl", 0);
SERVICE(record, "record.cl", 1);
SERVICE(reduce, NULL, 0);

static double norm_operations(const ds_plan *plan, const ds_op *op, int64_t count) {
    return 2.0 * (double)ds_tensor_count(&plan->tensor[op->input[0]], count);
}

const ds_operation ds_op_gradient_norm = {
    .name = "gradient_norm",
    .program = "gradient_norm.cl",
    .family = DS_SERVICE,
    .space = DS_SPACE_CUSTOM,
    .operations = norm_operations,
};
