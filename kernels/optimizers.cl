/* Updates of all parameters, one work-item an element of the flat buffers. Formulas and their
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
    const float factor = clip > 0.0f ? clip / (norm + 1e-6f) : 1.0f;
    return factor > 1.0f ? 1.0f : factor;
}

/* g + decay p, where there is a decay: 0 times an infinite parameter would be NaN. */
float decayed(float g, float decay, float p) { return decay != 0.0f ? g + decay * p : g; }

/* Each optimizer is a function of one element and a line that makes its kernel. */
void sgd_element(float g, SPACE float *p, float rate, float decay, float momentum, float nesterov) {
    *p -= rate * decayed(g, decay, *p);
}

void sgd_momentum_element(float g, SPACE float *p, SPACE float *v, float rate, float decay,
                          float momentum, float nesterov) {
    g = decayed(g, decay, *p);
    const float moved = momentum * *v + g;
    *v = moved;
    *p -= rate * (nesterov != 0.0f ? g + momentum * moved : moved);
}

void adagrad_element(float g, SPACE float *p, SPACE float *v, float rate, float decay,
                     float epsilon) {
    g = decayed(g, decay, *p);
    const float squares = *v + g * g;
    *v = squares;
    *p -= rate * (g / (sqrt(squares) + epsilon));
}

void rmsprop_element(float g, SPACE float *p, SPACE float *v, float rate, float decay, float keep,
                     float take, float epsilon, float momentum) {
    g = decayed(g, decay, *p);
    const float square = keep * *v + take * (g * g);
    *v = square;
    *p -= rate * (g / (sqrt(square) + epsilon));
}

void rmsprop_momentum_element(float g, SPACE float *p, SPACE float *v, SPACE float *m, float rate,
                              float decay, float keep, float take, float epsilon, float momentum) {
    g = decayed(g, decay, *p);
    const float square = keep * *v + take * (g * g);
    *v = square;
    const float moved = momentum * *m + g / (sqrt(square) + epsilon);
    *m = moved;
    *p -= rate * moved;
}

/* p less rate / (1 - beta1^t), which is `rate` here, times m / (sqrt(v) / correction + epsilon). */
float adam_result(float p, float g, SPACE float *m, SPACE float *v, float rate, float keep1,
                  float take1, float keep2, float take2, float epsilon, float correction) {
    const float mean = keep1 * *m + take1 * g;
    const float square = keep2 * *v + take2 * (g * g);
    *m = mean;
    *v = square;
    return p - rate * (mean / (sqrt(square) / correction + epsilon));
}

void adam_element(float g, SPACE float *p, SPACE float *m, SPACE float *v, float rate, float decay,
                  float keep1, float take1, float keep2, float take2, float epsilon,
                  float correction) {
    *p = adam_result(*p, decayed(g, decay, *p), m, v, rate, keep1, take1, keep2, take2, epsilon,
                     correction);
}

/* `decay` is rate * weight_decay. */
void adamw_element(float g, SPACE float *p, SPACE float *m, SPACE float *v, float rate, float decay,
                   float keep1, float take1, float keep2, float take2, float epsilon,
                   float correction) {
    *p = adam_result(decayed(*p, -decay, *p), g, m, v, rate, keep1, take1, keep2, take2, epsilon,
                     correction);
}

#ifndef NETWORK

/* Moments as parameters, as arguments; the scalars behind `decay` likewise. */
#define NO_MOMENT
#define FIRST_MOMENT , global float *first, ulong first0
#define BOTH_MOMENTS , global float *first, ulong first0, global float *second, ulong second0

#define OPTIMIZER(name, moment_parameters, moments, scalar_parameters, scalars)                    \
    kernel void name(global const float *gradients, ulong gradients0, global const float *norm,    \
                     ulong norm0, global const int *status, ulong status0, global float *p,        \
                     ulong p0 moment_parameters, uint count, float rate, float clip,               \
                     float decay scalar_parameters) {                                              \
        const uint i = get_global_id(0);                                                           \
        if (i >= count || status[status0] != 0 || status[status0 + 1] != 0)                        \
            return;                                                                                \
        const float g = gradients[gradients0 + i] * clip_factor(norm[norm0], clip);                \
        name##_element(g, p + p0 + i moments, rate, decay scalars);                                \
    }

#define FIRST , first + first0 + i
#define BOTH , first + first0 + i, second + second0 + i
#define SGD_PARAMETERS , float momentum, float nesterov
#define SGD_SCALARS , momentum, nesterov
#define ADAGRAD_PARAMETERS , float epsilon
#define ADAGRAD_SCALARS , epsilon
#define RMSPROP_PARAMETERS , float keep, float take, float epsilon, float momentum
#define RMSPROP_SCALARS , keep, take, epsilon, momentum
#define ADAM_PARAMETERS                                                                            \
    , float keep1, float take1, float keep2, float take2, float epsilon, float correction
#define ADAM_SCALARS , keep1, take1, keep2, take2, epsilon, correction

OPTIMIZER(sgd, NO_MOMENT, , SGD_PARAMETERS, SGD_SCALARS)
OPTIMIZER(sgd_momentum, FIRST_MOMENT, FIRST, SGD_PARAMETERS, SGD_SCALARS)
OPTIMIZER(adagrad, FIRST_MOMENT, FIRST, ADAGRAD_PARAMETERS, ADAGRAD_SCALARS)
OPTIMIZER(rmsprop, FIRST_MOMENT, FIRST, RMSPROP_PARAMETERS, RMSPROP_SCALARS)
OPTIMIZER(rmsprop_momentum, BOTH_MOMENTS, BOTH, RMSPROP_PARAMETERS, RMSPROP_SCALARS)
OPTIMIZER(adam, BOTH_MOMENTS, BOTH, ADAM_PARAMETERS, ADAM_SCALARS)
OPTIMIZER(adamw, BOTH_MOMENTS, BOTH, ADAM_PARAMETERS, ADAM_SCALARS)

#endif
