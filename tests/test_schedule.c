/* Learning rates against PyTorch's own formulas, written down again here from its documentation and
 * source (torch.optim.lr_scheduler), and what a mistake in a schedule says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "outcome.h"
#include "train/schedule.h"

static ds_status parse(ds_schedule *out, const char *text) {
    ds_node *root = NULL;
    DONE(ds_node_parse(&root, text, "r.yaml"));
    ds_status status = ds_schedule_parse(out, ds_node_get(root, "schedule"));
    ds_node_destroy(root);
    return status;
}

static ds_schedule schedule(const char *text) {
    ds_schedule s;
    DONE(parse(&s, text));
    return s;
}

static void assert_near(double got, double expected, int64_t i) {
    if (!(fabs(got - expected) <= 1e-13 * fabs(expected) + 1e-300))
        fail_msg("update %lld: rate %.17g, expected %.17g", (long long)i, got, expected);
}

/* ---- PyTorch, update by update ---- */

static void step_is_steplr(void **state) {
    ds_schedule s = schedule("schedule: {step: {every: 7, factor: 0.3}}");
    double rate = 0.4;
    (void)state;
    for (int64_t i = 0; i < 50; i++) {
        if (i > 0 && i % 7 == 0)
            rate *= 0.3;
        assert_near(ds_schedule_rate(&s, 0.4, i, 50), rate, i);
    }
}

static void exponential_is_exponentiallr(void **state) {
    ds_schedule s = schedule("schedule: {exponential: {factor: 0.97}}");
    double rate = 0.1;
    (void)state;
    for (int64_t i = 0; i < 300; i++, rate *= 0.97)
        assert_near(ds_schedule_rate(&s, 0.1, i, 300), rate, i);
}

/* CosineAnnealingLR(T_max = total, eta_min = to), by its recursive form; it loses some digits. */
static void cosine_is_cosineannealinglr(void **state) {
    ds_schedule s = schedule("schedule: {cosine: {to: 0.02}}");
    const double pi = acos(-1), total = 80;
    double rate = 0.5;
    (void)state;
    for (int64_t i = 0; i < 80; i++) {
        if (i > 0)
            rate = (1 + cos(pi * (double)i / total)) / (1 + cos(pi * (double)(i - 1) / total)) *
                       (rate - 0.02) +
                   0.02;
        if (!(fabs(ds_schedule_rate(&s, 0.5, i, 80) - rate) < 1e-12))
            fail_msg("update %lld", (long long)i);
    }
    s = schedule("schedule: cosine");
    assert_near(ds_schedule_rate(&s, 0.5, 0, 10), 0.5, 0);
    assert_near(ds_schedule_rate(&s, 0.5, 5, 10), 0.25, 5);
}

/* OneCycleLR(max_lr, total_steps = total, pct_start = 0.3, div_factor = 25, final_div_factor =
 * 1e4), as its get_lr does it. */
static double one_cycle(double peak, int64_t i, int64_t total) {
    const double initial = peak / 25, final = initial / 1e4;
    const double end[] = {0.3 * (double)total - 1, (double)total - 1};
    const double from[] = {initial, peak}, to[] = {peak, final};
    double start = 0;
    for (int phase = 0;; phase++) {
        if ((double)i <= end[phase] || phase == 1) {
            double share = ((double)i - start) / (end[phase] - start);
            return to[phase] + (from[phase] - to[phase]) / 2 * (cos(acos(-1) * share) + 1);
        }
        start = end[phase];
    }
}

static void one_cycle_is_onecyclelr(void **state) {
    static const int64_t totals[] = {2, 3, 4, 5, 7, 11, 100, 1001};
    ds_schedule s = schedule("schedule: {one_cycle: {peak: 0.3}}");
    (void)state;
    for (size_t t = 0; t < sizeof totals / sizeof *totals; t++)
        for (int64_t i = 0; i < totals[t]; i++)
            assert_near(ds_schedule_rate(&s, 77, i, totals[t]), one_cycle(0.3, i, totals[t]), i);
    assert_near(ds_schedule_rate(&s, 77, 0, 100), 0.012, 0);
    assert_near(ds_schedule_rate(&s, 77, 29, 100), 0.3, 29);
    assert_near(ds_schedule_rate(&s, 77, 99, 100), 0.3 / 250000, 99);
    assert_near(ds_schedule_rate(&s, 77, 0, 10), 0.012,
                0); /* where the rise ends at a whole update */
}

