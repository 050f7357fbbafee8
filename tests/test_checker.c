/* The checker fails on planted faults, and passes the honest executor. The executor under test is
 * the reference rounded to float32 after every op, with a fault put in before the checker looks. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/op_stage.h"
#include "rounded_executor.h"

typedef enum planted {
    PLANT_NOTHING,
    PLANT_NAN,
    PLANT_INFINITY,       /* in place of a finite number */
    PLANT_WRONG_INFINITY, /* of the other sign */
    PLANT_FINITE,         /* in place of an infinity */
    PLANT_NUMBER,         /* in place of NaN */
    PLANT_WRONG_ELEMENT,
    PLANT_UNWRITTEN,
    PLANT_PAST_END,
    PLANT_BEFORE_START,
    PLANT_INPUT,
    PLANT_PARAMETER,
    PLANT_PAST_STORAGE,
    PLANT_BEYOND_BOUND,
    PLANT_WITHIN_BOUND,
    PLANT_SECOND_RUN
} planted;

typedef struct fake {
    rounded_executor device;
    planted plant;
    int runs;
} fake;

/* The element at hand is the third of the first output. */
static ds_status plant(fake *f, const ds_op *op, const ds_pass *pass) {
    const ds_tensor *out = &f->device.base.plan->tensor[op->output[0]];
    const ds_tensor *in = &f->device.base.plan->tensor[op->input[0]];
    ds_storage storage = out->storage;
    int64_t place = out->offset + 2;
    double value, old;
    DS_CHECK(rounded_read(&f->device.base, storage, place, 1, &old));
    value = old;
    if (f->plant == PLANT_NAN)
        value = NAN;
    if (f->plant == PLANT_INFINITY)
        value = INFINITY;
    if (f->plant == PLANT_WRONG_INFINITY)
        value = -old;
    if (f->plant == PLANT_FINITE || f->plant == PLANT_NUMBER)
        value = 3e38;
    if (f->plant == PLANT_WRONG_ELEMENT)
        value = old + 0.01;
    if (f->plant == PLANT_BEYOND_BOUND) /* sigmoid: within some 10 units of rounding */
        value = old * (1 + 20 * 0x1p-24);
    if (f->plant == PLANT_WITHIN_BOUND)
        value = (double)(float)(old * (1 + 0x1p-24));
    if (f->plant == PLANT_SECOND_RUN && f->runs == 2)
        value = (double)nextafterf((float)old, 0);
    if (f->plant == PLANT_PAST_END)
        place = out->offset + ds_tensor_count(out, pass->count), value = 0;
    if (f->plant == PLANT_BEFORE_START)
        place = out->offset - 1, value = 0;
    if (f->plant == PLANT_INPUT)
        storage = in->storage, place = in->offset, value = 0;
    if (f->plant == PLANT_PARAMETER)
        storage = DS_PARAMETERS, place = 0, value = 0;
    if (f->plant == PLANT_PAST_STORAGE)
        storage = DS_PARAMETERS, place = f->device.base.plan->storage_count[DS_PARAMETERS],
        value = 0;
    return f->device.honest->write(f->device.honest, storage, place, 1, &value);
}

static ds_status fake_run(ds_executor *e, const ds_op *op, const ds_pass *pass) {
    fake *f = (fake *)e;
    f->runs++;
    int64_t before_place = e->plan->tensor[op->output[0]].offset + 2;
    ds_storage storage = e->plan->tensor[op->output[0]].storage;
    double before;
    DS_CHECK(rounded_read(e, storage, before_place, 1, &before));
    DS_CHECK(rounded_run(e, op, pass));
    if (f->plant == PLANT_UNWRITTEN)
        return rounded_write(e, storage, before_place, 1, &before);
    return f->plant == PLANT_NOTHING ? DS_OK : plant(f, op, pass);
}

