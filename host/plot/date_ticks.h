/* The ticks of an axis of dates. */
#ifndef DS_DATE_TICKS_H
#define DS_DATE_TICKS_H

#include "base/text.h"

/* A `set xtics` with so few ticks, on whole days, months or years, that their words do not run into
 * each other; nothing where a few hours leave that to gnuplot. */
ds_status ds_plot_date_ticks(ds_text *out, double from, double to, bool clock);

#endif
