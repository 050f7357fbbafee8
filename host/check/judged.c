#include "check/judged.h"

ds_span ds_span_of(const ds_plan *plan, int tensor, const ds_pass *pass) {
    const ds_tensor *t = &plan->tensor[tensor];
    int64_t offset = t->offset + (t->storage == DS_HISTORY ? pass->slot * DS_RECORD_SIZE : 0);
    return (ds_span){t->storage, offset, ds_tensor_count(t, pass->count)};
}

const ds_op *ds_judged_writer(const ds_judged *judged, int tensor, int *output) {
    for (int k = 0; k < judged->ops; k++)
        for (int i = 0; i < judged->op[k].outputs; i++)
            if (judged->op[k].output[i] == tensor) {
                *output = i;
                return &judged->op[k];
            }
    return NULL;
}

static void own(int *const owner[DS_STORAGES], ds_span s, int tensor) {
    for (int64_t i = 0; i < s.count; i++)
        owner[s.storage][s.offset + i] = tensor;
}

/* What stands between ops that run together and nothing else reads need not be written. */
static void own_of_ops(const ds_judged *j, int *const owner[DS_STORAGES]) {
    for (int k = 0; k < j->ops; k++) {
        const ds_op *op = &j->op[k];
        if (op->scratch != DS_ABSENT)
            own(owner, ds_span_of(j->plan, op->scratch, j->pass), DS_SCRATCH);
        for (int i = 0; i < op->outputs; i++)
            if (op->output[i] != DS_ABSENT)
                own(owner, ds_span_of(j->plan, op->output[i], j->pass),
                    k + 1 < j->ops && op->output[i] == j->op[k + 1].input[0] &&
                            !ds_tensor_is_read_outside(j->plan, op->output[i], j->op, j->ops)
                        ? DS_SCRATCH
                        : op->output[i]);
    }
}

/* Whole passes leave the history and, where they train, parameters, moments and status; what they
 * leave in gradients and activations is nobody's business. */
static void own_of_passes(const ds_judged *j, const int64_t count[DS_STORAGES],
                          int *const owner[DS_STORAGES]) {
    for (int i = 0; i < DS_STORAGES; i++)
        if ((i == DS_GRADIENTS || i == DS_ACTIVATIONS) && count[i])
            own(owner, (ds_span){(ds_storage)i, 0, count[i] - DS_PADDING}, DS_SCRATCH);
    for (int64_t p = 0; p < j->passes; p++)
        for (int k = 0; k < j->ops; k++)
            for (int i = 0; i < j->op[k].outputs && ds_op_runs(&j->op[k], &j->pass[p]); i++) {
                int tensor = j->op[k].output[i];
                if (tensor == DS_ABSENT)
                    continue;
                ds_storage storage = j->plan->tensor[tensor].storage;
                if (storage != DS_GRADIENTS && storage != DS_ACTIVATIONS)
                    own(owner, ds_span_of(j->plan, tensor, &j->pass[p]), tensor);
            }
}

void ds_judged_own(const ds_judged *judged, const int64_t count[DS_STORAGES],
                   int *const owner[DS_STORAGES]) {
    if (judged->whole)
        own_of_passes(judged, count, owner);
    else
        own_of_ops(judged, owner);
}

void ds_judged_compute(const ds_judged *judged, const ds_reference_memory *memory) {
    for (int64_t p = 0; p < judged->passes; p++)
        for (int k = 0; k < judged->ops; k++) {
            const ds_op *op = &judged->op[k];
            ds_reference_call call = {judged->plan, op, &judged->pass[p], memory};
            if (!judged->whole || ds_op_runs(op, &judged->pass[p]))
                ds_reference_of(op)(&call);
        }
}

ds_status ds_judged_run(const ds_judged *judged, ds_executor *executor) {
    if (judged->whole)
        return executor->run_passes(executor, judged->pass, judged->passes);
    return judged->ops == 1
               ? executor->run(executor, judged->op, judged->pass)
               : ds_run_together(executor, (int)(judged->op - judged->plan->op), judged->pass);
}

static bool holds(const ds_judged *j, int tensor, const ds_check_report *report) {
    const ds_tensor *t = &j->plan->tensor[tensor];
    ds_span where = ds_span_of(j->plan, tensor, j->pass);
    if (t->per_sample && where.storage == DS_ACTIVATIONS)
        where.count = ds_tensor_count(t, j->plan->batch);
    return where.storage == report->storage && report->element >= where.offset &&
           report->element < where.offset + where.count;
}

/* Whether memory that others use before or after is a tensor's now. */
static bool is_alive(const ds_judged *j, int tensor) {
    const ds_tensor *t = &j->plan->tensor[tensor];
    ptrdiff_t op = j->op ? j->op - j->plan->op : 0;
    return t->storage != DS_ACTIVATIONS || j->whole ||
           (t->first_op < op + j->ops && op <= t->last_op);
}

void ds_judged_locate(const ds_judged *judged, int owner, ds_check_report *report) {
    const ds_plan *plan = judged->plan;
    int output;
    report->tensor = owner >= 0 ? owner : DS_ABSENT;
    report->op = judged->whole ? NULL
                 : owner >= 0  ? ds_judged_writer(judged, owner, &output)
                               : judged->op;
    for (int i = 0; i < plan->tensors && report->tensor == DS_ABSENT; i++)
        if (holds(judged, i, report) && is_alive(judged, i))
            report->tensor = i;
    if (report->tensor == DS_ABSENT)
        return;
    ds_span where = ds_span_of(plan, report->tensor, judged->pass);
    report->element -= where.offset;
    report->all = where.count;
}
