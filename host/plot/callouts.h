/* The words at places of a chart. */
#ifndef DS_CALLOUTS_H
#define DS_CALLOUTS_H

#include "plot/chart.h"

/* A label for each, with its point or its line across; a point's word stands where it hides least
 * of the curves and of the words before it. */
ds_status ds_callouts_add(const ds_chart *chart, ds_text *script);

#endif
