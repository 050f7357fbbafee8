/* A file as columns with names. */
#ifndef DS_TABLE_H
#define DS_TABLE_H

#include "data/column.h"
#include "data/matrix.h"

typedef struct ds_table {
    char *source; /* file name, for messages */
    int64_t rows;
    int columns;
    ds_column *column;
    ds_decimal decimal; /* as its numbers are written, where they tell; else AUTO */
    uint32_t *line;     /* of the file, where each row begins; NULL for binary files */
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
    const ds_words *missing; /* words that mean a missing cell; NULL: the usual ones */
    bool doubles;            /* numbers are kept as such */
    ds_text *notes;          /* or NULL */
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

/* Row i becomes what row order[i] was. */
ds_status ds_table_reorder(ds_table *table, const int64_t *order);

/* DS_BAD_INPUT with the cell's place before the message and the column's name behind it. The column
 * in "file:line:column" counts cells, not characters. */
ds_status ds_cell_fail(const ds_table *table, const ds_column *column, int64_t row,
                       const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The same for what is mended by leaving the column out. */
ds_status ds_cell_fail_excluding(const ds_table *table, const ds_column *column, int64_t row,
                                 const char *message);

/* The same for a cell that should hold a number, with what may be done about it. */
ds_status ds_cell_no_number(const ds_table *table, const ds_column *column, int64_t row,
                            const char *text);

#endif
