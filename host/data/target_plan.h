/* Which columns are targets, and whether they are numbers or classes. */
#ifndef DS_TARGET_PLAN_H
#define DS_TARGET_PLAN_H

#include "data/encoding.h"

/* Adds the outputs, the kind and the classes to an encoding. May turn columns into text. */
ds_status ds_target_plan(ds_encoding *encoding, const ds_data_options *options, ds_source *source,
                         ds_text *notes);

/* An output named `name`, units as they are. `encoding->output` has room for it. */
ds_status ds_target_add(ds_encoding *encoding, const char *name);

#endif
