/* What stands in a cell of text: a number, nothing, or words. */
#ifndef DS_CELL_TEXT_H
#define DS_CELL_TEXT_H

#include "base/number.h"

/* Empty, NA, N/A, NaN (in any case), null, NULL or ?. */
bool ds_cell_is_missing(const char *text);

/* What stands before decimals. A point of which the user says so may have commas behind thousands.
 */
typedef enum ds_decimal { DS_DECIMAL_AUTO, DS_DECIMAL_POINT, DS_DECIMAL_COMMA } ds_decimal;

/* A number with its decimals behind a point (AUTO, and POINT, with which 1,234,567.5 is one, too),
 * or behind a comma, with which 5.97 is none. */
bool ds_cell_number(const char *text, ds_decimal decimal, double *out);

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
