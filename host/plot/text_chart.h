/* A chart as text, for a terminal, a log file or a mail: plain ASCII, so that it looks the same in
 * every locale and two series can be told apart by their marks. */
#ifndef DS_TEXT_CHART_H
#define DS_TEXT_CHART_H

#include "plot/chart.h"

enum { DS_TEXT_CHART_LEAST_WIDTH = 40, DS_TEXT_CHART_LEAST_HEIGHT = 8 };

/* No line is longer than `width` characters, the whole is `height` lines; both are raised to what a
 * chart needs. */
ds_status ds_text_chart(const ds_chart *chart, int width, int height, ds_text *out);

#endif
