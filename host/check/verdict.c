#include "check/verdict.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "ops/operation.h"

const char *ds_fault_name(ds_fault fault) {
    static const char *const name[] = {"none",
                                       "wrong value",
                                       "unwritten output",
                                       "write outside the outputs",
                                       "not repeatable",
                                       "other bits",
                                       "other bits together than one after the other",
                                       "lost value",
                                       "unlikely value"};
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

bool ds_same_bits(double a, double b) {
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

void ds_check_add(ds_check_report *report, const ds_check_report *more) {
    ds_check_report sum = *report;
    if (more->fault != DS_FAULT_NONE &&
        (sum.fault == DS_FAULT_NONE ||
         (sum.fault == DS_FAULT_UNLIKELY && more->fault != DS_FAULT_UNLIKELY)))
        sum = *more;
    sum.compared = report->compared + more->compared;
    sum.undecided = report->undecided + more->undecided;
    sum.worst_share = fmax(report->worst_share, more->worst_share);
    *report = sum;
}

/* ---- words ---- */

static ds_status name_op(const ds_check_report *report, ds_text *out) {
    char name[64];
    if (report->fault == DS_FAULT_LOST)
        return ds_text_add(out, "memory that nothing was run on");
    if (!report->op)
        return ds_text_add(out, "the network in one kernel");
    ds_op_name(report->op, name);
    return report->op->layer < 0 ? ds_text_add(out, "%s", name)
                                 : ds_text_add(out, "%s of layer %d", name, report->op->layer);
}

/* Of a flat buffer the part that has a name of its own: "0.weight[5]". */
static ds_status name_element(const ds_check_report *report, const ds_plan *plan, ds_text *out) {
    if (report->tensor == DS_ABSENT)
        return ds_text_add(out, "%s[%lld]", ds_storage_name(report->storage),
                           (long long)report->element);
    const ds_tensor *named = &plan->tensor[report->tensor];
    int64_t at = named->offset + report->element;
    for (const ds_tensor *t = plan->tensor; t < plan->tensor + plan->tensors; t++)
        if (t->storage == named->storage && !named->per_sample && !t->per_sample &&
            t->storage != DS_ACTIVATIONS && at >= t->offset &&
            at < t->offset + ds_tensor_count(t, 1) &&
            ds_tensor_count(t, 1) < ds_tensor_count(named, 1))
            named = t;
    return ds_text_add(
        out, "%s[%lld]", named->name,
        (long long)(named->storage == DS_HISTORY ? report->element : at - named->offset));
}

/* printf's NaN has a sign, which means nothing. */
static double without_sign(double value) {
    return isnan(value) ? fabs(value) : value;
}

ds_status ds_check_describe(const ds_check_report *report, const ds_plan *plan, ds_text *out) {
    if (report->fault == DS_FAULT_NONE)
        return ds_text_add(out,
                           "%lld elements right, %lld undecided, worst error %.3g of its bound",
                           (long long)(report->compared - report->undecided),
                           (long long)report->undecided, report->worst_share);
    DS_CHECK(ds_text_add(out, "%s in ", ds_fault_name(report->fault)));
    DS_CHECK(name_op(report, out));
    DS_CHECK(ds_text_add(out, ": "));
    DS_CHECK(name_element(report, plan, out));
    DS_CHECK(ds_text_add(out, " is %.9g, expected %.9g", without_sign(report->got),
                         without_sign(report->expected)));
    if (report->fault == DS_FAULT_UNLIKELY)
        return ds_text_add(out, "; roundings hardly ever make it differ by %.3g", report->bound);
    return report->fault == DS_FAULT_WRONG ? ds_text_add(out, " within %.3g", report->bound)
                                           : DS_OK;
}
