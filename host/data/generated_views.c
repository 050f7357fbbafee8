/* views: a channel's views in thousands, a row for each day.
 *
 *     views = level (1 + week) + sqrt(level) mood + curiosity
 *
 * The level grows from three thousand views to almost six, most of it in the first three years,
 * swings a little with the terms of a year, and drifts. The week is low on Fridays and Saturdays.
 * The mood lasts some days. Curiosity: a day whose views differed from those of the same day a week
 * before, in either direction, brings viewers on the next one, up to a limit. That is a threshold
 * autoregression (Tong, "Threshold models in non-linear time series analysis", 1983): its kinks are
 * lost on a straight line, while ReLUs can find them. Noise and rule are matched: a hidden layer
 * finds some of the rule, a second one most of it, and what then is left to be learned is the
 * noise. On Lunar New Year's Eve a third of the views is left, which no day before announces. */
#include <math.h>

#include "base/calendar.h"
#include "data/generate.h"

enum { DRIFT, MOOD };

/* Lunar New Year's Eve of 2010 to 2030: month, day. */
static const unsigned char eve[][2] = {
    {2, 13}, {2, 2},  {1, 22}, {2, 9}, {1, 30}, {2, 18}, {2, 7}, {1, 27}, {2, 15}, {2, 4}, {1, 24},
    {2, 11}, {1, 31}, {1, 21}, {2, 9}, {1, 28}, {2, 16}, {2, 5}, {1, 25}, {2, 12}, {2, 2}};

static const double week[] = {0.06, 0.05, 0.04, 0.03, -0.13, -0.14, 0.09}; /* Monday to Sunday */

static bool is_eve(int64_t number) {
    int year, month, day;
    ds_day_parts(number, &year, &month, &day);
    int index = year - 2010;
    return index >= 0 && index <= 20 && eve[index][0] == month && eve[index][1] == day;
}

static const double curiosity = 1.3, usual_change = 0.4, most_change = 1.2;

/* Without the drift. */
static double level_of(double years) {
    double growth = 2.5 + 3.2 / (1 + exp(-(years - 1.5) / 0.8));
    return growth * exp(0.05 * cos(4 * 3.14159265358979323846 * (years - 0.3)));
}

ds_status ds_generate_views(const ds_generation *g, ds_text *out) {
    const int64_t first = ds_day_number(2017, 1, 1);
    double drift = 0, mood = 0, last[8] = {0}; /* the views of day i stand at i % 8 */
    DS_CHECK(ds_text_add(out, "date,views\n"));
    for (int64_t i = 0; i < g->rows; i++) {
        int64_t day = g->first_day + i;
        drift = 0.975 * drift + 0.006 * ds_draw_normal(g, DRIFT, i);
        mood = 0.75 * mood + 0.06 * ds_draw_normal(g, MOOD, i);
        double level = level_of((double)(day - first) / 365.25) * exp(drift);
        double views = level * (1 + week[ds_day_of_week(day)]) + sqrt(level) * mood;
        double change = fabs(last[(i + 7) % 8] - last[i % 8]); /* of days i - 1 and i - 8 */
        if (i >= 8)
            views += curiosity * (fmin(change, most_change) - usual_change);
        if (is_eve(day))
            views *= 0.35;
        last[i % 8] = round(1000 * fmax(views, 0.05)) / 1000; /* so that no last bit lives on */
        DS_CHECK(ds_generate_day(out, g, i));
        DS_CHECK(ds_text_add(out, ",%.3f\n", last[i % 8]));
    }
    return DS_OK;
}
