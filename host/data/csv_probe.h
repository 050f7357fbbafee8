/* A first look at a CSV file: its separator, its columns' names, which of them are numbers, and how
 * their decimals are written. */
#ifndef DS_CSV_PROBE_H
#define DS_CSV_PROBE_H

#include <csv.h>

#include "base/files.h"
#include "data/table.h"

typedef struct ds_csv_probe {
    char separator;
    ds_decimal decimal; /* AUTO: a point */
    bool header;
    int columns;
    int limit;              /* columns there is room for */
    char **first;           /* cells of the first row */
    int64_t *number, *word; /* cells of each kind in the first rows, by column, without the first */
    bool comma;             /* a number has a decimal comma, which cannot stand behind thousands */
    bool point;             /* a number has a decimal point, or commas behind thousands */
    int64_t rows;           /* rows looked at */
} ds_csv_probe;

/* A parser in strict mode that allocates through base/memory.h. */
ds_status ds_csv_parser_open(struct csv_parser *parser, char separator, const char *path);

ds_status ds_csv_probe_read(ds_csv_probe *out, const char *text, size_t size, const char *path,
                            const ds_wish *wish);
void ds_csv_probe_clear(ds_csv_probe *probe);

/* AUTO decided by what was seen. */
ds_column_kind ds_csv_probe_kind(const ds_csv_probe *probe, int column);

#endif
