#include "doctor/network_examination.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- cases ---- */

ds_status ds_network_visit_begin(ds_network_visit *visit, ds_examination *e,
                                 const ds_network_case *test) {
    static const char *const space[] = {"global", "local", "private"};
    const ds_network_shape *s = &test->shape;
    *visit = (ds_network_visit){.e = e};
    DS_CHECK(ds_network_stage_plan(&visit->stage, test));
    visit->stage.seed = e->options.seed;
    visit->stage.options.tell = e->options.dump != NULL;
    int length = snprintf(visit->variant, sizeof visit->variant, "%s-%ux%u-%s%s",
                          s->group > 1 ? "items" : "lanes", s->group > 1 ? s->group : s->lanes,
                          s->vectors, space[s->space], s->portable ? "-portable" : "");
    if (s->blocks > 1)
        snprintf(visit->variant + length, sizeof visit->variant - (size_t)length, "-%u%s",
                 s->blocks, s->patience ? "-impatient" : "");
    const ds_plan *plan = visit->stage.plan;
    snprintf(visit->shape, sizeof visit->shape, "%lldto%lld", (long long)test->inputs,
             (long long)ds_shape_count(&plan->tensor[plan->prediction].shape));
    return ds_examination_announce(e, "whole networks", visit->variant);
}

void ds_network_visit_end(ds_network_visit *visit) {
    ds_network_stage_close(&visit->stage);
}

ds_status ds_network_case_begin(ds_network_visit *visit, const char *style, bool *wanted,
                                ds_status *status) {
    ds_network_stage *stage = &visit->stage;
    bool blocks = stage->test->shape.blocks > 1;
    DS_CHECK(ds_case_begin(visit->e,
                           &(ds_case_name){blocks ? "network_blocks" : "network_updates",
                                           visit->variant, visit->shape, style},
                           wanted));
    *status = DS_OK;
    if (!*wanted || stage->executor)
        return DS_OK;
    *status = ds_network_stage_open(stage, visit->e->device, true);
    if (*status == DS_OK && stage->test->shape.portable)
        *status =
            ds_twin_open(&stage->options.twin, stage->plan, visit->e->device, stage->options.count);
    return DS_OK;
}

ds_status ds_network_case_end(ds_network_visit *visit, ds_status status,
                              const ds_check_report *report) {
    return ds_case_end(visit->e, status, report, visit->stage.plan);
}

/* ---- by the reference ---- */

static ds_status judge(ds_network_visit *visit, const char *style, const ds_pass *pass,
                       uint64_t seed) {
    ds_check_report report = {0};
    ds_status status;
    bool wanted;
    DS_CHECK(ds_network_case_begin(visit, style, &wanted, &status));
    if (!wanted)
        return DS_OK;
    if (status == DS_OK)
        status = ds_network_stage_judge(&visit->stage, pass, seed, &report);
    return ds_network_case_end(visit, status, &report);
}

/* An update of every size, and evaluation. */
static ds_status judge_sizes(ds_network_visit *visit, uint64_t seed) {
    static const int64_t sizes[] = {1, 2, 3, 17, 33, 64, DS_STAGE_BATCH};
    for (int i = 0; i < (visit->e->options.small ? 4 : 7); i++)
        for (int training = i % 3 != 1; training >= 0; training -= 1 + (i % 3 == 0)) {
            uint64_t update = (uint64_t)(3 + i) + (i % 3 == 0 ? 0x12340000 : 0);
            ds_pass pass = ds_network_stage_pass(training, sizes[i], update);
            pass.position *= i % 2;
            char style[32];
            snprintf(style, sizeof style, "%s-%lld", training ? "train" : "evaluate",
                     (long long)sizes[i]);
            DS_CHECK(judge(visit, style, &pass, seed + (uint64_t)i));
        }
    return DS_OK;
}

/* ---- many passes in one call are as many calls of one, bit for bit ---- */

/* Small ones, more than a byte counts; where groups share a batch, so many that none has gone
 * through them all before another begins. */
enum { SIZES = 7, MOST_PASSES = 300 };

static ds_status judge_together(ds_network_visit *visit) {
    static const int64_t sizes[SIZES] = {3, 5, 1, 1, 2, 33, 17};
    ds_pass pass[MOST_PASSES];
    ds_check_report report = {0};
    ds_status status;
    bool wanted;
    for (int p = 0; p < MOST_PASSES; p++)
        pass[p] = ds_network_stage_pass(p % 3 != 1, sizes[p % SIZES], (uint64_t)(p + 1));
    DS_CHECK(ds_network_case_begin(visit, "together", &wanted, &status));
    if (!wanted)
        return DS_OK;
    if (status == DS_OK)
        status = ds_network_stage_fill(&visit->stage, 7, false);
    if (status == DS_OK)
        status = ds_check_passes(visit->stage.executor, pass, MOST_PASSES, &report);
    return ds_network_case_end(visit, status, &report);
}

/* ---- all of it ---- */

static ds_status examine(ds_network_visit *visit, uint64_t seed) {
    DS_CHECK(judge_sizes(visit, seed));
    if (visit->e->options.small)
        return DS_OK;
    return judge_together(visit);
}

/* A device that has vectors is given no longer ones, unless it is tuned, which judges them: they
 * are slow to compile. */
bool ds_network_case_is_possible(const ds_network_case *test, const ds_device_info *about) {
    const ds_network_shape *s = &test->shape;
    const unsigned own = about->float_vector_width >= 4 ? about->float_vector_width : 16;
    if (s->lanes > own || s->width > own)
        return false;
    bool divides = about->has_exact_division || (s->lanes == 1 && s->width == 1);
    return s->group <= about->group_size && (!s->portable || divides);
}

ds_status ds_examine_network(ds_examination *e, const ds_network_case *test, uint64_t seed) {
    ds_network_visit visit;
    if (!ds_network_case_is_possible(test, ds_device_about(e->device)))
        return DS_OK;
    ds_status status = ds_network_visit_begin(&visit, e, test);
    if (status == DS_OK)
        status = examine(&visit, seed);
    ds_network_visit_end(&visit);
    return status;
}

static int cases(void) {
    int count = 0;
    while (ds_network_cases[count].model)
        count++;
    return count;
}

int ds_network_parts(void) {
    return cases() + DS_STOPS;
}

ds_status ds_examine_network_part(ds_examination *e, int part) {
    int stop = part - cases();
    return stop < 0 ? ds_examine_network(e, &ds_network_cases[part], (uint64_t)(100 * part))
                    : ds_examine_stop(e, stop);
}
