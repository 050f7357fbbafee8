#include "data/generate.h"

#include <math.h>
#include <string.h>

#include "base/calendar.h"
#include "base/random.h"

enum { KINDS = 8, MOST_ROWS = 1000000 };

static const ds_generated_kind kinds[KINDS + 1] = {
    {"views", "daily views of a channel, in thousands"},
    {"pm25", "daily PM2.5, temperature and ozone"},
    {"spam", "counts of words in mails, and whether each is spam"},
    {"survey", "answers to a survey by region, and the share of people who test positive"},
    {"go", "boards of 19 x 19 points, and the move that answers in mirror go"},
    {"kink", "a noisy curve of straight pieces"},
    {"line", "points of y = 3x + 1 with noise"},
    {"speech", "frames of coefficients, and which of 40 sounds they are"},
    {NULL, NULL},
};

/* How each is made; `to` and `from` belong to daily kinds. */
static const struct {
    ds_status (*make)(const ds_generation *g, ds_text *out);
    int rows;
    const char *from, *to;
} makers[KINDS] = {
    {ds_generate_views, 0, "2017-01-01", "2021-12-31"},
    {ds_generate_pm25, 0, "2017-01-01", "2019-12-31"},
    {ds_generate_spam, 1000, NULL, NULL},
    {ds_generate_survey, 1500, NULL, NULL},
    {ds_generate_go, 1000, NULL, NULL},
    {ds_generate_kink, 200, NULL, NULL},
    {ds_generate_line, 1000, NULL, NULL},
    {ds_generate_speech, 160, NULL, NULL},
};

const ds_generated_kind *ds_generated_kinds(void) {
    return kinds;
}

double ds_draw_uniform(const ds_generation *g, int sequence, int64_t index) {
    return ds_random_uniform(g->seed, DS_STREAM_DATA, (uint32_t)sequence, (uint32_t)index);
}

double ds_draw_normal(const ds_generation *g, int sequence, int64_t index) {
    return ds_random_normal(g->seed, DS_STREAM_DATA, (uint32_t)sequence, (uint32_t)index);
}

int ds_draw_choice(const ds_generation *g, int sequence, int64_t index, int count) {
    return (int)(ds_draw_uniform(g, sequence, index) * count);
}

int ds_draw_count(const ds_generation *g, int sequence, int64_t index, double mean) {
    double left = ds_draw_uniform(g, sequence, index), share = exp(-mean);
    int count = 0;
    for (; left >= share && count < 1000; count++) {
        left -= share;
        share *= mean / (count + 1);
    }
    return count;
}

ds_status ds_generate_day(ds_text *out, const ds_generation *g, int64_t row) {
    int year, month, day;
    ds_day_parts(g->first_day + row, &year, &month, &day);
    return ds_text_add(out, "%04d-%02d-%02d", year, month, day);
}

static ds_status day_of(int64_t *out, const char *text, const char *what) {
    double seconds;
    if (!ds_date_parse(text, "%Y-%m-%d", &seconds))
        return ds_fail(DS_BAD_INPUT, "for example 2017-01-01",
                       "generate: %s: expected a date, got \"%s\"", what, text);
    *out = (int64_t)floor(seconds / 86400);
    return DS_OK;
}

static ds_status find_kind(int *out, const char *kind) {
    const char *names[KINDS + 1] = {0};
    for (int i = 0; i < KINDS; i++) {
        names[i] = kinds[i].name;
        if (strcmp(kind, names[i]) == 0) {
            *out = i;
            return DS_OK;
        }
    }
    const char *nearest = ds_nearest_word(kind, names);
    ds_text hint = {0};
    ds_status status =
        nearest ? ds_text_add(&hint, "did you mean %s?", nearest) : ds_text_add(&hint, "there are");
    for (int i = 0; i < KINDS && !nearest && status == DS_OK; i++)
        status = ds_text_add(&hint, "%s %s", i ? "," : "", names[i]);
    if (status == DS_OK)
        status = ds_fail(DS_BAD_INPUT, hint.characters, "generate: no kind \"%s\"", kind);
    ds_text_clear(&hint);
    return status;
}

static ds_status plan_rows(ds_generation *g, int kind, const ds_generate_options *options) {
    const char *from = options->from ? options->from : makers[kind].from,
               *to = options->to ? options->to : makers[kind].to;
    int64_t last = 0;
    if (!makers[kind].from && (from || to))
        return ds_fail(DS_BAD_INPUT, "say how many rows", "generate: %s has no dates",
                       kinds[kind].name);
    g->rows = options->rows ? options->rows : makers[kind].rows;
    if (from)
        DS_CHECK(day_of(&g->first_day, from, "from"));
    if (from && (options->rows == 0 || options->to)) {
        DS_CHECK(day_of(&last, to, "to"));
        g->rows = last - g->first_day + 1;
    }
    if (g->rows < 1 || g->rows > MOST_ROWS)
        return ds_fail(DS_BAD_INPUT, "", "generate: expected 1 to %d rows, got %lld", MOST_ROWS,
                       (long long)g->rows);
    return DS_OK;
}

ds_status ds_generate(const char *kind, const ds_generate_options *options, char **csv) {
    static const ds_generate_options usual = {.seed = 1};
    ds_status status = DS_OK;
    ds_text text = {0};
    int index = 0;
    options = options ? options : &usual;
    ds_generation g = {.seed = options->seed};
    DS_TRY(find_kind(&index, kind));
    DS_TRY(plan_rows(&g, index, options));
    DS_TRY(makers[index].make(&g, &text));
    DS_TRY(ds_text_take(&text, csv));

cleanup:
    ds_text_clear(&text);
    return status;
}
