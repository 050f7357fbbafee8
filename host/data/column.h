/* A column of a file, named: numbers, or texts as codes into the words that occur. */
#ifndef DS_COLUMN_H
#define DS_COLUMN_H

#include <math.h>

#include "data/cell_text.h"

typedef enum ds_column_kind {
    DS_COLUMN_AUTO,   /* to be decided by looking at the cells */
    DS_COLUMN_NUMBER, /* by ds_column_number; NAN is a missing cell */
    DS_COLUMN_TEXT,   /* `codes` into `words`; -1 is a missing cell */
    DS_COLUMN_MAYBE,  /* as a wish: not needed, kept if it is text of few words, without a note */
    DS_COLUMN_SKIPPED /* not kept */
} ds_column_kind;

/* Numbers are kept as doubles or, in half of the room, as whole numbers that stand for exact
 * decimals: 1.25 as 125 with 2 decimals. Dividing by the power of ten rounds once, as reading the
 * decimal does, so the bits are the same. */
typedef struct ds_column {
    char *name;
    ds_column_kind kind;
    double *numbers;
    int32_t *scaled; /* where `numbers` is NULL */
    int decimals;
    double power;   /* 10^decimals */
    int32_t *codes; /* text */
    ds_words words;
    int64_t room;   /* rows there is room for */
    bool complete;  /* no cell is missing; false: not known */
    unsigned marks; /* how its numbers were written: DS_MARK_POINT and others */
    char unit[8];   /* "%", a currency's sign, or "" */
} ds_column;

enum { DS_SCALED_MISSING = INT32_MIN, DS_SCALED_MINUS_ZERO = INT32_MIN + 1 };

static inline double ds_column_number(const ds_column *column, int64_t row) {
    if (column->numbers)
        return column->numbers[row];
    int32_t scaled = column->scaled[row];
    if (scaled <= DS_SCALED_MINUS_ZERO)
        return scaled == DS_SCALED_MISSING ? (double)NAN : -0.0;
    return scaled / column->power;
}

/* Numbers first, first + 1, ... as doubles. */
void ds_column_read(const ds_column *column, int64_t first, int64_t count, double *to);

/* Puts a number, or NAN, into row `row` of a column of numbers with room for it; rows before it are
 * there. */
ds_status ds_column_put(ds_column *column, int64_t row, double value);
ds_status ds_column_put_decimal(ds_column *column, int64_t row, const ds_decimal_number *number,
                                const char *text);

/* The same, inline for numbers that are like those before them. */
static inline ds_status ds_column_take_decimal(ds_column *column, int64_t row,
                                               const ds_decimal_number *number, const char *text) {
    bool like = column->scaled && number->decimals == column->decimals &&
                number->digits < INT32_MAX && (number->digits || !number->negative) &&
                !number->exponent;
    if (!like)
        return ds_column_put_decimal(column, row, number, text);
    column->scaled[row] = number->negative ? -(int32_t)number->digits : (int32_t)number->digits;
    return DS_OK;
}

/* Puts another column's numbers after the `rows` that are there, in room that is there. The other
 * may be kept otherwise afterwards. */
ds_status ds_column_append(ds_column *column, int64_t rows, ds_column *other, int64_t count);

/* Makes room for so many rows. */
ds_status ds_column_reserve(ds_column *column, int64_t rows);

/* Keeps the numbers of all its rows as doubles from now on. */
ds_status ds_column_widen(ds_column *column, int64_t rows);

/* Turns a column of numbers into text, so that its values are categories. The numbers stay beside
 * it: a target's own past may be a feature. Text stays as it is. */
ds_status ds_column_to_text(ds_column *column, int64_t rows);

/* Row i becomes what row order[i] was. */
ds_status ds_column_reorder(ds_column *column, const int64_t *order, int64_t rows);

bool ds_column_is_missing(const ds_column *column, int64_t row);
void ds_column_clear(ds_column *column);

#endif
