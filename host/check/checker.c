#include "check/checker.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "reference/reference.h"

/* A float32 that no computation here gives. */
#define PATTERN (-0x1.8d1p97)

enum { NO_OUTPUT = -1, SCRATCH = -2 };

/* Ops that are run and judged as one, for a pass; or all ops, for passes run together. */
typedef struct subject {
    const ds_plan *plan;
    const ds_op *op;
    int ops;
    const ds_pass *pass;
    int64_t passes;
    bool whole;
} subject;

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

const char *ds_fault_name(ds_fault fault) {
    static const char *const name[] = {"none", "wrong value", "unwritten output",
                                       "write outside the outputs", "not repeatable"};
    return name[fault];
}

bool ds_is_within(double got, double expected, double bound, double *share) {
    *share = 0;
    if (isinf(bound))
        return !isnan(got) || isnan(expected);
    if (isnan(expected))
        return isnan(got);
    if (isinf(expected) || isinf(got))
        return got == expected ||
               (!isnan(got) && !isinf(expected) && copysign(expected, got) == expected &&
                fabs(expected) + bound > FLT_MAX);
    double error = fabs(got - expected);
    if (error > 0)
        *share = error / bound;
    return error <= bound;
}

static bool same_bits(double a, double b) {
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

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
            m->owner[s][i] = NO_OUTPUT;
    }
    return DS_OK;
}

static ds_status read_all(ds_executor *executor, const memory *m, double *const *into) {
    for (int s = 0; s < DS_STORAGES; s++)
        if (m->count[s])
            DS_CHECK(executor->read(executor, (ds_storage)s, 0, m->count[s], into[s]));
    return DS_OK;
}

static ds_status write_all(ds_executor *executor, const memory *m, double *const *from) {
    for (int s = 0; s < DS_STORAGES; s++)
        if (m->count[s])
            DS_CHECK(executor->write(executor, (ds_storage)s, 0, m->count[s], from[s]));
    return DS_OK;
}

/* ---- outputs ---- */

typedef struct span {
    ds_storage storage;
    int64_t offset, count;
} span;

static span span_of(const ds_plan *plan, int tensor, const ds_pass *pass) {
    const ds_tensor *t = &plan->tensor[tensor];
    int64_t offset = t->offset + (t->storage == DS_HISTORY ? pass->slot * DS_RECORD_SIZE : 0);
    return (span){t->storage, offset, ds_tensor_count(t, pass->count)};
}

static void own(memory *m, span s, int owner) {
    for (int64_t i = 0; i < s.count; i++)
        m->owner[s.storage][s.offset + i] = owner;
}

/* What an op reads of an output must stay. */
static bool is_read_as_well(const subject *s, const ds_op *op, int output) {
    int tensor = op->output[output];
    if (op->operation->family == DS_OPTIMIZER || ds_op_accumulates(s->plan, op, output, s->pass) ||
        s->plan->tensor[tensor].storage == DS_STATUS)
        return true;
    for (int i = 0; i < op->inputs; i++)
        if (op->input[i] == tensor)
            return true;
    return false;
}

/* The op of the subject that writes a tensor, and as which output. */
static const ds_op *writer(const subject *s, int tensor, int *output) {
    for (int k = 0; k < s->ops; k++)
        for (int i = 0; i < s->op[k].outputs; i++)
            if (s->op[k].output[i] == tensor) {
                *output = i;
                return &s->op[k];
            }
    return NULL;
}

