/* How far the rows of a series lie apart: so many seconds or, where they lie on one day of the
 * month (its last one, too), so many mean months, which stand for months of the calendar. */
#ifndef DS_SERIES_STEP_H
#define DS_SERIES_STEP_H

#include "base/status.h"

/* The step from a row to the next in the middle of all; 0 where there is none. Dates in order;
 * `first` is of each row the first of its series, NULL where there is one series. */
ds_status ds_step_find(double *step, const double *date, const int64_t *first, int64_t rows);

/* Which row's step of the series a later row is, counted from an earlier one; at least 1. */
int64_t ds_step_periods(double step, double before, double after);

/* The date one step after row i. */
double ds_step_next(double step, const double *date, int64_t rows, int64_t i);

/* "1 hour", "7 days", "3 months", "2 years": so many steps. */
void ds_step_print(char out[48], double step, int steps);

#endif
