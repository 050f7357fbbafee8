/* What must be the same for a checkpoint to go on: data, batches, seed, loss, optimizer. */
#ifndef DS_RUN_IDENTITY_H
#define DS_RUN_IDENTITY_H

#include <cjson/cJSON.h>

#include "train/trainer.h"

/* As an object of texts. */
ds_status ds_run_identity(const ds_trainer *trainer, cJSON **out);

/* What differs first, for a person: "the seed is 2, it was 1"; `what` stays NULL where all is the
 * same. Given back by ds_free. */
ds_status ds_run_identity_compare(const ds_trainer *trainer, const cJSON *stored, char **what);

#endif
