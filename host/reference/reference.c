#include "reference/reference.h"

typedef struct entry {
    const ds_operation *operation;
    ds_reference_function function[2]; /* by ds_part */
} entry;

#define LAYER(name)                                                                                \
    {&ds_op_##name, {ds_reference_##name##_forward, ds_reference_##name##_backward}},
#define WHOLE(name) {&ds_op_##name, {ds_reference_##name, ds_reference_##name}},

static const entry table[] = {DS_LAYERS(LAYER) DS_LOSSES(WHOLE) DS_OPTIMIZERS(WHOLE)
                                  DS_SERVICES(WHOLE)};

ds_reference_function ds_reference_of(const ds_op *op) {
    const entry *found = table;
    while (found->operation != op->operation)
        found++;
    return found->function[op->part];
}
