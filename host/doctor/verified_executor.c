#include "doctor/verified_executor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/whole.h"
#include "doctor/examination.h"
#include "doctor/network_stage.h"
#include "launch/opencl_executor.h"
#include "launch/passport.h"
#include "launch/tuned.h"
#include "model/reduced_plan.h"

/* ---- candidates ---- */

typedef struct candidate {
    const char *name; /* for a person */
    char variant[64]; /* of the doctor, for ops; "": none that it judges as such */
    ds_shaping shaping;
    bool whole;
    ds_network_shape network;
    char wrong[512];  /* what is, or why there is none; "" */
    char unbuilt[65]; /* the passport's name for it, where its kernels do not build; "" */
} candidate;

enum { CANDIDATES = 5 };

static int list_candidates(candidate list[CANDIDATES], const ds_plan *plan,
                           const ds_device *device) {
    static const char *const names[] = {"kernels shaped as usual",
                                        "kernels for the other kind of device", "small kernels"};
    ds_variant variant[DS_USUAL_VARIANTS];
    int count = 0, variants = ds_usual_variants_of(variant, device);
    bool portable = plan->portable || ds_device_is_plain(device);
    candidate best = {.name = "tuned kernels", .shaping = variant[0].shaping};
    if (!ds_device_is_plain(device) && !plan->untuned)
        ds_tuned_apply(&best.shaping, plan, device);
    bool tuned = memcmp(&best.shaping, &variant[0].shaping, sizeof best.shaping) != 0;
    best.shaping.portable = portable;
    candidate whole = best;
    whole.name = "the network in one kernel";
    /* Its formulas are those of the ops, in the same files. */
    snprintf(whole.variant, sizeof whole.variant, "%s", portable ? "portable" : variant[0].name);
    whole.whole = !ds_device_is_plain(device) &&
                  ds_network_suits(plan, ds_device_about(device), &whole.shaping, &whole.network);
    if (whole.whole)
        list[count++] = whole;
    if (tuned)
        list[count++] = best;
    for (int i = 0; i < variants; i++) {
        list[count] = (candidate){.name = names[i], .shaping = variant[i].shaping};
        if (!portable)
            memcpy(list[count].variant, variant[i].name, sizeof variant[i].name);
        list[count++].shaping.portable = portable;
    }
    return count;
}

static ds_status create(ds_executor **out, const ds_plan *plan, ds_device *device,
                        const candidate *c) {
    return ds_shaped_executor_create(out, plan, device, &c->shaping, c->whole ? &c->network : NULL);
}

/* ---- what the passport says ---- */

/* Of an op by itself or, as it will run, with the one behind it. */
static ds_known known_op(const ds_passport *passport, const ds_group *group, const ds_op *op,
                         const char *variant) {
    char name[96], together[128];
    ds_kernel_name(group->ops == 2 ? op + 1 : op, name);
    snprintf(together, sizeof together, "dense+%s", name);
    return ds_passport_operation(passport, group->ops == 2 ? together : name, variant);
}

/* Whether the doctor found an op wrong that the candidate runs; of a network in one kernel one that
 * it is made of, or such a kernel in any shape. What the doctor found right is judged as it will be
 * used: it has neither all sizes nor all options. */
static ds_status is_known_wrong(bool *wrong, const ds_passport *passport, const ds_plan *plan,
                                const candidate *c) {
    ds_group *group = NULL;
    *wrong = c->whole && ds_passport_any_wrong(passport, "network_");
    if (!c->variant[0] || *wrong)
        return DS_OK;
    DS_CHECK(ds_groups_find(&group, plan));
    for (int i = 0; i < plan->ops && !*wrong; i += group[i].ops)
        *wrong = plan->op[i].operation->program &&
                 known_op(passport, &group[i], &plan->op[i], c->variant) == DS_KNOWN_WRONG;
    ds_free(group);
    return DS_OK;
}

/* ---- judgement ---- */

