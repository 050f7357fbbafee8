/* The same ops as a plan's on less work, for a judgement that takes no time. */
#ifndef DS_REDUCED_PLAN_H
#define DS_REDUCED_PLAN_H

#include "model/plan_build.h"

typedef struct ds_reduction {
    int64_t widest;    /* inputs and units of a layer; 0: as they are */
    double operations; /* of a pass, about */
    int64_t most;      /* samples */
    bool separate;     /* every tensor has memory of its own */
} ds_reduction;

/* `loss` receives the plan's, or NULL. */
ds_status ds_plan_reduce(ds_plan **out, const ds_operation **loss, const ds_plan *plan,
                         const ds_reduction *reduction);

#endif
