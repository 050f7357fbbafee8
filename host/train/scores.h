/* Losses and metrics: of an epoch from the records that passes leave on the device, of numbers at
 * the end from the predictions themselves. */
#ifndef DS_SCORES_H
#define DS_SCORES_H

#include "train/units.h"

/* ---- from records ---- */

/* Records added up over passes, in double; of the largest errors the largest is kept. */
typedef struct ds_tally {
    double record[DS_RECORD_SIZE];
    int64_t samples;
} ds_tally;

void ds_tally_add(ds_tally *tally, const double record[DS_RECORD_SIZE], int64_t samples);

/* How a set's one target that is a number spreads, for r2: sum (y - mean)^2 in the units that are
 * trained. NAN for others. */
double ds_target_spread(const ds_set *set, const ds_encoding *encoding);

/* loss, mae, rmse: means over samples and outputs; max_error: the largest |error| of all; r2 of one
 * target = 1 - sum e^2 / spread, and NAN where the spread is 0. Accuracy for classes. NAN is what
 * does not fit the targets (see ds_units). */
ds_scores ds_tally_scores(const ds_tally *tally, const ds_units *units, double spread);

/* ---- from predictions ---- */

/* A sum that loses nothing to its length. */
typedef struct ds_total {
    double sum, rest;
} ds_total;

/* The errors of a target, in its own units; their squares in the units that are trained, so that
 * none is too large or too small to be squared. */
typedef struct ds_column_errors {
    double scale; /* an error of 1 in trained units, in its own */
    ds_total absolute, square;
    double largest;
    double spread; /* sum (y - mean)^2, a square, too */
} ds_column_errors;

/* Predictions of numbers held against the table's own, all in double. */
typedef struct ds_errors {
    const ds_set *set;
    const ds_operation *loss;
    double option[DS_MAX_ATTRIBUTES];
    ds_units units;
    ds_total losses;          /* in trained units */
    ds_column_errors *column; /* one for each target */
    int64_t rows;
} ds_errors;

/* Of a set whose targets are numbers. On failure, too, ds_errors_close. */
ds_status ds_errors_open(ds_errors *errors, const ds_set *set, const ds_encoding *encoding,
                         const ds_operation *loss, const double *attribute);
void ds_errors_close(ds_errors *errors);

/* Predictions of rows first .. first + count - 1 in the targets' own units, row by row. */
void ds_errors_add(ds_errors *errors, int64_t first, int64_t count, const double *prediction);

/* The scores over all targets, and those of one, in its own units and without a loss. */
ds_scores ds_errors_scores(const ds_errors *errors);
ds_scores ds_errors_of_target(const ds_errors *errors, int64_t target);

#endif
