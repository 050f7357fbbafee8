/* Words and numbers as gnuplot's scripts and CSV files take them. */
#ifndef DS_PLOT_WORDS_H
#define DS_PLOT_WORDS_H

#include "base/text.h"

/* Any text as a string constant of a script, to be shown as it stands: quoted, with what gnuplot's
 * enhanced mode would take for markup escaped, line breaks as blanks, and bytes that are not UTF-8
 * as '?'. */
ds_status ds_plot_string(ds_text *script, const char *text);

/* The same for a label of an axis's tick, which is a format, too. */
ds_status ds_plot_tick_label(ds_text *script, const char *text);

/* A cell of text, in double quotes; a double quote inside becomes a single one, since gnuplot knows
 * no way to write it. */
ds_status ds_plot_cell(ds_text *csv, const char *text);

/* A number with 9 digits at most; "nan" where it is not finite, so that a line is interrupted. */
ds_status ds_plot_number(ds_text *csv, double value);

/* Seconds since 1970-01-01 as "2021-02-11", with "T12:30:00" behind it where `clock`. */
ds_status ds_plot_date(ds_text *csv, double seconds, bool clock);

/* The least and the greatest finite value, added to what the two already hold; start with
 * INFINITY and -INFINITY. */
void ds_plot_extent(const double *values, int64_t count, double *least, double *greatest);

#endif
