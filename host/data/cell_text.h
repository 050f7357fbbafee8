/* What stands in a cell of text: a number, nothing, or words. */
#ifndef DS_CELL_TEXT_H
#define DS_CELL_TEXT_H

#include "base/number.h"

/* Empty, NA, N/A, NaN (in any case), null, NULL or ?. */
bool ds_cell_is_missing(const char *text);

/* A number whose decimals stand behind this mark, '.' or ','; with ',' a '.' is no number. */
bool ds_cell_number(const char *text, char decimal, double *out);

/* Digits with one comma among them: 5,97; or 1,234, which may be a thousand (`thousand`). */
bool ds_cell_has_comma(const char *text, bool *thousand);

/* A cell as a message shows it: on one line, cut where it is long. */
void ds_cell_excerpt(char out[64], const char *text);

bool ds_is_utf8(const char *text);

#endif
