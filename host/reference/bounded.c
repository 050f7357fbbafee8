#include "reference/bounded.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <string.h>

double ds_gamma(double n) {
    return n * DS_UNIT / (1 - n * DS_UNIT);
}

/* A device's result: `e` comes from its arguments, `ulps` from the function itself. `certain` says
 * that a value which is not finite is so on the device, too. */
static ds_bounded result(double v, double e, double ulps, bool certain) {
    if (!isfinite(v))
        return (ds_bounded){v, certain ? 0 : INFINITY};
    if (e > 0 || ulps != 0.5 || v != (double)(float)v) /* what is exact is not rounded */
        e += 2 * ulps * DS_UNIT * (fabs(v) + e);
    if (isnan(e))
        e = INFINITY;
    if ((v != 0 || e > 0) && fabs(v) - e < DS_TINY)
        e += DS_TINY; /* flushed, or rounded as a denormal */
    if (fabs(v) + e > FLT_MAX)
        e = INFINITY;
    return (ds_bounded){v, e};
}

/* An argument of a device that may take denormals for 0. */
static ds_bounded flushed(ds_bounded a) {
    if (fabs(a.v) < DS_TINY)
        a.e += fabs(a.v);
    return a;
}

/* Whether a sign is decided whatever the rounding. */
static bool sure_sign(ds_bounded a) {
    return a.e == 0 || fabs(a.v) > a.e;
}

/* Whether it is NaN on the device, too. */
static bool sure_nan(ds_bounded a) {
    return isnan(a.v) && a.e == 0;
}

ds_bounded ds_exact(double value) {
    return (ds_bounded){value, 0};
}

ds_bounded ds_rounded(double value) {
    if (!isfinite(value))
        return ds_exact(value);
    if (fabs(value) > FLT_MAX)
        return (ds_bounded){value, INFINITY};
    return (ds_bounded){value, fabs(value - (double)(float)value)};
}

ds_bounded ds_add(ds_bounded a, ds_bounded b) {
    a = flushed(a);
    b = flushed(b);
    return result(a.v + b.v, a.e + b.e, 0.5, isfinite(a.e + b.e) || sure_nan(a) || sure_nan(b));
}

ds_bounded ds_sub(ds_bounded a, ds_bounded b) {
    return ds_add(a, ds_neg(b));
}

ds_bounded ds_mul(ds_bounded a, ds_bounded b) {
    a = flushed(a);
    b = flushed(b);
    if (b.v == 1 && b.e == 0)
        return a;
    return result(a.v * b.v, fabs(a.v) * b.e + fabs(b.v) * a.e + a.e * b.e, 0.5,
                  (sure_sign(a) && sure_sign(b)) || sure_nan(a) || sure_nan(b));
}

/* |a/b - (a+da)/(b+db)| <= (|a/b| |db| + |da|) / (|b| - |db|) */
ds_bounded ds_div(ds_bounded a, ds_bounded b) {
    a = flushed(a);
    b = flushed(b);
    double quotient = a.v / b.v;
    double least = fabs(b.v) - b.e;
    double e = a.e == 0 && b.e == 0 ? 0 : (fabs(quotient) * b.e + a.e) / fmax(least, 0);
    return result(quotient, e, 2.5, (sure_sign(a) && sure_sign(b)) || sure_nan(a) || sure_nan(b));
}

ds_bounded ds_exp(ds_bounded a) {
    double v = exp(a.v);
    return result(v, a.e == 0 ? 0 : v * expm1(a.e), 1.3, isfinite(a.e));
}

ds_bounded ds_expm1(ds_bounded a) {
    a = flushed(a);
    return result(expm1(a.v), a.e == 0 ? 0 : exp(a.v) * expm1(a.e), 1, isfinite(a.e));
}

ds_bounded ds_log(ds_bounded a) {
    a = flushed(a);
    double least = fmax(a.v - a.e, 0);
    return result(log(a.v), a.e == 0 ? 0 : a.e / least, 0.9, sure_sign(a));
}

