/* Judges gradients by finite differences. */
#ifndef DS_GRADIENTS_H
#define DS_GRADIENTS_H

#include "ops/executor.h"

typedef struct ds_gradient_verdict {
    int64_t checked, wrong;
    double worst;  /* largest |gradient - difference| / max(|gradient|, |difference|), where either
                      is beyond the differences' own noise */
    int64_t first; /* element of the first wrong one */
    double got, expected; /* its gradient and difference */
} ds_gradient_verdict;

/* Compares the gradient that a training pass of `executor` (the reference's) gives to every
 * `stride`th element of a parameter tensor with central differences of the loss. A gradient g is
 * right where it lies between the one-sided differences D- and D+, widened by the noise of
 * evaluating the loss:
 *
 *     min(D-, D+) - noise <= g <= max(D-, D+) + noise,  D+- = +-(L(w +- h) - L(w)) / h
 *
 * which holds for a smooth loss to the order of h^2, and at a kink (relu at 0) for either side. */
ds_status ds_gradients_judge(ds_executor *executor, const ds_pass *pass, int parameter,
                             const double *gradients, int64_t stride, ds_gradient_verdict *verdict);

#endif
