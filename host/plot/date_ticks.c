#include "plot/date_ticks.h"

#include <math.h>

#include "base/calendar.h"
#include "plot/plot_words.h"

enum { MOST_TICKS = 8, FEW_DAYS = 3, DAYS_OF_MONTHS = 100 };
static const double day = 86400, month = 86400 * 365.2425 / 12;

static const char *const month_name[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* The least of some steps, in growing order, that leaves few enough ticks; beyond them, doubled. */
static int step_over(double units, const int *step, int steps) {
    for (int i = 0; i < steps; i++)
        if (units / step[i] < MOST_TICKS)
            return step[i];
    int last = step[steps - 1];
    while (units / last >= MOST_TICKS)
        last *= 2;
    return last;
}

/* A tick; of days the first one, and the first of another year than `said`, names its year. */
static ds_status add_tick(ds_text *out, int64_t number, int step_months, bool clock, int *said) {
    int year, in_year, in_month;
    ds_day_parts(number, &year, &in_year, &in_month);
    const char *month_of = month_name[in_year - 1];
    DS_CHECK(ds_text_add(out, *said ? ", '" : "set xtics ('"));
    if (!step_months)
        DS_CHECK(ds_text_add(out, "%02d %s", in_month, month_of));
    else if (step_months % 12)
        DS_CHECK(ds_text_add(out, "%s", month_of));
    if (step_months || year != *said)
        DS_CHECK(ds_text_add(out, step_months && step_months % 12 == 0 ? "%d" : " %d", year));
    *said = year;
    DS_CHECK(ds_text_add(out, "' '"));
    DS_CHECK(ds_plot_date(out, (double)number * day, clock));
    return ds_text_add(out, "'");
}

static ds_status add_months(ds_text *out, double from, double to, bool clock, int *said) {
    static const int steps[] = {1, 2, 3, 6, 12, 24, 60, 120};
    int step = step_over((to - from) / month, steps, sizeof steps / sizeof *steps);
    int year, in_year, in_month;
    ds_day_parts((int64_t)floor(from / day), &year, &in_year, &in_month);
    int count = 12 * year + in_year - 1;
    for (count -= count % step;; count += step) {
        int64_t number = ds_day_number(count / 12, count % 12 + 1, 1);
        if ((double)number * day > to)
            return DS_OK;
        if ((double)number * day >= from)
            DS_CHECK(add_tick(out, number, step, clock, said));
    }
}

static ds_status add_days(ds_text *out, double from, double to, bool clock, int *said) {
    static const int steps[] = {1, 2, 7, 14};
    int step = step_over((to - from) / day, steps, sizeof steps / sizeof *steps);
    for (int64_t number = (int64_t)ceil(from / day); (double)number * day <= to; number += step)
        DS_CHECK(add_tick(out, number, 0, clock, said));
    return DS_OK;
}

ds_status ds_plot_date_ticks(ds_text *out, double from, double to, bool clock) {
    double days = (to - from) / day;
    int said = 0;
    if (!(days > FEW_DAYS))
        return DS_OK;
    if (days > DAYS_OF_MONTHS)
        DS_CHECK(add_months(out, from, to, clock, &said));
    else
        DS_CHECK(add_days(out, from, to, clock, &said));
    return said ? ds_text_add(out, ")\n") : DS_OK;
}
