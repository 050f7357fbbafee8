#include "train/schedule.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

static ds_status number(const ds_node *map, const char *name, const char *key, bool required,
                        double least, double *out) {
    const ds_node *entry = ds_node_get(map, key);
    if (!entry && map && map->kind == DS_SCALAR && map->text[0] == '\0')
        map = NULL;
    if (!entry && required)
        return ds_fail(DS_BAD_INPUT, "see the schedules in the manual",
                       "schedule.%s: \"%s\" is missing", name, key);
    if (!entry)
        return DS_OK;
    DS_CHECK(ds_node_number(entry, key, out));
    if (!(*out >= least))
        return ds_node_fail(entry, "", "schedule.%s.%s: expected at least %g, got %g", name, key,
                            least, *out);
    return DS_OK;
}

static ds_status parse_kind(ds_schedule *s, const ds_node *node, const char *name,
                            const ds_node *options) {
    static const char *const names[] = {"constant",  "step",   "exponential", "cosine",
                                        "one_cycle", "warmup", NULL};
    static const char *const keys[][3] = {
        {NULL}, {"every", "factor", NULL}, {"factor", NULL}, {"to", NULL}, {"peak", NULL}};
    unsigned kind = 0;
    while (kind < 5 && strcmp(names[kind], name) != 0)
        kind++;
    if (kind == 5) {
        const char *nearest = ds_nearest_word(name, names);
        ds_text hint = {0};
        DS_CHECK(ds_text_add(&hint,
                             nearest ? "did you mean \"%s\"?"
                                     : "constant, step, exponential, cosine or one_cycle",
                             nearest));
        ds_status status = ds_node_fail(node, hint.characters, "unknown schedule \"%s\"", name);
        ds_text_clear(&hint);
        return status;
    }
    s->kind = kind;
    if (options && !(options->kind == DS_SCALAR && !options->text[0]))
        DS_CHECK(ds_node_only_keys(options, "schedule", keys[kind]));
    if (kind == DS_STEP) {
        DS_CHECK(number(options, name, "every", true, 1, &s->every));
        DS_CHECK(number(options, name, "factor", true, 0, &s->factor));
    }
    if (kind == DS_EXPONENTIAL)
        DS_CHECK(number(options, name, "factor", true, 0, &s->factor));
    if (kind == DS_COSINE)
        DS_CHECK(number(options, name, "to", false, 0, &s->to));
    if (kind == DS_ONE_CYCLE)
        DS_CHECK(number(options, name, "peak", true, 0, &s->peak));
    return DS_OK;
}

ds_status ds_schedule_parse(ds_schedule *out, const ds_node *node) {
    *out = (ds_schedule){.kind = DS_CONSTANT};
    int kinds = 0;
    if (!node)
        return DS_OK;
    if (node->kind == DS_SCALAR)
        return parse_kind(out, node, node->text, NULL);
    if (node->kind != DS_MAP)
        return ds_node_fail(node, "for example schedule: {cosine: {to: 0}, warmup: 100}",
                            "schedule: expected a word or a mapping");
    DS_EACH_CHILD (entry, node) {
        if (strcmp(entry->key, "warmup") == 0) {
            DS_CHECK(ds_node_integer(entry, "schedule.warmup", &out->warmup));
            if (out->warmup < 0)
                return ds_node_fail(entry, "", "schedule.warmup: expected 0 or more");
            continue;
        }
        if (kinds++)
            return ds_node_fail(entry, "keep one of them", "schedule: more than one kind");
        DS_CHECK(parse_kind(out, entry, entry->key, entry));
    }
    return DS_OK;
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
        result = rate * pow(schedule->factor, floor((double)i / schedule->every));
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
