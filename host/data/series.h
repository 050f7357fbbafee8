/* Rows in the order of their dates. */
#ifndef DS_SERIES_H
#define DS_SERIES_H

#include "data/encoding.h"

/* Sorts the source's rows by the encoding's columns of series, each of which is a stretch of rows
 * then, and within them by its column of dates, and gives the source its dates. On the first file
 * of an encoding this finds how dates are written and how far apart rows lie; later files must be
 * written alike. With lags or naive forecasts (`naives` of them) equal dates are an error, unless
 * their rows are joined, and the column must be there; without, it may be absent from later files.
 *
 * Notes, where not NULL, receive how many rows were out of order, how many dates came twice and how
 * many are missing. */
ds_status ds_series_sort(ds_source *source, ds_encoding *encoding, int naives, ds_text *notes);

/* The same for a file that comes after the one that the encoding was made for. */
ds_status ds_series_apply(ds_source *source, const ds_encoding *encoding, int naives,
                          ds_text *notes);

/* Joins the rows of a date, which are in order, to one that holds the mean of their numbers; of
 * text the first row's. Series are not averaged: rows of one date that a column tells apart are an
 * error. Notes, where not NULL, receive how many dates that were. */
ds_status ds_series_join(ds_source *source, const ds_encoding *encoding, ds_text *notes);

/* The columns of text that look as if they named series, those of the encoding among them; `out`
 * stays empty where none do. Of rows with dates, the first column, or pair of columns, whose words
 * tell all rows of each date apart; of others, one whose rows of each word follow each other. */
ds_status ds_series_guess(ds_words *out, const ds_source *source, const ds_encoding *encoding);

/* The row that a naive forecast of a row takes its value from: the latest before it, and not before
 * row `first`, that lies a whole number of seasons of `steps` back, counted in dates where the rows
 * have some. So a missing day is answered by the same weekday of an earlier week. -1: none. */
int64_t ds_series_naive_row(const ds_source *source, int64_t row, int steps, int64_t first);

/* Where rows do not follow day upon day, a note on what a season of `steps` means. */
ds_status ds_series_note_season(const ds_source *source, const ds_encoding *encoding,
                                const ds_naive *naive, ds_text *notes);

#endif
