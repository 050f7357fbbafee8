/* Updates that the reference judges, and words for those that went wrong. */
#ifndef DS_WATCH_H
#define DS_WATCH_H

#include "train/trainer.h"

/* Whether update i, from 0, is to be judged. */
bool ds_watch_is_due(const ds_trainer *trainer, int64_t i);

/* Runs the pass of an update, or some phases of it, under the eyes of the reference. At the first
 * difference DS_WRONG_RESULT, and parameters and moments are those before the update. */
ds_status ds_watch_update(ds_trainer *trainer, const ds_pass *pass);
ds_status ds_watch_phases(ds_trainer *trainer, ds_phase first, ds_phase last, const ds_pass *pass);

/* Runs passes together that a check follows, and again one after the other: where they leave other
 * bits DS_WRONG_RESULT, and parameters and moments are those before them. */
ds_status ds_watch_together(ds_trainer *trainer, const ds_pass *pass, int64_t passes);

/* Runs and judges the first pass of an evaluation behind an update that was judged. */
ds_status ds_watch_evaluation(ds_trainer *trainer, const ds_pass *pass);

/* Does update i, from 0, again, at which the device gave a number that is not finite, to name where
 * it came from. Fails with DS_DIVERGED, or with DS_WRONG_RESULT where the reference comes to finite
 * numbers; parameters, moments and status are as before. */
ds_status ds_watch_divergence(ds_trainer *trainer, int64_t i);

/* The same where it is only the evaluation of the training rows at the end that is not finite. */
ds_status ds_watch_end(ds_trainer *trainer);

/* The norm of the gradient at which a run stopped, whose update was not made. */
ds_status ds_watch_gradient(ds_trainer *trainer, double *norm);

#endif
