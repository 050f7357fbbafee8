/* What stands in a cell of text: a number, nothing, or words. */
#ifndef DS_CELL_TEXT_H
#define DS_CELL_TEXT_H

#include "base/number.h"

/* Empty, NA, N/A, NaN (in any case), null, NULL or ?. */
bool ds_cell_is_missing(const char *text);

/* "1,5" or "1,000,000.5": a number, were it not for its commas. */
bool ds_cell_is_number_with_commas(const char *text);

/* A cell as a message shows it: on one line, cut where it is long. */
void ds_cell_excerpt(char out[64], const char *text);

bool ds_is_utf8(const char *text);

#endif