ds_bounded ds_log1p(ds_bounded a) {
    a = flushed(a);
    double least = fmax(1 + a.v - a.e, 0);
    return result(log1p(a.v), a.e == 0 ? 0 : a.e / least, 0.9,
                  sure_sign((ds_bounded){1 + a.v, a.e}));
}

/* The point of the interval that lies nearest to 0: where tanh, erf and erfc are steepest. */
static double steepest(ds_bounded a) {
    return fmax(fabs(a.v) - a.e, 0);
}

ds_bounded ds_tanh(ds_bounded a) {
    a = flushed(a);
    double t = tanh(steepest(a));
    return result(tanh(a.v), fmin(a.e * (1 - t * t), 2), 5, isfinite(a.e));
}

static double erf_change(ds_bounded a) {
    double n = steepest(a);
    return fmin(a.e * 1.12837916709551257390 * exp(-n * n), 2); /* 2/sqrt(pi) */
}

ds_bounded ds_erf(ds_bounded a) {
    a = flushed(a);
    return result(erf(a.v), erf_change(a), 16, isfinite(a.e));
}

ds_bounded ds_erfc(ds_bounded a) {
    a = flushed(a);
    return result(erfc(a.v), erf_change(a), 16, isfinite(a.e));
}

/* What lies below 0 within the bound is taken for 0: no device takes the root of a sum of squares
 * that is negative. */
ds_bounded ds_sqrt(ds_bounded a) {
    a = flushed(a);
    double v = sqrt(a.v);
    double below = v - sqrt(fmax(a.v - a.e, 0)), above = sqrt(a.v + a.e) - v;
    return result(v, a.e == 0 ? 0 : fmax(below, above), 3, a.e == 0 || a.v + a.e < 0);
}

ds_bounded ds_neg(ds_bounded a) {
    return (ds_bounded){-a.v, a.e};
}

ds_bounded ds_abs(ds_bounded a) {
    return (ds_bounded){fabs(a.v), a.e};
}

ds_bounded ds_max(ds_bounded a, ds_bounded b) {
    if (isnan(a.v) || isnan(b.v))
        return (ds_bounded){NAN, sure_nan(a) || sure_nan(b) ? 0 : INFINITY};
    a = flushed(a);
    b = flushed(b);
    if (a.v - a.e >= b.v + b.e)
        return a;
    if (b.v - b.e >= a.v + a.e)
        return b;
    return (ds_bounded){fmax(a.v, b.v), fmax(a.e, b.e)};
}

ds_bounded ds_min(ds_bounded a, ds_bounded b) {
    return ds_neg(ds_max(ds_neg(a), ds_neg(b)));
}

ds_bounded ds_above(ds_bounded a, double edge) {
    a = flushed(a);
    bool sure = a.e == 0 || fabs(a.v - edge) > a.e;
    return (ds_bounded){a.v > edge ? 1 : 0, sure ? 0 : 1};
}

/* ---- sums ---- */

static _Thread_local ds_bounds chosen = DS_ALWAYS;

void ds_bounds_choose(ds_bounds bounds) {
    chosen = bounds;
}

/* The exponent of a number's lowest bit. */
static int unit_of(double v) {
    enum { FRACTION = 52, BIAS = 1075 };
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    int exponent = (int)(bits >> FRACTION & 0x7ff);
    uint64_t digits = (bits & (((uint64_t)1 << FRACTION) - 1)) | (uint64_t)(exponent > 0)
                                                                     << FRACTION;
    return (exponent > 0 ? exponent : 1) - BIAS + __builtin_ctzll(digits);
}

void ds_terms_add(ds_terms *t, double term) {
    if (term == 0)
        return;
    int unit = isfinite(term) ? unit_of(term) : INT_MIN;
    t->unit = t->count == 0 || unit < t->unit ? unit : t->unit;
    for (int lag = 0; lag < DS_LAGS; lag++)
        t->again[lag] += t->last[(t->count + lag) % DS_LAGS] == term;
    t->last[t->count++ % DS_LAGS] = term;
}

