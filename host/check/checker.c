#include "check/checker.h"

#include <math.h>
#include <string.h>

#include "check/judged.h"
#include "device/recording.h"

/* A float32 that no computation here gives. */
#define PATTERN (-0x1.8d1p97)

/* All memory of an executor, as numbers, and for each element which tensor that is written it
 * belongs to. */
typedef struct memory {
    int64_t count[DS_STORAGES]; /* with the padding */
    double *before[DS_STORAGES];
    double *first[DS_STORAGES]; /* after the first run */
    double *second[DS_STORAGES];
    double *expected[DS_STORAGES];
    double *bound[DS_STORAGES];
    int *owner[DS_STORAGES];
    bool *filled; /* per tensor: what it held is overwritten before the runs */
} memory;

/* ---- memory ---- */

static void discard(memory *m) {
    for (int s = 0; s < DS_STORAGES; s++) {
        ds_free(m->before[s]);
        ds_free(m->first[s]);
        ds_free(m->second[s]);
        ds_free(m->expected[s]);
        ds_free(m->bound[s]);
        ds_free(m->owner[s]);
    }
    ds_free(m->filled);
}

static ds_status allocate(memory *m, const ds_plan *plan, const ds_check_options *options) {
    DS_CHECK(ds_new(&m->filled, (size_t)plan->tensors, sizeof *m->filled));
    for (int s = 0; s < DS_STORAGES; s++) {
        int64_t elements = plan->storage_count[s] ? plan->storage_count[s] : options->count[s];
        size_t count = (size_t)(elements ? elements + DS_PADDING : 0);
        m->count[s] = (int64_t)count;
        DS_CHECK(ds_new(&m->before[s], count, sizeof(double)));
        DS_CHECK(ds_new(&m->first[s], count, sizeof(double)));
        DS_CHECK(ds_new(&m->second[s], count, sizeof(double)));
        DS_CHECK(ds_new(&m->expected[s], count, sizeof(double)));
        DS_CHECK(ds_new(&m->bound[s], count, sizeof(double)));
        DS_CHECK(ds_new(&m->owner[s], count, sizeof(int)));
        for (size_t i = 0; i < count; i++)
            m->owner[s][i] = DS_NO_OUTPUT;
    }
    return DS_OK;
}

/* Waits for the device once. */
static ds_status read_all(ds_executor *executor, const memory *m, double *const *into) {
    for (int s = 0; s < DS_STORAGES; s++)
        if (m->count[s])
            DS_CHECK(executor->read_later(executor, DS_TICKETS_OF_CHECKER + s, (ds_storage)s, 0,
                                          m->count[s]));
    DS_CHECK(executor->flush(executor));
    for (int s = 0; s < DS_STORAGES; s++)
        if (m->count[s])
            DS_CHECK(executor->arrive(executor, DS_TICKETS_OF_CHECKER + s, into[s]));
    return DS_OK;
}

/* Gives memory back what it held before, where that is not what was read of it last. */
static ds_status restore(ds_executor *executor, const memory *m) {
    for (int s = 0; s < DS_STORAGES; s++)
        if (m->count[s] &&
            memcmp(m->before[s], m->first[s], (size_t)m->count[s] * sizeof(double)) != 0)
            DS_CHECK(executor->write(executor, (ds_storage)s, 0, m->count[s], m->before[s]));
    return DS_OK;
}

/* ---- outputs ---- */

/* What an op reads of an output must stay. */
static bool is_read_as_well(const ds_judged *s, const ds_op *op, int output) {
    int tensor = op->output[output];
    if (op->operation->family == DS_OPTIMIZER || ds_op_accumulates(s->plan, op, output, s->pass) ||
        s->plan->tensor[tensor].storage == DS_STATUS)
        return true;
    for (int i = 0; i < op->inputs; i++)
        if (op->input[i] == tensor)
            return true;
    return false;
}

static void fill_outputs(memory *m, const ds_judged *s, double value) {
    for (int t = 0; t < s->plan->tensors; t++) {
        int output;
        const ds_op *op = ds_judged_writer(s, t, &output);
        m->filled[t] = op && !is_read_as_well(s, op, output);
        if (!m->filled[t])
            continue;
        for (int64_t p = 0; p < s->passes; p++) {
            ds_span where = ds_span_of(s->plan, t, &s->pass[p]);
            for (int64_t k = 0; k < where.count; k++)
                m->before[where.storage][where.offset + k] = value;
        }
    }
}

static void fill_padding(memory *m) {
    for (int s = 0; s < DS_STORAGES; s++)
        for (int64_t i = m->count[s] - DS_PADDING; m->count[s] && i < m->count[s]; i++)
            m->before[s][i] = ds_storage_element((ds_storage)s) == DS_INT32 ? -77777 : PATTERN;
}

