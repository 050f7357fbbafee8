/* CSV as RFC 4180 has it. The separator is a tab for .tsv and .tab, what a first line such as sep=;
 * says, else what occurs most in the first line of comma, tab, semicolon and bar. Spaces around
 * unquoted cells do not count; blank lines are skipped, and lines that begin with # where the first
 * does; a UTF-8 byte order mark is dropped.
 *
 * The first row is a header where none of its cells is a number; a row of the first ten that holds
 * a column's name that the user named is one, too. Without a header the columns are c1, c2, ...; a
 * column whose name is empty gets its name by position, too, unless it only counts the rows.
 *
 * A column whose kind nobody asked for is text if more than half of its cells are no numbers, all
 * rows of the file counted; otherwise text in it is an error, as in any column of numbers. Numbers
 * are read as people write them (ds_cell_number), with a note. What commas and points in numbers
 * are for is told by all numbers of the file together.
 *
 * A file is read in blocks, by two threads where it is large, and read again where its first rows
 * misled about the others. */
#ifndef DS_CSV_READER_H
#define DS_CSV_READER_H

#include "base/input.h"
#include "data/table.h"

ds_status ds_csv_read(ds_table *out, const ds_bytes *bytes, const char *path, const ds_wish *wish);

/* The same from an open file. */
ds_status ds_csv_read_input(ds_table *out, ds_input *input, const char *path, const ds_wish *wish);

#endif
