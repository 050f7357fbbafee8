/* views: a channel's views in thousands, a row for each day.
 *
 *     views = level (1 + week) + level^3/4 mood         level: growth, terms, drift
 *
 * The level grows from some hundred views to thousands, most of it in the first two years, swings
 * with the terms of a year, and drifts. The week is low on Fridays and Saturdays. The mood is a
 * threshold autoregression (Tong, "Threshold models in non-linear time series analysis", 1983): a
 * day's mood follows from that of the two days before by a line with a kink in it, so that a
 * straight line forecasts it badly and a few ReLUs could do better. On Lunar New Year's Eve a third
 * of the views is left, which no day before announces. */
#include <math.h>

#include "data/calendar.h"
#include "data/generate.h"

enum { DRIFT, MOOD };

/* Lunar New Year's Eve of 2010 to 2030: month, day. */
static const unsigned char eve[][2] = {
    {2, 13}, {2, 2},  {1, 22}, {2, 9}, {1, 30}, {2, 18}, {2, 7}, {1, 27}, {2, 15}, {2, 4}, {1, 24},
    {2, 11}, {1, 31}, {1, 21}, {2, 9}, {1, 28}, {2, 16}, {2, 5}, {1, 25}, {2, 12}, {2, 2}};

static const double week[] = {0.30, 0.25, 0.20, 0.15, -0.65, -0.70, 0.45}; /* Monday to Sunday */

static bool is_eve(int64_t number) {
    int year, month, day;
    ds_day_parts(number, &year, &month, &day);
    int index = year - 2010;
    return index >= 0 && index <= 20 && eve[index][0] == month && eve[index][1] == day;
}

/* Without the drift. */
static double level_of(double years) {
    double growth = 0.576 + 3.251 / (1 + exp(-(years - 1.047) / 0.2));
    return growth * exp(0.107 * cos(4 * 3.14159265358979323846 * (years - 0.3)));
}

ds_status ds_generate_views(const ds_generation *g, ds_text *out) {
    const int64_t first = ds_day_number(2017, 1, 1);
    double drift = 0, mood = 0, before = 0;
    DS_CHECK(ds_text_add(out, "date,views\n"));
    for (int64_t i = 0; i < g->rows; i++) {
        int64_t day = g->first_day + i;
        drift = 0.972 * drift + 0.012 * ds_draw_normal(g, DRIFT, i);
        double level = level_of((double)(day - first) / 365.25) * exp(drift);
        double next = 0.72 * mood + 1.6 * (fabs(mood - 0.6 * before) - 0.277) +
                      0.052 * ds_draw_normal(g, MOOD, i);
        before = mood;
        mood = fmin(fmax(next, -3), 3);
        double views = level * (1 + 0.2 * week[ds_day_of_week(day)]) + pow(level, 0.754) * mood;
        if (is_eve(day))
            views *= 0.35;
        DS_CHECK(ds_generate_day(out, g, i));
        DS_CHECK(ds_text_add(out, ",%.3f\n", fmax(views, 0.05)));
    }
    return DS_OK;
}
