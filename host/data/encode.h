/* From rows of a source to the matrices of a set. */
#ifndef DS_ENCODE_H
#define DS_ENCODE_H

#include "data/split.h"

/* Features and, `with_targets`, targets of these rows, before normalization. May move the cells of
 * an array out of the source where all rows are taken (`may_take`). */
ds_status ds_encode(ds_set *out, const ds_encoding *encoding, ds_source *source,
                    const ds_rows *rows, bool with_targets, bool may_take);

/* What naive forecasts say of these rows, into set->naive. */
ds_status ds_encode_naive(ds_set *set, const ds_encoding *encoding, ds_source *source,
                          const ds_rows *rows, const ds_naive *naive, int naives);

/* Puts the encoding's constants into a set's matrices. */
ds_status ds_encode_constants(ds_set *set, const ds_encoding *encoding);
ds_status ds_encode_feature_constants(ds_matrix *features, const ds_encoding *encoding);

/* `value`, `value`^2, ... up to `powers`; false where one is not finite. */
bool ds_encode_powers(double *out, double value, int powers);

#endif
