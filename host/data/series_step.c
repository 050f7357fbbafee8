#include "data/series_step.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/number.h"

enum { DAY = 86400, SHORTEST_MONTH = 28 };
static const double mean_month = DAY * 365.2425 / 12;

/* How many months a step stands for; 0: it is seconds. */
static int months_of(double step) {
    double months = step / mean_month;
    return months >= 1 && months == rint(months) ? (int)months : 0;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static int latest_day_of_month(const double *date, int64_t rows) {
    int latest = 0;
    for (int64_t i = 0; i < rows; i++) {
        int day = ds_day_of_month(date[i]);
        latest = day > latest ? day : latest;
    }
    return latest;
}

/* That day of a month, or its last one where it is shorter. */
static int day_in_month(int day, int64_t month) {
    int days = ds_month_days(month);
    return day < days ? day : days;
}

static bool are_on_one_day(const double *date, int64_t rows) {
    int day = latest_day_of_month(date, rows);
    for (int64_t i = 0; i < rows; i++)
        if (ds_day_of_month(date[i]) != day_in_month(day, ds_month_number(date[i])))
            return false;
    return true;
}

ds_status ds_step_find(double *step, const double *date, const int64_t *first, int64_t rows) {
    double *distance = NULL;
    int64_t count = 0;
    DS_CHECK(ds_new(&distance, (size_t)rows, sizeof *distance));
    for (int64_t i = 1; i < rows; i++)
        if (date[i] > date[i - 1] && (!first || first[i] == first[i - 1]))
            distance[count++] = date[i] - date[i - 1];
    qsort(distance, (size_t)count, sizeof *distance, by_size);
    *step = count ? distance[count / 2] : 0;
    ds_free(distance);
    if (*step >= SHORTEST_MONTH * DAY && are_on_one_day(date, rows))
        *step = mean_month * rint(*step / mean_month);
    return DS_OK;
}

/* Half a step more than a step is no gap: days are 23 to 25 hours where the clocks change. */
int64_t ds_step_periods(double step, double before, double after) {
    int months = months_of(step);
    double steps = months     ? (double)(ds_month_number(after) - ds_month_number(before)) / months
                   : step > 0 ? (after - before) / step
                              : 1;
    return steps > 1.5 ? llround(steps) : 1;
}

double ds_step_next(double step, const double *date, int64_t rows, int64_t i) {
    int months = months_of(step);
    if (!months)
        return date[i] + step;
    int64_t month = ds_month_number(date[i]) + months;
    int day = day_in_month(latest_day_of_month(date, rows), month);
    double of_day = date[i] - floor(date[i] / DAY) * DAY;
    return (double)ds_day_number((int)(month / 12), (int)(month % 12) + 1, day) * DAY + of_day;
}

void ds_step_print(char out[48], double step, int steps) {
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"day", DAY}, {"hour", 3600}, {"minute", 60}, {"second", 1}};
    int months = months_of(step), u = 0;
    const char *name = months % 12 ? "month" : "year";
    double count = months % 12 ? months : (double)months / 12;
    if (!months) {
        while (u < 3 && step < units[u].seconds)
            u++;
        name = units[u].name;
        count = step / units[u].seconds;
    }
    count *= steps;
    ds_format(out, 48, "%.4g %s%s", count, name, count == 1 ? "" : "s");
}
