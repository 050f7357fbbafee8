/* Judges an executor, whatever it is, by the reference: runs an op and compares all memory. */
#ifndef DS_CHECKER_H
#define DS_CHECKER_H

#include "check/verdict.h"

typedef struct ds_check_options {
    int64_t count[DS_STORAGES]; /* elements reserved in the storages that the data decides */
    ds_executor *twin; /* of the same plan, with as much reserved: what is right must have its bits,
                        * too; or NULL */
} ds_check_options;

/* Runs the op twice from the memory as it is and leaves the result of the second run. Outputs that
 * are not read as well are filled before: with NaN, then with a pattern. Succeeds when it could
 * judge; the verdict is report->fault. */
ds_status ds_check_op(ds_executor *executor, const ds_op *op, const ds_pass *pass,
                      const ds_check_options *options, ds_check_report *report);

/* The same for the ops that the executor runs together, from this one of the plan on. What stands
 * between them and nothing else reads may be written or not. */
ds_status ds_check_together(ds_executor *executor, int op, const ds_pass *pass,
                            const ds_check_options *options, ds_check_report *report);

/* Fills what no tensor covers between the activations with a pattern, then checks every op of the
 * pass in order, together with those that run with it, up to the first fault. Meant for plans with
 * room between tensors (ds_plan_request.separate). */
ds_status ds_check_pass(ds_executor *executor, const ds_pass *pass, const ds_check_options *options,
                        ds_check_report *report);

/* Runs the passes together (ds_executor.run_passes), twice from the memory as it is, and judges
 * what they leave: parameters, moments, status and records of the history within the bounds of the
 * reference, composed from op to op and pass to pass; all else but activations and gradients as it
 * was. Leaves the result of the second run. */
ds_status ds_check_passes(ds_executor *executor, const ds_pass *pass, int64_t count,
                          const ds_check_options *options, ds_check_report *report);

#endif
