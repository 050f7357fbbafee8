/* Which ops of a plan are launched together, where it may be fused:
 *
 *     dense forward, activation forward: the activation is applied to the finished sums, which are
 *     kept where something else reads them;
 *
 *     dense backward, activation backward: the slope is multiplied to the finished gradient of the
 *     input, which itself is not kept.
 *
 * The plan stays a list of single ops: it is what the reference runs and what the checker judges a
 * group by. Memory is planned so that what a dense layer reads outlives the op behind it. */
#include <string.h>

#include "launch/launch.h"

static bool is_activation(const ds_op *op) {
    return op->operation->program && strcmp(op->operation->program, "activations.cl") == 0;
}

static bool go_together(const ds_plan *plan, const ds_op *op, const ds_op *behind) {
    return op->operation == &ds_op_dense && is_activation(behind) && op->part == behind->part &&
           op->in_training == behind->in_training && op->in_evaluation == behind->in_evaluation &&
           op->output[0] != DS_ABSENT && op->output[0] == behind->input[0] && !behind->accumulate &&
           !op->accumulate && behind->output[0] != DS_ABSENT &&
           (op->part == DS_FORWARD || !ds_tensor_is_read_outside(plan, op->output[0], op, 2));
}

ds_status ds_groups_find(ds_group **out, const ds_plan *plan) {
    ds_group *group = NULL;
    DS_CHECK(ds_new(&group, (size_t)plan->ops, sizeof *group));
    for (int i = 0; i < plan->ops; i++) {
        bool two =
            plan->fuse && i + 1 < plan->ops && go_together(plan, &plan->op[i], &plan->op[i + 1]);
        group[i].ops = two ? 2 : 1;
        if (two)
            group[i + 1].follower = true;
    }
    *out = group;
    return DS_OK;
}

/* Its place among the layers, doubled. */
unsigned ds_finish_of(const ds_op *activation, double *option) {
    unsigned code = 2;
    for (const ds_operation *const *list = ds_operations(DS_LAYER); *list != activation->operation;
         list++)
        code += 2;
    *option = activation->attribute[0];
    return activation->part == DS_BACKWARD ? code + 1 : code;
}

ds_status ds_groups_options(const ds_plan *plan, const ds_group *group, ds_text *options) {
    const char *done[64] = {NULL};
    int count = 0;
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *behind = &plan->op[i];
        double option;
        if (!group[i].follower)
            continue;
        int k = 0;
        while (k < count && done[k] != behind->operation->name)
            k++;
        if (k < count)
            continue;
        done[count++] = behind->operation->name;
        DS_CHECK(ds_text_add(options, " -DFINISH_%s=%u", behind->operation->name,
                             ds_finish_of(behind, &option) & ~1u));
    }
    return DS_OK;
}

ds_status ds_launch_group(ds_launcher *launcher, int first, const ds_pass *pass) {
    const ds_op *op = &launcher->base.plan->op[first];
    return launcher->group[first].ops == 2 ? ds_launch_dense(launcher, op, op + 1, pass)
                                           : ds_launch_op(launcher, op, pass);
}
