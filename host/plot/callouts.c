#include "plot/callouts.h"

#include <math.h>
#include <string.h>

#include "plot/plot_words.h"

/* The field within the axes and a letter of a word, in pixels of the SVG, about. */
static const double width = 700, height = 390, letter = 8.5, line = 17;

typedef struct box {
    double left, right, bottom, top;
} box;

/* Where a word may stand beside its point, the place to be preferred first. */
static const struct {
    const char *hold;
    double right, up; /* in letters and lines */
} places[] = {{"left", 0.7, 0.8}, {"right", -0.7, 0.8}, {"left", 0.7, -0.8}, {"right", -0.7, -0.8},
              {"center", 0, 1.1}, {"center", 0, -1.1},  {"left", 1.2, 0},    {"right", -1.2, 0}};
enum { PLACES = sizeof places / sizeof *places, MOST_BOXES = 64, STEPS = 8 };

static box box_at(double x, double y, double letters, int place) {
    double wide = letters * letter, at = x + places[place].right * letter;
    double middle = y + places[place].up * line;
    double left = places[place].hold[0] == 'l'   ? at
                  : places[place].hold[0] == 'r' ? at - wide
                                                 : at - wide / 2;
    return (box){left, left + wide, middle - line / 2, middle + line / 2};
}

static double pixel(const ds_axis_range *range, double value, double extent) {
    return ds_chart_position(range, value) * extent;
}

static bool holds(const box *b, double x, double y) {
    return x > b->left && x < b->right && y > b->bottom && y < b->top;
}

/* How much of a series lies under a box: its points, and those on the lines between them. */
static int hidden(const ds_series *series, const box *b, const ds_axis_range *x,
                  const ds_axis_range *y) {
    int count = 0;
    double last_x = NAN, last_y = NAN;
    for (int64_t i = 0; i < series->count; i++) {
        double at_x = pixel(x, series->x[i], width), at_y = pixel(y, series->y[i], height);
        int steps = series->look == DS_LOOK_POINTS || series->look == DS_LOOK_MARKS || isnan(last_y)
                        ? 1
                        : STEPS;
        for (int k = 1; k <= steps; k++) {
            double share = (double)k / steps;
            count += steps == 1 ? holds(b, at_x, at_y)
                                : holds(b, last_x + share * (at_x - last_x),
                                        last_y + share * (at_y - last_y));
        }
        last_x = at_x;
        last_y = at_y;
    }
    return count;
}

static double letters_of(const char *text) {
    double letters = 0;
    for (; *text; text++)
        letters += (*text & 0xc0) != 0x80;
    return letters;
}

/* The place that hides least; off the field or on another word is worst. */
static int find_place(const ds_chart *chart, const ds_callout *callout, const ds_axis_range *x,
                      const ds_axis_range *y, const box *taken, int count, box *out) {
    double at_x = pixel(x, callout->x, width), at_y = pixel(y, callout->y, height);
    int best = 0, least = INT32_MAX;
    for (int i = 0; i < PLACES; i++) {
        const int worst = 100000;
        box b = box_at(at_x, at_y, letters_of(callout->text), i);
        int score = b.left < 0 || b.right > width || b.bottom < 0 || b.top > height ? worst : 0;
        for (int k = 0; k < count; k++)
            if (b.left < taken[k].right && taken[k].left < b.right && b.bottom < taken[k].top &&
                taken[k].bottom < b.top)
                score += worst;
        for (int k = 0; k < chart->series_count; k++)
            score += hidden(&chart->series[k], &b, x, y);
        if (score < least) {
            least = score;
            best = i;
            *out = b;
        }
    }
    return best;
}

static ds_status add_line_across(const ds_chart *chart, const ds_callout *callout,
                                 const ds_axis_range *x, ds_text *out) {
    bool right = callout->x > x->from + 0.6 * (x->to - x->from);
    DS_CHECK(ds_text_add(out, "set arrow from "));
    DS_CHECK(ds_chart_add_x(chart, callout->x, out));
    DS_CHECK(ds_text_add(out, ", graph 0 to "));
    DS_CHECK(ds_chart_add_x(chart, callout->x, out));
    DS_CHECK(ds_text_add(out, ", graph 1 nohead dt 2 lw 1 lc rgb '#777777'\nset label "));
    DS_CHECK(ds_plot_string(out, callout->text));
    DS_CHECK(ds_text_add(out, " at "));
    DS_CHECK(ds_chart_add_x(chart, callout->x, out));
    return ds_text_add(out, ", graph 0.96 %s offset char %s,0 tc rgb '#333333' front\n",
                       right ? "right" : "left", right ? "-0.7" : "0.7");
}

static ds_status add_point(const ds_chart *chart, const ds_callout *callout, int place,
                           ds_text *out) {
    DS_CHECK(ds_text_add(out, "set label "));
    DS_CHECK(ds_plot_string(out, callout->text));
    DS_CHECK(ds_text_add(out, " at "));
    DS_CHECK(ds_chart_add_x(chart, callout->x, out));
    return ds_text_add(out,
                       ", %.9g %s offset char %g,%g tc rgb '#333333' point pt 7 ps 1.1 "
                       "lc rgb '%s' front\n",
                       callout->y, places[place].hold, places[place].right, places[place].up,
                       callout->color ? callout->color : "#000000");
}

ds_status ds_callouts_add(const ds_chart *chart, ds_text *script) {
    ds_axis_range x = ds_chart_x_range(chart), y = ds_chart_y_range(chart);
    box taken[MOST_BOXES];
    int count = 0;
    for (int i = 0; i < chart->callouts; i++) {
        const ds_callout *callout = &chart->callout[i];
        box b = {0};
        if (isnan(callout->y)) {
            DS_CHECK(add_line_across(chart, callout, &x, script));
            continue;
        }
        int place = find_place(chart, callout, &x, &y, taken, count, &b);
        DS_CHECK(add_point(chart, callout, place, script));
        if (count < MOST_BOXES)
            taken[count++] = b;
    }
    return DS_OK;
}