/* Checks one forward op of a case with a fault planted; `input` is what its third element reads. */
static ds_fault fault_found(int test, planted what, double input, ds_check_report *report) {
    ds_op_stage stage;
    fake f = {.plant = what};
    *report = (ds_check_report){0};
    DONE(ds_op_stage_build(&stage, &ds_op_cases[test], (ds_op_shape){3, 4, 5}));
    rounded_open(&f.device, stage.plan, fake_run);
    DONE(ds_op_stage_reserve(&stage, &f.device.base));
    DONE(ds_op_stage_fill(&stage, &f.device.base, DS_STYLE_ORDINARY, 3));
    for (int i = 0; i < stage.plan->ops; i++) {
        const ds_op *op = &stage.plan->op[i];
        if (op->operation != stage.operation || op->part == DS_BACKWARD)
            continue;
        const ds_tensor *in = &stage.plan->tensor[op->input[0]];
        DONE(rounded_write(&f.device.base, in->storage, in->offset + 2, 1, &input));
        DONE(ds_check_op(&f.device.base, op, &stage.pass, &stage.options, report));
        break;
    }
    rounded_close(&f.device);
    ds_plan_destroy(stage.plan);
    return report->fault;
}

static int case_named(const char *name) {
    for (int i = 0; ds_op_cases[i].name; i++)
        if (strcmp(ds_op_cases[i].name, name) == 0)
            return i;
    fail_msg("no case %s", name);
    return 0;
}

static void expect_fault(const char *name, planted what, double input, ds_fault expected) {
    ds_check_report report;
    ds_fault found = fault_found(case_named(name), what, input, &report);
    if (found != expected)
        fail_msg("fault %d planted in %s: \"%s\" found, not \"%s\"", (int)what, name,
                 ds_fault_name(found), ds_fault_name(expected));
    if (what >= PLANT_NAN && what <= PLANT_UNWRITTEN)
        assert_int_equal(report.element, 2);
}

static void test_values(void **state) {
    (void)state;
    expect_fault("sigmoid", PLANT_NAN, 0.5, DS_FAULT_WRONG);
    expect_fault("sigmoid", PLANT_INFINITY, 0.5, DS_FAULT_WRONG);
    expect_fault("sigmoid", PLANT_WRONG_ELEMENT, 0.5, DS_FAULT_WRONG);
    expect_fault("sigmoid", PLANT_BEYOND_BOUND, 0.5, DS_FAULT_WRONG);
    expect_fault("sigmoid", PLANT_WITHIN_BOUND, 0.5, DS_FAULT_NONE);
    expect_fault("relu", PLANT_WRONG_INFINITY, INFINITY, DS_FAULT_WRONG);
    expect_fault("relu", PLANT_FINITE, INFINITY, DS_FAULT_WRONG);
    expect_fault("relu", PLANT_NUMBER, NAN, DS_FAULT_WRONG);
    expect_fault("dense", PLANT_WRONG_INFINITY, INFINITY, DS_FAULT_WRONG);
    expect_fault("dense", PLANT_FINITE, INFINITY, DS_FAULT_WRONG);
    expect_fault("dense", PLANT_NUMBER, NAN, DS_FAULT_WRONG);
    expect_fault("identity", PLANT_BEYOND_BOUND, 0.5, DS_FAULT_WRONG);
}

/* Where float32 may overflow nothing can be judged, and the report says so: here the loss and the
 * mean square of the first sample. */
static void test_undecided(void **state) {
    (void)state;
    ds_check_report report;
    int test = case_named("mse");
    assert_int_equal(fault_found(test, PLANT_NOTHING, 1e30, &report), DS_FAULT_NONE);
    assert_int_equal(report.undecided, 2);
    assert_int_equal(fault_found(test, PLANT_NOTHING, INFINITY, &report), DS_FAULT_NONE);
    assert_int_equal(report.undecided, 0);
}

