#include "check/shadow.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "check/judged.h"
#include "check/pass_memory.h"

/* What the device holds, as far as a pass can see it: of features, targets and indices the rows of
 * the batch alone, of the history its one record. So the pass has other places in the image. */
struct ds_shadow {
    ds_executor *executor;
    int64_t count[DS_STORAGES]; /* elements, with the padding where all of a storage is held */
    double *image[DS_STORAGES]; /* what the device held when it was last looked at; where the
                                   reference has run since, what is expected */
    double *bound[DS_STORAGES]; /* of that; 0 of what was read */
    double *got[DS_STORAGES];   /* read behind an op */
    int *owner[DS_STORAGES];
    ds_pass pass;                /* in the image */
    int looked_at;               /* storages, of in_order */
    double *before[DS_STORAGES]; /* parameters and moments before the last pass */
    double *left[DS_STORAGES];   /* and behind the last update that was judged: */
    uint64_t left_by;            /* its number; 0: there is none */
    bool undone;                 /* the device holds `before` again */
    ds_not_finite not_finite;
};

static const ds_storage trained[] = {DS_PARAMETERS, DS_MOMENTS};

/* What is looked at, what tells most of a fault in whole passes first; these leave nothing in the
 * last two. */
static const ds_storage in_order[] = {DS_HISTORY, DS_STATUS,    DS_PARAMETERS,
                                      DS_MOMENTS, DS_GRADIENTS, DS_ACTIVATIONS};
enum { IN_ORDER = sizeof in_order / sizeof *in_order, OF_WHOLE_PASSES = IN_ORDER - 2 };

/* ---- creation ---- */

ds_status ds_shadow_create(ds_shadow **out, ds_executor *executor) {
    ds_status status = DS_OK;
    ds_shadow *shadow = NULL;
    DS_TRY(ds_new(&shadow, 1, sizeof *shadow));
    shadow->executor = executor;
    for (int s = 0; s < DS_STORAGES; s++) {
        size_t count = (size_t)(shadow->count[s] = ds_pass_room(executor->plan, (ds_storage)s));
        DS_TRY(ds_new(&shadow->image[s], count, sizeof(double)));
        DS_TRY(ds_new(&shadow->bound[s], count, sizeof(double)));
        DS_TRY(ds_new(&shadow->got[s], count, sizeof(double)));
        DS_TRY(ds_new(&shadow->owner[s], count, sizeof(int)));
    }
    for (int i = 0; i < 2; i++) {
        size_t count = (size_t)shadow->count[trained[i]];
        DS_TRY(ds_new(&shadow->before[trained[i]], count, sizeof(double)));
        DS_TRY(ds_new(&shadow->left[trained[i]], count, sizeof(double)));
    }
    *out = shadow;
    shadow = NULL;

cleanup:
    ds_shadow_destroy(shadow);
    return status;
}

void ds_shadow_destroy(ds_shadow *shadow) {
    if (!shadow)
        return;
    for (int s = 0; s < DS_STORAGES; s++) {
        ds_free(shadow->image[s]);
        ds_free(shadow->bound[s]);
        ds_free(shadow->got[s]);
        ds_free(shadow->owner[s]);
        ds_free(shadow->before[s]);
        ds_free(shadow->left[s]);
    }
    ds_free(shadow);
}

void ds_shadow_forget(ds_shadow *shadow) {
    shadow->left_by = 0;
    shadow->undone = false;
}

const double *ds_shadow_kept(const ds_shadow *shadow, ds_storage storage) {
    return shadow->undone ? shadow->before[storage] : NULL;
}

const double *ds_shadow_image(const ds_shadow *shadow, ds_storage storage) {
    return shadow->image[storage];
}

const ds_not_finite *ds_shadow_not_finite(const ds_shadow *shadow) {
    return &shadow->not_finite;
}

/* ---- memory that must have stayed as it was ---- */

static void report_lost(const ds_shadow *shadow, ds_storage s, int64_t element, double got,
                        double expected, ds_check_report *report) {
    const ds_judged memory = {shadow->executor->plan, NULL, 0, &shadow->pass, 1, true};
    report->fault = DS_FAULT_LOST;
    report->storage = s;
    report->element = element;
    report->got = got;
    report->expected = expected;
    report->bound = 0;
    ds_judged_locate(&memory, DS_ABSENT, report);
}

/* Where two pictures of a storage differ first. */
static bool differ(const ds_shadow *shadow, ds_storage s, const double *now, const double *then,
                   int64_t count, ds_check_report *report) {
    for (int64_t i = 0; i < count; i++)
        if (!ds_same_bits(now[i], then[i])) {
            report_lost(shadow, s, i, now[i], then[i], report);
            return true;
        }
    return false;
}

