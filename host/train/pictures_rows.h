/* Rows of data as pictures show them: in their own units, with the network's answers. */
#ifndef DS_PICTURES_ROWS_H
#define DS_PICTURES_ROWS_H

#include "plot/chart.h"
#include "train/pictures.h"

/* The rows a run is judged by: the test set, else the validation set, else the training set. */
const ds_set *ds_picture_rows(const ds_data *data, const char **name);

/* Where row i of a set stands on the x axis: its date, or else its number in its file; and the axis
 * for it. */
double ds_picture_row_x(const ds_set *set, int64_t i);
ds_axis ds_picture_row_axis(const ds_set *set);

/* Is there one column that goes in, so that the network is a curve? */
bool ds_picture_is_curve(const ds_encoding *encoding);

/* That column in all the rows of a set, and a target, in their own units; given back by ds_free. */
ds_status ds_picture_column(double **out, const ds_set *set);
ds_status ds_picture_target(double **out, const ds_set *set, int64_t target);

/* A network over one column: what output `output` gives at `count` places. */
ds_status ds_picture_curve(const ds_picture_source *source, const double *x, int64_t count,
                           int64_t output, double *y);

enum { DS_PICTURE_PLACES = 501 }; /* of a curve */

/* That many places over the span of `count` values; given back by ds_free. */
ds_status ds_picture_places(double **out, const double *values, int64_t count);

/* The curves of all runs of a sweep, over the rows that they were trained on; title and axes are
 * those of `chart`. */
ds_status ds_picture_curves(const ds_picture_runs *runs, int64_t output, ds_chart *chart,
                            const char *folder, const char *name, ds_text *drawn, ds_text *notes);

#endif
