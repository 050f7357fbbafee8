/* Losses. Inputs: prediction (N, K), target (N, K) or, for cross_entropy, (N, 1) class numbers, and
 * the target's units (K). Outputs: the gradient of the prediction (absent in evaluation) and a
 * record per sample (see DS_RECORD_LOSS). With e = s (prediction - target), s being the target's
 * units (1 unless the target is normalized), L the mean over the K outputs and N the global batch:
 *
 *     mse     L = e^2                              gradient 2 e / s / (N K)
 *     mae     L = |e|                              gradient sign(e) / (N K), 0 at 0
 *     huber   L = e^2/2 if |e| <= delta            gradient clamp(e, -delta, delta) / s / (N K)
 *             else delta (|e| - delta/2)
 *     binary_cross_entropy, z the prediction, t the target
 *             L = max(z, 0) - z t + log(1 + exp(-|z|))      gradient (sigmoid(z) - t) / (N K)
 *     cross_entropy, z the predictions, t the class
 *             L = m + log sum_k exp(z_k - m) - z_t          gradient (softmax(z)_k - [k = t]) / N
 *
 * The record is in the target's units; the gradient is that of the normalized target, on which the
 * network is trained. Right is a class when its z is the largest (the first of equals), or z > 0
 * where t > 1/2. Definitions: PyTorch's MSELoss, L1Loss, HuberLoss, BCEWithLogitsLoss and
 * CrossEntropyLoss with reduction "mean".
 *
 * Every loss takes a `shift`, a constant added to its value: abs(e) - 100 is {mae: {shift: -100}}.
 * Gradients, and so the weights, are those without it.
 *
 * Scalars: 1 / (global batch), then the options. */
#include "ops/operation.h"

static int loss_scalars(const ds_op *op, const ds_pass *pass, double scalar[DS_MAX_SCALARS]) {
    scalar[0] = 1.0 / (double)pass->global_count;
    int options = ds_operation_options(op->operation);
    for (int i = 0; i < options; i++)
        scalar[1 + i] = op->attribute[i];
    return 1 + options;
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