/* Of all memory a judgement may take the thirty-second part; it keeps so many bytes for a number. */
enum { SHARE = 32, BYTES = 56, NARROW = 140, NARROWEST = 16, LEAST_SAMPLES = 19 };

static int64_t most_numbers(void) {
    double bytes = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    return (int64_t)fmax(bytes / SHARE / BYTES, 1 << 20);
}

/* Multiply-adds of a product on the reference, a quarter of a second; of a larger one not every row
 * is computed. */
static const double most_multiplications = 5e8;

static ds_status judge_pass(const ds_network_stage *stage, bool training, int64_t count,
                            uint64_t update, ds_check_report *report) {
    ds_pass pass = ds_network_stage_pass(training, count, update);
    pass.first = 0;
    if (update % 2 == 0) /* a gradient so small that nothing clips it */
        pass.global_count *= 100000;
    return report->fault != DS_FAULT_NONE ? DS_OK
                                          : ds_network_stage_judge(stage, &pass, update, report);
}

/* More passes in one go than a byte counts. */
static ds_status judge_together(const ds_network_stage *stage, ds_check_report *report) {
    enum { PASSES = 300, SAMPLES = 3 };
    ds_pass pass[PASSES];
    for (int p = 0; p < PASSES; p++) {
        pass[p] = ds_network_stage_pass(p % 7 != 6, 1 + p % SAMPLES, (uint64_t)p + 1);
        pass[p].count = ds_least(pass[p].count, stage->plan->training_batch);
    }
    DS_CHECK(ds_network_stage_fill(stage, 1, true));
    return ds_check_passes(stage->executor, pass, PASSES, report);
}

/* Updates from the first on, evaluations, and passes together: with all samples and with fewer, so
 * that kernels that are chosen by their number have their turn. */
static ds_status judge_stage(const ds_network_stage *stage, bool trains, ds_check_report *report) {
    const ds_plan *plan = stage->plan;
    const int64_t most[] = {plan->training_batch, plan->batch};
    uint64_t update = 1;
    for (int training = trains; training >= 0; training--)
        for (int64_t count = most[!training], few = 3;; count = ds_most(count / 7, few)) {
            count = ds_least(count, most[!training]);
            DS_CHECK(judge_pass(stage, training, count, update++, report));
            if (count <= few)
                break;
        }
    if (!stage->executor->run_shown || report->fault != DS_FAULT_NONE)
        return DS_OK;
    return judge_together(stage, report);
}

static void tell_undecided(ds_device *device, const ds_check_report *report) {
    char note[160];
    snprintf(
        note, sizeof note,
        "%lld of %lld numbers were computed twice, and not compared: the products are too large "
        "for the reference",
        (long long)report->undecided, (long long)report->compared);
    if (report->undecided)
        ds_device_say(note, device);
}

/* The candidate's kernels on a reduced plan; `words` receives what is wrong, or "". `batch`
 * receives the samples that there was room for. */
static ds_status judge_reduced(const candidate *c, const ds_plan *plan, ds_device *device,
                               const ds_reduction *reduction, int64_t *batch, char words[512]) {
    ds_status status = DS_OK;
    ds_network_stage stage = {0};
    ds_plan *reduced = NULL;
    const ds_operation *loss = NULL;
    ds_check_report report = {0};
    ds_text text = {0};
    bool trains = false;
    for (int i = 0; i < plan->ops; i++)
        trains |= plan->op[i].operation->family == DS_OPTIMIZER;
    words[0] = '\0';
    DS_TRY(ds_plan_reduce(&reduced, &loss, plan, reduction));
    *batch = reduced->batch;
    ds_network_stage_take(&stage, reduced, loss);
    stage.options.most = most_multiplications;
    DS_TRY(create(&stage.executor, stage.plan, device, c));
    DS_TRY(ds_network_stage_reserve(&stage));
    if (plan->portable)
        DS_TRY(ds_twin_open(&stage.options.twin, stage.plan, device, stage.options.count));
    DS_TRY(judge_stage(&stage, trains, &report));
    tell_undecided(device, &report);
    if (report.fault != DS_FAULT_NONE) {
        DS_TRY(ds_check_describe(&report, stage.plan, &text));
        snprintf(words, 512, "%.500s", text.characters);
    }

cleanup:
    ds_text_clear(&text);
    ds_network_stage_close(&stage);
    return status;
}

