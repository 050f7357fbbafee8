/* CSV as RFC 4180 has it, through libcsv. The separator is a tab for .tsv and .tab, else what
 * occurs most in the first line of comma, tab and semicolon. Spaces around unquoted cells don't
 * count; blank lines are skipped; a UTF-8 byte order mark is dropped.
 *
 * The first row is a header where none of its cells is a number, or where the user named a column
 * that stands in it. Without a header the columns are c1, c2, ...; a column whose name is empty
 * gets its name by position, too.
 *
 * A column whose kind nobody asked for is text if more than half of its cells in the first rows are
 * no numbers; otherwise text in it is an error, as in any column of numbers. */
#ifndef DS_CSV_READER_H
#define DS_CSV_READER_H

#include "base/files.h"
#include "data/table.h"

ds_status ds_csv_read(ds_table *out, const ds_bytes *bytes, const char *path, const ds_wish *wish);

#endif
