#include "base/places.h"

#include <stdbool.h>
#include <stdio.h>

void ds_places_add(ds_places *p, int64_t element) {
    if (p->count++ == 0) {
        p->first = p->last = element;
        return;
    }
    int64_t stride = element - p->last;
    p->stride = p->count == 2 || p->stride == stride ? stride : 0;
    p->last = element;
}

static const char *ordinal_end(long long n) {
    static const char *const end[] = {"th", "st", "nd", "rd"};
    return n % 10 < 4 && n / 10 % 10 != 1 ? end[n % 10] : end[0];
}

void ds_places_print(const ds_places *p, int64_t origin, int64_t all, int64_t row, char text[96]) {
    const long long from = p->first - origin, to = p->last - origin, stride = p->stride;
    const bool rows = row > 1 && all > row && from % row == 0 && (to + 1) % row == 0;
    if (p->count < 2)
        text[0] = '\0';
    else if (stride == 0)
        snprintf(text, 96, "scattered from element %lld to %lld", from, to);
    else if (p->count == 2)
        snprintf(text, 96, "elements %lld and %lld", from, to);
    else if (stride > 1 && all && to + stride >= all)
        snprintf(text, 96, "every %lld%s from %lld on", stride, ordinal_end(stride), from);
    else if (stride > 1)
        snprintf(text, 96, "every %lld%s from %lld to %lld", stride, ordinal_end(stride), from, to);
    else if (from == 0 && to + 1 == all)
        snprintf(text, 96, "all of them");
    else if (rows && from / row == to / row)
        snprintf(text, 96, "row %lld", from / (long long)row);
    else if (rows)
        snprintf(text, 96, "rows %lld to %lld", from / (long long)row, to / (long long)row);
    else if (to + 1 == all)
        snprintf(text, 96, "from element %lld on", from);
    else
        snprintf(text, 96, "elements %lld to %lld", from, to);
}
