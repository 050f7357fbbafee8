/* Dense layer: y = x W^T + b, x (N, inputs), W (outputs, inputs), b (outputs), y (N, outputs); the
 * definition of torch.nn.Linear. A sample of higher rank is taken as one flat row.
 *
 *     dx = dy W,  dW = dy^T x,  db = sum over samples of dy
 */
#include "ops/operation.h"

enum { UNITS, BIAS };

static ds_status shape(const double *attribute, const ds_shape *in, ds_shape *out) {
    (void)in;
    *out = ds_shape_flat((int64_t)attribute[UNITS]);
    return DS_OK;
}

static int parameters(const double *attribute, const ds_shape *in, ds_parameter_rule rule[2]) {
    int64_t units = (int64_t)attribute[UNITS];
    rule[0] = (ds_parameter_rule){"weight", {2, {units, ds_shape_count(in)}}, DS_INIT_WEIGHT};
    rule[1] = (ds_parameter_rule){"bias", {1, {units}}, DS_INIT_BIAS};
    return attribute[BIAS] != 0 ? 2 : 1;
}

/* Each product takes 2 operations per weight and sample; the bias one more per output. */
static double operations(const ds_plan *plan, const ds_op *op, int64_t count) {
    double work = 0;
    for (int i = 0; i < op->inputs; i++)
        if (op->input[i] != DS_ABSENT && plan->tensor[op->input[i]].storage == DS_PARAMETERS &&
            plan->tensor[op->input[i]].shape.rank == 2) {
            double weights = (double)ds_shape_count(&plan->tensor[op->input[i]].shape);
            int products = op->part == DS_FORWARD ? 1 : op->output[0] == DS_ABSENT ? 1 : 2;
            work += 2.0 * products * weights * (double)count;
            work += op->attribute[BIAS] * op->attribute[UNITS] * (double)count;
        }
    return work;
}

const ds_operation ds_op_dense = {
    .name = "dense",
    .program = "dense.cl",
    .family = DS_LAYER,
    .space = DS_SPACE_CUSTOM,
    .option = {{"units", 0, 1, 1 << 24, DS_OPTION_WHOLE, true},
               {"bias", 1, 0, 1, DS_OPTION_SWITCH}},
    .shape = shape,
    .parameters = parameters,
    .backward_reads_input = true,
    .backward_reads_parameters = true,
    .operations = operations,
};
