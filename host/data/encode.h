/* From rows of a source to the matrices of a set. */
#ifndef DS_ENCODE_H
#define DS_ENCODE_H

#include "data/split.h"

/* Features and, `with_targets`, targets of these rows, before normalization. Features of a table
 * are views of its columns, which must outlive the set. May move the cells of an array out of the
 * source where all rows are taken (`may_take`). Notes, where not NULL, receive words that training
 * did not have. */
ds_status ds_encode(ds_set *out, const ds_encoding *encoding, ds_source *source,
                    const ds_rows *rows, bool with_targets, bool may_take, ds_text *notes);

/* What naive forecasts say of these rows, into set->naive. */
ds_status ds_encode_naive(ds_set *set, const ds_encoding *encoding, ds_source *source,
                          const ds_rows *rows, const ds_naive *naive, int naives);

/* Puts the encoding's constants into a set's matrices. */
ds_status ds_encode_constants(ds_set *set, const ds_encoding *encoding);
ds_status ds_encode_feature_constants(ds_matrix *features, const ds_encoding *encoding);

#endif