static void warmup_rises_from_0_on_top_of_every_kind(void **state) {
    static const char *const kinds[] = {"",
                                        "constant: , ",
                                        "step: {every: 3, factor: 0.5}, ",
                                        "exponential: {factor: 0.9}, ",
                                        "cosine: , ",
                                        "one_cycle: {peak: 0.2}, "};
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        char text[128];
        snprintf(text, sizeof text, "schedule: {%swarmup: 4}", kinds[k]);
        ds_schedule warm = schedule(text), plain = warm;
        plain.warmup = 0;
        for (int64_t i = 0; i < 20; i++) {
            double share = i < 4 ? (double)i / 4 : 1;
            assert_near(ds_schedule_rate(&warm, 0.1, i, 20),
                        share * ds_schedule_rate(&plain, 0.1, i, 20), i);
        }
    }
    ds_schedule constant = schedule("schedule: constant");
    for (int64_t i = 0; i < 5; i++)
        assert_true(ds_schedule_rate(&constant, 0.1, i, 5) == 0.1);
}

/* ---- mistakes ---- */

static void a_mistake_is_named_by_its_place(void **state) {
    static const struct {
        const char *text, *message, *hint;
    } cases[] = {
        {"schedule: cosin", "r.yaml:1:1: unknown schedule \"cosin\"", "did you mean \"cosine\"?"},
        {"schedule:\n  warmpu: 3", "r.yaml:2:3: unknown schedule \"warmpu\"",
         "did you mean \"warmup\"?"},
        {"schedule: warmup", "r.yaml:1:1: unknown schedule \"warmup\"",
         "constant, step, exponential, cosine or one_cycle"},
        {"schedule: [step]", "r.yaml:1:1: schedule: expected a word or a mapping", NULL},
        {"schedule: step", "r.yaml:1:1: schedule.step: \"every\" is missing",
         "for example {step: {every: 1000, factor: 0.5}}"},
        {"schedule: {step: }", "r.yaml:1:12: schedule.step: \"every\" is missing", NULL},
        {"schedule: {step: {every: 3}}", "r.yaml:1:12: schedule.step: \"factor\" is missing", NULL},
        {"schedule: {step: {every: 0, factor: 1}}",
         "r.yaml:1:19: schedule.step.every: expected at least 1, got 0", NULL},
        {"schedule: {step: {every: 2.5, factor: 1}}",
         "r.yaml:1:19: schedule.step.every: expected a whole number, got \"2.5\"", NULL},
        {"schedule: {step: {every: 2, factor: half}}",
         "r.yaml:1:29: schedule.step.factor: expected a number, got \"half\"", NULL},
        {"schedule: {step: {evry: 2, factor: 1}}", "r.yaml:1:19: unknown key \"evry\" in step",
         "did you mean \"every\"?"},
        {"schedule: {step: 3}", "r.yaml:1:12: step: expected a mapping, got a word", NULL},
        {"schedule: exponential", "r.yaml:1:1: schedule.exponential: \"factor\" is missing",
         "for example {exponential: {factor: 0.999}}"},
        {"schedule: {exponential: {factor: -1}}",
         "r.yaml:1:26: schedule.exponential.factor: expected at least 0, got -1", NULL},
        {"schedule: {cosine: {to: .nan}}",
         "r.yaml:1:21: schedule.cosine.to: expected a number, got \".nan\"", NULL},
        {"schedule: {cosine: {to: -0.1}}",
         "r.yaml:1:21: schedule.cosine.to: expected at least 0, got -0.1", NULL},
        {"schedule: one_cycle", "r.yaml:1:1: schedule.one_cycle: \"peak\" is missing",
         "for example {one_cycle: {peak: 0.1}}"},
        {"schedule: {one_cycle: {peak: inf}}",
         "r.yaml:1:24: schedule.one_cycle.peak: expected a number, got \"inf\"", NULL},
        {"schedule: {constant: {to: 1}}", "r.yaml:1:23: unknown key \"to\" in constant", NULL},
        {"schedule: {cosine: , step: {every: 1, factor: 1}}",
         "r.yaml:1:22: schedule: more than one kind", "keep one of them"},
        {"schedule: {warmup: -1}", "r.yaml:1:12: schedule.warmup: expected at least 0, got -1",
         NULL},
        {"schedule: {warmup: some}",
         "r.yaml:1:12: schedule.warmup: expected a whole number, got \"some\"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_schedule s = {.kind = DS_COSINE, .to = 3};
        assert_refused(parse(&s, cases[i].text), cases[i].message);
        if (cases[i].hint)
            assert_hint(cases[i].hint);
        assert_true(s.kind == DS_COSINE && s.to == 3);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_is_steplr),
        cmocka_unit_test(exponential_is_exponentiallr),
        cmocka_unit_test(cosine_is_cosineannealinglr),
        cmocka_unit_test(one_cycle_is_onecyclelr),
        cmocka_unit_test(warmup_rises_from_0_on_top_of_every_kind),
        cmocka_unit_test(a_mistake_is_named_by_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
