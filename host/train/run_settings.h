/* What may be another in a resumed run, and is told: rates, schedule, rules to stop, layers. */
#ifndef DS_RUN_SETTINGS_H
#define DS_RUN_SETTINGS_H

#include <cjson/cJSON.h>

#include "train/trainer.h"

/* By the names of a recipe's keys, as an object of texts. */
ds_status ds_run_settings(const ds_trainer *trainer, cJSON **out);

/* A note for each that differs: "optimizer.sgd.rate is 5, it was 0.1". Of a checkpoint that has
 * none (`stored` NULL) nothing is told. */
ds_status ds_run_settings_note(const ds_trainer *trainer, const cJSON *stored, ds_text *notes);

/* For a run that was restored: whether any update is left and, where it was to have another length
 * (`total_updates`, 0 where that is not known), what that means for a schedule that goes over the
 * whole run; `rate` is that of the last update. */
ds_status ds_run_length_note(const ds_trainer *trainer, int64_t total_updates, double rate,
                             ds_text *notes);

#endif
