#include "train/schedule.h"

#include <math.h>
#include <string.h>

#include "base/number.h"

static const double pi = 3.14159265358979323846;

/* The kinds in the order of their enum, with what may stand under each. */
static const struct {
    const char *name, *keys[3], *example;
} kinds[] = {
    {"constant", {NULL}, ""},
    {"step", {"every", "factor", NULL}, "for example {step: {every: 1000, factor: 0.5}}"},
    {"exponential", {"factor", NULL}, "for example {exponential: {factor: 0.999}}"},
    {"cosine", {"to", NULL}, ""},
    {"one_cycle", {"peak", NULL}, "for example {one_cycle: {peak: 0.1}}"},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static ds_status unknown_kind(const ds_node *node, const char *name, bool may_be_warmup) {
    const char *names[KINDS + 2] = {0};
    for (int i = 0; i < KINDS; i++)
        names[i] = kinds[i].name;
    if (may_be_warmup)
        names[KINDS] = "warmup";
    const char *nearest = ds_nearest_word(name, names);
    ds_text hint = {0};
    if (nearest)
        DS_CHECK(ds_text_add(&hint, "did you mean \"%s\"?", nearest));
    else
        DS_CHECK(ds_text_add(&hint, "constant, step, exponential, cosine or one_cycle"));
    ds_status status = ds_node_fail(node, hint.characters, "unknown schedule \"%s\"", name);
    ds_text_clear(&hint);
    return status;
}

/* The entry `key` of a kind's options, NULL where it is absent and need not be there; `what` is its
 * name in messages. `place` is that of the kind. */
static ds_status find_option(const ds_node **out, const ds_schedule *s, const ds_node *place,
                             const ds_node *options, const char *key, bool required,
                             char what[64]) {
    ds_format(what, 64, "schedule.%s.%s", kinds[s->kind].name, key);
    *out = ds_node_get(options, key);
    if (!*out && required)
        return ds_node_fail(place, kinds[s->kind].example, "schedule.%s: \"%s\" is missing",
                            kinds[s->kind].name, key);
    return DS_OK;
}

static ds_status number(const ds_schedule *s, const ds_node *place, const ds_node *options,
                        const char *key, bool required, double *out) {
    const ds_node *entry;
    char what[64];
    DS_CHECK(find_option(&entry, s, place, options, key, required, what));
    if (!entry)
        return DS_OK;
    DS_CHECK(ds_node_number(entry, what, out));
    if (!(*out >= 0))
        return ds_node_fail(entry, "", "%s: expected at least 0, got %g", what, *out);
    return DS_OK;
}

static ds_status parse_every(ds_schedule *s, const ds_node *place, const ds_node *options) {
    const ds_node *entry;
    char what[64];
    DS_CHECK(find_option(&entry, s, place, options, "every", true, what));
    DS_CHECK(ds_node_integer(entry, what, &s->every));
    if (s->every < 1)
        return ds_node_fail(entry, "", "%s: expected at least 1, got %lld", what,
                            (long long)s->every);
    return DS_OK;
}

/* A kind named by `node`: a word, or an entry with its options. */
static ds_status parse_kind(ds_schedule *s, const ds_node *node, const char *name,
                            const ds_node *options) {
    unsigned kind = 0;
    while (kind < KINDS && strcmp(kinds[kind].name, name) != 0)
        kind++;
    if (kind == KINDS)
        return unknown_kind(node, name, options != NULL);
    s->kind = kind;
    if (options)
        DS_CHECK(ds_node_only_keys(options, name, kinds[kind].keys));
    switch (s->kind) {
    case DS_CONSTANT:
        return DS_OK;
    case DS_STEP:
        DS_CHECK(parse_every(s, node, options));
        return number(s, node, options, "factor", true, &s->factor);
    case DS_EXPONENTIAL:
        return number(s, node, options, "factor", true, &s->factor);
    case DS_COSINE:
        return number(s, node, options, "to", false, &s->to);
    case DS_ONE_CYCLE:
        return number(s, node, options, "peak", true, &s->peak);
    }
    return DS_OK;
}

static ds_status parse_map(ds_schedule *s, const ds_node *map) {
    int count = 0;
    DS_EACH_CHILD (entry, map) {
        if (strcmp(entry->key, "warmup") == 0) {
            DS_CHECK(ds_node_integer(entry, "schedule.warmup", &s->warmup));
            if (s->warmup < 0)
                return ds_node_fail(entry, "", "schedule.warmup: expected at least 0, got %lld",
                                    (long long)s->warmup);
            continue;
        }
        if (count++)
            return ds_node_fail(entry, "keep one of them", "schedule: more than one kind");
        DS_CHECK(parse_kind(s, entry, entry->key, entry));
    }
    return DS_OK;
}

ds_status ds_schedule_parse(ds_schedule *out, const ds_node *node) {
    ds_schedule s = {.kind = DS_CONSTANT};
    if (node && node->kind == DS_SCALAR)
        DS_CHECK(parse_kind(&s, node, node->text, NULL));
    else if (node && node->kind == DS_MAP)
        DS_CHECK(parse_map(&s, node));
    else if (node)
        return ds_node_fail(node, "for example schedule: {cosine: {to: 0}, warmup: 100}",
                            "schedule: expected a word or a mapping");
    *out = s;
    return DS_OK;
}

static ds_status print_option(ds_text *out, const char *before, double value) {
    DS_CHECK(ds_text_add(out, "%s", before));
    return ds_text_number(out, value);
}

ds_status ds_schedule_print(const ds_schedule *s, ds_text *out) {
    DS_CHECK(ds_text_add(out, "%s", kinds[s->kind].name));
    if (s->kind == DS_STEP)
        DS_CHECK(print_option(out, ": {every: ", (double)s->every));
    if (s->kind == DS_STEP || s->kind == DS_EXPONENTIAL)
        DS_CHECK(print_option(out, s->kind == DS_STEP ? ", factor: " : ": {factor: ", s->factor));
    if (s->kind == DS_COSINE || s->kind == DS_ONE_CYCLE)
        DS_CHECK(print_option(out, s->kind == DS_COSINE ? ": {to: " : ": {peak: ",
                              s->kind == DS_COSINE ? s->to : s->peak));
    if (s->kind != DS_CONSTANT)
        DS_CHECK(ds_text_add(out, "}"));
    return s->warmup ? print_option(out, ", warmup: ", (double)s->warmup) : DS_OK;
}

/* From `start` to `end` along half a cosine; share 0 .. 1. */
static double anneal(double start, double end, double share) {
    return end + (start - end) / 2 * (1 + cos(pi * share));
}

static double one_cycle(double peak, int64_t i, int64_t total) {
    double rise = 0.3 * (double)total - 1, last = (double)total - 1, at = (double)i;
    double start = peak / 25;
    if (at <= rise)
        return rise > 0 ? anneal(start, peak, at / rise) : peak;
    return last > rise ? anneal(peak, start / 1e4, (at - rise) / (last - rise)) : peak;
}

double ds_schedule_rate(const ds_schedule *schedule, double rate, int64_t i, int64_t total) {
    double result = rate;
    switch (schedule->kind) {
    case DS_CONSTANT:
        break;
    case DS_STEP:
        result = rate * pow(schedule->factor, (double)(i / schedule->every));
        break;
    case DS_EXPONENTIAL:
        result = rate * pow(schedule->factor, (double)i);
        break;
    case DS_COSINE:
        result = anneal(rate, schedule->to, (double)i / (double)(total > 0 ? total : 1));
        break;
    case DS_ONE_CYCLE:
        result = one_cycle(schedule->peak, i, total);
        break;
    }
    if (i < schedule->warmup)
        result *= (double)i / (double)schedule->warmup;
    return result;
}