static void tell_reduction(ds_device *device, int64_t judged, int64_t wanted, bool whole) {
    char note[160];
    snprintf(note, sizeof note,
             "kernels for %lld samples were judged with %lld%s: memory allows no more",
             (long long)wanted, (long long)judged,
             whole ? "" : ", and with more in narrower layers");
    ds_device_say(note, device);
}

/* As the plan is, if there is room for it; else at its widths by as many samples as there is room
 * for, and then with all samples of a batch on narrower layers. A network in one kernel has its
 * widths in the kernel; it is shown more samples than it takes at a time, too. */
static ds_status judge(const candidate *c, const ds_plan *plan, ds_device *device,
                       char words[512]) {
    const ds_network_shape *s = &c->network;
    const int64_t at_once = c->whole ? (int64_t)s->blocks * s->lanes * s->vectors + 3 : 0;
    const int64_t most = ds_most(ds_most(plan->batch, at_once), LEAST_SAMPLES);
    int64_t batch;
    ds_reduction reduction = {
        .widest = c->whole ? DS_AS_WIDE : 0, .numbers = most_numbers(), .most = most};
    DS_CHECK(judge_reduced(c, plan, device, &reduction, &batch, words));
    if (words[0] || batch >= plan->batch)
        return DS_OK;
    tell_reduction(device, batch, plan->batch, c->whole);
    for (reduction.widest = NARROW;
         !c->whole && !words[0] && batch < plan->batch && reduction.widest >= NARROWEST;
         reduction.widest /= 2)
        DS_CHECK(judge_reduced(c, plan, device, &reduction, &batch, words));
    return DS_OK;
}

ds_status ds_kernels_judge(const ds_plan *plan, ds_device *device, char words[512]) {
    candidate list[CANDIDATES];
    list_candidates(list, plan, device);
    return judge(&list[0], plan, device, words);
}

/* A plan as the passport names it: what was judged of one batch is not known of another. */
static ds_status passport_name(ds_executor *executor, char name[65]) {
    char hash[65], text[128];
    DS_CHECK(ds_plan_hash(executor, hash));
    int length =
        snprintf(text, sizeof text, "%s %lld %lld", hash, (long long)executor->plan->training_batch,
                 (long long)executor->plan->batch);
    ds_sha256(name, text, (size_t)length);
    return DS_OK;
}

/* Whether a candidate's kernels are right for the plan, by the passport or by judgement. */
static ds_status verify(candidate *c, const ds_passport *passport, ds_executor *executor,
                        ds_device *device) {
    char hash[65];
    bool wrong;
    DS_CHECK(is_known_wrong(&wrong, passport, executor->plan, c));
    if (wrong) {
        snprintf(c->wrong, sizeof c->wrong, "descent doctor found it wrong");
        return DS_OK;
    }
    DS_CHECK(passport_name(executor, hash));
    if (ds_passport_plan(passport, hash, c->wrong) != DS_UNKNOWN)
        return DS_OK;
    DS_CHECK(judge(c, executor->plan, device, c->wrong));
    return ds_passport_add_plan(device, hash, c->wrong[0] == '\0', c->wrong);
}

/* ---- kernels that do not build ---- */

typedef struct sketch {
    ds_executor base;
    const candidate *of;
} sketch;

