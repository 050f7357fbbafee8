/* A column of dates: how they are written, and how far one row lies from the next. */
#ifndef DS_DATE_COLUMN_H
#define DS_DATE_COLUMN_H

#include "data/table.h"

typedef struct ds_date_rule {
    char *column;   /* NULL: the rows have no dates */
    char *format;   /* as ds_date_parse takes it; NULL: to be found */
    double step;    /* seconds from most rows to the next; 0: not known */
    bool drop_gaps; /* windows that span a gap are left out */
    bool join;      /* rows of one date become one, their mean */
} ds_date_rule;

ds_status ds_date_rule_copy(ds_date_rule *out, const ds_date_rule *rule);
void ds_date_rule_clear(ds_date_rule *rule);

/* The one format that every cell of the column fits: year first (2021-01-31, 2021/01/31, 20210131,
 * 2021-01), or day or month first with '.', '/' or '-' between (31.1.21 with '.' or '/'). Fails,
 * naming the first cell that fits none, and where all days and months could change places. */
ds_status ds_date_format_find(char **out, const ds_table *table, const ds_column *column);

/* Whether every cell is a date: in that format, or, where it is NULL, in one that could be found. A
 * column of numbers may be one of dates such as 20210131. */
bool ds_date_column_fits(const ds_table *table, const ds_column *column, const char *format);

/* Whether the first cell of a column of text is a date in some format. */
bool ds_date_column_begins(const ds_column *column);

/* Every row's date. A cell that is missing or does not fit the format is an error. */
ds_status ds_date_read(double *out, const ds_table *table, const ds_column *column,
                       const char *format);

#endif
