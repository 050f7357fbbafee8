/* kink: x from 0 to 10 and a curve of straight pieces over it, with noise. A straight line cannot
 * follow it; sums of sigmoids or of ReLUs can. */
#include "data/generate.h"

static const double corner[][2] = {{0, 1}, {3, 4}, {5, 0.5}, {8, 2.5}, {10, 2}};

static double curve(double x) {
    int i = 0;
    while (i < 3 && x > corner[i + 1][0])
        i++;
    double share = (x - corner[i][0]) / (corner[i + 1][0] - corner[i][0]);
    return corner[i][1] + share * (corner[i + 1][1] - corner[i][1]);
}

ds_status ds_generate_kink(const ds_generation *g, ds_text *out) {
    DS_CHECK(ds_text_add(out, "x,y\n"));
    for (int64_t i = 0; i < g->rows; i++) {
        double x = 10 * ((double)i + 0.5) / (double)g->rows;
        double y = curve(x) + 0.15 * ds_draw_normal(g, 0, i);
        DS_CHECK(ds_text_add(out, "%.4f,%.4f\n", x, y));
    }
    return DS_OK;
}
