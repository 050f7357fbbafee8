#include "check/checker.h"

#include <math.h>
#include <string.h>

#include "check/judged.h"
#include "device/recording.h"
#include "ops/memory_plan.h"

/* A float32 that no computation here gives. */
#define PATTERN (-0x1.8d1p97)

/* All memory of an executor, as numbers. */
typedef struct memory {
    ds_image image;              /* `got` after the last run */
    double *before[DS_STORAGES]; /* the runs */
    double *second[DS_STORAGES]; /* after the run before */
    bool *filled;                /* per tensor: what it held is overwritten before the runs */
    bool *hidden;                /* see ds_judged */
    ds_plan *apart; /* where passes run whole: the plan as what they tell is laid out */
} memory;

/* ---- memory ---- */

static void discard(memory *m) {
    ds_image_clear(&m->image);
    for (int s = 0; s < DS_STORAGES; s++) {
        ds_free(m->before[s]);
        ds_free(m->second[s]);
    }
    ds_free(m->filled);
    ds_free(m->hidden);
    ds_plan_destroy(m->apart);
}

static ds_status allocate(memory *m, const ds_plan *plan, const ds_check_options *options) {
    int64_t count[DS_STORAGES];
    for (int s = 0; s < DS_STORAGES; s++) {
        count[s] = plan->storage_count[s] ? plan->storage_count[s] : options->count[s];
        count[s] += count[s] ? DS_PADDING : 0;
        DS_CHECK(ds_new(&m->before[s], (size_t)count[s], sizeof(double)));
        DS_CHECK(ds_new(&m->second[s], (size_t)count[s], sizeof(double)));
    }
    DS_CHECK(ds_new(&m->filled, (size_t)plan->tensors, sizeof *m->filled));
    return ds_image_create(&m->image, count, options->tell);
}

/* Whether a storage is the device's; where passes run whole, two are but what they tell. */
static bool is_held(const memory *m, int s) {
    return m->image.count[s] && !(m->apart && (s == DS_ACTIVATIONS || s == DS_GRADIENTS));
}

/* Waits for the device once. */
static ds_status read_all(ds_executor *executor, const memory *m, double *const *into) {
    for (int s = 0; s < DS_STORAGES; s++)
        if (is_held(m, s))
            DS_CHECK(executor->read_later(executor, DS_TICKETS_OF_CHECKER + s, (ds_storage)s, 0,
                                          m->image.count[s]));
    DS_CHECK(executor->flush(executor));
    for (int s = 0; s < DS_STORAGES; s++)
        if (is_held(m, s))
            DS_CHECK(executor->arrive(executor, DS_TICKETS_OF_CHECKER + s, into[s]));
    return DS_OK;
}

/* Gives memory what it is to hold before a run, where that is not what was read of it last. */
static ds_status restore(ds_executor *executor, const memory *m, double *const *last) {
    for (int s = 0; s < DS_STORAGES; s++)
        if (is_held(m, s) &&
            memcmp(m->before[s], last[s], (size_t)m->image.count[s] * sizeof(double)) != 0)
            DS_CHECK(executor->write(executor, (ds_storage)s, 0, m->image.count[s], m->before[s]));
    return DS_OK;
}

/* ---- outputs ---- */

/* What an op reads of an output must stay. */
static bool is_read_as_well(const ds_judged *j, const ds_op *op, int output) {
    int tensor = op->output[output];
    if (op->operation->family == DS_OPTIMIZER || ds_op_accumulates(j->plan, op, output, j->pass) ||
        j->plan->tensor[tensor].storage == DS_STATUS)
        return true;
    for (int i = 0; i < op->inputs; i++)
        if (op->input[i] == tensor)
            return true;
    return false;
}

static void fill_outputs(memory *m, const ds_judged *j, double value) {
    for (int t = 0; t < j->plan->tensors; t++) {
        int output;
        const ds_op *op = ds_judged_writer(j, t, &output);
        m->filled[t] = op && !is_read_as_well(j, op, output);
        if (!m->filled[t])
            continue;
        ds_span where = ds_span_of(j->plan, t, j->pass);
        for (int64_t k = 0; k < where.count; k++)
            m->before[where.storage][where.offset + k] = value;
    }
}

