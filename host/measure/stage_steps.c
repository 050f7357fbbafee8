/* The time of whole training steps, by the host's clock, as the training loop issues them. */
#include "measure/stage.h"

enum { ROUNDS = 7 };

/* The kernels of a step whose numbers are not finite change nothing. */
static ds_status check_finite(ds_stage *stage, const char *name) {
    double word;
    DS_CHECK(stage->executor->read(stage->executor, DS_STATUS, DS_STATUS_NOT_FINITE, 1, &word));
    if (word != 0)
        return ds_fail(DS_DIVERGED, "judge the device by descent gradcheck",
                       "network %s: the loss or a gradient is not finite in update %.0f", name,
                       word);
    return DS_OK;
}

/* Doubles the steps of a round until it lasts long enough, which warms up, too. */
ds_status ds_time_steps(ds_stage *stage, const char *name, double seconds, ds_timing *timing) {
    double each[ROUNDS], took = 0;
    int64_t steps = 1, samples = stage->pass.count;
    DS_CHECK(ds_stage_run(stage, stage->batches, samples));
    for (;; steps *= 2) {
        double began = ds_stage_clock();
        DS_CHECK(ds_stage_run(stage, steps, samples));
        took = ds_stage_clock() - began;
        if (took >= seconds)
            break;
    }
    int rounds = took > 3 * seconds ? 3 : ROUNDS;
    for (int i = 0; i < rounds; i++) {
        double began = ds_stage_clock();
        DS_CHECK(ds_stage_run(stage, steps, samples));
        each[i] = (ds_stage_clock() - began) / (double)steps;
    }
    ds_timing_of(timing, each, rounds);
    return check_finite(stage, name);
}