/* Of two readings of an element the one that comes back again. */
static ds_status settle(ds_executor *executor, ds_storage s, int64_t element, double first,
                        double second, double *right) {
    enum { MOST_READINGS = 5 };
    for (int more = 0; more < MOST_READINGS; more++) {
        if (ds_same_bits(*right, first) || ds_same_bits(*right, second))
            return DS_OK;
        DS_CHECK(executor->read(executor, s, element, 1, right));
    }
    return DS_OK;
}

/* What an update begins with, where nobody knows what it should be, must come back twice the same;
 * else what most of a few readings say is kept. */
static ds_status read_again(ds_shadow *shadow, ds_storage s, ds_check_report *report) {
    ds_executor *executor = shadow->executor;
    double *first = shadow->image[s], *second = shadow->got[s], *third = shadow->left[s];
    int64_t count = shadow->count[s];
    DS_CHECK(executor->read(executor, s, 0, count, second));
    if (count == 0 || memcmp(first, second, (size_t)count * sizeof *first) == 0)
        return DS_OK;
    shadow->left_by = 0;
    DS_CHECK(executor->read(executor, s, 0, count, third));
    for (int64_t i = 0; i < count; i++) {
        double right = third[i], odd = first[i];
        if (ds_same_bits(first[i], second[i]))
            continue;
        DS_CHECK(settle(executor, s, i, first[i], second[i], &right));
        if (ds_same_bits(right, odd))
            odd = second[i];
        first[i] = right;
        if (report->fault == DS_FAULT_NONE)
            report_lost(shadow, s, i, odd, right, report);
    }
    return DS_OK;
}

/* ---- numbers that are not finite ---- */

/* Where rounding decides, the bound is infinite: the first such number counts, too, in a pass that
 * is not read op by op, unless one beyond float32 is found. */
static void look_for_not_finite(ds_shadow *shadow, const ds_op *op, int tensor) {
    ds_not_finite *found = &shadow->not_finite;
    if ((found->found && !found->perhaps) || tensor == DS_ABSENT)
        return;
    ds_span where = ds_span_of(shadow->executor->plan, tensor, &shadow->pass);
    if (ds_storage_element(where.storage) == DS_INT32)
        return;
    for (int64_t i = 0; i < where.count; i++) {
        double value = shadow->image[where.storage][where.offset + i];
        bool finite = fabs(value) <= FLT_MAX;
        bool doubtful = finite && isinf(shadow->bound[where.storage][where.offset + i]);
        if (!finite || (doubtful && !found->found))
            *found = (ds_not_finite){true, doubtful, op, tensor, i, value};
        if (!finite)
            return;
    }
}

static void look_at_outputs(ds_shadow *shadow, const ds_op *op) {
    for (int i = 0; i < op->outputs; i++)
        look_for_not_finite(shadow, op, op->output[i]);
}

/* What the pass begins with. */
static void look_at_parameters(ds_shadow *shadow) {
    const ds_plan *plan = shadow->executor->plan;
    for (int t = 0; t < plan->tensors; t++)
        if (plan->tensor[t].storage == DS_PARAMETERS)
            look_for_not_finite(shadow, NULL, t);
}

/* ---- a pass ---- */

static ds_status begin(ds_shadow *shadow, const ds_pass *pass, bool whole,
                       ds_check_report *report) {
    shadow->looked_at = whole ? OF_WHOLE_PASSES : IN_ORDER;
    shadow->undone = false;
    shadow->pass = *pass;
    shadow->pass.first = shadow->pass.slot = 0;
    shadow->not_finite = (ds_not_finite){0};
    DS_CHECK(ds_pass_read(shadow->executor, in_order, shadow->looked_at, pass, shadow->image));
    for (int s = 0; s < DS_STORAGES; s++)
        if (shadow->count[s])
            memset(shadow->bound[s], 0, (size_t)shadow->count[s] * sizeof(double));
    DS_CHECK(ds_pass_read_rows(shadow->executor, pass, shadow->image[DS_INDICES], shadow->image));
    for (int i = 0; i < 2; i++) {
        ds_storage s = trained[i];
        bool known = pass->training && shadow->left_by && shadow->left_by + 1 == pass->update;
        if (!known)
            DS_CHECK(read_again(shadow, s, report));
        if (known && differ(shadow, s, shadow->image[s], shadow->left[s], shadow->count[s], report))
            memcpy(shadow->image[s], shadow->left[s], (size_t)shadow->count[s] * sizeof(double));
        if (shadow->count[s])
            memcpy(shadow->before[s], shadow->image[s], (size_t)shadow->count[s] * sizeof(double));
    }
    if (pass->training)
        shadow->left_by = 0;
    look_at_parameters(shadow);
    /* The reference finds the batch's rows one after the other. */
    memcpy(shadow->got[DS_INDICES], shadow->image[DS_INDICES],
           (size_t)pass->count * sizeof(double));
    for (int64_t n = 0; n < pass->count; n++)
        shadow->image[DS_INDICES][n] = (double)n;
    return DS_OK;
}

