/* A file as columns with names. */
#ifndef DS_TABLE_H
#define DS_TABLE_H

#include "data/cell_text.h"
#include "data/matrix.h"
#include "data/words.h"

typedef enum ds_column_kind {
    DS_COLUMN_AUTO,   /* to be decided by looking at the cells */
    DS_COLUMN_NUMBER, /* `numbers`; NAN is a missing cell */
    DS_COLUMN_TEXT,   /* `codes` into `words`; -1 is a missing cell */
    DS_COLUMN_SKIPPED /* not kept */
} ds_column_kind;

typedef struct ds_column {
    char *name;
    ds_column_kind kind;
    double *numbers;
    int32_t *codes;
    ds_words words;
} ds_column;

typedef struct ds_table {
    char *source; /* file name, for messages */
    int64_t rows;
    int columns;
    ds_column *column;
    int64_t *line; /* line of the file where each row begins; NULL for binary files */
} ds_table;

/* What a reader should keep. `kind` says it for a column's name, and through `named` whether the
 * user asked for a column of that name, which tells a header from a first row of data. Where
 * `header` says which it is, `kind` is asked once for every column, in their order. */
typedef enum ds_header { DS_HEADER_AUTO, DS_HEADER_YES, DS_HEADER_NO } ds_header;

typedef struct ds_wish {
    ds_column_kind (*kind)(const void *context, const char *name, bool *named);
    const void *context;
    ds_header header;
    ds_decimal decimal;
} ds_wish;

/* "standard input" for "-". */
const char *ds_source_name(const char *path);

ds_status ds_table_new(ds_table *out, const char *source, int columns);
void ds_table_clear(ds_table *table);

/* A matrix as columns of numbers named `prefix`1, `prefix`2, ...; NAN becomes a missing cell. With
 * one column and an `only` name, that is its name. `wish` may be NULL: all columns. */
ds_status ds_table_from_matrix(ds_table *out, const ds_matrix *matrix, const char *source,
                               const char *prefix, const char *only, const ds_wish *wish);

const ds_column *ds_table_find(const ds_table *table, const char *name); /* NULL: not there */

/* The column of that name, or an error that names it and the nearest. */
ds_status ds_table_need(const ds_table *table, const char *name, const ds_column **out);

/* Turns a column of numbers into text, so that its values are categories. The numbers stay beside
 * it: a target's own past may be a feature. Text stays as it is. */
ds_status ds_column_to_text(ds_column *column, int64_t rows);

/* Row i becomes what row order[i] was. */
ds_status ds_table_reorder(ds_table *table, const int64_t *order);

bool ds_column_is_missing(const ds_column *column, int64_t row);

/* DS_BAD_INPUT with the cell's place before the message and the column's name behind it. The column
 * in "file:line:column" counts cells, not characters. */
ds_status ds_cell_fail(const ds_table *table, const ds_column *column, int64_t row,
                       const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The same for a cell that should hold a number, with what may be done about it. */
ds_status ds_cell_no_number(const ds_table *table, const ds_column *column, int64_t row,
                            const char *text);

#endif
