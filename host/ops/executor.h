/* What runs a plan. Two kinds: OpenCL's (host/launch/) and the reference's (host/reference/). */
#ifndef DS_EXECUTOR_H
#define DS_EXECUTOR_H

#include "ops/plan.h"

/* Of the tickets of later reads the training loop has the first 12, the checker the others. */
enum { DS_PADDING = 64, DS_TICKETS_OF_CHECKER = 12, DS_TICKETS = 24 };

typedef struct ds_executor ds_executor;

/* The first member of every executor. Calls are in order; none but read, wait and finish waits for
 * the device. Values cross as double, which holds every float32 and int32 exactly. */
struct ds_executor {
    const ds_plan *plan;

    /* Every storage has DS_PADDING elements behind its end that no op may change.
     *
     * Room for `count` elements in one of the storages that the data decides (features, targets,
     * indices, history), contents undefined. Others have their room from the start, zeroed. */
    ds_status (*reserve)(ds_executor *, ds_storage, int64_t count);

    /* The values are taken before the call returns, and written behind all work issued so far. */
    ds_status (*write)(ds_executor *, ds_storage, int64_t offset, int64_t count, const double *);
    ds_status (*write_floats)(ds_executor *, ds_storage, int64_t offset, int64_t count,
                              const float *);

    /* The same, without waiting for that work. */
    ds_status (*write_indices)(ds_executor *, int64_t offset, int64_t count, const int32_t *);

    /* Waits for all work issued so far. */
    ds_status (*read)(ds_executor *, ds_storage, int64_t offset, int64_t count, double *);

    /* Compares the bits that the device holds with those that it was given (floats, or int32), behind
     * all work issued so far, or, with `ahead`, beside it those of the half that was filled. `*lost`
     * is the first element that it does not hold, also when asked again, and `*got` what it holds in
     * place of it; -1: it holds all. NULL where nothing gets lost. */
    ds_status (*compare)(ds_executor *, bool ahead, ds_storage, int64_t offset, int64_t count,
                         const void *bits, int64_t *lost, double *got);

    /* A read that waits for nothing, behind all work issued so far, and the wait for its values.
     * Each of the DS_TICKETS tickets holds one such read. */
    ds_status (*read_later)(ds_executor *, int ticket, ds_storage, int64_t offset, int64_t count);
    ds_status (*arrive)(ds_executor *, int ticket, double *);

    /* Issues one op for a pass. */
    ds_status (*run)(ds_executor *, const ds_op *, const ds_pass *);

    /* Issues passes one after the other: every op of those that train, forward and loss of others.
     * An executor may have better kernels for many ops or passes together than those of `run`; what
     * they leave is parameters, moments, history and status, and nothing anybody may rely on in
     * other storages. */
    ds_status (*run_passes)(ds_executor *, const ds_pass *, int64_t count);

    /* Where run_passes runs passes whole, runs one so and waits for it; and tells what it computes
     * on its way: every activation in its place of `layout`, which is the plan with memory of its
     * own for each (ds_plan_apart), and the gradients. NULL: run_passes goes op by op, together as
     * below. */
    ds_status (*run_shown)(ds_executor *, const ds_pass *, const ds_plan *layout,
                           double *activations, double *gradients);

    /* How many ops, from this one of the plan on, are launched together, and issues those. Tensors
     * between them that nothing else reads are not written. NULL: every op goes alone. */
    int (*together)(ds_executor *, int op);
    ds_status (*run_together)(ds_executor *, int op, const ds_pass *);

    /* What a storage must hold behind the work that was issued last, and how far from it an element
     * may be, for who records that work: see ds_recording_expect. NULL: nobody does. */
    ds_status (*expect)(ds_executor *, ds_storage, int64_t count, const double *values,
                        const double *bounds);

    /* Lets the device begin with what was issued; waits until all of it is done. */
    ds_status (*flush)(ds_executor *);
    ds_status (*finish)(ds_executor *);

    /* For streaming, where an executor has it (else NULL): features and targets twice, one in use
     * while the other is filled. `reserve_ahead` makes room in both; `write_ahead` fills the one
     * not in use, from its first element on, when work that still reads it is done; `turn_over`
     * lets work issued from now on use the one that was filled. `write_ahead` may be called from
     * one other thread while the first issues work, but not while it turns over. */
    ds_status (*reserve_ahead)(ds_executor *, ds_storage, int64_t count);
    ds_status (*write_ahead)(ds_executor *, ds_storage, int64_t count, const float *);
    ds_status (*turn_over)(ds_executor *);

    /* Which kernels an op was given: "dense_forward tile 8x16"; for `explain` and the plan's hash.
     */
    ds_status (*describe)(ds_executor *, const ds_op *, ds_text *out);

    /* How run_passes runs the plan, in a line, for a person. */
    ds_status (*summarize)(ds_executor *, ds_text *out);

    void (*destroy)(ds_executor *);
};

/* The two of an executor, or what stands for them where every op goes alone. */
int ds_ops_together(ds_executor *executor, int op);
ds_status ds_run_together(ds_executor *executor, int op, const ds_pass *pass);

/* What run_passes is where there is nothing better. */
ds_status ds_run_ops_of_passes(ds_executor *executor, const ds_pass *pass, int64_t count);

/* Runs the ops of phases first .. last that belong to the pass, in order. */
ds_status ds_run_phases(ds_executor *executor, ds_phase first, ds_phase last, const ds_pass *pass);

#endif
