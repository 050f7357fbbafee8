#include "doctor/verified_executor.h"

#include <stdio.h>
#include <string.h>

#include "doctor/examination.h"
#include "doctor/network_stage.h"
#include "doctor/passport.h"
#include "doctor/reduced_plan.h"
#include "launch/opencl_executor.h"
#include "launch/tuned.h"

/* ---- candidates ---- */

typedef struct candidate {
    const char *name;    /* for a person */
    const char *variant; /* of the doctor; NULL: none that it judges as such */
    ds_shaping shaping;
    bool whole;
    ds_network_shape network;
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
    whole.whole = !ds_device_is_plain(device) &&
                  ds_network_suits(plan, ds_device_about(device), &whole.shaping, &whole.network);
    if (whole.whole)
        list[count++] = whole;
    if (tuned)
        list[count++] = best;
    for (int i = 0; i < variants; i++) {
        list[count] = (candidate){.name = names[i],
                                  .variant = portable ? NULL : variant[i].name,
                                  .shaping = variant[i].shaping};
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

/* By the whole doctor's verdict on each of its ops. */
static ds_status known_ops(ds_known *known, const ds_passport *passport, const ds_plan *plan,
                           const candidate *c) {
    ds_group *group = NULL;
    *known = DS_UNKNOWN;
    if (!c->variant || c->whole)
        return DS_OK;
    DS_CHECK(ds_groups_find(&group, plan));
    *known = DS_KNOWN_RIGHT;
    for (int i = 0; i < plan->ops && *known != DS_KNOWN_WRONG; i += group[i].ops) {
        ds_known one = plan->op[i].operation->program
                           ? known_op(passport, &group[i], &plan->op[i], c->variant)
                           : DS_KNOWN_RIGHT;
        if (one != DS_KNOWN_RIGHT)
            *known = one;
        if (*known == DS_UNKNOWN)
            break;
    }
    ds_free(group);
    return DS_OK;
}

/* ---- judgement ---- */

static ds_pass pass_of(const ds_plan *plan, bool training, int64_t count, uint64_t update) {
    ds_pass pass =
        ds_network_stage_pass(training, count < plan->batch ? count : plan->batch, update);
    pass.first = 0;
    return pass;
}

/* An update, a smaller one and an evaluation together; or every op of an update and of an
 * evaluation. */
static ds_status judge_stage(const ds_network_stage *stage, bool whole, bool trains,
                             ds_check_report *report) {
    const ds_plan *plan = stage->plan;
    const ds_pass pass[] = {pass_of(plan, true, plan->batch, 2),
                            pass_of(plan, false, plan->batch, 2),
                            pass_of(plan, true, plan->batch - 1, 3)};
    DS_CHECK(ds_network_stage_fill(stage, 1));
    if (whole)
        return ds_check_passes(stage->executor, pass, 3, &stage->options, report);
    for (int i = trains ? 0 : 1; i < 2; i++)
        DS_CHECK(ds_check_pass(stage->executor, &pass[i], &stage->options, report));
    return DS_OK;
}

/* The candidate's kernels on a reduced plan; `words` receives what is wrong, or "". */
static ds_status judge(const candidate *c, const ds_plan *plan, ds_device *device,
                       char words[512]) {
    ds_status status = DS_OK;
    ds_network_stage stage = {0};
    ds_plan *reduced = NULL;
    const ds_operation *loss = NULL;
    ds_check_report report = {0};
    ds_text text = {0};
    const ds_network_shape *s = &c->network;
    bool trains = false;
    for (int i = 0; i < plan->ops; i++)
        trains |= plan->op[i].operation->family == DS_OPTIMIZER;
    ds_reduction reduction = {.widest = c->whole ? 0 : 140,
                              .operations = 1e7,
                              .most =
                                  c->whole ? (int64_t)s->blocks * s->lanes * s->vectors + 3 : 19,
                              .separate = !c->whole};
    if (reduction.most > DS_STAGE_BATCH)
        reduction.most = DS_STAGE_BATCH;
    words[0] = '\0';
    DS_TRY(ds_plan_reduce(&reduced, &loss, plan, &reduction));
    ds_network_stage_take(&stage, reduced, loss);
    DS_TRY(create(&stage.executor, stage.plan, device, c));
    DS_TRY(ds_network_stage_reserve(&stage));
    DS_TRY(judge_stage(&stage, c->whole, trains, &report));
    if (report.fault != DS_FAULT_NONE) {
        DS_TRY(ds_check_describe(&report, stage.plan, &text));
        snprintf(words, 512, "%.500s", text.characters);
    }

cleanup:
    ds_text_clear(&text);
    ds_network_stage_close(&stage);
    return status;
}

/* Whether a candidate's kernels are right, by the passport or by judgement. */
static ds_status verify(const candidate *c, ds_executor *executor, ds_device *device,
                        char words[512]) {
    ds_status status = DS_OK;
    ds_passport passport = {0};
    char hash[65];
    ds_known known;
    DS_TRY(ds_passport_read(&passport, device));
    DS_TRY(ds_plan_hash(executor, hash));
    words[0] = '\0';
    known = ds_passport_plan(&passport, hash, words);
    if (known == DS_UNKNOWN) {
        DS_TRY(known_ops(&known, &passport, executor->plan, c));
        if (known == DS_KNOWN_WRONG)
            snprintf(words, 512, "descent doctor found it wrong");
    }
    if (known == DS_UNKNOWN) {
        DS_TRY(judge(c, executor->plan, device, words));
        DS_TRY(ds_passport_add_plan(device, hash, words[0] == '\0', words));
    }

cleanup:
    ds_passport_clear(&passport);
    return status;
}

/* ---- the first that is right ---- */

/* A failure that may be the candidate's, and need not be the next one's. */
static bool may_go_on(ds_status status) {
    return status == DS_OK || status == DS_DEVICE_FAILED;
}

static ds_status add_note(ds_text *notes, const char *rejected, const candidate *used) {
    return notes && rejected[0]
               ? ds_text_add(notes, "kept out of use: %s; instead: %s\n", rejected, used->name)
               : DS_OK;
}

ds_status ds_verified_executor_create(ds_executor **out, const ds_plan *plan, ds_device *device,
                                      ds_text *notes) {
    candidate list[CANDIDATES];
    ds_saved_error failure;
    char rejected[700] = "", *detail = NULL;
    bool failed = false, wrong = false;
    if (!ds_device_is_verified(device))
        return ds_opencl_executor_create(out, plan, device);
    int count = list_candidates(list, plan, device);
    for (int i = 0; i < count; i++) {
        ds_executor *executor = NULL;
        char words[512] = "";
        ds_status status = create(&executor, plan, device, &list[i]);
        if (status == DS_OK)
            status = verify(&list[i], executor, device, words);
        if (status == DS_OK && !words[0])
            status = add_note(notes, rejected, &list[i]);
        if (status == DS_OK && !words[0]) {
            *out = executor;
            ds_free(detail);
            return DS_OK;
        }
        if (status != DS_OK && !failed) {
            detail = ds_error_take_detail();
            ds_error_take(&failure);
        }
        if (executor)
            executor->destroy(executor);
        if (!may_go_on(status)) {
            ds_free(detail);
            return status;
        }
        failed |= status != DS_OK;
        wrong |= status == DS_OK;
        if (!rejected[0])
            snprintf(rejected, sizeof rejected, "%s, %.500s", list[i].name,
                     status == DS_OK ? words : failure.message);
    }
    if (wrong) {
        ds_fail(DS_WRONG_RESULT,
                "descent doctor says more; take another device, such as --device reference; "
                "--no-verify uses the kernels as they are",
                "device \"%s\": none of its kernels for this network are right: %s",
                ds_device_name(device), rejected);
    } else {
        ds_error_give(&failure);
        if (detail)
            ds_fail_detail(detail);
    }
    ds_free(detail);
    return ds_last_error()->status;
}
