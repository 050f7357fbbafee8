/* The part of a result that is about targets one by one. */
#ifndef DS_RESULT_H
#define DS_RESULT_H

#include "train/scores.h"

enum { DS_SETS = 3 }; /* train, validation, test */

/* An entry for each target with its name, where several numbers are predicted; else none. In one
 * block, for ds_free. */
ds_status ds_target_scores_make(ds_target_scores **out, int64_t *targets,
                                const ds_encoding *encoding);

/* Takes note of what predictions of a set are worth, as the result's own or as baseline k. */
void ds_result_take(ds_result *result, int set, const ds_errors *errors);
void ds_result_take_baseline(ds_result *result, int k, int set, const ds_errors *errors);

/* Which of the three scores a set's are. */
ds_scores *ds_result_scores(ds_result *result, int set);

#endif