static void test_places(void **state) {
    (void)state;
    expect_fault("sigmoid", PLANT_UNWRITTEN, 0.5, DS_FAULT_UNWRITTEN);
    expect_fault("relu", PLANT_UNWRITTEN, NAN, DS_FAULT_UNWRITTEN);
    expect_fault("sigmoid", PLANT_PAST_END, 0.5, DS_FAULT_CHANGED);
    expect_fault("sigmoid", PLANT_BEFORE_START, 0.5, DS_FAULT_CHANGED);
    expect_fault("sigmoid", PLANT_INPUT, 0.5, DS_FAULT_CHANGED);
    expect_fault("dense", PLANT_PARAMETER, 0.5, DS_FAULT_CHANGED);
    expect_fault("sgd", PLANT_PAST_STORAGE, 0.5, DS_FAULT_CHANGED);
}

static void test_repeatability(void **state) {
    (void)state;
    expect_fault("sigmoid", PLANT_SECOND_RUN, 0.5, DS_FAULT_NOT_REPEATABLE);
}

static void test_honest_executor_passes(void **state) {
    (void)state;
    static const double inputs[] = {0.5, -0.0, 1e4, -1e4, 1e-40, INFINITY, -INFINITY, NAN};
    for (int i = 0; ds_op_cases[i].name; i++)
        for (size_t k = 0; k < sizeof inputs / sizeof *inputs; k++) {
            ds_check_report report;
            double input = ds_op_cases[i].family == DS_SERVICE ? 0.5 : inputs[k];
            if (fault_found(i, PLANT_NOTHING, input, &report) != DS_FAULT_NONE)
                fail_msg("%s of %g: %s, got %.9g, expected %.9g within %g", ds_op_cases[i].name,
                         input, ds_fault_name(report.fault), report.got, report.expected,
                         report.bound);
        }
}

/* A whole pass, and that a write past an output's end is seen wherever it falls. */
static void test_pass(void **state) {
    (void)state;
    for (int plant_past = 0; plant_past < 2; plant_past++) {
        ds_op_stage stage;
        fake f = {.plant = plant_past ? PLANT_PAST_END : PLANT_NOTHING};
        ds_check_report report = {0};
        ds_text text = {0};
        DONE(ds_op_stage_build(&stage, &ds_op_cases[0], (ds_op_shape){3, 4, 5}));
        rounded_open(&f.device, stage.plan, fake_run);
        DONE(ds_op_stage_reserve(&stage, &f.device.base));
        DONE(ds_op_stage_fill(&stage, &f.device.base, DS_STYLE_ORDINARY, 3));
        stage.pass.first = 0;
        DONE(ds_check_pass(&f.device.base, &stage.pass, &stage.options, &report));
        DONE(ds_check_describe(&report, stage.plan, &text));
        if (report.fault != (plant_past ? DS_FAULT_CHANGED : DS_FAULT_NONE))
            fail_msg("%s", text.characters);
        assert_true(report.compared > 0);
        ds_text_clear(&text);
        rounded_close(&f.device);
        ds_plan_destroy(stage.plan);
    }
}

/* ---- ops that run together ---- */

/* The dense layer and the activation behind it; what stands between them is spoilt, as by a kernel
 * that does not write it. */
static int fake_together(ds_executor *e, int op) {
    return e->plan->op[op].operation == &ds_op_dense && e->plan->op[op].part == DS_FORWARD ? 2 : 1;
}

static ds_status fake_run_together(ds_executor *e, int op, const ds_pass *pass) {
    fake *f = (fake *)e;
    planted plant_last = f->plant;
    f->plant = PLANT_NOTHING;
    DS_CHECK(fake_run(e, &e->plan->op[op], pass));
    f->runs--;
    f->plant = plant_last;
    DS_CHECK(fake_run(e, &e->plan->op[op + 1], pass));
    const ds_tensor *between = &e->plan->tensor[e->plan->op[op].output[0]];
    double spoilt = 12345;
    return rounded_write(e, between->storage, between->offset + 1, 1, &spoilt);
}