/* ---- verdict ---- */

static void run_reference(const memory *m, const ds_judged *of) {
    ds_reference_memory where;
    for (int i = 0; i < DS_STORAGES; i++) {
        memcpy(m->expected[i], m->before[i], (size_t)m->count[i] * sizeof(double));
        where.value[i] = m->expected[i];
        where.bound[i] = m->bound[i];
    }
    ds_judged_compute(of, &where);
}

static ds_fault judge_element(const memory *m, int s, int64_t i, bool filled,
                              ds_check_report *report) {
    double got = m->first[s][i], again = m->second[s][i], share;
    if (m->owner[s][i] == DS_SCRATCH)
        return DS_FAULT_NONE;
    if (m->owner[s][i] == DS_NO_OUTPUT) {
        bool kept = ds_same_bits(got, m->before[s][i]) && ds_same_bits(again, m->before[s][i]);
        return kept ? DS_FAULT_NONE : DS_FAULT_CHANGED;
    }
    report->compared++;
    report->undecided += isinf(m->bound[s][i]) != 0;
    if (filled && isnan(got) && again == PATTERN)
        return DS_FAULT_UNWRITTEN;
    bool right = ds_is_within(got, m->expected[s][i], m->bound[s][i], &share);
    report->worst_share = fmax(report->worst_share, share);
    if (!right)
        return DS_FAULT_WRONG;
    return ds_same_bits(got, again) ? DS_FAULT_NONE : DS_FAULT_NOT_REPEATABLE;
}

static void judge(const memory *m, const ds_judged *of, ds_check_report *report) {
    for (int s = 0; s < DS_STORAGES; s++)
        for (int64_t i = 0; i < m->count[s]; i++) {
            int owner = m->owner[s][i];
            bool filled = owner >= 0 && m->filled[owner];
            ds_fault fault = judge_element(m, s, i, filled, report);
            if (fault == DS_FAULT_NONE || !ds_report_fault(report, fault, (ds_storage)s, i))
                continue;
            report->got =
                fault == DS_FAULT_NOT_REPEATABLE || ds_same_bits(m->first[s][i], m->before[s][i])
                    ? m->second[s][i]
                    : m->first[s][i];
            report->expected =
                fault == DS_FAULT_NOT_REPEATABLE ? m->first[s][i] : m->expected[s][i];
            report->bound = fault == DS_FAULT_WRONG ? m->bound[s][i] : 0;
            ds_judged_locate(of, owner, report);
        }
}

/* The outputs of the second run, bit by bit, beside the twin's. */
static void compare(const memory *m, double *const *twin, const ds_judged *of,
                    ds_check_report *report) {
    for (int s = 0; s < DS_STORAGES; s++)
        for (int64_t i = 0; i < m->count[s]; i++) {
            int owner = m->owner[s][i];
            if (owner < 0 || ds_same_bits(m->second[s][i], twin[s][i]) ||
                !ds_report_fault(report, DS_FAULT_OTHER_BITS, (ds_storage)s, i))
                continue;
            report->got = m->second[s][i];
            report->expected = twin[s][i];
            report->bound = 0;
            ds_judged_locate(of, owner, report);
        }
}

static ds_status run_twin(ds_executor *twin, const memory *m, const ds_judged *s,
                          ds_check_report *report) {
    for (int i = 0; i < DS_STORAGES; i++)
        if (m->count[i])
            DS_CHECK(twin->write(twin, (ds_storage)i, 0, m->count[i], m->before[i]));
    DS_CHECK(ds_judged_run(s, twin));
    DS_CHECK(read_all(twin, m, m->first));
    compare(m, m->first, s, report);
    return DS_OK;
}

/* Tells who records the run what it had to leave: of outputs what the reference gave or, where their
 * bits count, the twin; of all else what was there. */
static ds_status tell(ds_executor *executor, const memory *m, bool bits) {
    for (int s = 0; s < DS_STORAGES && executor->expect; s++) {
        for (int64_t i = 0; i < m->count[s]; i++) {
            int owner = m->owner[s][i];
            if (owner == DS_SCRATCH)
                m->expected[s][i] = NAN;
            else if (owner == DS_NO_OUTPUT || bits)
                m->expected[s][i] = bits && owner >= 0 ? m->first[s][i] : m->before[s][i];
            m->bound[s][i] = owner == DS_SCRATCH             ? (double)INFINITY
                             : owner == DS_NO_OUTPUT || bits ? DS_SAME_BITS
                                                             : m->bound[s][i];
        }
        if (m->count[s])
            DS_CHECK(executor->expect(executor, (ds_storage)s, m->count[s], m->expected[s],
                                      m->bound[s]));
    }
    return DS_OK;
}