int64_t ds_terms_again(const ds_terms *t) {
    int64_t most = 0;
    for (int lag = 0; lag < DS_LAGS; lag++)
        most = t->again[lag] > most ? t->again[lag] : most;
    return most;
}

bool ds_sum_is_exact(int unit, double magnitude) {
    enum { DIGITS = 24, LEAST = -126 };
    return magnitude == 0 || (unit >= LEAST && magnitude <= ldexp(1, unit + DIGITS));
}

double ds_sum_error(double roundings, int64_t again, double value, double magnitude) {
    double always = ds_gamma(roundings) * magnitude;
    if (chosen == DS_ALWAYS || !isfinite(value))
        return always;
    double most = (magnitude + fabs(value)) / 2;
    return fmin(always, 6 * sqrt(roundings * (1 + (double)again)) * DS_UNIT * most);
}

void ds_sum_add(ds_sum *sum, ds_bounded term) {
    term = flushed(term);
    sum->value += term.v;
    sum->magnitude += fabs(term.v);
    sum->error += term.e;
    ds_terms_add(&sum->terms, term.v);
    sum->terms.doubtful += term.v == 0 && term.e > 0;
}

ds_bounded ds_sum_total(const ds_sum *sum) {
    const ds_terms *t = &sum->terms;
    double additions = fmax((double)(t->count + t->doubtful - 1), 0);
    double most = sum->magnitude + sum->error;
    if (sum->error == 0 && ds_sum_is_exact(t->unit, most))
        return ds_exact(sum->value);
    double e = sum->error + ds_sum_error(additions, ds_terms_again(t), sum->value, most);
    if (most > 0 &&
        most < 1) /* partial sums that a device flushes; above, they are less than gamma */
        e += additions * DS_TINY;
    if (isfinite(sum->value) && most + e > FLT_MAX)
        e = INFINITY;
    return result(sum->value, e, 0, isfinite(sum->error));
}

/* ---- tensors ---- */

static ds_field field(const ds_reference_call *call, int index) {
    if (index == DS_ABSENT)
        return (ds_field){NULL, NULL, 0, false};
    const ds_tensor *tensor = &call->plan->tensor[index];
    int64_t offset = tensor->offset;
    if (tensor->storage == DS_HISTORY)
        offset += call->pass->slot * DS_RECORD_SIZE;
    double *value = call->memory->value[tensor->storage];
    double *bound = call->memory->bound[tensor->storage];
    return (ds_field){value + offset, bound ? bound + offset : NULL,
                      ds_tensor_count(tensor, call->pass->count), false};
}

ds_field ds_input(const ds_reference_call *call, int input) {
    return field(call, input < call->op->inputs ? call->op->input[input] : DS_ABSENT);
}

ds_field ds_output(const ds_reference_call *call, int output) {
    if (output >= call->op->outputs)
        return field(call, DS_ABSENT);
    ds_field f = field(call, call->op->output[output]);
    f.accumulates = ds_op_accumulates(call->plan, call->op, output, call->pass);
    return f;
}

ds_bounded ds_get(ds_field f, int64_t index) {
    return (ds_bounded){f.value[index], f.bound ? f.bound[index] : 0};
}

void ds_put(ds_field f, int64_t index, ds_bounded number) {
    if (!f.value)
        return;
    if (f.accumulates)
        number = ds_add(ds_get(f, index), number);
    f.value[index] = number.v;
    if (f.bound)
        f.bound[index] = number.e;
}

void ds_put_sum(ds_field f, int64_t index, ds_sum sum) {
    if (f.value && f.accumulates)
        ds_sum_add(&sum, ds_get(f, index));
    f.accumulates = false;
    ds_put(f, index, ds_sum_total(&sum));
}
