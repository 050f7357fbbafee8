/* The units in which losses and errors are shown. A network is trained on targets as
 * normalize_target makes them, and that is all its kernels know of; a person sees the target's own
 * units. Of several targets that are normalized each has others, and none fits their common loss:
 * it is shown as it is trained, and no unit decides between epochs. */
#ifndef DS_UNITS_H
#define DS_UNITS_H

#include "data/dataset.h"
#include "ops/operation.h"

typedef struct ds_units {
    bool classes;
    int64_t targets;    /* numbers that are predicted; 0: classes */
    bool apart;         /* several, normalized: what is over all of them has no unit */
    double error;       /* an error of 1 is shown as this */
    double loss, shift; /* a loss l as loss * l + shift */
} ds_units;

/* Of a model's targets under a loss with these options. */
ds_units ds_units_of(const ds_encoding *encoding, const ds_operation *loss,
                     const double *attribute);

double ds_units_show(const ds_units *units, double loss);

/* The options as the kernels take them: huber's delta, which is in the units of the loss that is
 * shown. Beyond 1e-30 and 1e30 it makes no difference to normalized targets. */
void ds_units_options(const ds_units *units, const ds_operation *loss, const double *attribute,
                      double trained[DS_MAX_ATTRIBUTES]);

#endif
