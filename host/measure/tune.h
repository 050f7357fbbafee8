/* The search for a device's kernel parameters. */
#ifndef DS_MEASURE_TUNE_H
#define DS_MEASURE_TUNE_H

#include "launch/tuned.h"
#include "measure/stage.h"

/* A shaping that was judged once is not judged again. */
typedef struct ds_judged {
    ds_subject subject;
    ds_shaping shaping;
    ds_verdict verdict;
} ds_judged;

/* Seconds of the work that stands for a bucket. */
typedef struct ds_tune_run ds_tune_run;
typedef ds_status (*ds_tune_time)(const ds_tune_run *run, ds_subject subject, int bucket,
                                  const ds_shaping *shaping, double *seconds);

struct ds_tune_run {
    ds_device *device;
    ds_bench_options options;
    ds_tune_time time; /* tests have others, by which the choice is known */
    ds_judged *judged;
    size_t judgements;
    ds_tuned tuned; /* what was known and what is found */
};

/* Begins with what is known; the device must be profiled for `time` as it is then. */
void ds_tune_begin(ds_tune_run *run, ds_device *device, const ds_bench_options *options);
void ds_tune_end(ds_tune_run *run);

/* Searches one bucket, one parameter after the other. */
ds_status ds_tune_bucket(ds_tune_run *run, ds_subject subject, int bucket, ds_tune_row *row);

/* ---- what stands for a bucket ---- */

/* Samples, inputs, units; of rows: samples, columns. */
const int64_t *ds_tune_work_size(ds_subject subject, int bucket);
void ds_tune_work_shape(ds_subject subject, int bucket, char shape[64]);

/* Seconds of its ops, the sum of the least of each; of a network, of a step by the host's clock. */
ds_status ds_tune_work_time(const ds_tune_run *run, ds_subject subject, int bucket,
                            const ds_shaping *shaping, double *seconds);

/* Judges small networks with ragged shapes by the reference: every op, or updates of the whole.
 * DS_WRONG_RESULT where one is wrong. */
ds_status ds_tune_work_judge(ds_device *device, ds_subject subject, const ds_shaping *shaping);

/* tune_network.c: the same for DS_NETWORK; and whether two shapings make one kernel of a bucket. */
ds_status ds_tune_network_time(const ds_tune_run *run, int bucket, const ds_shaping *shaping,
                               double *seconds);
ds_status ds_tune_network_judge(ds_device *device, const ds_shaping *shaping);
ds_status ds_tune_network_same(const ds_tune_run *run, int bucket, const ds_shaping *a,
                               const ds_shaping *b, bool *same);

#endif
