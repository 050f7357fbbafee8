/* Learning rates. With i the number of updates made so far, T that of the whole run:
 *
 *   constant     rate
 *   step         rate * factor^floor(i / every)
 *   exponential  rate * factor^i
 *   cosine       to + (rate - to) (1 + cos(pi i / T)) / 2
 *   one_cycle    from peak/25 up to peak over 30 % of the run, then down to peak/250000, both along
 *                a cosine; the optimizer's own rate is not used (Smith 2018; PyTorch's OneCycleLR)
 *
 * each times min(1, i / warmup), which is 0 at the first update. Definitions: PyTorch's StepLR,
 * ExponentialLR, CosineAnnealingLR and OneCycleLR, stepped once per update. */
#ifndef DS_SCHEDULE_H
#define DS_SCHEDULE_H

#include "base/yaml.h"

typedef struct ds_schedule {
    enum { DS_CONSTANT, DS_STEP, DS_EXPONENTIAL, DS_COSINE, DS_ONE_CYCLE } kind;
    int64_t every;
    double factor, to, peak;
    int64_t warmup;
} ds_schedule;

ds_status ds_schedule_parse(ds_schedule *out, const ds_node *node); /* NULL: constant */

/* As a recipe has it: "cosine: {to: 0}, warmup: 10". */
ds_status ds_schedule_print(const ds_schedule *schedule, ds_text *out);

/* Rate of update i, from 0, of `total`. */
double ds_schedule_rate(const ds_schedule *schedule, double rate, int64_t i, int64_t total);

#endif
