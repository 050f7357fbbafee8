/* Where activations lie: tensors whose lifetimes do not overlap share memory. */
#ifndef DS_MEMORY_PLAN_H
#define DS_MEMORY_PLAN_H

#include "ops/operation.h"

/* Fills lifetimes and offsets of all activations and the size of their storage. With `separate`
 * each keeps memory of its own, DS_GUARD elements apart. */
ds_status ds_plan_memory(ds_plan *plan, bool separate);

/* Copies a plan so that each activation has its own memory. ds_plan_destroy frees the copy. */
ds_status ds_plan_apart(ds_plan **out, const ds_plan *plan);

/* Memory of its own for each, the later ones in front and nothing between: what is written behind
 * one hits one that was there before, and may still be read. */
void ds_plan_memory_turned(ds_plan *plan);

enum { DS_GUARD = 32 };

#endif
