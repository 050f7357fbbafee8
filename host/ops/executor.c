#include "ops/executor.h"

ds_status ds_run_phases(ds_executor *executor, ds_phase first, ds_phase last, const ds_pass *pass) {
    const ds_plan *plan = executor->plan;
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        if (op->phase >= first && op->phase <= last && ds_op_runs(op, pass))
            DS_CHECK(executor->run(executor, op, pass));
    }
    return DS_OK;
}

ds_status ds_run_ops_of_passes(ds_executor *executor, const ds_pass *pass, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        DS_CHECK(ds_run_phases(executor, DS_PHASE_FORWARD,
                               pass[i].training ? DS_PHASE_UPDATE : DS_PHASE_LOSS, &pass[i]));
    return DS_OK;
}
