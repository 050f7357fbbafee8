#include "ops/executor.h"

int ds_ops_together(ds_executor *executor, int op) {
    return executor->together ? executor->together(executor, op) : 1;
}

ds_status ds_run_together(ds_executor *executor, int op, const ds_pass *pass) {
    return executor->run_together ? executor->run_together(executor, op, pass)
                                  : executor->run(executor, &executor->plan->op[op], pass);
}

ds_status ds_run_phases(ds_executor *executor, ds_phase first, ds_phase last, const ds_pass *pass) {
    const ds_plan *plan = executor->plan;
    for (int i = 0; i < plan->ops; i += ds_ops_together(executor, i)) {
        const ds_op *op = &plan->op[i];
        if (op->phase >= first && op->phase <= last && ds_op_runs(op, pass))
            DS_CHECK(ds_run_together(executor, i, pass));
    }
    return DS_OK;
}

ds_status ds_run_ops_of_passes(ds_executor *executor, const ds_pass *pass, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        DS_CHECK(ds_run_phases(executor, DS_PHASE_FORWARD,
                               pass[i].training ? DS_PHASE_UPDATE : DS_PHASE_LOSS, &pass[i]));
    return DS_OK;
}
