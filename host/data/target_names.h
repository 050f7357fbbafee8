/* Several targets in one word, "length,width", where no column is called so. */
#ifndef DS_TARGET_NAMES_H
#define DS_TARGET_NAMES_H

#include "data/data_options.h"

/* May this column be a target, as a whole name or as a part of one? */
bool ds_target_may_be(const ds_names *target, const char *column);

/* Now that the columns are known: a target that is none of them, but has commas between names that
 * are, becomes these. Lags of the target follow. */
ds_status ds_target_names(ds_data_options *options, const ds_source *source);

#endif
