/* A CSV file that descent itself wrote: a header, then numbers, where a cell may be empty. */
#ifndef DS_NUMBER_COLUMNS_H
#define DS_NUMBER_COLUMNS_H

#include "data/table.h"

/* Every column as numbers; an empty cell, or a number that is not finite, is NAN. Without rows the
 * table is empty. */
ds_status ds_number_columns_read(ds_table *out, const char *path);

#endif
