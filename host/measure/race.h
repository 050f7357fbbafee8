/* Which device needs the least time for an update of a plan. */
#ifndef DS_MEASURE_RACE_H
#define DS_MEASURE_RACE_H

#include "measure/stage.h"

/* What is run on made-up numbers. */
typedef struct ds_race_work {
    const ds_plan *plan;
    const ds_operation *loss;
    int64_t batches; /* of the data set */
    bool trains;     /* else the passes only evaluate */
} ds_race_work;

/* Fills the rows of a choice, whose `device` is set, and `chosen`, and opens the fastest device.
 * Fails, with the first device's error, where all of them do. */
ds_status ds_race(ds_choice *choice, const ds_race_work *work, const ds_choose_options *options,
                  ds_device **fastest);

/* How many seconds a measurement lasts; 0.03 at first. For tests. */
void ds_race_enough(double seconds);

#endif
