/* The kernels of the services against the reference, on every OpenCL device. */
#include "op_judge.h"

static void test_services_are_right(void **state) {
    (void)state;
    judge_on_every_device(judge_family, DS_SERVICE);
}

/* ---- gradient_norm, with one number of interest ---- */

typedef struct norm_bench {
    op_stage stage;
    ds_executor *executor;
    ds_op op;
    op_tally tally;
} norm_bench;

static void begin(norm_bench *b, ds_device *device, const ds_shaping *shaping, op_shape shape) {
    static const op_case test = {DS_SERVICE, "gradient_norm", {0}, 0};
    *b = (norm_bench){.tally = {0}};
    assert_ok(stage_build(&b->stage, &test, shape));
    assert_ok(ds_shaped_executor_create(&b->executor, b->stage.plan, device, shaping, NULL));
    assert_ok(stage_reserve(&b->stage, b->executor));
    assert_ok(stage_fill(&b->stage, b->executor, STYLE_ORDINARY, 5));
    const ds_op *op = b->stage.plan->op;
    while (op->operation != &ds_op_gradient_norm)
        op++;
    b->op = *op;
}

static void end(norm_bench *b) {
    b->executor->destroy(b->executor);
    ds_plan_destroy(b->stage.plan);
}

static double exchange(norm_bench *b, int tensor, int64_t element, double value) {
    const ds_tensor *t = &b->stage.plan->tensor[tensor];
    double old;
    assert_ok(b->executor->read(b->executor, t->storage, t->offset + element, 1, &old));
    assert_ok(b->executor->write(b->executor, t->storage, t->offset + element, 1, &value));
    return old;
}

/* The op with one other number in one of its inputs. */
static void judge_one(norm_bench *b, int tensor, int64_t element, double value) {
    char what[64];
    double old = exchange(b, tensor, element, value);
    for (int word = 0; word < DS_STATUS_WORDS; word++)
        exchange(b, b->op.output[1], word, 0);
    snprintf(what, sizeof what, "%g at %lld", value, (long long)element);
    judge_filled(&b->stage, b->executor, &b->op, &b->stage.pass, what, &b->tally);
    exchange(b, tensor, element, old);
}

/* One gradient that is not finite, wherever it stands: in every lane of a vector, where work-items
 * have come round more than once, and in the rest that fills no vector. */
static void judge_gradients(ds_device *device, const ds_shaping *shaping, bool own,
                            ds_family family) {
    static const double values[] = {NAN, INFINITY, -INFINITY};
    norm_bench b;
    (void)own, (void)family;
    begin(&b, device, shaping, (op_shape){2, 512, 133});
    int gradients = b.op.input[0];
    int64_t count = ds_tensor_count(&b.stage.plan->tensor[gradients], 1), rest = count % 8;
    assert_true(count > 8 * DS_PARTIALS * (int64_t)shaping->group && rest > 1);
    for (int64_t i = 0; i < 8; i++) {
        judge_one(&b, gradients, i, values[i % 3]);
        judge_one(&b, gradients, count / 16 * 8 + i, values[i % 3]);
    }
    for (int64_t i = count - rest - 1; i < count; i++)
        judge_one(&b, gradients, i, values[i % 3]);
    end(&b);
}

/* One loss that is not finite, which counts before any norm that is small enough; the record's
 * other numbers may be anything. */
static void judge_losses(ds_device *device, const ds_shaping *shaping, bool own, ds_family family) {
    norm_bench b;
    (void)own, (void)family;
    begin(&b, device, shaping, (op_shape){300, 1, 1});
    b.op.attribute[0] = 1e30;
    for (int64_t row = 0; row < 300; row += 23)
        for (int word = 0; word < DS_RECORD_SIZE; word++)
            judge_one(&b, b.op.input[1], row * DS_RECORD_SIZE + word, row % 2 ? NAN : INFINITY);
    end(&b);
}

/* The norm that the device finds is small enough for a rule of just that norm, which no bound of
 * the reference can tell. */
static void judge_equality(ds_device *device, const ds_shaping *shaping, bool own,
                           ds_family family) {
    norm_bench b;
    double norm;
    (void)own, (void)family;
    begin(&b, device, shaping, (op_shape){3, 7, 5});
    assert_ok(b.executor->run(b.executor, &b.op, &b.stage.pass));
    norm = exchange(&b, b.op.output[0], 0, 0);
    for (int below = 0; below < 2; below++) {
        b.op.attribute[0] = below ? (double)nextafterf((float)norm, 0) : norm;
        exchange(&b, b.op.output[1], DS_STATUS_SMALL_ENOUGH, 0);
        assert_ok(b.executor->run(b.executor, &b.op, &b.stage.pass));
        double update = exchange(&b, b.op.output[1], DS_STATUS_SMALL_ENOUGH, 0);
        assert_true(update == (below ? 0 : (double)b.stage.pass.update));
    }
    end(&b);
}

static void test_one_gradient_that_is_not_finite_is_seen(void **state) {
    (void)state;
    judge_on_every_device(judge_gradients, DS_SERVICE);
}

static void test_one_loss_that_is_not_finite_is_seen(void **state) {
    (void)state;
    judge_on_every_device(judge_losses, DS_SERVICE);
}

static void test_a_norm_that_equals_the_rule_is_small_enough(void **state) {
    (void)state;
    judge_on_every_device(judge_equality, DS_SERVICE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_services_are_right),
        cmocka_unit_test(test_one_gradient_that_is_not_finite_is_seen),
        cmocka_unit_test(test_one_loss_that_is_not_finite_is_seen),
        cmocka_unit_test(test_a_norm_that_equals_the_rule_is_small_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
