/* Invented data sets: each kind writes its rows as CSV. Random numbers are those of base/random.h,
 * a sequence for each thing that varies, an index for each row. */
#ifndef DS_GENERATE_H
#define DS_GENERATE_H

#include "base/text.h"

typedef struct ds_generation {
    uint64_t seed;
    int64_t rows;
    int64_t first_day; /* of a daily kind, counted from 1970 */
} ds_generation;

double ds_draw_uniform(const ds_generation *g, int sequence, int64_t index);
double ds_draw_normal(const ds_generation *g, int sequence, int64_t index);

/* 0 .. count - 1. */
int ds_draw_choice(const ds_generation *g, int sequence, int64_t index, int count);

/* How often something happens that happens `mean` times on average (Poisson). */
int ds_draw_count(const ds_generation *g, int sequence, int64_t index, double mean);

/* The day of a row as "2021-01-31". */
ds_status ds_generate_day(ds_text *out, const ds_generation *g, int64_t row);

ds_status ds_generate_views(const ds_generation *g, ds_text *out);
ds_status ds_generate_pm25(const ds_generation *g, ds_text *out);
ds_status ds_generate_spam(const ds_generation *g, ds_text *out);
ds_status ds_generate_survey(const ds_generation *g, ds_text *out);
ds_status ds_generate_go(const ds_generation *g, ds_text *out);
ds_status ds_generate_kink(const ds_generation *g, ds_text *out);
ds_status ds_generate_line(const ds_generation *g, ds_text *out);
ds_status ds_generate_speech(const ds_generation *g, ds_text *out);

#endif
