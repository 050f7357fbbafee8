/* How a CSV file is laid out: its separator, where its header is, its columns. */
#ifndef DS_CSV_LAYOUT_H
#define DS_CSV_LAYOUT_H

#include "data/csv_cells.h"
#include "data/table.h"

typedef struct ds_csv_column {
    char *name;
    bool named;          /* the user asked for it */
    bool unnamed;        /* its name in the file is empty, or "Unnamed: 0" */
    ds_column_kind wish; /* AUTO: the cells decide */
    ds_column_kind kind; /* as it is read */
} ds_csv_column;

typedef struct ds_csv_layout {
    char separator;
    bool comments;      /* lines that begin with # are no rows */
    bool header;        /* the last skipped row holds the names */
    int64_t skip_lines; /* lines before the first row, such as sep=; */
    int64_t skip_rows;  /* rows that are no data: the header and what stands above it */
    int columns;
    ds_csv_column *column;
    ds_decimal decimal; /* as numbers are read */
} ds_csv_layout;

/* From the first rows of a file, which are changed on the way. Names and wishes are set; kinds are
 * those wished, or numbers. A layout without columns: the text holds no row. Rows that are damaged
 * are left to whoever reads them all. */
ds_status ds_csv_layout_find(ds_csv_layout *out, char *text, size_t size, const char *path,
                             const ds_wish *wish);
void ds_csv_layout_clear(ds_csv_layout *layout);

#endif
