/* The table of a sweep's runs. */
#ifndef DS_CLI_SWEEP_SUMMARY_H
#define DS_CLI_SWEEP_SUMMARY_H

#include "descent.h"

/* For a person: a line per run. */
void sweep_summary_print(const ds_sweep_table *table, const ds_device *device, const char *folder);

/* For a program: {"keys": [...], "runs": [{"set": {key: value, ...}, ...as one run's}, ...]}.
 * False: no memory. */
bool sweep_summary_print_json(const ds_sweep_table *table, const ds_device *device,
                              const ds_choice *choice);

#endif
