/* A surface z(x, y) from above: colours, contour lines with their heights, and paths over it. */
#ifndef DS_HEATMAP_H
#define DS_HEATMAP_H

#include "base/text.h"

typedef struct ds_heatmap_path {
    int64_t count; /* of points; where it goes nowhere, an end without a start */
    const double *x, *y;
    const char *start, *end; /* words at its ends; NULL: "start", "end" */
    const char *color;       /* NULL: vermilion */
} ds_heatmap_path;

typedef struct ds_heatmap {
    const char *title, *x_label, *y_label, *z_label;
    int64_t columns, rows;
    const double *x, *y, *z; /* columns, rows, rows x columns */
    int paths;
    const ds_heatmap_path *path;
} ds_heatmap;

/* FOLDER/NAME.svg, .png, .gp and .csv, and NAME_path.csv where there are paths. */
ds_status ds_heatmap_draw(const ds_heatmap *map, const char *folder, const char *name,
                          ds_text *notes);

#endif
