/* A column of dates: how they are written, and how far one row lies from the next. */
#ifndef DS_DATE_COLUMN_H
#define DS_DATE_COLUMN_H

#include "data/table.h"

typedef struct ds_date_rule {
    char *column;   /* NULL: the rows have no dates */
    char *format;   /* as ds_date_parse takes it; NULL: to be found */
    double step;    /* from most rows to the next, see data/series_step.h; 0: not known */
    bool drop_gaps; /* windows that span a gap are left out */
    bool join;      /* rows of one date become one, their mean */
} ds_date_rule;

ds_status ds_date_rule_copy(ds_date_rule *out, const ds_date_rule *rule);
void ds_date_rule_clear(ds_date_rule *rule);

/* The one format that every cell of the column fits: year first (2021-01-31, 2021/01/31, 20210131,
 * 2021-01), day or month first with '.', '/' or '-' between (31.1.21 with '.' or '/'), a month's
 * name (31 Jan 2021), a quarter (2021Q1, 2021-Q1, Q1 2021), a week (2021-W01, 2021-W01-3); a year
 * alone, and what counts since 1970 (seconds of 10 digits, ms of 13, us, ns). Fails, naming the
 * first cell that fits none, and where all days and months could change places. */
ds_status ds_date_format_find(char **out, const ds_table *table, const ds_column *column);

/* Whether every cell is a date: in that format, or, where it is NULL, in one that could be found
 * and is no number but one such as 20210131. */
bool ds_date_column_fits(const ds_table *table, const ds_column *column, const char *format);

/* Whether every cell is a number that may count since 1970. */
bool ds_date_column_counts(const ds_table *table, const ds_column *column);

/* Whether the first cell of a column of text is a date in some format. */
bool ds_date_column_begins(const ds_column *column);

/* The format of a cell in one of the ways that are not found because they could be others
 * (31-01-21), if possible one that all cells fit; false where there is none. */
bool ds_date_format_like(char out[32], const ds_table *table, const ds_column *column, int64_t row);

/* Every row's date, and whether some have an offset from UTC. A cell that is missing or does not
 * fit the format is an error. */
ds_status ds_date_read(double *out, const ds_table *table, const ds_column *column,
                       const char *format, bool *zoned);

#endif
