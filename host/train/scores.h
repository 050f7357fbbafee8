/* Losses and metrics from the records that passes leave on the device. */
#ifndef DS_SCORES_H
#define DS_SCORES_H

#include "data/dataset.h"
#include "ops/plan.h"

/* Records added up over passes, in double; of the largest errors the largest is kept. */
typedef struct ds_tally {
    double record[DS_RECORD_SIZE];
    int64_t samples;
} ds_tally;

void ds_tally_add(ds_tally *tally, const double record[DS_RECORD_SIZE], int64_t samples);

/* How a set's targets spread, for r2: mean over outputs of sum (y - mean of its column)^2, in the
 * target's own units. NAN for classes. */
ds_status ds_target_spread(const ds_set *set, const ds_encoding *encoding, double *spread);

/* loss, mae, rmse: means over samples and outputs. r2 = 1 - sum e^2 / spread, over all outputs
 * together, and NAN where the spread is 0. max_error: the largest |error| of all. Accuracy for
 * classes; the others NAN. */
ds_scores ds_tally_scores(const ds_tally *tally, bool classes, double spread);

#endif
