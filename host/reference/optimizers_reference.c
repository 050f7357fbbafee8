/* Optimizers, defined in host/ops/optimizers.c: one element of the flat buffers at a time. */
#include "reference/bounded.h"

/* What the element's rule reads and writes: the parameter and its moments; the scalars, whose order
 * is that of the operation's rule with rate and clip in front and weight decay third. */
typedef struct element {
    ds_bounded p, moment[2];
    ds_bounded scalar[DS_MAX_SCALARS];
    int moments;
} element;

enum { RATE, CLIP, DECAY, OWN };

typedef void (*rule)(element *e, ds_bounded g);

static bool stopped(ds_field status) {
    for (int64_t i = 0; i < DS_STATUS_WORDS; i++)
        if (ds_get(status, i).v != 0)
            return true;
    return false;
}

static ds_bounded clip_factor(ds_bounded clip, ds_field norm) {
    if (!(clip.v > 0))
        return ds_exact(1);
    return ds_min(ds_exact(1), ds_div(clip, ds_add(ds_get(norm, 0), ds_rounded(1e-6))));
}

static void update(const ds_reference_call *call, rule function) {
    ds_field gradient = ds_input(call, 0), norm = ds_input(call, 1), status = ds_input(call, 2);
    ds_field p = ds_output(call, 0), moment[] = {ds_output(call, 1), ds_output(call, 2)};
    if (stopped(status))
        return;
    element e = {.moments = (moment[0].value ? 1 : 0) + (moment[1].value ? 1 : 0)};
    double scalar[DS_MAX_SCALARS];
    int scalars = ds_op_scalars(call->op, call->pass, scalar);
    for (int i = 0; i < scalars; i++)
        e.scalar[i] = ds_rounded(scalar[i]);
    ds_bounded factor = clip_factor(e.scalar[CLIP], norm);
    for (int64_t i = 0; i < p.count; i++) {
        e.p = ds_get(p, i);
        for (int m = 0; m < e.moments; m++)
            e.moment[m] = ds_get(moment[m], i);
        function(&e, ds_mul(ds_get(gradient, i), factor));
        ds_put(p, i, e.p);
        for (int m = 0; m < e.moments; m++)
            ds_put(moment[m], i, e.moment[m]);
    }
}

/* a + decay p, where there is a decay: 0 times an infinite parameter would be NaN. */
static ds_bounded decayed(ds_bounded a, ds_bounded decay, ds_bounded p) {
    return decay.v == 0 ? a : ds_add(a, ds_mul(decay, p));
}

/* keep * old + take * new */
static ds_bounded blend(ds_bounded keep, ds_bounded old, ds_bounded take, ds_bounded new) {
    return ds_add(ds_mul(keep, old), ds_mul(take, new));
}

static void sgd(element *e, ds_bounded g) {
    ds_bounded momentum = e->scalar[OWN], direction = decayed(g, e->scalar[DECAY], e->p);
    g = direction;
    if (e->moments) {
        direction = e->moment[0] = ds_add(ds_mul(momentum, e->moment[0]), g);
        if (e->scalar[OWN + 1].v != 0)
            direction = ds_add(g, ds_mul(momentum, e->moment[0]));
    }
    e->p = ds_sub(e->p, ds_mul(e->scalar[RATE], direction));
}

/* g / (sqrt(v) correction + epsilon) */
static ds_bounded scaled(ds_bounded g, ds_bounded v, ds_bounded correction, ds_bounded epsilon) {
    ds_bounded root = ds_sqrt(v);
    if (correction.v != 1)
        root = ds_mul(root, correction);
    return ds_div(g, ds_add(root, epsilon));
}

static void adagrad(element *e, ds_bounded g) {
    g = decayed(g, e->scalar[DECAY], e->p);
    e->moment[0] = ds_add(e->moment[0], ds_mul(g, g));
    e->p =
        ds_sub(e->p, ds_mul(e->scalar[RATE], scaled(g, e->moment[0], ds_exact(1), e->scalar[OWN])));
}

static void rmsprop(element *e, ds_bounded g) {
    const ds_bounded *alpha = e->scalar + OWN, *rest = alpha + 1, *epsilon = alpha + 2,
                     *momentum = alpha + 3;
    g = decayed(g, e->scalar[DECAY], e->p);
    e->moment[0] = blend(*alpha, e->moment[0], *rest, ds_mul(g, g));
    ds_bounded step = scaled(g, e->moment[0], ds_exact(1), *epsilon);
    if (e->moments == 2)
        step = e->moment[1] = ds_add(ds_mul(*momentum, e->moment[1]), step);
    e->p = ds_sub(e->p, ds_mul(e->scalar[RATE], step));
}

static void adam_moments(element *e, ds_bounded g) {
    enum { BETA1 = OWN, REST1, BETA2, REST2, EPSILON, CORRECTION };
    const ds_bounded *s = e->scalar;
    e->moment[0] = blend(s[BETA1], e->moment[0], s[REST1], g);
    e->moment[1] = blend(s[BETA2], e->moment[1], s[REST2], ds_mul(g, g));
    ds_bounded step = scaled(e->moment[0], e->moment[1], s[CORRECTION], s[EPSILON]);
    e->p = ds_sub(e->p, ds_mul(s[RATE], step));
}

static void adam(element *e, ds_bounded g) {
    adam_moments(e, decayed(g, e->scalar[DECAY], e->p));
}

static void adamw(element *e, ds_bounded g) {
    e->p = decayed(e->p, ds_neg(e->scalar[DECAY]), e->p);
    adam_moments(e, g);
}

#define OPTIMIZER(name)                                                                            \
    void ds_reference_##name(const ds_reference_call *call) {                                      \
        update(call, name);                                                                        \
    }

OPTIMIZER(sgd)
OPTIMIZER(adagrad)
OPTIMIZER(rmsprop)
OPTIMIZER(adam)
OPTIMIZER(adamw)