static void fill_padding(memory *m) {
    for (int s = 0; s < DS_STORAGES; s++)
        for (int64_t i = m->image.count[s] - DS_PADDING; m->image.count[s] && i < m->image.count[s];
             i++)
            m->before[s][i] = ds_storage_element((ds_storage)s) == DS_INT32 ? -77777 : PATTERN;
}

/* ---- runs ---- */

/* A pass that differs in all that an op is told, and touches no more memory. */
static ds_pass other_pass(const ds_pass *pass) {
    ds_pass other = *pass;
    other.count -= other.count > 1;
    other.global_count += 7;
    other.position++;
    other.first -= other.first > 0;
    other.slot -= other.slot > 0;
    other.update++;
    other.seed = ~other.seed;
    other.rate = other.rate / 2 + 0.125;
    other.accumulate = !other.accumulate;
    return other;
}

/* Scalar arguments must not be those of the launch before. */
static ds_status run_other(const ds_judged *j, ds_executor *executor) {
    ds_pass pass = other_pass(j->pass);
    ds_op op = *j->op;
    ds_judged other = *j;
    other.pass = &pass;
    if (j->ops == 1) {
        for (int i = 0; i < DS_MAX_ATTRIBUTES; i++)
            op.attribute[i] = op.attribute[i] / 2 + 0.125;
        op.layer++;
        op.accumulate = !op.accumulate && op.part == DS_BACKWARD;
        other.op = &op;
    } else if (j->whole) {
        pass.accumulate = false;
    }
    return ds_judged_run(&other, executor);
}

/* What a whole pass tells is put into `got`. */
static ds_status run_last(const ds_judged *j, ds_executor *executor, const memory *m) {
    if (!m->apart)
        return ds_judged_run(j, executor);
    for (int s = 0; s < DS_STORAGES; s++)
        if (!is_held(m, s) && m->image.count[s])
            memcpy(m->image.got[s], m->before[s], (size_t)m->image.count[s] * sizeof(double));
    return executor->run_shown(executor, j->pass, j->plan, m->image.got[DS_ACTIVATIONS],
                               m->image.got[DS_GRADIENTS]);
}

/* ---- verdict ---- */

static ds_check_report found(const ds_judged *j, const memory *m, ds_fault fault, int s, int64_t i,
                             double got, double expected) {
    ds_check_report report = {.got = got, .expected = expected};
    ds_report_fault(&report, fault, (ds_storage)s, i);
    ds_judged_locate(j, m->image.owner[s][i], &report);
    return report;
}

/* The bits of both runs: of what neither wrote, which is NaN in the last, or of all. */
static void compare_runs(const ds_judged *j, const memory *m, bool unwritten,
                         ds_check_report *report) {
    for (int s = 0; s < DS_STORAGES; s++) {
        const size_t bytes = (size_t)m->image.count[s] * sizeof(double);
        if (!is_held(m, s) || memcmp(m->image.got[s], m->second[s], bytes) == 0)
            continue;
        for (int64_t i = 0; i < m->image.count[s]; i++) {
            int owner = m->image.owner[s][i];
            double got = m->image.got[s][i], again = m->second[s][i];
            if (owner < 0 || ds_same_bits(got, again))
                continue;
            if (unwritten && !(m->filled[owner] && isnan(got) && again == PATTERN))
                continue;
            ds_check_report one =
                found(j, m, unwritten ? DS_FAULT_UNWRITTEN : DS_FAULT_NOT_REPEATABLE, s, i, again,
                      unwritten ? NAN : got);
            ds_check_add(report, &one);
        }
    }
}

