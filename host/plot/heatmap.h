/* A surface z(x, y) from above: colours, contour lines with their heights, and a path over it. */
#ifndef DS_HEATMAP_H
#define DS_HEATMAP_H

#include "base/text.h"

typedef struct ds_heatmap {
    const char *title, *x_label, *y_label, *z_label;
    int64_t columns, rows;
    const double *x, *y, *z; /* columns, rows, rows x columns */
    int64_t path_count;      /* 0: no path */
    const double *path_x, *path_y;
    const char *end_word; /* at its last point; NULL: "end" */
} ds_heatmap;

/* FOLDER/NAME.svg, .png, .gp and .csv, and NAME_path.csv where there is a path. */
ds_status ds_heatmap_draw(const ds_heatmap *map, const char *folder, const char *name,
                          ds_text *notes);

#endif
