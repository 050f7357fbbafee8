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
 * `stride`th element of a parameter tensor with differences of the loss. A gradient g is right
 * where it lies between the one-sided differences D- and D+, widened by a slack:
 *
 *     min(D-, D+) - slack <= g <= max(D-, D+) + slack,  D+- = +-(L(w +- h) - L(w)) / h
 *
 * For a smooth loss D- and D+ lie h L'' apart, g in their middle. Where a kink (relu's at 0) falls
 * between w - h and w + h, g is the slope of one side. The slack is the noise of evaluating the
 * loss, and the bend of the smoother side: how much its difference changes from h to h / 2. */
ds_status ds_gradients_judge(ds_executor *executor, const ds_pass *pass, int parameter,
                             const double *gradients, int64_t stride, ds_gradient_verdict *verdict);

#endif
