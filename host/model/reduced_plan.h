/* The same ops as a plan's, with no more numbers than a judgement may keep. */
#ifndef DS_REDUCED_PLAN_H
#define DS_REDUCED_PLAN_H

#include "model/plan_build.h"

typedef struct ds_reduction {
    int64_t widest;  /* inputs and units of a layer; 0: as there is room for a few samples */
    int64_t numbers; /* in all storages, about */
    int64_t most;    /* samples */
} ds_reduction;

enum { DS_AS_WIDE = 1 << 30 }; /* inputs and units as they are */

/* `loss` receives the plan's, or NULL. */
ds_status ds_plan_reduce(ds_plan **out, const ds_operation **loss, const ds_plan *plan,
                         const ds_reduction *reduction);

#endif
