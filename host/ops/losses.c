/* Losses. Inputs: prediction (N, K) and target (N, K) or, for cross_entropy, (N, 1) class numbers.
 * Outputs: the gradient of the prediction (absent in evaluation) and a record per sample (see
 * DS_RECORD_LOSS). With d = prediction - target, L the mean over the K outputs and N the global
 * batch:
 *
 *     mse     L = d^2                              gradient 2 d / (N K)
 *     mae     L = |d|                              gradient sign(d) / (N K), 0 at 0
 *     huber   L = d^2/2 if |d| <= delta            gradient clamp(d, -delta, delta) / (N K)
 *             else delta (|d| - delta/2)
 *     binary_cross_entropy, z the prediction, t the target
 *             L = max(z, 0) - z t + log(1 + exp(-|z|))      gradient (sigmoid(z) - t) / (N K)
 *     cross_entropy, z the predictions, t the class
 *             L = m + log sum_k exp(z_k - m) - z_t          gradient (softmax(z)_k - [k = t]) / N
 *
 * Right is a class when its z is the largest (the first of equals), or z > 0 where t > 1/2.
 * Definitions: PyTorch's MSELoss, L1Loss, HuberLoss, BCEWithLogitsLoss and CrossEntropyLoss with
 * reduction "mean".
 *
 * All of it is in the units that are trained. What a person sees is in the target's own, and has
 * the loss's `shift` added: host/train/units.h.
 *
 * Scalars: 1 / (global batch), then delta. */
#include "ops/operation.h"

static int loss_scalars(const ds_op *op, const ds_pass *pass, double scalar[DS_MAX_SCALARS]) {
    scalar[0] = 1.0 / (double)pass->global_count;
    scalar[1] = op->attribute[0];
    return op->operation == &ds_op_huber ? 2 : 1;
}

#define SHIFT                                                                                      \
    { "shift", 0, -1e30, 1e30 }

#define LOSS(id, operations_per_output, ...)                                                       \
    const ds_operation ds_op_##id = {.name = #id,                                                  \
                                     .program = "losses.cl",                                       \
                                     .family = DS_LOSS,                                            \
                                     .space = DS_SPACE_ROWS,                                       \
                                     .scalars = loss_scalars,                                      \
                                     .work = {operations_per_output, 0},                           \
                                     __VA_ARGS__}

LOSS(mse, 6, .option = {SHIFT});
LOSS(mae, 5, .option = {SHIFT});
LOSS(huber, 8, .option = {{"delta", 1.0, 1e-30, 1e30}, SHIFT});
LOSS(binary_cross_entropy, 12, .option = {SHIFT});
LOSS(cross_entropy, 8, .option = {SHIFT});