/* What a candidate's kernels would be made by. */
static ds_status describe_sketch(ds_executor *executor, const ds_op *op, ds_text *out) {
    const candidate *c = ((const sketch *)executor)->of;
    if (op)
        return DS_OK;
    DS_CHECK(ds_text_add(out, "%s, %lld samples:", c->name, (long long)executor->plan->batch));
    for (int s = 0; s < DS_SUBJECTS; s++)
        DS_CHECK(ds_shaping_print(&c->shaping, (ds_subject)s, out));
    return DS_OK;
}

/* A candidate that has no hash as it was not built. */
static ds_status unbuilt_hash(const candidate *c, const ds_plan *plan, char hash[65]) {
    sketch unbuilt = {{.plan = plan, .describe = describe_sketch}, c};
    return ds_plan_hash(&unbuilt.base, hash);
}

/* ---- the first that is right ---- */

/* Its executor where its kernels are right; else `c->wrong` says what is wrong. A failure without a
 * build log may pass, and is not remembered. */
static ds_status try_candidate(ds_executor **out, candidate *c, const ds_passport *passport,
                               const ds_plan *plan, ds_device *device) {
    ds_executor *executor = NULL;
    ds_saved_error failure;
    char hash[65];
    DS_CHECK(unbuilt_hash(c, plan, hash));
    if (ds_passport_plan(passport, hash, c->wrong) != DS_UNKNOWN)
        return DS_OK;
    ds_status status = create(&executor, plan, device, c);
    if (status != DS_OK) { /* the error keeps the build log */
        if (*ds_last_error()->detail)
            memcpy(c->unbuilt, hash, sizeof hash);
        snprintf(c->wrong, sizeof c->wrong, "%.500s", ds_last_error()->message);
        return status;
    }
    status = verify(c, passport, executor, device);
    if (status == DS_OK && !c->wrong[0]) {
        *out = executor;
        return DS_OK;
    }
    ds_error_take(&failure);
    executor->destroy(executor);
    if (status == DS_OK)
        return DS_OK;
    snprintf(c->wrong, sizeof c->wrong, "%.500s", failure.message);
    return ds_error_give(&failure);
}

/* Candidate `used` it is. What did not build before is remembered: to build it again could take
 * long. */
static ds_status conclude(ds_device *device, const candidate *list, int used) {
    char note[sizeof list->wrong + 256];
    if (used == 0)
        return DS_OK;
    snprintf(note, sizeof note, "kept out of use: %s, %s; instead: %s", list[0].name, list[0].wrong,
             list[used].name);
    ds_device_tell(device, note);
    for (int i = 0; i < used; i++)
        if (list[i].unbuilt[0])
            DS_CHECK(ds_passport_add_plan(device, list[i].unbuilt, false, list[i].wrong));
    return DS_OK;
}

ds_status ds_verified_executor_create(ds_executor **out, const ds_plan *plan, ds_device *device) {
    ds_passport passport = {0};
    candidate list[CANDIDATES];
    ds_executor *executor = NULL;
    bool wrong = false;
    if (!ds_device_is_verified(device))
        return ds_opencl_executor_create(out, plan, device);
    int count = list_candidates(list, plan, device), used = 0;
    ds_status status = ds_passport_read(&passport, device);
    bool ended = status != DS_OK;
    for (; used < count && !executor && !ended; used++) {
        status = try_candidate(&executor, &list[used], &passport, plan, device);
        wrong |= status == DS_OK;
        ended = status != DS_OK && status != DS_DEVICE_FAILED; /* for another reason */
    }
    ds_passport_clear(&passport);
    if (executor) {
        status = conclude(device, list, used - 1);
        if (status == DS_OK)
            *out = executor;
        else
            executor->destroy(executor);
    } else if (wrong && !ended) {
        status =
            ds_fail(DS_WRONG_RESULT,
                    "descent doctor says more; take another device, such as --device reference; "
                    "--no-verify uses the kernels as they are",
                    "device \"%s\": none of its kernels for this network are right: %s, %s",
                    ds_device_name(device), list[0].name, list[0].wrong);
    }
    return status;
}
