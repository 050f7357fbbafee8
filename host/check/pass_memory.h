/* A device's memory as one pass sees it: of features and targets the rows of its batch alone, of
 * the history its record, of all else everything with the padding. */
#ifndef DS_PASS_MEMORY_H
#define DS_PASS_MEMORY_H

#include "ops/executor.h"

/* The storages of which a batch has rows, and their columns; 0 where a plan lacks one. */
extern const ds_storage ds_rows_of_batch[2];
int64_t ds_pass_columns(const ds_plan *plan, ds_storage storage);

/* Elements of a storage in the largest pass. */
int64_t ds_pass_room(const ds_plan *plan, ds_storage storage);

/* Reads storages, which are none of these two nor the indices, each into its place, and waits for
 * the device once. */
ds_status ds_pass_read(ds_executor *executor, const ds_storage *storage, int storages,
                       const ds_pass *pass, double *const out[DS_STORAGES]);

/* The batch's rows, which `index` names, one after the other into the place of their storage. */
ds_status ds_pass_read_rows(ds_executor *executor, const ds_pass *pass, const double *index,
                            double *const out[DS_STORAGES]);

#endif