static ds_fault fault_together(const char *name, planted what) {
    ds_op_stage stage;
    fake f = {.plant = what};
    ds_check_report report = {0};
    int op = 0;
    DONE(
        ds_op_stage_chain(&stage, &ds_op_cases[case_named(name)], 1, (ds_op_shape){3, 4, 5}, NULL));
    rounded_open(&f.device, stage.plan, fake_run);
    f.device.base.together = fake_together;
    f.device.base.run_together = fake_run_together;
    DONE(ds_op_stage_reserve(&stage, &f.device.base));
    DONE(ds_op_stage_fill(&stage, &f.device.base, DS_STYLE_ORDINARY, 3));
    while (ds_ops_together(&f.device.base, op) == 1)
        op++;
    DONE(ds_check_together(&f.device.base, op, &stage.pass, &stage.options, &report));
    if (report.fault == DS_FAULT_WRONG)
        assert_ptr_equal(report.op, &stage.plan->op[op + 1 - (strcmp(name, "gelu") == 0)]);
    rounded_close(&f.device);
    ds_plan_destroy(stage.plan);
    return report.fault;
}

/* The backward part of sigmoid reads its output, so what stands before it is nobody's; gelu's reads
 * its input.
 */
static void test_ops_that_run_together(void **state) {
    (void)state;
    assert_int_equal(fault_together("sigmoid", PLANT_NOTHING), DS_FAULT_NONE);
    assert_int_equal(fault_together("sigmoid", PLANT_WRONG_ELEMENT), DS_FAULT_WRONG);
    assert_int_equal(fault_together("sigmoid", PLANT_PAST_END), DS_FAULT_CHANGED);
    assert_int_equal(fault_together("sigmoid", PLANT_SECOND_RUN), DS_FAULT_NOT_REPEATABLE);
    assert_int_equal(fault_together("gelu", PLANT_NOTHING), DS_FAULT_WRONG);
}

/* ---- sums ---- */

enum { LONG = 512 };

/* Of the gradient of weight, which sums over the samples, one number that is off. */
static double off_by;

static ds_status off_run(ds_executor *e, const ds_op *op, const ds_pass *pass) {
    double value;
    DS_CHECK(rounded_run(e, op, pass));
    const ds_tensor *dw = &e->plan->tensor[op->output[1]];
    DS_CHECK(rounded_read(e, dw->storage, dw->offset + 4, 1, &value));
    value *= 1 + off_by;
    return rounded_write(e, dw->storage, dw->offset + 4, 1, &value);
}

static ds_fault fault_of_sum(ds_op_style style, double off) {
    ds_op_stage stage;
    rounded_executor device;
    ds_check_report report = {0};
    off_by = off;
    DONE(ds_op_stage_build(&stage, &ds_op_cases[0], (ds_op_shape){LONG, 9, 3}));
    rounded_open(&device, stage.plan, off_run);
    DONE(ds_op_stage_reserve(&stage, &device.base));
    DONE(ds_op_stage_fill(&stage, &device.base, style, 3));
    const ds_op *op = stage.plan->op;
    while (op->operation != &ds_op_dense || op->part != DS_BACKWARD)
        op++;
    DONE(ds_check_op(&device.base, op, &stage.pass, &stage.options, &report));
    rounded_close(&device);
    ds_plan_destroy(stage.plan);
    return report.fault;
}

/* Within the worst that rounding could do, and far beyond what it does; of numbers whose sums are
 * exact nothing may be off. */
static void test_a_sum_that_is_slightly_off(void **state) {
    (void)state;
    assert_int_equal(fault_of_sum(DS_STYLE_MIDDLE, 0), DS_FAULT_NONE);
    assert_int_equal(fault_of_sum(DS_STYLE_MIDDLE, 2e-4), DS_FAULT_UNLIKELY);
    assert_int_equal(fault_of_sum(DS_STYLE_MIDDLE, 0.1), DS_FAULT_WRONG);
    assert_int_equal(fault_of_sum(DS_STYLE_ORDINARY, 0), DS_FAULT_NONE);
    assert_int_equal(fault_of_sum(DS_STYLE_ORDINARY, 0x1p-23), DS_FAULT_WRONG);
}