static ds_reference_memory image_memory(const ds_shadow *shadow) {
    ds_reference_memory memory;
    for (int s = 0; s < DS_STORAGES; s++) {
        memory.value[s] = shadow->image[s];
        memory.bound[s] = shadow->bound[s];
    }
    return memory;
}

static ds_fault judge_element(const ds_shadow *shadow, ds_storage s, int64_t i,
                              ds_check_report *report) {
    double got = shadow->got[s][i], expected = shadow->image[s][i], bound = shadow->bound[s][i];
    double share;
    if (shadow->owner[s][i] == DS_SCRATCH)
        return DS_FAULT_NONE;
    if (shadow->owner[s][i] == DS_NO_OUTPUT)
        return ds_same_bits(got, expected) ? DS_FAULT_NONE : DS_FAULT_CHANGED;
    report->compared++;
    report->undecided += isinf(bound) != 0;
    /* Terms that may be infinite, of either sign: their sum may be NaN. It is found as not finite.
     */
    if (isinf(bound) && isnan(got))
        return DS_FAULT_NONE;
    bool right = ds_is_within(got, expected, bound, &share);
    report->worst_share = fmax(report->worst_share, share);
    return right ? DS_FAULT_NONE : DS_FAULT_WRONG;
}

static void judge_elements(ds_shadow *shadow, const ds_judged *of, ds_storage s, int64_t first,
                           int64_t last, ds_check_report *report) {
    for (int64_t i = first; i < last; i++) {
        ds_fault fault = judge_element(shadow, s, i, report);
        if (fault != DS_FAULT_NONE && report->fault == DS_FAULT_NONE) {
            report->fault = fault;
            report->storage = s;
            report->element = i;
            report->got = shadow->got[s][i];
            report->expected = shadow->image[s][i];
            report->bound = shadow->bound[s][i];
            ds_judged_locate(of, shadow->owner[s][i], report);
        }
        shadow->image[s][i] = shadow->got[s][i];
        shadow->bound[s][i] = 0;
    }
}

/* Compares what was read with what is expected; then it is what the next op begins with. Most is no
 * output and has the bits that it had. */
static void judge(ds_shadow *shadow, const ds_judged *of, ds_check_report *report) {
    enum { BLOCK = 256 };
    int no_output[BLOCK];
    for (int i = 0; i < BLOCK; i++)
        no_output[i] = DS_NO_OUTPUT;
    for (int s = 0; s < DS_STORAGES; s++)
        for (int64_t i = 0; i < shadow->count[s]; i++)
            shadow->owner[s][i] = DS_NO_OUTPUT;
    ds_judged_own(of, shadow->count, shadow->owner);
    for (int k = 0; k < shadow->looked_at; k++) {
        ds_storage s = in_order[k];
        for (int64_t i = 0; i < shadow->count[s]; i += BLOCK) {
            size_t count = (size_t)(shadow->count[s] - i < BLOCK ? shadow->count[s] - i : BLOCK);
            bool same =
                memcmp(shadow->owner[s] + i, no_output, count * sizeof(int)) == 0 &&
                memcmp(shadow->got[s] + i, shadow->image[s] + i, count * sizeof(double)) == 0;
            if (!same)
                judge_elements(shadow, of, s, i, i + (int64_t)count, report);
        }
    }
}

static ds_status look(ds_shadow *shadow, const ds_pass *pass) {
    return ds_pass_read(shadow->executor, in_order, shadow->looked_at, pass, shadow->got);
}

/* An op and those that run with it. */
static ds_status run_group(ds_shadow *shadow, int first, const ds_pass *pass,
                           ds_check_report *report) {
    ds_executor *executor = shadow->executor;
    const ds_plan *plan = executor->plan;
    ds_reference_memory memory = image_memory(shadow);
    ds_judged ops = {plan, &plan->op[first], ds_ops_together(executor, first), &shadow->pass, 1,
                     false};
    DS_CHECK(ds_run_together(executor, first, pass));
    DS_CHECK(look(shadow, pass));
    ds_judged_compute(&ops, &memory);
    for (int i = 0; i < ops.ops - 1; i++) /* what the device need not have written */
        look_at_outputs(shadow, &ops.op[i]);
    judge(shadow, &ops, report);
    look_at_outputs(shadow, &ops.op[ops.ops - 1]);
    return DS_OK;
}

/* Where rounding decides whether updates go on, they go on as the device decided. */
static void follow_status(ds_shadow *shadow) {
    for (int i = 0; i < DS_STATUS_WORDS && shadow->count[DS_STATUS]; i++)
        if (shadow->bound[DS_STATUS][i] > 0 && shadow->got[DS_STATUS][i] != 0)
            shadow->image[DS_STATUS][i] = shadow->got[DS_STATUS][i];
}

