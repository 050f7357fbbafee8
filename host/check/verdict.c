#include "check/verdict.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
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

bool ds_is_doubt(ds_check_report *report) {
    if (report->fault != DS_FAULT_NONE && report->fault != DS_FAULT_UNLIKELY)
        return false;
    report->fault = DS_FAULT_NONE;
    report->wrong = (ds_places){0};
    report->elsewhere = 0;
    return true;
}

bool ds_same_bits(double a, double b) {
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

/* ---- which are wrong ---- */

bool ds_report_fault(ds_check_report *report, ds_fault fault, ds_storage storage, int64_t element) {
    bool first = report->wrong.count == 0;
    if (first) {
        report->fault = fault;
        report->storage = storage;
        report->element = element;
    }
    if (storage == report->storage)
        ds_places_add(&report->wrong, element);
    else
        report->elsewhere++;
    return first;
}

void ds_check_add(ds_check_report *report, const ds_check_report *more) {
    ds_check_report sum = *report;
    bool both = sum.fault != DS_FAULT_NONE && more->fault != DS_FAULT_NONE;
    if (more->fault != DS_FAULT_NONE &&
        (!both || (sum.fault == DS_FAULT_UNLIKELY && more->fault != DS_FAULT_UNLIKELY))) {
        sum = *more;
    } else if (both && more->fault != DS_FAULT_UNLIKELY) {
        bool alike = more->storage == sum.storage && more->wrong.count == 1 && !more->elsewhere;
        if (alike)
            ds_places_add(&sum.wrong, more->wrong.first);
        else
            sum.elsewhere += more->wrong.count + more->elsewhere;
    }
    sum.compared = report->compared + more->compared;
    sum.undecided = report->undecided + more->undecided;
    sum.worst_share = fmax(report->worst_share, more->worst_share);
    *report = sum;
}

/* Of a flat buffer the part is a smaller tensor: "0.weight[5]". */
const ds_tensor *ds_report_tensor(const ds_check_report *report, const ds_plan *plan,
                                  int64_t *element) {
    *element = report->element;
    if (!plan || report->tensor == DS_ABSENT)
        return NULL;
    const ds_tensor *named = &plan->tensor[report->tensor];
    int64_t at = named->offset + report->element;
    for (const ds_tensor *t = plan->tensor; t < plan->tensor + plan->tensors; t++)
        if (t->storage == named->storage && !named->per_sample && !t->per_sample &&
            t->storage != DS_ACTIVATIONS && at >= t->offset &&
            at < t->offset + ds_tensor_count(t, 1) &&
            ds_tensor_count(t, 1) < ds_tensor_count(named, 1))
            named = t;
    if (named->storage != DS_HISTORY)
        *element = at - named->offset;
    return named;
}

void ds_report_pattern(const ds_check_report *report, const ds_plan *plan, char text[96]) {
    int64_t element;
    const ds_tensor *t = ds_report_tensor(report, plan, &element);
    const ds_places *w = &report->wrong;
    const int64_t origin = w->first - element,
                  all =
                      t && t != &plan->tensor[report->tensor] ? ds_tensor_count(t, 1) : report->all,
                  row = !t              ? 1
                        : t->per_sample ? ds_shape_count(&t->shape)
                                        : t->shape.extent[t->shape.rank - 1];
    if (report->elsewhere || (all && w->last - origin >= all))
        snprintf(text, 96, "in several tensors");
    else
        ds_places_print(w, origin, all, row, text);
}

/* ---- words ---- */

/* An op that is none of the plan's own was made for the check, and so was its layer. */
static ds_status name_op(const ds_check_report *report, const ds_plan *plan, ds_text *out) {
    char name[64];
    if (report->fault == DS_FAULT_LOST)
        return ds_text_add(out, "memory that nothing was run on");
    if (!report->op)
        return ds_text_add(out, "the network in one kernel");
    ds_op_name(report->op, name);
    bool own = plan && report->op >= plan->op && report->op < plan->op + plan->ops;
    return own && report->op->layer >= 0
               ? ds_text_add(out, "%s of layer %d", name, report->op->layer)
               : ds_text_add(out, "%s", name);
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
    DS_CHECK(name_op(report, plan, out));
    int64_t element;
    const ds_tensor *tensor = ds_report_tensor(report, plan, &element);
    DS_CHECK(ds_text_add(out, ": %s[%lld] is %.9g, expected %.9g",
                         tensor ? tensor->name : ds_storage_name(report->storage),
                         (long long)element, without_sign(report->got),
                         without_sign(report->expected)));
    if (report->fault == DS_FAULT_UNLIKELY)
        DS_CHECK(ds_text_add(out, "; roundings hardly ever make it differ by %.3g", report->bound));
    if (report->fault == DS_FAULT_WRONG)
        DS_CHECK(ds_text_add(out, " within %.3g", report->bound));
    const long long wrong = report->wrong.count + report->elsewhere;
    char pattern[96], of[32] = "";
    if (wrong == 0)
        return DS_OK;
    ds_report_pattern(report, plan, pattern);
    if (report->fault != DS_FAULT_CHANGED && wrong <= report->compared)
        snprintf(of, sizeof of, " of %lld", (long long)report->compared);
    return ds_text_add(out, "; %lld%s element%s %s wrong%s%s", wrong, of,
                       wrong == 1 && !*of ? "" : "s", wrong == 1 ? "is" : "are",
                       *pattern ? ": " : "", pattern);
}
