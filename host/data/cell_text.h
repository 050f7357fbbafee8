/* What stands in a cell of text: a number, nothing, or words. */
#ifndef DS_CELL_TEXT_H
#define DS_CELL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A decimal number, with nothing around it; the nearest double. "inf", "infinity" and numbers
 * beyond the largest double give an infinity: the caller refuses it by name. */
bool ds_number_parse(const char *text, double *out);

/* Empty, NA, N/A, NaN (in any case), null, NULL or ?. */
bool ds_cell_is_missing(const char *text);

/* The fewest digits that read back as the same double. */
void ds_number_print(char out[32], double value);

/* A cell as a message shows it: on one line, cut where it is long. */
void ds_cell_excerpt(char out[64], const char *text);

bool ds_is_utf8(const char *text);

#endif
