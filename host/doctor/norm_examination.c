/* gradient_norm, with one number of interest. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "doctor/examination.h"
#include "doctor/op_stage.h"

enum { LOSSES = 2100 };

typedef struct bench {
    ds_examination *e;
    const ds_variant *variant;
    ds_op_stage stage;
    ds_executor *executor;
    ds_op op;
    char shape[64];
} bench;

static ds_status open_stage(bench *b, ds_examination *e, const ds_variant *variant,
                            ds_op_shape shape) {
    static const ds_op_case test = {DS_SERVICE, "gradient_norm", {0}, 0};
    *b = (bench){.e = e, .variant = variant};
    snprintf(b->shape, sizeof b->shape, "%lldx%lldx%lld", (long long)shape.samples,
             (long long)shape.inputs, (long long)shape.units);
    DS_CHECK(ds_op_stage_build(&b->stage, &test, shape));
    const ds_op *op = b->stage.plan->op;
    while (op->operation != &ds_op_gradient_norm)
        op++;
    b->op = *op;
    return DS_OK;
}

static void close_stage(bench *b) {
    if (b->executor)
        b->executor->destroy(b->executor);
    ds_twin_close(&b->stage.options.twin);
    ds_op_stage_clear(&b->stage);
}

static ds_status set(bench *b, int tensor, int64_t element, double value) {
    const ds_tensor *t = &b->stage.plan->tensor[tensor];
    return b->executor->write(b->executor, t->storage, t->offset + element, 1, &value);
}

static ds_status get(bench *b, int tensor, int64_t element, double *value) {
    const ds_tensor *t = &b->stage.plan->tensor[tensor];
    return b->executor->read(b->executor, t->storage, t->offset + element, 1, value);
}

/* Memory as every case finds it. */
static ds_status prepare(bench *b) {
    if (!b->executor) {
        DS_CHECK(ds_shaped_executor_create(&b->executor, b->stage.plan, b->e->device,
                                           &b->variant->shaping, NULL));
        if (b->variant->shaping.portable)
            DS_CHECK(ds_twin_open(&b->stage.options.twin, b->stage.plan, b->e->device,
                                  b->stage.options.count));
        DS_CHECK(ds_op_stage_reserve(&b->stage, b->executor));
        return ds_op_stage_fill(&b->stage, b->executor, DS_STYLE_ORDINARY, 5 + b->e->options.seed);
    }
    for (int word = 0; word < DS_STATUS_WORDS; word++)
        DS_CHECK(set(b, b->op.output[1], word, 0));
    return DS_OK;
}

static ds_status begin_case(const bench *b, const char *style, bool *wanted) {
    return ds_case_begin(b->e, &(ds_case_name){"gradient_norm", b->variant->name, b->shape, style},
                         wanted);
}

/* ---- one number among others ---- */

static ds_status run_with(bench *b, int tensor, int64_t element, double value,
                          ds_check_report *report) {
    double old;
    DS_CHECK(prepare(b));
    DS_CHECK(get(b, tensor, element, &old));
    DS_CHECK(set(b, tensor, element, value));
    DS_CHECK(ds_check_op(b->executor, &b->op, &b->stage.pass, &b->stage.options, report));
    return set(b, tensor, element, old);
}

static ds_status judge_one(bench *b, int input, int64_t element, double value) {
    char style[64];
    ds_check_report report = {0};
    bool wanted;
    snprintf(style, sizeof style, "%s[%lld]=%g", input ? "record" : "gradient", (long long)element,
             value);
    DS_CHECK(begin_case(b, style, &wanted));
    if (!wanted)
        return DS_OK;
    ds_status status = run_with(b, b->op.input[input], element, value, &report);
    return ds_case_end(b->e, status, &report, b->stage.plan);
}

/* The NaN whose bits are all set but the sign: whoever looks at other bits than the exponent's
 * misses it. */
static double full_nan(void) {
    double nan;
    memset(&nan, 0xff, sizeof nan);
    return fabs(nan);
}

