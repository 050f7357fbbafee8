/* Updates of all parameters, one work-item an element of the flat buffers. Formulas and their
 * sources: host/ops/optimizers.c.
 *
 *     NAME           gradients, norm, status -> parameters[, moments]   (uint count, float rate,
 *                    float clip, float decay, ...)
 *     NAME_momentum  the same with one moment more
 *
 * Nothing is changed once a status word is set. Weights of a running mean come in pairs (keep,
 * take): 1 - 0.999 formed in float32 would be off by 5e-5. */

/* The gradient of element i, clipped as PyTorch's clip_grad_norm_ does. */
float clipped(global const float *gradients, uint i, global const float *norm, float clip) {
    const float factor = clip > 0.0f ? clip / (*norm + 1e-6f) : 1.0f;
    return gradients[i] * (factor > 1.0f ? 1.0f : factor);
}

/* g + decay p, where there is a decay: 0 times an infinite parameter would be NaN. */
float decayed(float g, float decay, float p) { return decay != 0.0f ? g + decay * p : g; }

/* Every kernel begins with this: the buffers move to their offsets, then i and g are given. */
#define OPTIMIZER_ARGUMENTS                                                                        \
    global const float *gradients, ulong gradients0, global const float *norm, ulong norm0,        \
        global const int *status, ulong status0, global float *p, ulong p0
#define OPTIMIZER_SCALARS uint count, float rate, float clip, float decay
#define OPTIMIZER_BEGIN                                                                            \
    const uint i = get_global_id(0);                                                               \
    if (i >= count || status[status0] != 0 || status[status0 + 1] != 0)                            \
        return;                                                                                    \
    p += p0;                                                                                       \
    float g = clipped(gradients + gradients0, i, norm + norm0, clip);

kernel void sgd(OPTIMIZER_ARGUMENTS, OPTIMIZER_SCALARS, float momentum, float nesterov) {
    OPTIMIZER_BEGIN
    p[i] -= rate * decayed(g, decay, p[i]);
}

kernel void sgd_momentum(OPTIMIZER_ARGUMENTS, global float *v, ulong v0, OPTIMIZER_SCALARS,
                         float momentum, float nesterov) {
    OPTIMIZER_BEGIN
    v += v0;
    g = decayed(g, decay, p[i]);
    v[i] = momentum * v[i] + g;
    p[i] -= rate * (nesterov != 0.0f ? g + momentum * v[i] : v[i]);
}

kernel void adagrad(OPTIMIZER_ARGUMENTS, global float *v, ulong v0, OPTIMIZER_SCALARS,
                    float epsilon) {
    OPTIMIZER_BEGIN
    v += v0;
    g = decayed(g, decay, p[i]);
    v[i] += g * g;
    p[i] -= rate * (g / (sqrt(v[i]) + epsilon));
}

kernel void rmsprop(OPTIMIZER_ARGUMENTS, global float *v, ulong v0, OPTIMIZER_SCALARS, float keep,
                    float take, float epsilon, float momentum) {
    OPTIMIZER_BEGIN
    v += v0;
    g = decayed(g, decay, p[i]);
    v[i] = keep * v[i] + take * (g * g);
    p[i] -= rate * (g / (sqrt(v[i]) + epsilon));
}

kernel void rmsprop_momentum(OPTIMIZER_ARGUMENTS, global float *v, ulong v0, global float *m,
                             ulong m0, OPTIMIZER_SCALARS, float keep, float take, float epsilon,
                             float momentum) {
    OPTIMIZER_BEGIN
    v += v0;
    m += m0;
    g = decayed(g, decay, p[i]);
    v[i] = keep * v[i] + take * (g * g);
    m[i] = momentum * m[i] + g / (sqrt(v[i]) + epsilon);
    p[i] -= rate * m[i];
}

/* p less rate / (1 - beta1^t), which is `rate` here, times m / (sqrt(v) / correction + epsilon). */
float adam_result(float p, float g, global float *m, global float *v, float rate, float keep1,
                  float take1, float keep2, float take2, float epsilon, float correction) {
    *m = keep1 * *m + take1 * g;
    *v = keep2 * *v + take2 * (g * g);
    return p - rate * (*m / (sqrt(*v) / correction + epsilon));
}

kernel void adam(OPTIMIZER_ARGUMENTS, global float *m, ulong m0, global float *v, ulong v0,
                 OPTIMIZER_SCALARS, float keep1, float take1, float keep2, float take2,
                 float epsilon, float correction) {
    OPTIMIZER_BEGIN
    p[i] = adam_result(p[i], decayed(g, decay, p[i]), m + m0 + i, v + v0 + i, rate, keep1, take1, keep2,
                       take2, epsilon, correction);
}

/* `decay` is rate * weight_decay. */
kernel void adamw(OPTIMIZER_ARGUMENTS, global float *m, ulong m0, global float *v, ulong v0,
                  OPTIMIZER_SCALARS, float keep1, float take1, float keep2, float take2,
                  float epsilon, float correction) {
    OPTIMIZER_BEGIN
    p[i] = adam_result(decayed(p[i], -decay, p[i]), g, m + m0 + i, v + v0 + i, rate, keep1, take1, keep2,
                       take2, epsilon, correction);
}
