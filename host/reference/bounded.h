/* Running error analysis (Wilkinson; Higham, "Accuracy and Stability of Numerical Algorithms", 2nd
 * ed., ch. 3): arithmetic on pairs of a value, computed in double, and a bound on the distance of
 * what a float32 device computes from it when it evaluates the same formula. A reference that is
 * written in these pairs gets its bound from its formula. */
#ifndef DS_BOUNDED_H
#define DS_BOUNDED_H

#include "reference/reference.h"

#define DS_UNIT 0x1p-24  /* float32's unit roundoff; an ulp is at most 2 of it, relatively */
#define DS_TINY 0x1p-126 /* least normal float32: what a device that flushes denormals may lose */

typedef struct ds_bounded {
    double v; /* value */
    double e; /* bound of the device's error */
} ds_bounded;

/* Values that are not finite: a bound of 0 says that the device gets the same, an infinite bound
 * that rounding may decide otherwise. An infinite bound also marks what may overflow float32. */

/* An exact number; one rounded to float32 once, such as a scalar argument. */
ds_bounded ds_exact(double value);
ds_bounded ds_rounded(double value);

ds_bounded ds_add(ds_bounded a, ds_bounded b);
ds_bounded ds_sub(ds_bounded a, ds_bounded b);
ds_bounded ds_mul(ds_bounded a, ds_bounded b);
ds_bounded ds_div(ds_bounded a, ds_bounded b); /* 2.5 ulp, OpenCL 1.2 section 7.4 */

/* f(a), propagating a.e, with the ulps that kernels/functions.cl states, and, for tanh, erf, erfc
 * and the square root, those that the OpenCL specification's table grants. */
ds_bounded ds_exp(ds_bounded a);
ds_bounded ds_log(ds_bounded a);
ds_bounded ds_expm1(ds_bounded a);
ds_bounded ds_log1p(ds_bounded a);
ds_bounded ds_tanh(ds_bounded a);
ds_bounded ds_erf(ds_bounded a);
ds_bounded ds_erfc(ds_bounded a);
ds_bounded ds_sqrt(ds_bounded a);

ds_bounded ds_neg(ds_bounded a);
ds_bounded ds_abs(ds_bounded a);
ds_bounded ds_max(ds_bounded a, ds_bounded b); /* exact but for flushed denormals; NaN if one is */
ds_bounded ds_min(ds_bounded a, ds_bounded b);

/* Which side of a kink: 1 where a > edge, else 0; with a bound of 1 where rounding may decide. */
ds_bounded ds_above(ds_bounded a, double edge);

/* n rounding errors in a row: n u / (1 - n u). */
double ds_gamma(double n);

/* ---- sums ----
 *
 * What a sum's roundings may come to, in any order. Always: gamma_n sum |terms|, the worst case. And
 * likely: n roundings that are independent of each other, each anywhere, with equal chances, in the
 * unit roundoff u of a partial sum, none of which is beyond m = (sum |terms| + |sum|) / 2, the larger
 * of what is positive and what is negative. Such numbers are sub-Gaussian with a variance of
 * (u m)^2 / 3: n of them come to more than 6 sqrt(n) u m with a probability below 2 exp(-54), 1e-23,
 * so that of 1e13 sums none does but once in 1e10 runs (compare Higham and Mary, "A New Approach to
 * Probabilistic Rounding Error Analysis", SIAM J. Sci. Comput. 41(5), 2019). Numbers that were drawn
 * are rounded so. Those of people's data need not be: terms that are equal are rounded alike, which
 * is allowed for where they recur within four terms, and so are small terms beside a large sum. Terms
 * that are multiples of one power of two, none of whose partial sums is too long for float32, are
 * not rounded at all. */

typedef enum ds_bounds { DS_ALWAYS, DS_LIKELY } ds_bounds;

/* Which of them the functions here give, of this thread; DS_ALWAYS at first. */
void ds_bounds_choose(ds_bounds bounds);

/* What the roundings of a sum depend on. */
enum { DS_LAGS = 4 };
typedef struct ds_terms {
    int64_t count;          /* of those that are not 0 */
    int64_t doubtful;       /* that are 0, and need not be on a device */
    double last[DS_LAGS];   /* that were added */
    int64_t again[DS_LAGS]; /* how often a term was equal to the one so many before */
    int unit;               /* all are multiples of 2^unit */
} ds_terms;

void ds_terms_add(ds_terms *terms, double term);
int64_t ds_terms_again(const ds_terms *terms);

/* Of so many roundings of a sum that has this value, and this magnitude at most. */
double ds_sum_error(double roundings, int64_t again, double value, double magnitude);

/* Whether a sum of multiples of 2^unit is exact. */
bool ds_sum_is_exact(int unit, double magnitude);

/* A sum: add each term, then total. */
typedef struct ds_sum {
    double value, magnitude, error;
    ds_terms terms;
} ds_sum;

void ds_sum_add(ds_sum *sum, ds_bounded term);
ds_bounded ds_sum_total(const ds_sum *sum);

/* An input or output tensor of a call, indexed from its first element (of the history: from the
 * pass's record). Reading without bounds gives exact numbers; writing without bounds drops them,
 * writing to an absent tensor does nothing, and where the op accumulates, ds_put adds. */
typedef struct ds_field {
    double *value, *bound; /* bound may be NULL; value NULL: the tensor is absent */
    int64_t count;         /* elements in this pass */
    bool accumulates;
} ds_field;

ds_field ds_input(const ds_reference_call *call, int input);
ds_field ds_output(const ds_reference_call *call, int output);
ds_bounded ds_get(ds_field field, int64_t index);
void ds_put(ds_field field, int64_t index, ds_bounded number);

/* The same for a sum that a device may add to what is there at any place in its order. */
void ds_put_sum(ds_field field, int64_t index, ds_sum sum);

#endif
