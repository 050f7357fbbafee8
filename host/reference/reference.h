/* The reference: every operation in double precision on the CPU, with a bound on how far a correct
 * float32 computation of the same formula from the same inputs may lie from it. */
#ifndef DS_REFERENCE_H
#define DS_REFERENCE_H

#include "ops/executor.h"
#include "ops/operation.h"

/* Tensors as the reference sees them. Memory is indexed as a device's is: value[storage] + offset.
 */
typedef struct ds_reference_memory {
    double *value[DS_STORAGES];
    double *bound[DS_STORAGES]; /* of each value's error; NULL: exact inputs, no bounds wanted.
                                   Where one is present, all that an op touches are */
    /* With bounds: of a product of more multiply-adds one group of four rows in so many is computed,
     * and the last; the others' bounds are infinite. 0: there is no such limit. */
    double most;
} ds_reference_memory;

typedef struct ds_reference_call {
    const ds_plan *plan;
    const ds_op *op;
    const ds_pass *pass;
    const ds_reference_memory *memory;
} ds_reference_call;

/* Computes the op: reads its inputs, writes its outputs and, where wanted, their bounds. */
typedef void (*ds_reference_function)(const ds_reference_call *call);

/* The function of an op; never NULL. */
ds_reference_function ds_reference_of(const ds_op *op);

#define DS_DECLARE(name)                                                                           \
    void ds_reference_##name##_forward(const ds_reference_call *call);                             \
    void ds_reference_##name##_backward(const ds_reference_call *call);
DS_LAYERS(DS_DECLARE)
#undef DS_DECLARE
#define DS_DECLARE(name) void ds_reference_##name(const ds_reference_call *call);
DS_LOSSES(DS_DECLARE)
DS_OPTIMIZERS(DS_DECLARE)
DS_SERVICES(DS_DECLARE)
#undef DS_DECLARE

/* An executor that runs a plan on the reference, without bounds. */
ds_status ds_reference_executor_create(ds_executor **out, const ds_plan *plan);

#endif
