/* The cells of CSV text, one after the other, as RFC 4180 has them: cells in quotes may hold
 * separators, line ends and doubled quotes; blanks around a cell do not count; lines of nothing but
 * blanks are no rows. */
#ifndef DS_CSV_CELLS_H
#define DS_CSV_CELLS_H

#include "base/memory.h"

/* Where the reading of a text is. The text is changed on the way: cells are ended by a zero. It
 * ends with a line end and a zero. */
typedef struct ds_csv_cursor {
    char *at;
    const char *end;
    char separator;
    bool comments; /* lines that begin with # are no rows */
    int64_t line;  /* counted from 0 */
} ds_csv_cursor;

/* Goes to the next row; false at the end of the text. */
bool ds_csv_next_row(ds_csv_cursor *cursor);

typedef struct ds_csv_cell {
    char *text;
    bool quoted;
    bool last; /* of its row */
} ds_csv_cell;

/* The next cell of the row. False where a quote is not closed, or stands inside a cell. */
bool ds_csv_next_cell(ds_csv_cursor *cursor, ds_csv_cell *cell);

/* Past a line end, which may be CR, LF or both. */
static inline char *ds_csv_skip_line_end(ds_csv_cursor *cursor, char *at) {
    cursor->line++;
    return at + (*at == '\r' && at[1] == '\n' ? 2 : 1);
}

/* Ends a cell at `stop`, where its separator or line end stands; whether it is the row's last. */
static inline bool ds_csv_end_cell(ds_csv_cursor *cursor, char *stop) {
    bool last = *stop != cursor->separator;
    cursor->at = last ? ds_csv_skip_line_end(cursor, stop) : stop + 1;
    return last;
}

static inline char *ds_csv_skip_blanks(const ds_csv_cursor *cursor, char *at) {
    while (*at == ' ' || (*at == '\t' && cursor->separator != '\t'))
        at++;
    return at;
}

#endif
