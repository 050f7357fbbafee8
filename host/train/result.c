#include "train/result.h"

#include <string.h>

void ds_result_clear(ds_result *result) {
    ds_free(result->target);
    result->target = NULL;
    result->targets = 0;
}

ds_status ds_target_scores_make(ds_target_scores **out, int64_t *targets,
                                const ds_encoding *encoding) {
    int64_t count = ds_encoding_targets(encoding);
    ds_target_scores *made = NULL;
    size_t room = 0;
    if (ds_encoding_kind(encoding) != DS_TARGET_NUMBERS || count < 2)
        return DS_OK;
    for (int64_t k = 0; k < count; k++)
        room += strlen(ds_encoding_target(encoding, k)) + 1;
    size_t entries = (size_t)count * sizeof *made;
    DS_CHECK(ds_new(&made, 1, entries + room));
    char *name = (char *)made + entries;
    for (int64_t k = 0; k < count; k++) {
        size_t length = strlen(ds_encoding_target(encoding, k)) + 1;
        made[k].name = memcpy(name, ds_encoding_target(encoding, k), length);
        name += length;
    }
    *out = made;
    *targets = count;
    return DS_OK;
}

static ds_scores *pick(int set, ds_scores *train, ds_scores *validation, ds_scores *test) {
    return set == 0 ? train : set == 1 ? validation : test;
}

ds_scores *ds_result_scores(ds_result *r, int set) {
    return pick(set, &r->train, &r->validation, &r->test);
}

static ds_scores *of_baseline(ds_baseline *b, int set) {
    return pick(set, &b->train, &b->validation, &b->test);
}

void ds_result_take(ds_result *r, int set, const ds_errors *errors) {
    *ds_result_scores(r, set) = ds_errors_scores(errors);
    for (int64_t k = 0; k < r->targets; k++) {
        ds_target_scores *t = &r->target[k];
        *pick(set, &t->train, &t->validation, &t->test) = ds_errors_of_target(errors, k);
    }
}

void ds_result_take_baseline(ds_result *r, int k, int set, const ds_errors *errors) {
    *of_baseline(&r->baseline[k], set) = ds_errors_scores(errors);
    for (int64_t i = 0; i < r->targets; i++)
        *of_baseline(&r->target[i].baseline[k], set) = ds_errors_of_target(errors, i);
}