/* The outputs of the second run, bit by bit, beside the twin's. */
static ds_status run_twin(ds_executor *twin, const memory *m, const ds_judged *j,
                          ds_check_report *report) {
    for (int i = 0; i < DS_STORAGES; i++)
        if (is_held(m, i))
            DS_CHECK(twin->write(twin, (ds_storage)i, 0, m->image.count[i], m->before[i]));
    DS_CHECK(ds_judged_run(j, twin));
    DS_CHECK(read_all(twin, m, m->image.got));
    for (int s = 0; s < DS_STORAGES; s++)
        for (int64_t i = 0; i < m->image.count[s] && is_held(m, s); i++) {
            double got = m->second[s][i], wanted = m->image.got[s][i];
            if (m->image.owner[s][i] < 0 || ds_same_bits(got, wanted))
                continue;
            ds_check_report one = found(j, m, DS_FAULT_OTHER_BITS, s, i, got, wanted);
            ds_check_add(report, &one);
        }
    return DS_OK;
}

/* What the last run should have left, for who records it. */
static ds_status tell(ds_executor *executor, const memory *m, bool bits) {
    const ds_image *image = &m->image;
    for (int s = 0; s < DS_STORAGES && executor->expect; s++) {
        double *value = image->expected[s], *bound = image->margin[s];
        for (int64_t i = 0; i < image->count[s]; i++) {
            int owner = image->owner[s][i];
            bool same = owner == DS_NO_OUTPUT || (owner >= 0 && bits);
            if (same)
                value[i] = owner == DS_NO_OUTPUT ? m->before[s][i] : image->got[s][i];
            bound[i] = same ? DS_SAME_BITS : owner == DS_SCRATCH ? (double)INFINITY : bound[i];
            if (owner == DS_SCRATCH)
                value[i] = NAN;
        }
        if (image->count[s])
            DS_CHECK(executor->expect(executor, (ds_storage)s, image->count[s], value, bound));
    }
    return DS_OK;
}

/* Whether every index names a row of the data: by what a broken device holds instead its kernels
 * would read anywhere. */
static bool indices_are_sound(const memory *m, const ds_plan *plan, ds_check_report *report) {
    if (plan->features == DS_ABSENT || m->image.count[DS_INDICES] == 0)
        return true;
    const ds_tensor *features = &plan->tensor[plan->features];
    int64_t elements = m->image.count[DS_FEATURES] - DS_PADDING - features->offset;
    int64_t rows = elements / ds_shape_count(&features->shape);
    for (int64_t i = 0; i < m->image.count[DS_INDICES] - DS_PADDING; i++) {
        double row = m->before[DS_INDICES][i];
        if (row >= 0 && row < (double)rows)
            continue;
        (void)ds_report_fault(report, DS_FAULT_LOST, DS_INDICES, i);
        report->tensor = DS_ABSENT;
        report->got = row;
        report->expected = row < 0 ? 0 : (double)rows - 1; /* the nearest */
        return false;
    }
    return true;
}

/* What is computed of a pass on the way is there before it is judged. */
static void adopt_inputs(const ds_judged *j, const memory *m) {
    for (int t = 0; t < j->plan->tensors; t++) {
        ds_span s = ds_span_of(j->plan, t, j->pass);
        if (m->filled[t] && !m->hidden[t])
            memcpy(m->image.value[s.storage] + s.offset, m->image.got[s.storage] + s.offset,
                   (size_t)s.count * sizeof(double));
    }
}

