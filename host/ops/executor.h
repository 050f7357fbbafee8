/* What runs a plan. Two kinds: OpenCL's (host/launch/) and the reference's (host/reference/). */
#ifndef DS_EXECUTOR_H
#define DS_EXECUTOR_H

#include "ops/plan.h"

enum { DS_PADDING = 64 };

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
    ds_status (*write_indices)(ds_executor *, int64_t offset, int64_t count, const int32_t *);

    /* Waits for all work issued so far. */
    ds_status (*read)(ds_executor *, ds_storage, int64_t offset, int64_t count, double *);

    /* Issues one op for a pass. */
    ds_status (*run)(ds_executor *, const ds_op *, const ds_pass *);

    /* Lets the device begin with what was issued; waits until all of it is done. */
    ds_status (*flush)(ds_executor *);
    ds_status (*finish)(ds_executor *);

    /* For streaming: `mark` remembers the work issued so far under `ticket` (0 or 1);
     * `write_ahead` waits for that work alone, then writes features or targets without waiting for
     * anything issued later; it may be called from one other thread while the first issues work. */
    ds_status (*mark)(ds_executor *, int ticket);
    ds_status (*write_ahead)(ds_executor *, int ticket, ds_storage, int64_t offset, int64_t count,
                             const float *);

    /* Which kernels an op was given: "dense_forward tile 8x16"; for `explain` and the plan's hash.
     */
    ds_status (*describe)(ds_executor *, const ds_op *, ds_text *out);

    void (*destroy)(ds_executor *);
};

/* Runs the ops of phases first .. last that belong to the pass, in order. */
ds_status ds_run_phases(ds_executor *executor, ds_phase first, ds_phase last, const ds_pass *pass);

#endif