/* Of a large product some groups of four rows are compared, whatever their number leaves over. */
static void test_a_product_that_is_too_large(void **state) {
    (void)state;
    enum { INPUTS = 9, UNITS = 3, GROUPS_OF = 4, STRIDE = 3 };
    for (int64_t rows = 9; rows < 30; rows++) {
        ds_op_stage stage;
        rounded_executor device;
        ds_check_report report = {0};
        int64_t compared = 0;
        for (int64_t row = 0; row < rows; row++)
            compared += row / GROUPS_OF % STRIDE == 0 || row / GROUPS_OF == (rows - 1) / GROUPS_OF;
        DONE(ds_op_stage_build(&stage, &ds_op_cases[0], (ds_op_shape){rows, INPUTS, UNITS}));
        rounded_open(&device, stage.plan, rounded_run);
        DONE(ds_op_stage_reserve(&stage, &device.base));
        DONE(ds_op_stage_fill(&stage, &device.base, DS_STYLE_ORDINARY, 3));
        const ds_op *op = stage.plan->op;
        while (op->operation != &ds_op_dense)
            op++;
        stage.options.most = (double)(rows * INPUTS * UNITS) / STRIDE;
        DONE(ds_check_op(&device.base, op, &stage.pass, &stage.options, &report));
        assert_int_equal(report.fault, DS_FAULT_NONE);
        assert_int_equal(report.compared - report.undecided, compared * UNITS);
        rounded_close(&device);
        ds_plan_destroy(stage.plan);
    }
}

/* What is unlikely once is none; twice, from other numbers, it is. */
typedef struct series {
    int unlikely, checks;
} series;

static ds_status fill_series(void *context, uint64_t seed) {
    (void)context, (void)seed;
    return DS_OK;
}

static ds_status check_series(void *context, ds_check_report *report) {
    series *s = context;
    report->compared = 1;
    report->fault = s->checks++ < s->unlikely ? DS_FAULT_UNLIKELY : DS_FAULT_NONE;
    return DS_OK;
}

static void test_what_is_unlikely_is_looked_at_twice(void **state) {
    (void)state;
    static const ds_fault expected[] = {DS_FAULT_NONE, DS_FAULT_NONE, DS_FAULT_UNLIKELY};
    for (int unlikely = 0; unlikely <= 2; unlikely++) {
        series s = {unlikely, 0};
        ds_check_report report = {0};
        DONE(ds_check_twice(&(ds_trial_run){fill_series, check_series, &s}, 1, &report));
        assert_int_equal(report.fault, expected[unlikely]);
        assert_int_equal(s.checks, unlikely ? 2 : 1);
    }
}

static void test_comparison(void **state) {
    (void)state;
    double share;
    assert_true(ds_is_within(1.5, 1, 0.5, &share));
    assert_true(share == 1);
    assert_false(ds_is_within(1.5 + 0x1p-52, 1, 0.5, &share));
    assert_true(ds_is_within(1, 1, 0, &share));
    assert_false(ds_is_within(NAN, 1, 1e30, &share));
    assert_false(ds_is_within(NAN, 1, INFINITY, &share));
    assert_false(ds_is_within(1, NAN, 1e30, &share));
    assert_true(ds_is_within(NAN, NAN, 0, &share));
    assert_true(ds_is_within(INFINITY, INFINITY, 0, &share));
    assert_false(ds_is_within(-INFINITY, INFINITY, 0, &share));
    assert_false(ds_is_within(3e38, INFINITY, 0, &share));
    assert_false(ds_is_within(INFINITY, 3e38, 1e30, &share));
    assert_true(ds_is_within(INFINITY, 3.4e38, 1e37, &share));
    assert_false(ds_is_within(-INFINITY, 3.4e38, 1e37, &share));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparison),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_undecided),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_repeatability),
        cmocka_unit_test(test_honest_executor_passes),
        cmocka_unit_test(test_pass),
        cmocka_unit_test(test_ops_that_run_together),
        cmocka_unit_test(test_a_sum_that_is_slightly_off),
        cmocka_unit_test(test_a_product_that_is_too_large),
        cmocka_unit_test(test_what_is_unlikely_is_looked_at_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
