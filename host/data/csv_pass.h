/* One way through a CSV file: its blocks, read by several threads, become a table in their order.
 */
#ifndef DS_CSV_PASS_H
#define DS_CSV_PASS_H

#include "data/csv_block.h"

typedef struct ds_csv_pass {
    const ds_csv_layout *layout;
    const ds_words *missing;
    bool doubles;
    ds_csv_text *text;
    ds_table table;         /* as far as it is read */
    ds_column_facts *facts; /* of each column */
    int64_t room;           /* rows there is room for */
    int64_t lines;          /* read so far */
    int64_t extra;          /* rows with one empty cell more than there are columns */
} ds_csv_pass;

/* Reads the text from `first` (which was taken from it, and is used up) to its end. */
ds_status ds_csv_pass_run(ds_csv_pass *pass, ds_csv_rows *first);

/* Readies an empty table with the layout's columns. */
ds_status ds_csv_pass_begin(ds_csv_pass *pass, const char *source);
void ds_csv_pass_clear(ds_csv_pass *pass);

#endif
