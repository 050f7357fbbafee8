#include "data/csv_layout.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HEAD_ROWS = 10 };

void ds_csv_layout_clear(ds_csv_layout *layout) {
    for (int j = 0; j < layout->columns; j++)
        ds_free(layout->column[j].name);
    ds_free(layout->column);
    *layout = (ds_csv_layout){0};
}

static bool ends_with(const char *path, const char *end) {
    size_t length = strlen(path), tail = strlen(end);
    if (length > 3 && strcasecmp(path + length - 3, ".gz") == 0)
        length -= 3;
    return length >= tail && strncasecmp(path + length - tail, end, tail) == 0;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* What occurs most in the first line of comma, tab, semicolon and bar. */
static char find_separator(const char *text, const char *path) {
    static const char separators[] = {',', '\t', ';', '|'};
    size_t count[4] = {0}, decimal = 0; /* commas between digits */
    bool quoted = false;
    int best = 0;
    if (ends_with(path, ".tsv") || ends_with(path, ".tab"))
        return '\t';
    const char *first = text + strspn(text, "\r\n");
    for (const char *at = first; *at && (quoted || (*at != '\n' && *at != '\r')); at++) {
        quoted ^= *at == '"';
        for (int k = 0; k < 4 && !quoted; k++)
            count[k] += *at == separators[k];
        decimal += !quoted && *at == ',' && at > first && is_digit(at[-1]) && is_digit(at[1]);
    }
    if (decimal == count[0]) /* such commas separate cells only where nothing else does */
        count[0] = 0;
    for (int k = 1; k < 4; k++)
        if (count[k] > count[best])
            best = k;
    return separators[best];
}

/* A first line such as sep=; says it, as spreadsheets write it; past that line. */
static char *take_separator_line(ds_csv_layout *layout, char *text) {
    if (strncasecmp(text, "sep=", 4) != 0 || strchr("\r\n\"", text[4]) ||
        (text[5] != '\r' && text[5] != '\n'))
        return text;
    layout->separator = text[4];
    layout->skip_lines = 1;
    return text + 5 + (text[5] == '\r' && text[6] == '\n' ? 2 : 1);
}

/* The cells of one of the first rows. */
typedef struct head_row {
    char **cell;
    int cells, room;
} head_row;

static ds_status add_cell(head_row *row, char *text) {
    if (row->cells == row->room) {
        int room = row->room ? 2 * row->room : 16;
        DS_CHECK(ds_resize(&row->cell, (size_t)room, sizeof *row->cell));
        row->room = room;
    }
    row->cell[row->cells++] = text;
    return DS_OK;
}

/* Cells are texts within the text that is read. */
static ds_status read_head(head_row head[HEAD_ROWS], int *rows, ds_csv_cursor *cursor) {
    for (*rows = 0; *rows < HEAD_ROWS && ds_csv_next_row(cursor); ++*rows) {
        ds_csv_cell cell = {0};
        while (!cell.last) {
            if (!ds_csv_next_cell(cursor, &cell))
                return DS_OK;
            DS_CHECK(add_cell(&head[*rows], cell.text));
        }
    }
    return DS_OK;
}

/* A name of this row that the user asked for; NULL: none. */
static const char *asked_name(const head_row *row, const ds_wish *wish) {
    for (int j = 0; j < row->cells; j++) {
        bool named = false;
        (void)wish->kind(wish->context, row->cell[j], &named);
        if (named)
            return row->cell[j];
    }
    return NULL;
}

static int count_numbers(const head_row *row, char separator) {
    int numbers = 0;
    for (int j = 0; j < row->cells; j++) {
        double value;
        unsigned marks = 0;
        bool number = ds_cell_number(row->cell[j], DS_DECIMAL_AUTO, &value, &marks);
        numbers += number && (separator != ',' || !(marks & DS_MARK_HAS_COMMA));
    }
    return numbers;
}

/* A row with a column's name that was asked for is the header, else a first row without any number;
 * a row of numbers, one of which was asked for, may be either. */
static ds_status find_header(ds_csv_layout *layout, const head_row *head, int rows,
                             const char *path, const ds_wish *wish) {
    layout->header = wish->header == DS_HEADER_YES;
    layout->skip_rows = layout->header;
    if (wish->header != DS_HEADER_AUTO)
        return DS_OK;
    const char *asked = asked_name(&head[0], wish);
    int numbers = count_numbers(&head[0], layout->separator);
    if (asked && numbers == head[0].cells)
        return ds_fail(DS_BAD_INPUT,
                       "if these numbers are the names, --set data.header=true; without names "
                       "the columns are c1, c2, c3, ...",
                       "%s: the first row is all numbers, so \"%.40s\" is no column's name",
                       ds_source_name(path), asked);
    layout->header = asked || numbers == 0;
    layout->skip_rows = layout->header;
    for (int i = 1; i < rows && !asked; i++) {
        asked = asked_name(&head[i], wish);
        if (!asked || count_numbers(&head[i], layout->separator) == head[i].cells)
            continue;
        layout->header = true;
        layout->skip_rows = i + 1;
        if (wish->notes)
            return ds_text_add(wish->notes,
                               "%s: the names of the columns stand in row %d; what is above "
                               "them is left out\n",
                               ds_source_name(path), i + 1);
    }
    return DS_OK;
}

static bool is_unnamed(const char *name) {
    return *name == '\0' || strcmp(name, "Unnamed: 0") == 0;
}

/* Names and wishes of the columns. */
static ds_status make_columns(ds_csv_layout *layout, const head_row *row, const char *source,
                              const ds_wish *wish) {
    ds_status status = DS_OK;
    ds_words seen = {0};
    int32_t index;
    DS_TRY(ds_new(&layout->column, (size_t)row->cells, sizeof *layout->column));
    layout->columns = row->cells;
    for (int j = 0; j < row->cells; j++) {
        ds_csv_column *column = &layout->column[j];
        char excerpt[64], number[16];
        snprintf(number, sizeof number, "c%d", j + 1);
        const char *name = layout->header && *row->cell[j] ? row->cell[j] : number;
        ds_cell_excerpt(excerpt, name);
        if (!ds_is_utf8(name)) {
            status = ds_fail(DS_BAD_INPUT, "save the file as UTF-8",
                             "%s: the name of column %d is not UTF-8", source, j + 1);
            goto cleanup;
        }
        DS_TRY(ds_words_add(&seen, name, &index));
        if (index < j) {
            status = ds_fail(DS_BAD_INPUT, "give every column a name of its own",
                             "%s: columns %d and %d are both named \"%s\"", source, index + 1,
                             j + 1, excerpt);
            goto cleanup;
        }
        DS_TRY(ds_copy_text(&column->name, name));
        column->unnamed = layout->header && is_unnamed(row->cell[j]);
        column->wish = wish->kind(wish->context, name, &column->named);
        bool open = column->wish == DS_COLUMN_AUTO || column->wish == DS_COLUMN_MAYBE;
        column->kind = open ? DS_COLUMN_NUMBER : column->wish;
    }

cleanup:
    ds_words_clear(&seen);
    return status;
}

ds_status ds_csv_layout_find(ds_csv_layout *out, char *text, size_t size, const char *path,
                             const ds_wish *wish) {
    ds_status status = DS_OK;
    ds_csv_layout layout = {.decimal = wish->decimal};
    head_row head[HEAD_ROWS] = {{0}};
    int rows = 0;
    char *first = take_separator_line(&layout, text);
    layout.comments = first[strspn(first, " \t\r\n")] == '#';
    ds_csv_cursor cursor = {
        .at = first, .end = text + size, .separator = '\n', .comments = layout.comments};
    if (!layout.separator && ds_csv_next_row(&cursor)) /* which goes past comments */
        layout.separator = find_separator(cursor.at, path);
    cursor.separator = layout.separator ? layout.separator : ',';
    layout.separator = cursor.separator;
    DS_TRY(read_head(head, &rows, &cursor));
    if (rows > 0) {
        DS_TRY(find_header(&layout, head, rows, path, wish));
        const head_row *names = &head[layout.header ? layout.skip_rows - 1 : 0];
        DS_TRY(make_columns(&layout, names, ds_source_name(path), wish));
    }
    *out = layout;
    layout = (ds_csv_layout){0};

cleanup:
    for (int i = 0; i < HEAD_ROWS; i++)
        ds_free(head[i].cell);
    ds_csv_layout_clear(&layout);
    return status;
}
