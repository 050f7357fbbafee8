#include "data/csv_cells.h"

#include <string.h>

static bool is_line_end(char c) {
    return c == '\n' || c == '\r';
}

bool ds_csv_next_row(ds_csv_cursor *cursor) {
    while (cursor->at < cursor->end) {
        char *at = ds_csv_skip_blanks(cursor, cursor->at);
        if (*at == '#' && cursor->comments)
            at += strcspn(at, "\r\n");
        else if (!is_line_end(*at))
            return true;
        cursor->at = ds_csv_skip_line_end(cursor, at);
    }
    return false;
}

/* A cell whose opening quote stands at `at`. */
static bool take_quoted(ds_csv_cursor *cursor, ds_csv_cell *cell, char *at) {
    char *to = ++at;
    cell->text = to;
    cell->quoted = true;
    for (; at < cursor->end; at++) {
        if (*at == '"' && *++at != '"')
            break;
        cursor->line += *at == '\n' || (*at == '\r' && at[1] != '\n');
        *to++ = *at;
    }
    at = ds_csv_skip_blanks(cursor, at);
    if (at >= cursor->end || (*at != cursor->separator && !is_line_end(*at)))
        return false;
    cell->last = ds_csv_end_cell(cursor, at);
    *to = '\0';
    return true;
}

bool ds_csv_next_cell(ds_csv_cursor *cursor, ds_csv_cell *cell) {
    char *at = ds_csv_skip_blanks(cursor, cursor->at);
    if (*at == '"')
        return take_quoted(cursor, cell, at);
    cell->text = at;
    cell->quoted = false;
    while (*at != cursor->separator && !is_line_end(*at) && *at != '"')
        at++;
    if (*at == '"')
        return false;
    char *end = at;
    while (end > cell->text && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    cell->last = ds_csv_end_cell(cursor, at);
    *end = '\0';
    return true;
}
