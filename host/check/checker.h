/* Judges an executor, whatever it is, by the reference: runs an op and compares all memory. */
#ifndef DS_CHECKER_H
#define DS_CHECKER_H

#include "ops/executor.h"

typedef enum ds_fault {
    DS_FAULT_NONE,
    DS_FAULT_WRONG,         /* an output lies outside the reference's bound */
    DS_FAULT_UNWRITTEN,     /* an output was left as it was */
    DS_FAULT_CHANGED,       /* something that is no output was changed */
    DS_FAULT_NOT_REPEATABLE /* the same op on the same memory gave other bits */
} ds_fault;

const char *ds_fault_name(ds_fault fault);

typedef struct ds_check_options {
    int64_t count[DS_STORAGES]; /* elements reserved in the storages that the data decides */
} ds_check_options;

/* Of the checks so far: start from zero, add op after op. */
typedef struct ds_check_report {
    int64_t compared;   /* output elements */
    int64_t undecided;  /* of them, with an infinite bound: anything passed but NaN for a number */
    double worst_share; /* of an error in its bound, at most 1 where all is right */

    ds_fault fault;  /* the first, and its place: */
    const ds_op *op; /* NULL: of whole passes */
    ds_storage storage;
    int tensor;      /* DS_ABSENT: between tensors */
    int64_t element; /* of the tensor, else of the storage */
    double got, expected, bound;
} ds_check_report;

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

/* One line about the fault: "wrong value in relu_backward: 1.input.gradient[5] is 0.5, ...". */
ds_status ds_check_describe(const ds_check_report *report, const ds_plan *plan, ds_text *out);

/* Whether a device's number is right: |got - expected| <= bound, in a way that NaN fails. A bound
 * that reaches beyond float32's range admits the infinity of that side. `share` receives the
 * error's part of the bound. */
bool ds_is_within(double got, double expected, double bound, double *share);

#endif
