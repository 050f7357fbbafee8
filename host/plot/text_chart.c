#include "plot/text_chart.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

enum { MOST_WIDTH = 200, MOST_HEIGHT = 60, LABEL = 12, MOST_TICKS = 16 };
static const char marks[] = "*o+x#@%=";

/* The field that the curves are drawn in, within the axes. */
typedef struct field {
    int columns, rows;
    ds_axis_range x, y;
    char cell[MOST_HEIGHT][MOST_WIDTH];
} field;

/* ---- the axes ---- */

static int cell_at(const ds_axis_range *range, double value, int cells) {
    return (int)lround(fmin(fmax(ds_chart_position(range, value), 0), 1) * (cells - 1));
}

/* Round values within the range, about `wanted` of them: decades, or multiples of 1, 2 or 5; of
 * places that are counted no fractions. */
static int find_ticks(const ds_axis_range *range, int wanted, bool whole, double tick[MOST_TICKS]) {
    int count = 0;
    if (range->log) {
        int first = (int)ceil(log10(range->from) - 1e-9),
            last = (int)floor(log10(range->to) + 1e-9);
        int step = (last - first) / (2 * wanted) + 1;
        for (int k = first; k <= last && count < MOST_TICKS; k += step)
            tick[count++] = pow(10, k);
        return count;
    }
    double rough = (range->to - range->from) / wanted, unit = pow(10, floor(log10(rough)));
    double step = unit * (rough <= unit ? 1 : rough <= 2 * unit ? 2 : rough <= 5 * unit ? 5 : 10);
    step = whole && step < 1 ? 1 : step;
    for (double k = ceil(range->from / step - 1e-9);
         k * step <= range->to + 1e-9 * step && count < MOST_TICKS; k++)
        tick[count++] = k * step + 0.0; /* no -0 */
    return count;
}

static int widest(const double *tick, int count) {
    int width = 0;
    for (int i = 0; i < count; i++) {
        int length = ds_format(NULL, 0, "%.6g", tick[i]);
        width = length > width ? length : width;
    }
    return width < LABEL ? width : LABEL;
}

/* ---- the curves ---- */

/* A series in a column: the mean of its points there, or else what lies on the line between its
 * neighbours; NAN outside. Means and lines are taken as the axis is, so that a curve looks
 * straight where it should. */
static double value_in_column(const field *f, const ds_series *s, int column) {
    double center = column, sum = 0, before_x = NAN, before = NAN;
    int64_t count = 0;
    bool points = s->look == DS_LOOK_POINTS || s->look == DS_LOOK_MARKS;
    for (int64_t i = 0; i < s->count; i++) {
        if (!isfinite(s->y[i]) || (f->y.log && s->y[i] <= 0))
            continue;
        double y = ds_chart_position(&f->y, s->y[i]);
        double x = ds_chart_position(&f->x, s->x[i]) * (f->columns - 1);
        if (fabs(x - center) <= 0.5) {
            sum += y;
            count++;
        } else if (x > center && count == 0 && before_x < center && !points) {
            return before + (y - before) * (center - before_x) / (x - before_x);
        }
        before_x = x;
        before = y;
    }
    return count ? sum / (double)count : NAN;
}

/* A steep piece is drawn from the last column's height on, without a hole. */
static void draw(field *f, const ds_series *s, char mark) {
    int last = -1;
    for (int column = 0; column < f->columns; column++) {
        double value = value_in_column(f, s, column);
        if (!(value >= 0 && value <= 1)) {
            last = -1;
            continue;
        }
        int row = (int)lround(value * (f->rows - 1));
        int from = last < 0 || last == row ? row : last < row ? last + 1 : last - 1;
        for (int k = from; k != row; k += k < row ? 1 : -1)
            f->cell[k][column] = mark;
        f->cell[row][column] = mark;
        last = row;
    }
}

/* ---- writing ---- */

/* Without blanks at the end. */
static ds_status add_line(ds_text *out, const char *text) {
    size_t length = strlen(text);
    while (length && text[length - 1] == ' ')
        length--;
    DS_CHECK(ds_text_append(out, text, length));
    return ds_text_append(out, "\n", 1);
}

