/* What the files of `descent bench` share. */
#ifndef DS_MEASURE_BENCH_H
#define DS_MEASURE_BENCH_H

#include "measure/peak.h"
#include "measure/stage.h"

typedef struct ds_bench_run {
    ds_device *device;
    ds_bench_options options;
    ds_peak peak;
    ds_bench_table table;
} ds_bench_run;

/* Says what comes next; DS_INTERRUPTED where that is not wanted any more. */
ds_status ds_bench_announce(const ds_bench_run *run, const char *what);

/* Every kernel, at a size that fills a device; dense products at those of W3 and W4. */
ds_status ds_bench_kernels(ds_bench_run *run);

/* Whole training steps of four networks. */
ds_status ds_bench_steps(ds_bench_run *run);

#endif
