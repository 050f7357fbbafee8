#include "plot/contours.h"

#include <math.h>
#include <stdlib.h>

/* ---- heights ---- */

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Rounded to the leading digit of its distance from the one before: labels stay short, and heights
 * apart. */
static double round_level(double level, double before) {
    double unit = pow(10, floor(log10(level - before)));
    return round(level / unit) * unit;
}

static double quantile(const double *sorted, int64_t count, int k) {
    double share = (double)k / (DS_MOST_CONTOURS + 1);
    return sorted[(int64_t)(pow(share, 1.5) * (double)(count - 1))];
}

/* Lines at about even distances, whatever the surface: quantiles, taken closer together towards the
 * least. */
static void choose_levels(ds_contours *c, const double *sorted, int64_t count) {
    double last = c->least;
    for (int k = 1; k <= DS_MOST_CONTOURS; k++) {
        double before = quantile(sorted, count, k - 1), level = quantile(sorted, count, k);
        if (!(level > before))
            continue;
        level = round_level(level, before);
        if (level > last && level < c->greatest)
            last = c->level[c->count++] = level;
    }
}

ds_status ds_contours_find(ds_contours *out, const ds_heatmap *map) {
    double *sorted = NULL;
    int64_t count = 0, cells = map->columns * map->rows;
    *out = (ds_contours){0};
    DS_CHECK(ds_new(&sorted, (size_t)cells, sizeof *sorted));
    for (int64_t i = 0; i < cells; i++)
        if (isfinite(map->z[i]))
            sorted[count++] = map->z[i];
    if (count > 0) {
        qsort(sorted, (size_t)count, sizeof *sorted, ascending);
        out->least = sorted[0];
        out->greatest = sorted[count - 1];
        out->log = out->least > 0 && out->greatest > 100 * out->least;
        choose_levels(out, sorted, count);
    }
    ds_free(sorted);
    return DS_OK;
}

/* ---- labels ---- */

/* A place in units of a label's size. */
typedef struct spot {
    double x, y;
} spot;

static spot spot_of(const ds_heatmap *map, double x, double y) {
    const double across = 12, up = 25; /* labels that fit side by side, and one above the other */
    return (spot){(x - map->x[0]) / (map->x[map->columns - 1] - map->x[0]) * across,
                  (y - map->y[0]) / (map->y[map->rows - 1] - map->y[0]) * up};
}

static double nearest(const spot *taken, int64_t count, spot place) {
    double least = INFINITY;
    for (int64_t i = 0; i < count; i++)
        least = fmin(least, hypot(taken[i].x - place.x, taken[i].y - place.y));
    return least;
}

/* Where a level is crossed between a value and its neighbour, as a share of the way; NAN: nowhere.
 */
static double crossing(double level, double from, double to) {
    return (from <= level) != (to <= level) && isfinite(to - from) ? (level - from) / (to - from)
                                                                   : NAN;
}

/* Of all places where the level crosses a line of the grid, off the edges, the one farthest from
 * what is taken. False: all are too near. */
static bool find_place(const ds_heatmap *map, double level, const spot *taken, int64_t count,
                       double *x, double *y) {
    int64_t edge_x = map->columns / 16 + 1, edge_y = map->rows / 16 + 1;
    double best = 1;
    for (int64_t row = edge_y; row + 1 < map->rows - edge_y; row++)
        for (int64_t column = edge_x; column + 1 < map->columns - edge_x; column++) {
            const double *z = map->z + row * map->columns + column;
            const double *at_x = map->x + column, *at_y = map->y + row;
            for (int across = 0; across < 2; across++) {
                double share = crossing(level, z[0], z[across ? 1 : map->columns]);
                if (!isfinite(share))
                    continue;
                double here_x = at_x[0] + (across ? share * (at_x[1] - at_x[0]) : 0);
                double here_y = at_y[0] + (across ? 0 : share * (at_y[1] - at_y[0]));
                double distance = nearest(taken, count, spot_of(map, here_x, here_y));
                if (!(distance > best))
                    continue;
                best = distance;
                *x = here_x;
                *y = here_y;
            }
        }
    return best > 1;
}

ds_status ds_contours_label(const ds_contours *contours, const ds_heatmap *map, ds_text *script) {
    ds_status status = DS_OK;
    spot *taken = NULL;
    int64_t count = 0, points = 0;
    for (int k = 0; k < map->paths; k++)
        points += map->path[k].count;
    DS_TRY(ds_new(&taken, (size_t)points + DS_MOST_CONTOURS, sizeof *taken));
    for (int k = 0; k < map->paths; k++)
        for (int64_t i = 0; i < map->path[k].count; i++)
            taken[count++] = spot_of(map, map->path[k].x[i], map->path[k].y[i]);
    for (int k = 0; k < contours->count; k++) {
        double x = 0, y = 0;
        if (!find_place(map, contours->level[k], taken, count, &x, &y))
            continue;
        DS_TRY(ds_text_add(script,
                           "set label '%.6g' at %.9g,%.9g center front font ',11' "
                           "tc rgb '#222222'\n",
                           contours->level[k], x, y));
        taken[count++] = spot_of(map, x, y);
    }

cleanup:
    ds_free(taken);
    return status;
}
