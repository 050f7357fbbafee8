/* line: points of y = 3x + 1, x uniform within -1 and 1, y with normal noise of deviation 0.5. No
 * model can have a smaller mean squared error than the noise: 0.25. */
#include "data/generate.h"

enum { X, NOISE };

ds_status ds_generate_line(const ds_generation *g, ds_text *out) {
    DS_CHECK(ds_text_add(out, "x,y\n"));
    for (int64_t i = 0; i < g->rows; i++) {
        double x = 2 * ds_draw_uniform(g, X, i) - 1;
        double y = 3 * x + 1 + 0.5 * ds_draw_normal(g, NOISE, i);
        DS_CHECK(ds_text_add(out, "%.3f,%.3f\n", x, y));
    }
    return DS_OK;
}
