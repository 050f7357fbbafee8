/* Layers that look at a whole sample.
 *
 * softmax:     y_j = exp(x_j - m) / sum_k exp(x_k - m), m = max_k x_k
 *              dx_j = y_j (dy_j - sum_k dy_k y_k)
 * layer_norm:  y_j = w_j xhat_j + b_j, xhat_j = (x_j - mean) * r, r = 1 / sqrt(variance + epsilon),
 *              the variance divided by K (Ba, Kiros, Hinton, "Layer Normalization", 2016; PyTorch's
 *              LayerNorm over all of a sample). Saved per sample: mean, r.
 *              with g_j = dy_j w_j: dx_j = r (g_j - mean_k g_k - xhat_j mean_k g_k xhat_k),
 *              dw_j = sum_n dy_j xhat_j, db_j = sum_n dy_j
 * dropout:     y = x * keep / (1 - p), keep 0 with probability p; the identity in evaluation. The
 *              bits are Philox's for (seed, layer, update, sample's position in the global batch,
 *              unit), so that every device and a resumed run drop the same units. With p = 1 all
 *              is 0.
 */
#include "ops/operation.h"

const ds_operation ds_op_softmax = {
    .name = "softmax",
    .program = "softmax.cl",
    .family = DS_LAYER,
    .space = DS_SPACE_ROWS,
    .backward_reads_output = true,
    .work = {4, 4},
};

static int layer_norm_parameters(const double *attribute, const ds_shape *in,
                                 ds_parameter_rule rule[2]) {
    (void)attribute;
    rule[0] = (ds_parameter_rule){"weight", *in, DS_INIT_GAIN};
    rule[1] = (ds_parameter_rule){"bias", *in, DS_INIT_SHIFT};
    return 2;
}

const ds_operation ds_op_layer_norm = {
    .name = "layer_norm",
    .program = "layer_norm.cl",
    .family = DS_LAYER,
    .space = DS_SPACE_ROWS,
    .option = {{"epsilon", 1e-5, 0, 1e30}},
    .parameters = layer_norm_parameters,
    .backward_reads_input = true,
    .backward_reads_parameters = true,
    .saved = 2,
    .work = {8, 14},
};

const ds_operation ds_op_dropout = {
    .name = "dropout",
    .program = "dropout.cl",
    .family = DS_LAYER,
    .space = DS_SPACE_CUSTOM,
    .option = {{"probability", 0.5, 0, 1}},
    .training_only = true,
    .work = {1, 1},
};
