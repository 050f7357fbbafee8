/* What stands in a cell of text: a number, nothing, or words. */
#ifndef DS_CELL_TEXT_H
#define DS_CELL_TEXT_H

#include "base/number.h"

/* Empty, NA, N/A, NaN (in any case), null, NULL or ?. */
bool ds_cell_is_missing(const char *text);

/* A number whose decimals stand behind this mark, '.' or ','; with ',' a '.' is no number. */
bool ds_cell_number(const char *text, char decimal, double *out);

/* What the commas of a number are for. */
typedef enum ds_comma {
    DS_COMMA_NONE,      /* it has none, or is no number even without them */
    DS_COMMA_DECIMAL,   /* 5,97 */
    DS_COMMA_THOUSANDS, /* 1,000,000.5 */
    DS_COMMA_EITHER     /* 1,234 */
} ds_comma;

ds_comma ds_cell_comma(const char *text);

/* A cell as a message shows it: on one line, cut where it is long. */
void ds_cell_excerpt(char out[64], const char *text);

bool ds_is_utf8(const char *text);

#endif
