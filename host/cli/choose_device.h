/* The device of a training run: the one that --device names, or the fastest, and what a person and
 * a program are told about the choice. */
#ifndef DS_CLI_CHOOSE_DEVICE_H
#define DS_CLI_CHOOSE_DEVICE_H

#include <cjson/cJSON.h>

#include "descent.h"
#include "options.h"

/* Opens it and, unless --quiet, tells how it was chosen on standard error. `choice` is given back
 * by ds_choice_clear; it has no rows where nothing was chosen. */
ds_status choose_device(ds_device **device, const ds_recipe *recipe, const cli_options *options,
                        ds_choice *choice);

/* The device that a training run would take without timing any. */
ds_status choose_device_remembered(ds_device **device, const ds_recipe *recipe,
                                   const cli_options *options);

/* Adds "devices" to a run's JSON object, where there was a choice. False: no memory. */
bool choose_device_fill(cJSON *json, const ds_choice *choice);

#endif
