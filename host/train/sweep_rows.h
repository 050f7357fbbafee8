/* The table of a sweep, from its sweep.csv: a row for each run. */
#ifndef DS_SWEEP_ROWS_H
#define DS_SWEEP_ROWS_H

#include "data/table.h"

typedef struct ds_sweep_rows {
    ds_table table; /* what was swept as text, then the results as numbers */
    int keys;       /* columns of what was swept */
    int runs;
    char *by;      /* "batch", "optimizer.adam.rate, model.1"; "run" of runs that have names */
    char **name;   /* of every run: "32", "0.1, relu", "8 sigmoids" */
    double *place; /* on the x axis: its number, or 0, 1, ... */
    bool numbers;  /* what was swept is one number */
    bool numbered; /* the names begin with rising numbers, "4 pieces", "8 pieces": the places */
} ds_sweep_rows;

/* An error where the folder holds no sweep, or one in which no run was finished. */
ds_status ds_sweep_rows_read(ds_sweep_rows *out, const char *folder);
void ds_sweep_rows_clear(ds_sweep_rows *rows);

/* Was the folder's last run a sweep? Folders are used again: the newer of what a sweep and what a
 * run alone leaves says so. */
bool ds_is_sweep(const char *folder);

#endif
