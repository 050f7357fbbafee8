/* What several commands open first, from their operands and options. */
#ifndef DS_CLI_INPUTS_H
#define DS_CLI_INPUTS_H

#include "descent.h"
#include "options.h"

/* The recipe that the first operand or --data names, with every --set applied. */
ds_status inputs_recipe(ds_recipe **out, const cli_options *options);

/* The model that the first operand names, and the device. On failure neither is open. */
ds_status inputs_model(ds_model **model, ds_device **device, const cli_options *options);

/* The recipe and the device, likewise. */
ds_status inputs_run(ds_recipe **recipe, ds_device **device, const cli_options *options);

/* --no-verify: the device's kernels are used as they are, and a note says so. */
void inputs_verify(ds_device *device, const cli_options *options);

#endif
