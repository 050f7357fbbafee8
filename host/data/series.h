/* Rows in the order of their dates. */
#ifndef DS_SERIES_H
#define DS_SERIES_H

#include "data/encoding.h"

/* Sorts the source's rows by the encoding's column of dates, and gives the source its dates. On the
 * first file of an encoding this finds how dates are written and how far apart rows lie; later
 * files must be written alike. With lags (`steps` rows of history that a row needs) equal dates are
 * an error and the column must be there; without, it may be absent from later files.
 *
 * Notes, where not NULL, receive how many rows were out of order and how many dates are missing. */
ds_status ds_series_sort(ds_source *source, ds_encoding *encoding, int steps, ds_text *notes);

/* The same for a file that comes after the one that the encoding was made for. */
ds_status ds_series_apply(ds_source *source, const ds_encoding *encoding, int steps,
                          ds_text *notes);

#endif
