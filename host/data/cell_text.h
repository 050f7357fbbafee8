/* What stands in a cell of text: a number, nothing, or words. */
#ifndef DS_CELL_TEXT_H
#define DS_CELL_TEXT_H

#include "base/number.h"
#include "data/words.h"

/* What means a missing cell beside an empty one: `given`, or, where it is NULL, NA, N/A, NaN (in
 * any case), null, NULL and ?; where a number is expected, None, #N/A, <NA>, n/a, -, -- and ., too.
 * A quoted word counts only among numbers. */
bool ds_cell_is_missing(const char *text, bool quoted, bool number, const ds_words *given);

/* What stands before decimals; the other mark may then stand between thousands. */
typedef enum ds_decimal { DS_DECIMAL_AUTO, DS_DECIMAL_POINT, DS_DECIMAL_COMMA } ds_decimal;

/* How a number was written, or how those of a column were. */
enum {
    DS_MARK_POINT = 1u << 0,        /* a decimal point for certain: 5.97, 1,234.5, 1,000,000 */
    DS_MARK_COMMA = 1u << 1,        /* a decimal comma for certain: 5,97, 1.234,5, 1.000.000 */
    DS_MARK_POINT_EITHER = 1u << 2, /* 1.234 */
    DS_MARK_COMMA_EITHER = 1u << 3, /* 1,234 */
    DS_MARK_HAS_COMMA = 1u << 4,    /* whatever it is for */
    DS_MARK_PERCENT = 1u << 5,      /* 95% */
    DS_MARK_CURRENCY = 1u << 6,     /* $5, 5 EUR sign */
    DS_MARK_OTHER = 1u << 7,        /* (51), a minus sign of typographers, 1 234, 1'234 */
    DS_MARK_ZERO_FIRST = 1u << 8,   /* 007 */
    DS_MARK_ROUNDED = 1u << 9,      /* a whole number that no double holds */
    DS_MARK_COUNT = 10
};

/* Whatever a column of texts may hold that a plain number has not. */
#define DS_MARKS_CLEANED (DS_MARK_PERCENT | DS_MARK_CURRENCY | DS_MARK_OTHER)

/* A number as people write them: 1,234.5 and 1.234,5 by `decimal`, $1,200, 95% (which is 95), (51)
 * (which is -51), thousands behind blanks or apostrophes. Under DS_DECIMAL_AUTO a number with a
 * comma, or with several points, is NAN: it must wait until it is known what commas are for. False
 * where the text is no number; infinities are numbers.
 */
bool ds_cell_number(const char *text, ds_decimal decimal, double *out, unsigned *marks);

/* The marks of a number that a scan of `text` took, which has neither commas nor signs around it.
 */
unsigned ds_plain_marks(const ds_decimal_number *number, const char *text);

/* A number behind a sign such as < or ~, or before a unit: <1.0, ~5, 12 kg. */
bool ds_cell_looks_like_number(const char *text);

/* The currency's sign in a number; "" where there is none. */
void ds_cell_currency(char out[8], const char *text);

/* A cell as a message shows it: on one line, cut where it is long. */
void ds_cell_excerpt(char out[64], const char *text);

bool ds_is_utf8(const char *text);

#endif
