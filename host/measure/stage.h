/* A plan on a device with memory full of made-up numbers, and the time of what runs there. */
#ifndef DS_MEASURE_STAGE_H
#define DS_MEASURE_STAGE_H

#include "launch/launch.h"
#include "model/plan_build.h"

typedef struct ds_stage {
    ds_device *device;
    const ds_plan *plan;
    ds_plan *built; /* the same, where the stage built it */
    ds_executor *executor;
    ds_pass pass;               /* a whole batch that trains */
    int64_t batches;            /* of the data set */
    int64_t count[DS_STORAGES]; /* elements of those that the data decides */
    ds_pass *issued;            /* room for those that are issued together */
    uint64_t updates;           /* issued so far */
} ds_stage;

enum { DS_STAGE_BATCHES = 4 }; /* of a data set, unless said */

/* Shapes the request's layers, too. `create` makes the executor of a plan with `context`; NULL: the
 * device's own. Weights begin as training would, so that many passes stay finite. */
typedef ds_status (*ds_stage_create)(ds_executor **out, const ds_plan *plan, ds_device *device,
                                     const void *context);
ds_status ds_stage_open(ds_stage *stage, ds_device *device, const ds_plan_request *request,
                        ds_layer *layer, ds_stage_create create, const void *context);

/* The same for a plan that is there, which must outlive the stage. */
ds_status ds_stage_set(ds_stage *stage, ds_device *device, const ds_plan *plan,
                       const ds_operation *loss, int64_t batches, ds_stage_create create,
                       const void *context);
void ds_stage_close(ds_stage *stage);

/* So many passes of so many samples each, batch after batch of the data set, as the training loop
 * issues them; waits for the end. */
ds_status ds_stage_run(ds_stage *stage, int64_t passes, int64_t samples);

/* Floating-point operations of a whole batch's pass. */
double ds_stage_operations(const ds_plan *plan, const ds_pass *pass);

/* Seconds on a clock that only goes on. */
double ds_stage_clock(void);

/* Repetitions of one thing. */
typedef struct ds_timing {
    double median, least; /* seconds */
    int repetitions;
} ds_timing;

enum { DS_REPETITIONS = 31 };

/* Fills a timing from so many measured times, which are sorted. */
void ds_timing_of(ds_timing *timing, double *seconds, int count);

/* An op of the plan, by the device's own clock, which must be on (ds_device_profile): once to warm
 * up, then in a row for about `seconds` in all. `kernels` receives the names of what was launched,
 * with blanks between; empty where the op launches nothing. */
ds_status ds_time_op(ds_stage *stage, const ds_op *op, double seconds, ds_timing *timing,
                     char kernels[256]);

/* Training steps of the network `name`, by the host's clock: rounds of about `seconds`, each the
 * time of a step. DS_DIVERGED where numbers are not finite. */
ds_status ds_time_steps(ds_stage *stage, const char *name, double seconds, ds_timing *timing);

#endif
