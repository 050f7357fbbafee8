/* Finite differences in double judge every backward function and every loss's gradient of the
 * reference. The central difference D(h) errs by about (D(2h) - D(h)) / 3, and by the rounding of
 * the two sums it comes from; the tolerance is both, with room. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/op_stage.h"
#include "outcome.h"
#include "reference/reference.h"

static const double step = 1e-5;

typedef struct bench {
    ds_op_stage stage;
    ds_executor *executor;
    const ds_op *forward, *backward; /* of a loss: the same op */
    int input, output, dy, dx;
} bench;

static double read_one(const bench *b, int tensor, int64_t i) {
    const ds_tensor *t = &b->stage.plan->tensor[tensor];
    double value;
    DONE(b->executor->read(b->executor, t->storage, t->offset + i, 1, &value));
    return value;
}

static void write_one(const bench *b, int tensor, int64_t i, double value) {
    const ds_tensor *t = &b->stage.plan->tensor[tensor];
    DONE(b->executor->write(b->executor, t->storage, t->offset + i, 1, &value));
}

static int64_t count_of(const bench *b, int tensor) {
    return ds_tensor_count(&b->stage.plan->tensor[tensor], b->stage.pass.count);
}

/* What backward is the gradient of: sum dy y, or the mean of the losses over the global batch.
 * `size` receives the sum of the terms' magnitudes. */
static double objective(const bench *b, double *size) {
    double sum = 0;
    DONE(b->executor->run(b->executor, b->forward, &b->stage.pass));
    *size = 0;
    if (b->stage.test->family == DS_LOSS) {
        for (int64_t n = 0; n < b->stage.pass.count; n++)
            sum += read_one(b, b->output, n * DS_RECORD_SIZE + DS_RECORD_LOSS);
        sum /= (double)b->stage.pass.global_count;
        *size = fabs(sum);
        return sum;
    }
    for (int64_t i = 0; i < count_of(b, b->output); i++) {
        double term = read_one(b, b->dy, i) * read_one(b, b->output, i);
        sum += term;
        *size += fabs(term);
    }
    return sum;
}

static double difference(const bench *b, int tensor, int64_t i, double h, double *size) {
    double x = read_one(b, tensor, i), high, low;
    write_one(b, tensor, i, x + h);
    high = objective(b, size);
    write_one(b, tensor, i, x - h);
    low = objective(b, size);
    write_one(b, tensor, i, x);
    return (high - low) / (2 * h);
}

static void judge_gradient(const bench *b, int tensor, int gradient) {
    double size;
    for (int64_t i = 0; i < count_of(b, tensor); i++) {
        double fine = difference(b, tensor, i, step, &size);
        double coarse = difference(b, tensor, i, 2 * step, &size);
        objective(b, &size); /* y and what forward saved, again from the point itself */
        DONE(b->executor->run(b->executor, b->backward, &b->stage.pass));
        double got = read_one(b, gradient, i);
        double tolerance = fabs(coarse - fine) + 64 * 0x1p-53 * (size + fabs(got)) / step;
        if (!(fabs(got - fine) <= tolerance))
            fail_msg("%s: gradient of %s[%lld] is %.17g, by differences %.17g within %.3g",
                     b->stage.test->name, b->stage.plan->tensor[tensor].name, (long long)i, got,
                     fine, tolerance);
    }
}

/* Away from kinks, at which many of the numbers lie. */
static void nudge(const bench *b) {
    static const ds_storage nudged[] = {DS_ACTIVATIONS, DS_PARAMETERS};
    for (int k = 0; k < 2; k++)
        for (int64_t i = 0; i < b->stage.plan->storage_count[nudged[k]]; i++) {
            double value;
            DONE(b->executor->read(b->executor, nudged[k], i, 1, &value));
            value += 1.0 / 48;
            DONE(b->executor->write(b->executor, nudged[k], i, 1, &value));
        }
}

static void begin(bench *b, const ds_op_case *test, ds_op_shape shape) {
    *b = (bench){.dy = DS_ABSENT};
    DONE(ds_op_stage_build(&b->stage, test, shape));
    DONE(ds_reference_executor_create(&b->executor, b->stage.plan));
    DONE(ds_op_stage_reserve(&b->stage, b->executor));
    DONE(ds_op_stage_fill(&b->stage, b->executor, DS_STYLE_ORDINARY, 7));
    nudge(b);
    for (int i = b->stage.plan->ops - 1; i >= 0; i--) {
        const ds_op *op = &b->stage.plan->op[i];
        if (op->operation != b->stage.operation || !op->in_training)
            continue;
        if (op->part == DS_BACKWARD)
            b->backward = op;
        else
            b->forward = op;
    }
    b->input = b->forward->input[0];
    b->output = b->forward->output[0];
}

static void end(bench *b) {
    b->executor->destroy(b->executor);
    ds_plan_destroy(b->stage.plan);
}

static void test_gradients_of_losses(void **state) {
    (void)state;
    for (int i = 0; ds_op_cases[i].name; i++) {
        bench b;
        if (ds_op_cases[i].family != DS_LOSS)
            continue;
        begin(&b, &ds_op_cases[i], (ds_op_shape){5, 7, 7});
        int gradient = b.forward->output[0];
        b.output = b.forward->output[1];
        b.backward = b.forward;
        judge_gradient(&b, b.input, gradient);
        end(&b);
    }
}

static void test_gradients_of_layers(void **state) {
    (void)state;
    static const ds_op_shape shapes[] = {{1, 1, 1}, {5, 7, 3}, {6, 9, 5}};
    for (int i = 0; ds_op_cases[i].name; i++)
        for (int k = 0; k < 3 && ds_op_cases[i].family == DS_LAYER; k++) {
            bench b;
            begin(&b, &ds_op_cases[i], shapes[k]);
            b.dy = b.backward->input[0];
            judge_gradient(&b, b.input, b.backward->output[0]);
            for (int p = 1; p < b.forward->inputs; p++)
                if (b.forward->input[p] != DS_ABSENT)
                    judge_gradient(&b, b.forward->input[p], b.backward->output[p]);
            end(&b);
        }
}

/* Accumulating adds exactly what setting sets. */
static void test_accumulation(void **state) {
    (void)state;
    for (int i = 0; ds_op_cases[i].name; i++) {
        bench b;
        if (ds_op_cases[i].family != DS_LAYER)
            continue;
        begin(&b, &ds_op_cases[i], (ds_op_shape){5, 7, 3});
        ds_op adding = *b.backward;
        adding.accumulate = true;
        for (int o = 0; o < adding.outputs; o++) {
            int tensor = adding.output[o];
            for (int64_t k = 0; tensor != DS_ABSENT && k < count_of(&b, tensor); k++) {
                DONE(b.executor->run(b.executor, b.backward, &b.stage.pass));
                double set = read_one(&b, tensor, k);
                write_one(&b, tensor, k, 3);
                DONE(b.executor->run(b.executor, &adding, &b.stage.pass));
                double error = fabs(read_one(&b, tensor, k) - (3 + set));
                assert_true(error <= 64 * 0x1p-53 * (3 + fabs(set)));
            }
        }
        end(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients_of_layers),
        cmocka_unit_test(test_gradients_of_losses),
        cmocka_unit_test(test_accumulation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