static void fill_outputs(memory *m, const subject *s, double value) {
    for (int t = 0; t < s->plan->tensors; t++) {
        int output;
        const ds_op *op = writer(s, t, &output);
        m->filled[t] = op && !is_read_as_well(s, op, output);
        if (!m->filled[t])
            continue;
        for (int64_t p = 0; p < s->passes; p++) {
            span where = span_of(s->plan, t, &s->pass[p]);
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

/* What stands between ops that run together and nothing else reads need not be written. */
static void find_owners(memory *m, const subject *s) {
    for (int k = 0; k < s->ops; k++) {
        const ds_op *op = &s->op[k];
        if (op->scratch != DS_ABSENT)
            own(m, span_of(s->plan, op->scratch, s->pass), SCRATCH);
        for (int i = 0; i < op->outputs; i++)
            if (op->output[i] != DS_ABSENT)
                own(m, span_of(s->plan, op->output[i], s->pass),
                    k + 1 < s->ops && op->output[i] == s->op[k + 1].input[0] &&
                            !ds_tensor_is_read_outside(s->plan, op->output[i], s->op, s->ops)
                        ? SCRATCH
                        : op->output[i]);
    }
}

/* Whole passes leave the history and, where they train, parameters, moments and status; what they
 * leave in gradients and activations is nobody's business. */
static void find_owners_of_passes(memory *m, const subject *s) {
    for (int i = 0; i < DS_STORAGES; i++)
        if ((i == DS_GRADIENTS || i == DS_ACTIVATIONS) && m->count[i])
            own(m, (span){(ds_storage)i, 0, m->count[i] - DS_PADDING}, SCRATCH);
    for (int64_t p = 0; p < s->passes; p++)
        for (int k = 0; k < s->ops; k++)
            for (int i = 0; i < s->op[k].outputs && ds_op_runs(&s->op[k], &s->pass[p]); i++) {
                int tensor = s->op[k].output[i];
                if (tensor == DS_ABSENT)
                    continue;
                ds_storage storage = s->plan->tensor[tensor].storage;
                if (storage != DS_GRADIENTS && storage != DS_ACTIVATIONS)
                    own(m, span_of(s->plan, tensor, &s->pass[p]), tensor);
            }
}

/* ---- verdict ---- */

/* One op after the other; what the first rounds is in the bounds of the next. */
static void run_reference(memory *m, const subject *s) {
    ds_reference_memory where;
    for (int i = 0; i < DS_STORAGES; i++) {
        memcpy(m->expected[i], m->before[i], (size_t)m->count[i] * sizeof(double));
        where.value[i] = m->expected[i];
        where.bound[i] = m->bound[i];
    }
    for (int64_t p = 0; p < s->passes; p++)
        for (int k = 0; k < s->ops; k++) {
            ds_reference_call call = {s->plan, &s->op[k], &s->pass[p], &where};
            if (!s->whole || ds_op_runs(&s->op[k], &s->pass[p]))
                ds_reference_of (&s->op[k])(&call);
        }
}

/* The tensor that holds an element, and the element's number in it. */
static void locate(const subject *s, int owner, ds_check_report *report) {
    const ds_plan *plan = s->plan;
    int output;
    report->tensor = owner >= 0 ? owner : DS_ABSENT;
    report->op = s->whole ? NULL : owner >= 0 ? writer(s, owner, &output) : s->op;
    for (int i = 0; i < plan->tensors && report->tensor == DS_ABSENT; i++) {
        span where = span_of(plan, i, s->pass);
        if (plan->tensor[i].per_sample && where.storage == DS_ACTIVATIONS)
            where.count = ds_tensor_count(&plan->tensor[i], plan->batch);
        if (where.storage == report->storage && report->element >= where.offset &&
            report->element < where.offset + where.count)
            report->tensor = i;
    }
    if (report->tensor != DS_ABSENT)
        report->element -= span_of(plan, report->tensor, s->pass).offset;
}

static ds_fault judge_element(const memory *m, int s, int64_t i, bool filled,
                              ds_check_report *report) {
    double got = m->first[s][i], again = m->second[s][i], share;
    if (m->owner[s][i] == SCRATCH)
        return DS_FAULT_NONE;
    if (m->owner[s][i] == NO_OUTPUT) {
        bool kept = same_bits(got, m->before[s][i]) && same_bits(again, m->before[s][i]);
        return kept ? DS_FAULT_NONE : DS_FAULT_CHANGED;
    }
    report->compared++;
    report->undecided += isinf(m->bound[s][i]) != 0;
    if (filled && isnan(got) && again == PATTERN)
        return DS_FAULT_UNWRITTEN;
    if (!ds_is_within(got, m->expected[s][i], m->bound[s][i], &share))
        return DS_FAULT_WRONG;
    report->worst_share = fmax(report->worst_share, share);
    return same_bits(got, again) ? DS_FAULT_NONE : DS_FAULT_NOT_REPEATABLE;
}

static void judge(const memory *m, const subject *of, ds_check_report *report) {
    for (int s = 0; s < DS_STORAGES; s++)
        for (int64_t i = 0; i < m->count[s]; i++) {
            int owner = m->owner[s][i];
            bool filled = owner >= 0 && m->filled[owner];
            ds_fault fault = judge_element(m, s, i, filled, report);
            if (fault == DS_FAULT_NONE || report->fault != DS_FAULT_NONE)
                continue;
            report->fault = fault;
            report->storage = (ds_storage)s;
            report->element = i;
            report->got =
                fault == DS_FAULT_NOT_REPEATABLE || same_bits(m->first[s][i], m->before[s][i])
                    ? m->second[s][i]
                    : m->first[s][i];
            report->expected =
                fault == DS_FAULT_NOT_REPEATABLE ? m->first[s][i] : m->expected[s][i];
            report->bound = fault == DS_FAULT_WRONG ? m->bound[s][i] : 0;
            locate(of, owner, report);
        }
}

static ds_status run_subject(ds_executor *executor, const subject *s) {
    if (s->whole)
        return executor->run_passes(executor, s->pass, s->passes);
    return s->ops == 1 ? executor->run(executor, s->op, s->pass)
                       : ds_run_together(executor, (int)(s->op - s->plan->op), s->pass);
}

static ds_status check(ds_executor *executor, const subject *s, const ds_check_options *options,
                       ds_check_report *report) {
    ds_status status = DS_OK;
    memory m = {0};
    DS_TRY(allocate(&m, s->plan, options));
    DS_TRY(read_all(executor, &m, m.before));
    fill_padding(&m);
    if (s->whole)
        find_owners_of_passes(&m, s);
    else
        find_owners(&m, s);
    run_reference(&m, s);

    fill_outputs(&m, s, NAN);
    DS_TRY(write_all(executor, &m, m.before));
    DS_TRY(run_subject(executor, s));
    DS_TRY(read_all(executor, &m, m.first));

    fill_outputs(&m, s, PATTERN);
    DS_TRY(write_all(executor, &m, m.before));
    DS_TRY(run_subject(executor, s));
    DS_TRY(read_all(executor, &m, m.second));
    judge(&m, s, report);

cleanup:
    discard(&m);
    return status;
}

ds_status ds_check_op(ds_executor *executor, const ds_op *op, const ds_pass *pass,
                      const ds_check_options *options, ds_check_report *report) {
    return check(executor, &(subject){executor->plan, op, 1, pass, 1, false}, options, report);
}

ds_status ds_check_together(ds_executor *executor, int op, const ds_pass *pass,
                            const ds_check_options *options, ds_check_report *report) {
    const ds_plan *plan = executor->plan;
    subject s = {plan, &plan->op[op], ds_ops_together(executor, op), pass, 1, false};
    return check(executor, &s, options, report);
}

ds_status ds_check_passes(ds_executor *executor, const ds_pass *pass, int64_t count,
                          const ds_check_options *options, ds_check_report *report) {
    const ds_plan *plan = executor->plan;
    return check(executor, &(subject){plan, plan->op, plan->ops, pass, count, true}, options,
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

/* ---- words ---- */

static ds_status name_op(const ds_op *op, ds_text *out) {
    char name[64];
    if (!op)
        return ds_text_add(out, "whole passes");
    ds_op_name(op, name);
    return ds_text_add(out, "%s of layer %d", name, op->layer);
}

ds_status ds_check_describe(const ds_check_report *report, const ds_plan *plan, ds_text *out) {
    if (report->fault == DS_FAULT_NONE)
        return ds_text_add(out,
                           "%lld elements right, %lld undecided, worst error %.3g of its bound",
                           (long long)(report->compared - report->undecided),
                           (long long)report->undecided, report->worst_share);
    DS_CHECK(ds_text_add(out, "%s in ", ds_fault_name(report->fault)));
    DS_CHECK(name_op(report->op, out));
    DS_CHECK(ds_text_add(out, ": %s[%lld] is %.9g, expected %.9g",
                         report->tensor == DS_ABSENT ? ds_storage_name(report->storage)
                                                     : plan->tensor[report->tensor].name,
                         (long long)report->element, report->got, report->expected));
    return report->fault == DS_FAULT_WRONG ? ds_text_add(out, " within %.3g", report->bound)
                                           : DS_OK;
}
