/* From options and a source's columns to an encoding that has yet to see its training rows. */
#ifndef DS_ENCODING_PLAN_H
#define DS_ENCODING_PLAN_H

#include "data/split.h"

/* Categories and classes are those of all rows of the file, whatever set a row will be in: a class
 * that only the validation rows have is no reason to refuse the file. */
ds_status ds_encoding_plan(ds_encoding **out, const ds_data_options *options, ds_source *source,
                           ds_text *notes);

/* Leaves the categories that training rows have: a word of other rows alone would get weights that
 * nothing trains. */
ds_status ds_encoding_keep_trained(ds_encoding *encoding, const ds_source *source,
                                   const ds_rows *train);

/* Inputs c1, c2, ... for an array's columns as they are. */
ds_status ds_encoding_plan_array(ds_encoding *encoding, const ds_array_file *array);

#endif
