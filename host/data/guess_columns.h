/* Which column holds the dates and which is to be predicted, where a recipe leaves that to the
 * file. */
#ifndef DS_GUESS_COLUMNS_H
#define DS_GUESS_COLUMNS_H

#include "data/data_options.h"

/* `date: auto` is the one column whose cells are all dates; a target that is left out beside it,
 * the one column of numbers that is left. Where several would do, or none, that is an error which
 * lists them. Fills the options in, with a note on what was found; names belong to the source. */
ds_status ds_guess_columns(ds_data_options *options, const ds_source *source, ds_text *notes);

#endif
