/* The constants of an encoding, from training rows alone. */
#ifndef DS_NORMALIZE_H
#define DS_NORMALIZE_H

#include "data/split.h"

/* What a missing number becomes under `missing: mean`, `median` or a number. */
ds_status ds_fit_missing(ds_encoding *encoding, const ds_source *source, const ds_rows *train);

/* `scale` is what a cell is divided by to begin with. One-hot columns stay 0 and 1. */
ds_status ds_fit_features(ds_encoding *encoding, const ds_matrix *train,
                          const ds_data_options *options, double scale, ds_text *notes);

/* Under `normalize_target: standard`. */
ds_status ds_fit_targets(ds_encoding *encoding, const ds_matrix *train, ds_text *notes);

/* Nothing but the scale: 0 and `scale` for a feature, its power for a power. */
ds_status ds_fit_nothing(ds_encoding *encoding, double scale);

#endif
