/* The rows of a matrix as they are made of a table's columns whenever they are read: no table of
 * thousands of words is ever as wide in memory as its features are. */
#ifndef DS_COLUMN_VIEW_H
#define DS_COLUMN_VIEW_H

#include "data/column.h"

/* The features of one column. */
typedef struct ds_view_part {
    const ds_column *column; /* which the view does not own */
    int width;               /* features */
    int lags;                /* 0, or values of so many rows before, t-1 first */
    int powers;              /* 1, or the value and its powers */
    bool indicator;          /* after them, 1 where the value is missing, else 0 */
    double fill;             /* what a missing number is */
    int32_t *category;       /* text: of each of the column's words; -1: none of those known */
    int32_t missing;         /* the category of a missing text; -1: none */
} ds_view_part;

typedef struct ds_column_view {
    int parts;
    ds_view_part *part;
    const int32_t *row; /* of the table, for each row of the matrix; not owned */
} ds_column_view;

void ds_column_view_destroy(ds_column_view *view);

/* The category of a row of the table, for a part of words; -1: none. */
int32_t ds_view_category(const ds_view_part *part, int64_t row);

/* Features begin .. begin + width - 1 of a part of numbers, of the table's rows row[0 .. count-1]:
 * count x width. Powers are read from the first on. */
void ds_view_part_read(const ds_view_part *part, int begin, int width, const int32_t *row,
                       int64_t count, double *out);

/* A checksum of what the part's column holds in these rows, going on from `sum`. */
unsigned long ds_view_part_checksum(const ds_view_part *part, const int32_t *row, int64_t count,
                                    unsigned long sum);

/* `value`, `value`^2, ... up to `powers`; false where one is not finite. */
bool ds_encode_powers(double *out, double value, int powers);

#endif
