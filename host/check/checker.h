/* Judges an executor, whatever it is, by the reference: runs an op and compares all memory. */
#ifndef DS_CHECKER_H
#define DS_CHECKER_H

#include "check/twin.h"
#include "check/verdict.h"

typedef struct ds_check_options {
    double most;                /* multiply-adds of a product that are worth while; 0: all (see
                  * ds_reference_memory) */
    int64_t count[DS_STORAGES]; /* elements reserved in the storages that the data decides */
    bool alone;                 /* no run with other numbers comes before: there was one already */
    bool tell;                  /* the executor what it should have left: see ds_executor.expect */
    ds_twin twin; /* of the same plan, where there is one: what is right must have its bits, too */
} ds_check_options;

/* Runs the op, once with other numbers and then twice from the memory as it is, and leaves the
 * result of the last run. Outputs that are not read as well are filled before: with a pattern, then
 * with NaN. Succeeds when it could judge; the verdict is report->fault. */
ds_status ds_check_op(ds_executor *executor, const ds_op *op, const ds_pass *pass,
                      const ds_check_options *options, ds_check_report *report);

/* The same for the ops that the executor runs together, from this one of the plan on. What stands
 * between them and nothing else reads may be written or not. */
ds_status ds_check_together(ds_executor *executor, int op, const ds_pass *pass,
                            const ds_check_options *options, ds_check_report *report);

/* The same for all ops of a pass, each by what the ops before it have left. Where the executor runs
 * passes whole, what is computed on the way is told (ds_executor.run_shown); else tensors must have
 * memory of their own (ds_plan_request.separate). */
ds_status ds_check_pass(ds_executor *executor, const ds_pass *pass, const ds_check_options *options,
                        ds_check_report *report);

/* Runs passes one after the other, and again together (ds_executor.run_passes) from what was there
 * before: parameters, moments, status and records must be the same, bit for bit. */
ds_status ds_check_passes(ds_executor *executor, const ds_pass *pass, int64_t count,
                          ds_check_report *report);

/* Does it again from memory that is filled with other numbers, where what it finds is unlikely and
 * no more: then it is a fault if it is found again. */
typedef struct ds_trial_run {
    ds_status (*fill)(void *context, uint64_t seed);
    ds_status (*check)(void *context, ds_check_report *report);
    void *context;
} ds_trial_run;
ds_status ds_check_twice(const ds_trial_run *run, uint64_t seed, ds_check_report *report);

#endif
