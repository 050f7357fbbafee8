/* The heights at which a surface gets contour lines, and where their labels stand. */
#ifndef DS_CONTOURS_H
#define DS_CONTOURS_H

#include "plot/heatmap.h"

enum { DS_MOST_CONTOURS = 9 };

typedef struct ds_contours {
    double level[DS_MOST_CONTOURS];
    int count;
    double least, greatest; /* of the surface's finite values; equal where it is flat */
    bool log;               /* they span more than two decades */
} ds_contours;

ds_status ds_contours_find(ds_contours *out, const ds_heatmap *map);

/* A label for every level, on its line, away from the other labels and from the paths. */
ds_status ds_contours_label(const ds_contours *contours, const ds_heatmap *map, ds_text *script);

#endif