static ds_status check(ds_executor *executor, const ds_judged *asked,
                       const ds_check_options *options, ds_check_report *report) {
    ds_status status = DS_OK;
    memory m = {0};
    ds_judged j = *asked;
    ds_check_report all = {0}, rest = {0};
    if (j.whole && executor->run_shown) {
        DS_TRY(ds_plan_apart(&m.apart, asked->plan));
        j.plan = m.apart;
        j.op = m.apart->op;
    }
    if (j.whole || j.ops > 1)
        DS_TRY(ds_judged_hide(&m.hidden, executor, m.apart != NULL));
    j.hidden = m.hidden;
    j.most = options->most;
    DS_TRY(allocate(&m, j.plan, options));
    DS_TRY(read_all(executor, &m, m.second));
    for (int s = 0; s < DS_STORAGES; s++)
        if (is_held(&m, s))
            memcpy(m.before[s], m.second[s], (size_t)m.image.count[s] * sizeof(double));
    if (!indices_are_sound(&m, j.plan, report))
        goto cleanup;
    fill_padding(&m);
    ds_judged_own(&j, &m.image);
    if (!options->alone) {
        DS_TRY(run_other(&j, executor));
        DS_TRY(read_all(executor, &m, m.second));
    }

    fill_outputs(&m, &j, PATTERN);
    DS_TRY(restore(executor, &m, m.second));
    DS_TRY(ds_judged_run(&j, executor));
    DS_TRY(read_all(executor, &m, m.second));
    for (int s = 0; s < DS_STORAGES; s++)
        if (is_held(&m, s))
            ds_judged_rest(&j, &m.image, (ds_storage)s, m.before[s], m.second[s], &rest);

    fill_outputs(&m, &j, NAN);
    DS_TRY(restore(executor, &m, m.second));
    for (int s = 0; s < DS_STORAGES; s++)
        if (m.image.count[s])
            memcpy(m.image.value[s], m.before[s], (size_t)m.image.count[s] * sizeof(double));
    DS_TRY(run_last(&j, executor, &m));
    DS_TRY(read_all(executor, &m, m.image.got));
    for (int s = 0; s < DS_STORAGES; s++)
        ds_judged_rest(&j, &m.image, (ds_storage)s, m.before[s], m.image.got[s], &rest);
    compare_runs(&j, &m, true, &all);
    if (j.whole) /* ops read what others have written */
        adopt_inputs(&j, &m);
    ds_judged_outputs(&j, &m.image, NULL, &all);
    ds_check_add(&all, &rest);
    compare_runs(&j, &m, false, &all);
    bool bits = options->twin.executor && ds_is_doubt(&all);
    if (bits)
        DS_TRY(run_twin(options->twin.executor, &m, &j, &all));
    if (options->tell)
        DS_TRY(tell(executor, &m, bits));
    if (all.op && m.apart) /* of the plan that was asked for */
        all.op = asked->plan->op + (all.op - j.op);
    ds_check_add(report, &all);

cleanup:
    discard(&m);
    return status;
}

ds_status ds_check_op(ds_executor *executor, const ds_op *op, const ds_pass *pass,
                      const ds_check_options *options, ds_check_report *report) {
    ds_judged one = {.plan = executor->plan, .op = op, .ops = 1, .pass = pass};
    return check(executor, &one, options, report);
}

ds_status ds_check_together(ds_executor *executor, int op, const ds_pass *pass,
                            const ds_check_options *options, ds_check_report *report) {
    const ds_plan *plan = executor->plan;
    ds_judged group = {
        .plan = plan, .op = &plan->op[op], .ops = ds_ops_together(executor, op), .pass = pass};
    return check(executor, &group, options, report);
}

ds_status ds_check_twice(const ds_trial_run *run, uint64_t seed, ds_check_report *report) {
    for (uint64_t again = 0; again < 2; again++) {
        ds_check_report found = {0};
        DS_CHECK(run->fill(run->context, seed + again));
        DS_CHECK(run->check(run->context, &found));
        bool unlikely = found.fault == DS_FAULT_UNLIKELY;
        if (unlikely && again == 0)
            found.fault = DS_FAULT_NONE;
        ds_check_add(report, &found);
        if (!unlikely)
            break;
    }
    return DS_OK;
}

ds_status ds_check_pass(ds_executor *executor, const ds_pass *pass, const ds_check_options *options,
                        ds_check_report *report) {
    const ds_plan *plan = executor->plan;
    ds_judged all = {.plan = plan, .op = plan->op, .ops = plan->ops, .pass = pass, .whole = true};
    return check(executor, &all, options, report);
}