/* Whether every index names a row of the data: by what a broken device holds instead its kernels
 * would read anywhere. */
static bool indices_are_sound(const memory *m, const ds_plan *plan, ds_check_report *report) {
    if (plan->features == DS_ABSENT || m->count[DS_INDICES] == 0)
        return true;
    const ds_tensor *features = &plan->tensor[plan->features];
    int64_t elements = m->count[DS_FEATURES] - DS_PADDING - features->offset;
    int64_t rows = elements / ds_shape_count(&features->shape);
    for (int64_t i = 0; i < m->count[DS_INDICES] - DS_PADDING; i++) {
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

static ds_status check(ds_executor *executor, const ds_judged *s, const ds_check_options *options,
                       ds_check_report *report) {
    ds_status status = DS_OK;
    memory m = {0};
    DS_TRY(allocate(&m, s->plan, options));
    DS_TRY(read_all(executor, &m, m.first));
    for (int i = 0; i < DS_STORAGES; i++)
        memcpy(m.before[i], m.first[i], (size_t)m.count[i] * sizeof(double));
    if (!indices_are_sound(&m, s->plan, report))
        goto cleanup;
    fill_padding(&m);
    ds_judged_own(s, m.count, m.owner);
    run_reference(&m, s);

    fill_outputs(&m, s, NAN);
    DS_TRY(restore(executor, &m));
    DS_TRY(ds_judged_run(s, executor));
    DS_TRY(read_all(executor, &m, m.first));

    fill_outputs(&m, s, PATTERN);
    DS_TRY(restore(executor, &m));
    DS_TRY(ds_judged_run(s, executor));
    DS_TRY(read_all(executor, &m, m.second));
    judge(&m, s, report);
    bool bits = options->twin && report->fault == DS_FAULT_NONE;
    if (bits)
        DS_TRY(run_twin(options->twin, &m, s, report));
    DS_TRY(tell(executor, &m, bits));

cleanup:
    discard(&m);
    return status;
}

ds_status ds_check_op(ds_executor *executor, const ds_op *op, const ds_pass *pass,
                      const ds_check_options *options, ds_check_report *report) {
    return check(executor, &(ds_judged){executor->plan, op, 1, pass, 1, false}, options, report);
}

ds_status ds_check_together(ds_executor *executor, int op, const ds_pass *pass,
                            const ds_check_options *options, ds_check_report *report) {
    const ds_plan *plan = executor->plan;
    ds_judged s = {plan, &plan->op[op], ds_ops_together(executor, op), pass, 1, false};
    return check(executor, &s, options, report);
}

ds_status ds_check_passes(ds_executor *executor, const ds_pass *pass, int64_t count,
                          const ds_check_options *options, ds_check_report *report) {
    const ds_plan *plan = executor->plan;
    return check(executor, &(ds_judged){plan, plan->op, plan->ops, pass, count, true}, options,
                 report);
}

/* ---- a whole pass, op by op ---- */

static ds_status fill_gaps(ds_executor *executor) {
    ds_status status = DS_OK;
    const ds_plan *plan = executor->plan;
    int64_t count = plan->storage_count[DS_ACTIVATIONS];
    double *values = NULL;
    bool *covered = NULL;
    DS_TRY(ds_new(&values, (size_t)count, sizeof *values));
    DS_TRY(ds_new(&covered, (size_t)count, sizeof *covered));
    DS_TRY(executor->read(executor, DS_ACTIVATIONS, 0, count, values));
    for (int t = 0; t < plan->tensors; t++) {
        const ds_tensor *tensor = &plan->tensor[t];
        if (tensor->storage == DS_ACTIVATIONS && tensor->first_op != DS_ABSENT)
            memset(covered + tensor->offset, true,
                   (size_t)ds_tensor_count(tensor, plan->batch) * sizeof *covered);
    }
    for (int64_t i = 0; i < count; i++)
        if (!covered[i])
            values[i] = PATTERN;
    DS_TRY(executor->write(executor, DS_ACTIVATIONS, 0, count, values));

cleanup:
    ds_free(values);
    ds_free(covered);
    return status;
}

ds_status ds_check_pass(ds_executor *executor, const ds_pass *pass, const ds_check_options *options,
                        ds_check_report *report) {
    const ds_plan *plan = executor->plan;
    DS_CHECK(fill_gaps(executor));
    for (int i = 0; i < plan->ops && report->fault == DS_FAULT_NONE;
         i += ds_ops_together(executor, i))
        if (ds_op_runs(&plan->op[i], pass))
            DS_CHECK(ds_check_together(executor, i, pass, options, report));
    return DS_OK;
}
