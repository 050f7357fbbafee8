/* What the cells of a CSV file say all together: which columns are numbers, what commas are for,
 * and what a user should be told. */
#ifndef DS_CSV_FINDINGS_H
#define DS_CSV_FINDINGS_H

#include "data/csv_pass.h"

/* Fills in the facts of columns that were read as text though nobody asked for that. */
ds_status ds_csv_text_facts(ds_column_facts *facts, const ds_csv_layout *layout,
                            const ds_table *table, const ds_wish *wish);

/* Sets the kinds of columns that nobody asked for, and how decimals are written (unless `wished`);
 * true where the layout was so before. */
bool ds_csv_decide(ds_csv_layout *layout, const ds_column_facts *facts, ds_decimal wished);

/* Fails at the first cell that cannot be what its column is; else says what is worth a note, and
 * leaves out columns that only count the rows or hold nothing. */
ds_status ds_csv_judge(ds_csv_pass *pass, const ds_wish *wish);

#endif