/* One gradient that is not finite, wherever it stands: in every lane of a vector, where work-items
 * have come round more than once, and in the rest that fills no vector. */
static ds_status judge_gradients(bench *b) {
    const double values[] = {full_nan(), INFINITY, -INFINITY};
    int64_t count = ds_tensor_count(&b->stage.plan->tensor[b->op.input[0]], 1), rest = count % 8;
    for (int64_t i = 0; i < 8; i++) {
        DS_CHECK(judge_one(b, 0, i, values[i % 3]));
        DS_CHECK(judge_one(b, 0, count / 16 * 8 + i, values[i % 3]));
    }
    for (int64_t i = count - rest - 1; i < count; i++)
        DS_CHECK(judge_one(b, 0, i, values[i % 3]));
    return DS_OK;
}

/* One loss that is not finite, which counts before any norm that is small enough; the record's
 * other numbers may be anything, and so may those behind the last sample. */
static ds_status judge_losses(bench *b) {
    b->op.attribute[0] = 1e30;
    for (int64_t k = 0; k <= LOSSES; k += 150) {
        const int64_t row = k < LOSSES ? k + k % 7 : LOSSES - 1;
        for (int word = 0; word < DS_RECORD_SIZE; word++)
            DS_CHECK(judge_one(b, 1, row * DS_RECORD_SIZE + word, row % 2 ? full_nan() : INFINITY));
    }
    return judge_one(b, 1, LOSSES * DS_RECORD_SIZE, NAN);
}

/* ---- equality ---- */

/* The norm that the device finds is small enough for a rule of just that norm, and not for one just
 * below, which no bound of the reference can tell. */
static ds_status run_at(bench *b, bool below, ds_check_report *report) {
    double norm, update;
    DS_CHECK(prepare(b));
    DS_CHECK(b->executor->run(b->executor, &b->op, &b->stage.pass));
    DS_CHECK(get(b, b->op.output[0], 0, &norm));
    b->op.attribute[0] = below ? (double)nextafterf((float)norm, 0) : norm;
    DS_CHECK(set(b, b->op.output[1], DS_STATUS_SMALL_ENOUGH, 0));
    DS_CHECK(b->executor->run(b->executor, &b->op, &b->stage.pass));
    DS_CHECK(get(b, b->op.output[1], DS_STATUS_SMALL_ENOUGH, &update));
    b->op.attribute[0] = 0;
    *report = (ds_check_report){.compared = 1,
                                .op = &b->op,
                                .storage = DS_STATUS,
                                .tensor = b->op.output[1],
                                .element = DS_STATUS_SMALL_ENOUGH,
                                .got = update,
                                .expected = below ? 0 : ds_status_word(b->stage.pass.update)};
    if (update != report->expected)
        report->fault = DS_FAULT_WRONG;
    return DS_OK;
}

static ds_status judge_equality(bench *b) {
    for (int below = 0; below < 2; below++) {
        ds_check_report report = {0};
        bool wanted;
        DS_CHECK(begin_case(b, below ? "rule-below" : "rule-equal", &wanted));
        if (!wanted)
            continue;
        ds_status status = run_at(b, below, &report);
        DS_CHECK(ds_case_end(b->e, status, &report, b->stage.plan));
    }
    return DS_OK;
}

ds_status ds_examine_norm(ds_examination *e, const ds_variant *variant) {
    static const struct {
        ds_op_shape shape;
        ds_status (*judge)(bench *b);
    } parts[] = {{{2, 512, 133}, judge_gradients},
                 {{LOSSES, 1, 1}, judge_losses},
                 {{3, 7, 5}, judge_equality}};
    DS_CHECK(ds_examination_announce(e, "gradient_norm", variant->name));
    /* The first has many gradients. */
    for (size_t i = e->options.small; i < sizeof parts / sizeof *parts; i++) {
        bench b;
        ds_status status = open_stage(&b, e, variant, parts[i].shape);
        if (status == DS_OK)
            status = parts[i].judge(&b);
        close_stage(&b);
        DS_CHECK(status);
    }
    return DS_OK;
}