/* "loss (log scale)      * training  o validation" */
static ds_status add_legend(const ds_chart *chart, const field *f, int width, ds_text *out) {
    char line[2 * MOST_WIDTH];
    int length =
        snprintf(line, sizeof line, "%.60s%s ", chart->y.label, f->y.log ? " (log scale)" : "");
    for (int k = 0; k < chart->series_count && length < width; k++)
        if (chart->series[k].label)
            length += snprintf(line + length, sizeof line - (size_t)length, "  %c %.40s",
                               marks[k % 8], chart->series[k].label);
    line[width < length ? width : length] = '\0';
    return add_line(out, line);
}

static ds_status add_field(const field *f, int label, ds_text *out) {
    double tick[MOST_TICKS];
    int ticks = find_ticks(&f->y, f->rows / 4 + 1, false, tick);
    for (int row = f->rows - 1; row >= 0; row--) {
        char line[2 * MOST_WIDTH], text[32] = "";
        for (int i = 0; i < ticks; i++)
            if (cell_at(&f->y, tick[i], f->rows) == row)
                ds_format(text, sizeof text, "%.6g", tick[i]);
        snprintf(line, sizeof line, "%*.*s %c%.*s", label, label, text, *text ? '+' : '|',
                 f->columns, f->cell[row]);
        DS_CHECK(add_line(out, line));
    }
    return DS_OK;
}

static ds_status add_x_axis(const ds_chart *chart, const field *f, int label, ds_text *out) {
    double tick[MOST_TICKS];
    char line[2 * MOST_WIDTH], numbers[2 * MOST_WIDTH];
    int ticks = find_ticks(&f->x, f->columns / 12 + 1, ds_chart_counts(chart), tick),
        width = label + 2 + f->columns;
    int free_from = 0;
    memset(line, '-', sizeof line);
    memset(numbers, ' ', sizeof numbers);
    memset(line, ' ', (size_t)label + 1);
    line[label + 1] = '+';
    for (int i = 0; i < ticks; i++) {
        char text[32];
        int length = ds_format(text, sizeof text, "%.6g", tick[i]);
        int at = label + 2 + cell_at(&f->x, tick[i], f->columns);
        int begin = at - length / 2;
        line[at] = '+';
        if (begin + length > width)
            begin = width - length;
        if (begin < free_from)
            continue;
        memcpy(numbers + begin, text, (size_t)length);
        free_from = begin + length + 1;
    }
    line[width] = numbers[width] = '\0';
    DS_CHECK(add_line(out, line));
    DS_CHECK(add_line(out, numbers));
    int length = (int)strlen(chart->x.label), shift = label + 2 + (f->columns - length) / 2;
    snprintf(line, sizeof line, "%*s%.*s", shift > 0 ? shift : 0, "", width, chart->x.label);
    line[width] = '\0';
    return add_line(out, line);
}

static int within(int value, int least, int most) {
    return value < least ? least : value > most ? most : value;
}

ds_status ds_text_chart(const ds_chart *chart, int width, int height, ds_text *out) {
    field f = {.x = ds_chart_x_range(chart), .y = ds_chart_y_range(chart)};
    double tick[MOST_TICKS];
    width = within(width, DS_TEXT_CHART_LEAST_WIDTH, MOST_WIDTH);
    f.rows = within(height, DS_TEXT_CHART_LEAST_HEIGHT, MOST_HEIGHT) - 4;
    int label = widest(tick, find_ticks(&f.y, f.rows / 4 + 1, false, tick));
    f.columns = width - label - 2;
    memset(f.cell, ' ', sizeof f.cell);
    for (int k = 0; k < chart->series_count; k++)
        draw(&f, &chart->series[k], marks[k % 8]);
    DS_CHECK(add_legend(chart, &f, width, out));
    DS_CHECK(add_field(&f, label, out));
    return add_x_axis(chart, &f, label, out);
}
