/* Updates of all parameters, one work-item for WIDTH elements of the flat buffers. Formulas and their
 * sources: host/ops/optimizers.c.
 *
 *     NAME           gradients, norm, status -> parameters[, moments]   (uint count, float rate,
 *                    float clip, float decay, ...)
 *     NAME_momentum  the same with one moment more
 *
 * Nothing is changed once a status word is set. Weights of a running mean come in pairs (keep,
 * take): 1 - 0.999 formed in float32 would be off by 5e-5. */

/* What a gradient is multiplied by, as PyTorch's clip_grad_norm_ does. */
float clip_factor(float norm, float clip) {
    const float factor = clip > 0.0f ? QUOTIENT(clip, norm + 1e-6f) : 1.0f;
    return factor > 1.0f ? 1.0f : factor;
}

/* g + decay p, where there is a decay: 0 times an infinite parameter would be NaN. */
WIDE decayed(WIDE g, float decay, WIDE p) { return decay != 0.0f ? g + decay * p : g; }

/* What decays from update to update would end as a denormal that keep * x rounds to itself, and on
 * which many processors are a hundred times slower: such a number is 0. */
WIDE settled(WIDE x) { return fabs(x) < 0x1p-126f ? 0.0f : x; }

/* Each optimizer is a function on elements of the flat buffers, and a line that makes its kernel. */
void sgd_element(WIDE g, WIDE *p, float rate, float decay, float momentum, float nesterov) {
    *p -= rate * decayed(g, decay, *p);
}

void sgd_momentum_element(WIDE g, WIDE *p, WIDE *v, float rate, float decay, float momentum,
                          float nesterov) {
    g = decayed(g, decay, *p);
    *v = settled(momentum * *v + g);
    *p -= rate * (nesterov != 0.0f ? g + momentum * *v : *v);
}

void adagrad_element(WIDE g, WIDE *p, WIDE *v, float rate, float decay, float epsilon) {
    g = decayed(g, decay, *p);
    *v += SQUARE(g);
    *p -= rate * QUOTIENT(g, sqrt(*v) + epsilon);
}

void rmsprop_element(WIDE g, WIDE *p, WIDE *v, float rate, float decay, float keep, float take,
                     float epsilon, float momentum) {
    g = decayed(g, decay, *p);
    *v = settled(keep * *v + take * SQUARE(g));
    *p -= rate * QUOTIENT(g, sqrt(*v) + epsilon);
}

void rmsprop_momentum_element(WIDE g, WIDE *p, WIDE *v, WIDE *m, float rate, float decay,
                              float keep, float take, float epsilon, float momentum) {
    g = decayed(g, decay, *p);
    *v = settled(keep * *v + take * SQUARE(g));
    *m = settled(momentum * *m + QUOTIENT(g, sqrt(*v) + epsilon));
    *p -= rate * *m;
}

/* p less rate / (1 - beta1^t), which is `rate` here, times m / (sqrt(v) correction + epsilon);
 * correction is 1 / sqrt(1 - beta2^t). */
WIDE adam_result(WIDE p, WIDE g, WIDE *m, WIDE *v, float rate, float keep1, float take1,
                 float keep2, float take2, float epsilon, float correction) {
    *m = settled(keep1 * *m + take1 * g);
    *v = settled(keep2 * *v + take2 * SQUARE(g));
    return p - rate * QUOTIENT(*m, sqrt(*v) * correction + epsilon);
}

void adam_element(WIDE g, WIDE *p, WIDE *m, WIDE *v, float rate, float decay, float keep1,
                  float take1, float keep2, float take2, float epsilon, float correction) {
    *p = adam_result(*p, decayed(g, decay, *p), m, v, rate, keep1, take1, keep2, take2, epsilon,
                     correction);
}

/* `decay` is rate * weight_decay. */
void adamw_element(WIDE g, WIDE *p, WIDE *m, WIDE *v, float rate, float decay, float keep1,
                   float take1, float keep2, float take2, float epsilon, float correction) {
    *p = adam_result(decayed(*p, -decay, *p), g, m, v, rate, keep1, take1, keep2, take2, epsilon,
                     correction);
}

#ifndef NETWORK

/* Moments as parameters, loaded, as arguments, stored; the scalars behind `decay` likewise. */
#define FIRST_PARAMETER , global float *first, ulong first0
#define FIRST_LOAD WIDE u = wide_get(first + first0, i, count);
#define FIRST , &u
#define FIRST_STORE wide_put(u, first + first0, i, count);
#define BOTH_PARAMETER FIRST_PARAMETER, global float *second, ulong second0
#define BOTH_LOAD FIRST_LOAD WIDE w = wide_get(second + second0, i, count);
#define BOTH , &u, &w
#define BOTH_STORE FIRST_STORE wide_put(w, second + second0, i, count);
#define NO_PARAMETER
#define NO_LOAD
#define NO
#define NO_STORE

#define OPTIMIZER(name, moments, scalar_parameters, scalars)                                       \
    kernel WIDE_VECTORS void name(                                                                 \
        global const float *gradients, ulong gradients0, global const float *norm, ulong norm0,    \
        global const int *status, ulong status0, global float *all,                                \
        ulong all0 moments##_PARAMETER, uint count, float rate, float clip,                        \
        float decay scalar_parameters) {                                                           \
        const uint i = get_global_id(0) * WIDTH;                                                   \
        if (i >= count || status[status0] != 0 || status[status0 + 1] != 0)                        \
            return;                                                                                \
        const WIDE g =                                                                             \
            wide_get(gradients + gradients0, i, count) * clip_factor(norm[norm0], clip);           \
        WIDE p = wide_get(all + all0, i, count);                                                   \
        moments##_LOAD name##_element(g, &p moments, rate, decay scalars);                         \
        wide_put(p, all + all0, i, count);                                                         \
        moments##_STORE                                                                            \
    }

#define SGD_PARAMETERS , float momentum, float nesterov
#define SGD_SCALARS , momentum, nesterov
#define ADAGRAD_PARAMETERS , float epsilon
#define ADAGRAD_SCALARS , epsilon
#define RMSPROP_PARAMETERS , float keep, float take, float epsilon, float momentum
#define RMSPROP_SCALARS , keep, take, epsilon, momentum
#define ADAM_PARAMETERS                                                                            \
    , float keep1, float take1, float keep2, float take2, float epsilon, float correction
#define ADAM_SCALARS , keep1, take1, keep2, take2, epsilon, correction

OPTIMIZER(sgd, NO, SGD_PARAMETERS, SGD_SCALARS)
OPTIMIZER(sgd_momentum, FIRST, SGD_PARAMETERS, SGD_SCALARS)
OPTIMIZER(adagrad, FIRST, ADAGRAD_PARAMETERS, ADAGRAD_SCALARS)
OPTIMIZER(rmsprop, FIRST, RMSPROP_PARAMETERS, RMSPROP_SCALARS)
OPTIMIZER(rmsprop_momentum, BOTH, RMSPROP_PARAMETERS, RMSPROP_SCALARS)
OPTIMIZER(adam, BOTH, ADAM_PARAMETERS, ADAM_SCALARS)
OPTIMIZER(adamw, BOTH, ADAM_PARAMETERS, ADAM_SCALARS)

#endif