/* The device found a number that is not finite where, by its bound, there may be one: from there on
 * it need have nothing in common with the reference, which may have been spared it. */
static bool diverged(const ds_shadow *shadow) {
    return shadow->not_finite.found && shadow->count[DS_STATUS] && shadow->got[DS_STATUS][0] != 0;
}

static void adopt(ds_shadow *shadow) {
    for (int k = 0; k < shadow->looked_at; k++) {
        ds_storage s = in_order[k];
        if (shadow->count[s])
            memcpy(shadow->image[s], shadow->got[s], (size_t)shadow->count[s] * sizeof(double));
    }
}

static ds_status run_whole(ds_shadow *shadow, const ds_pass *pass, ds_check_report *report) {
    ds_executor *executor = shadow->executor;
    const ds_plan *plan = executor->plan;
    ds_reference_memory memory = image_memory(shadow);
    ds_judged all = {plan, plan->op, plan->ops, &shadow->pass, 1, true};
    DS_CHECK(executor->run_passes(executor, pass, 1));
    DS_CHECK(look(shadow, pass));
    for (int i = 0; i < plan->ops; i++) {
        ds_judged op = {plan, &plan->op[i], 1, &shadow->pass, 1, false};
        if (!ds_op_runs(op.op, pass))
            continue;
        ds_judged_compute(&op, &memory);
        look_at_outputs(shadow, op.op);
        follow_status(shadow);
    }
    if (diverged(shadow))
        adopt(shadow);
    else
        judge(shadow, &all, report);
    return DS_OK;
}

/* What no op may change. */
static ds_status finish(ds_shadow *shadow, const ds_pass *pass, ds_check_report *report) {
    ds_status status = DS_OK;
    double *index = NULL;
    DS_CHECK(ds_new(&index, (size_t)pass->count, sizeof *index));
    DS_TRY(ds_pass_read_rows(shadow->executor, pass, index, shadow->got));
    bool lost = differ(shadow, DS_INDICES, index, shadow->got[DS_INDICES], pass->count, report);
    for (int i = 0; i < 2 && !lost; i++) {
        ds_storage s = ds_rows_of_batch[i];
        lost = differ(shadow, s, shadow->got[s], shadow->image[s],
                      pass->count * ds_pass_columns(shadow->executor->plan, s), report);
    }
    for (int i = 0; i < 2 && pass->training; i++)
        if (shadow->count[trained[i]])
            memcpy(shadow->left[trained[i]], shadow->image[trained[i]],
                   (size_t)shadow->count[trained[i]] * sizeof(double));
    if (pass->training)
        shadow->left_by = pass->update;

cleanup:
    ds_free(index);
    return status;
}

ds_status ds_shadow_phases(ds_shadow *shadow, ds_phase first, ds_phase last, const ds_pass *pass,
                           ds_check_report *report) {
    ds_executor *executor = shadow->executor;
    const ds_plan *plan = executor->plan;
    if (first == DS_PHASE_FORWARD)
        DS_CHECK(begin(shadow, pass, false, report));
    for (int i = 0; i < plan->ops && report->fault == DS_FAULT_NONE;
         i += ds_ops_together(executor, i)) {
        const ds_op *op = &plan->op[i];
        if (op->phase >= first && op->phase <= last && ds_op_runs(op, pass))
            DS_CHECK(run_group(shadow, i, pass, report));
    }
    bool is_last = last == (pass->training ? DS_PHASE_UPDATE : DS_PHASE_LOSS);
    return is_last && report->fault == DS_FAULT_NONE ? finish(shadow, pass, report) : DS_OK;
}

ds_status ds_shadow_pass(ds_shadow *shadow, const ds_pass *pass, ds_check_report *report) {
    ds_phase last = pass->training ? DS_PHASE_UPDATE : DS_PHASE_LOSS;
    if (!shadow->executor->whole)
        return ds_shadow_phases(shadow, DS_PHASE_FORWARD, last, pass, report);
    DS_CHECK(begin(shadow, pass, true, report));
    if (report->fault == DS_FAULT_NONE)
        DS_CHECK(run_whole(shadow, pass, report));
    return report->fault == DS_FAULT_NONE ? finish(shadow, pass, report) : DS_OK;
}

ds_status ds_shadow_undo(ds_shadow *shadow) {
    const ds_plan *plan = shadow->executor->plan;
    shadow->left_by = 0;
    shadow->undone = true;
    for (int i = 0; i < 2; i++) {
        ds_storage s = trained[i];
        if (plan->storage_count[s])
            DS_CHECK(shadow->executor->write(shadow->executor, s, 0, plan->storage_count[s],
                                             shadow->before[s]));
    }
    return DS_OK;
}
