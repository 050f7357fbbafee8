/* Updates judged while they run: nothing of a run is changed, a single wrong bit is named with its
 * op, tensor and element, and so is the first number that is not finite. */
#include <math.h>

#include "check/shadow.h"
#include "network_tests.h"
#include "rounded_executor.h"

static const ds_network_case networks[] = {
    {DS_OF_VECTORS(1, 4, 2, 5, 2, 1, PRIVATE), 7, "[{dense: 5}, {dropout: 0.3}, tanh, {dense: 2}]",
     "mse", "{adam: {}}", 0.5, 0},
    {DS_OF_VECTORS(3, 4, 1, 4, 1, 4, GLOBAL), 5,
     "[{dense: 6}, relu, layer_norm, {dense: 4}, softmax, {dense: 3}]", "cross_entropy",
     "{sgd: {rate: 0.1, momentum: 0.9}}", 0, 0},
};

enum { NETWORKS = sizeof networks / sizeof *networks, PASSES = 5 };

static double network_read(const ds_network_stage *stage, ds_storage storage, int64_t offset) {
    double value;
    DONE(stage->executor->read(stage->executor, storage, offset, 1, &value));
    return value;
}

static void fail_on_fault(const ds_network_stage *stage, const ds_check_report *report) {
    ds_text text = {0};
    if (report->fault == DS_FAULT_NONE)
        return;
    DONE(ds_check_describe(report, stage->plan, &text));
    DONE(ds_text_add(&text, "; "));
    DONE(ds_network_case_print(stage->test, &text));
    fail_msg("%s", text.characters);
}

/* ---- nothing is changed ---- */

/* Updates, an evaluation between them, and, op by op, micro-batches. */
static void list_passes(ds_pass pass[PASSES], bool whole) {
    static const int64_t sizes[] = {33, DS_STAGE_BATCH, 64, 1, 17};
    for (int p = 0; p < PASSES; p++) {
        pass[p] = ds_network_stage_pass(p != 2, sizes[p], (uint64_t)(p + 1));
        pass[p].accumulate = !whole && p == 3;
    }
}

static void assert_same_as_unwatched(ds_device *device, const ds_network_case *test, bool whole) {
    static const ds_storage left[] = {DS_PARAMETERS, DS_MOMENTS, DS_HISTORY, DS_STATUS};
    ds_network_stage stage;
    ds_shadow *shadow = NULL;
    ds_pass pass[PASSES];
    ds_check_report report = {0};
    double *value[2][4];
    int64_t count[4];
    list_passes(pass, whole);
    DONE(ds_network_stage_plan(&stage, test));
    DONE(ds_network_stage_open(&stage, device, whole));
    DONE(ds_shadow_create(&shadow, stage.executor, device));
    for (int watched = 0; watched < 2; watched++) {
        DONE(ds_network_stage_fill(&stage, 5, false));
        for (int p = 0; p < PASSES; p++)
            if (watched)
                DONE(ds_shadow_pass(shadow, &pass[p], &report));
            else
                DONE(stage.executor->run_passes(stage.executor, &pass[p], 1));
        for (int i = 0; i < 4; i++) {
            count[i] = ds_network_stage_count(&stage, left[i]);
            DONE(ds_network_stage_values(&value[watched][i], &stage, left[i]));
        }
    }
    fail_on_fault(&stage, &report);
    assert_true(report.compared > 0 && report.undecided < report.compared / 20);
    for (int i = 0; i < 4; i++) {
        assert_memory_equal(value[0][i], value[1][i], (size_t)count[i] * sizeof(double));
        ds_free(value[0][i]);
        ds_free(value[1][i]);
    }
    ds_shadow_destroy(shadow);
    ds_network_stage_close(&stage);
}

static void test_a_run_stays_what_it_is(void **state) {
    (void)state;
    ds_device *device = network_device();
    for (int i = 0; i < NETWORKS; i++) {
        assert_same_as_unwatched(device, &networks[i], true);
        assert_same_as_unwatched(device, &networks[i], false);
    }
    ds_device_close(device);
}

/* ---- a device that fails: the reference, rounded to float32, and one bit ---- */

typedef struct faulty {
    rounded_executor device;
    int op; /* of the plan, behind which the bit is flipped; -1: none */
    ds_storage storage;
    int64_t element;
} faulty;

/* A bit that makes of a number another of quite a different size. */
static void flip(ds_executor *e, ds_storage storage, int64_t element) {
    double value;
    DONE(rounded_read(e, storage, element, 1, &value));
    float number = (float)value;
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    bits ^= number == 0 ? 1u << 30 : 1u << 27;
    memcpy(&number, &bits, sizeof bits);
    value = ds_storage_element(storage) == DS_INT32 ? value + 4 : (double)number;
    DONE(rounded_write(e, storage, element, 1, &value));
}

static ds_status faulty_run(ds_executor *e, const ds_op *op, const ds_pass *pass) {
    faulty *f = (faulty *)e;
    DS_CHECK(rounded_run(e, op, pass));
    if (op - e->plan->op == f->op)
        flip(e, f->storage, f->element);
    return DS_OK;
}

typedef struct failing_stage {
    ds_network_stage network;
    faulty device;
    ds_shadow *shadow;
    ds_pass pass;
} failing_stage;

static void failing_open(failing_stage *stage, const ds_network_case *test) {
    faulty *f = &stage->device;
    *stage = (failing_stage){.pass = ds_network_stage_pass(true, 9, 3)};
    DONE(ds_network_stage_plan(&stage->network, test));
    rounded_open(&f->device, stage->network.plan, faulty_run);
    f->op = -1;
    stage->network.executor = &f->device.base;
    DONE(ds_network_stage_reserve(&stage->network));
    DONE(ds_shadow_create(&stage->shadow, &f->device.base, NULL));
    DONE(ds_network_stage_fill(&stage->network, 5, false));
}

static void failing_close(failing_stage *stage) {
    ds_shadow_destroy(stage->shadow);
    rounded_close(&stage->device.device);
    ds_plan_destroy(stage->network.plan);
}

/* The update with a bit flipped behind an op, from the beginning. */
static ds_check_report run_flipped(failing_stage *stage, int op, ds_storage storage,
                                   int64_t element) {
    ds_check_report report = {0};
    DONE(ds_network_stage_fill(&stage->network, 5, false));
    ds_shadow_forget(stage->shadow);
    stage->device.op = op;
    stage->device.storage = storage;
    stage->device.element = element;
    DONE(ds_shadow_pass(stage->shadow, &stage->pass, &report));
    return report;
}

static void expect_named(failing_stage *stage, int op, int tensor, int64_t element) {
    const ds_plan *plan = stage->network.plan;
    const ds_tensor *t = &plan->tensor[tensor];
    int64_t slot = t->storage == DS_HISTORY ? stage->pass.slot * DS_RECORD_SIZE : 0;
    ds_check_report report = run_flipped(stage, op, t->storage, t->offset + slot + element);
    if (report.fault != DS_FAULT_WRONG || report.op != &plan->op[op] || report.tensor != tensor ||
        report.element != element)
        fail_msg("%s[%lld] behind op %d: %s in tensor %d, element %lld", t->name,
                 (long long)element, op, ds_fault_name(report.fault), report.tensor,
                 (long long)report.element);
}

static void test_every_result_is_judged_where_it_arises(void **state) {
    (void)state;
    for (int i = 0; i < NETWORKS; i++) {
        failing_stage stage;
        failing_open(&stage, &networks[i]);
        const ds_plan *plan = stage.network.plan;
        ds_check_report none = run_flipped(&stage, -1, DS_PARAMETERS, 0);
        fail_on_fault(&stage.network, &none);
        for (int k = 0; k < plan->ops; k++)
            for (int o = 0; o < plan->op[k].outputs && ds_op_runs(&plan->op[k], &stage.pass); o++) {
                int tensor = plan->op[k].output[o];
                if (tensor == DS_ABSENT)
                    continue;
                int64_t count = ds_tensor_count(&plan->tensor[tensor], stage.pass.count);
                expect_named(&stage, k, tensor, 0);
                expect_named(&stage, k, tensor, count / 2);
                expect_named(&stage, k, tensor, count - 1);
            }
        failing_close(&stage);
    }
}

static void expect_changed(failing_stage *stage, int op, ds_storage storage, int64_t element,
                           ds_fault expected) {
    ds_check_report report = run_flipped(stage, op, storage, element);
    if (report.fault != expected || report.storage != storage)
        fail_msg("%s[%lld] behind op %d: %s in %s", ds_storage_name(storage), (long long)element,
                 op, ds_fault_name(report.fault), ds_storage_name(report.storage));
    if (expected == DS_FAULT_CHANGED)
        assert_ptr_equal(report.op, &stage->network.plan->op[op]);
}

static void test_what_is_no_output_must_stay(void **state) {
    (void)state;
    failing_stage stage;
    failing_open(&stage, &networks[0]);
    const ds_plan *plan = stage.network.plan;
    int forward = 1, last = plan->ops - 1;
    assert_true(plan->op[forward].operation == &ds_op_dense);
    expect_changed(&stage, forward, DS_PARAMETERS, 3, DS_FAULT_CHANGED);
    expect_changed(&stage, forward, DS_MOMENTS, 3, DS_FAULT_CHANGED);
    expect_changed(&stage, forward, DS_GRADIENTS, 3, DS_FAULT_CHANGED);
    expect_changed(&stage, forward, DS_STATUS, 1, DS_FAULT_CHANGED);
    expect_changed(&stage, forward, DS_ACTIVATIONS, plan->tensor[plan->op[forward].input[0]].offset,
                   DS_FAULT_CHANGED);
    expect_changed(&stage, last, DS_GRADIENTS, 0, DS_FAULT_CHANGED);
    expect_changed(&stage, last, DS_PARAMETERS, plan->storage_count[DS_PARAMETERS],
                   DS_FAULT_CHANGED); /* past the end */
    expect_changed(&stage, last, DS_INDICES, stage.pass.first, DS_FAULT_LOST);
    double row = network_read(&stage.network, DS_INDICES, stage.pass.first + 2);
    expect_changed(&stage, last, DS_FEATURES, (int64_t)row * 7, DS_FAULT_LOST);
    expect_changed(&stage, last, DS_TARGETS, (int64_t)row * 2, DS_FAULT_LOST);
    failing_close(&stage);
}

/* A parameter that changes between one update and the next; and what was before is there again. */
static void test_parameters_are_kept_between_updates(void **state) {
    (void)state;
    failing_stage stage;
    ds_check_report report = {0};
    failing_open(&stage, &networks[0]);
    DONE(ds_shadow_pass(stage.shadow, &stage.pass, &report));
    double kept = network_read(&stage.network, DS_PARAMETERS, 7);
    flip(&stage.device.device.base, DS_PARAMETERS, 7);
    stage.pass.update++;
    DONE(ds_shadow_pass(stage.shadow, &stage.pass, &report));
    assert_int_equal(report.fault, DS_FAULT_LOST);
    assert_string_equal(stage.network.plan->tensor[report.tensor].name, "0.weight");
    assert_int_equal(report.element, 7);
    assert_true(report.expected == kept);
    DONE(ds_shadow_undo(stage.shadow));
    assert_true(network_read(&stage.network, DS_PARAMETERS, 7) == kept);
    /* Not so where an update went by unseen. */
    report = (ds_check_report){0};
    DONE(ds_shadow_pass(stage.shadow, &stage.pass, &report));
    flip(&stage.device.device.base, DS_PARAMETERS, 7);
    stage.pass.update += 2;
    DONE(ds_shadow_pass(stage.shadow, &stage.pass, &report));
    assert_int_equal(report.fault, DS_FAULT_NONE);
    failing_close(&stage);
}

/* ---- numbers that are not finite ---- */

enum { FROM_MODE, OP_BY_OP = FROM_MODE, WHOLE, BLOCKS, MODES };

/* Runs one update in which something overflows; names it. */
static ds_not_finite find(ds_network_stage *stage, const ds_pass *pass) {
    ds_shadow *shadow = NULL;
    ds_check_report report = {0};
    DONE(ds_shadow_create(&shadow, stage->executor, NULL));
    DONE(ds_shadow_pass(shadow, pass, &report));
    fail_on_fault(stage, &report);
    ds_not_finite found = *ds_shadow_not_finite(shadow);
    assert_true(network_read(stage, DS_STATUS, DS_STATUS_NOT_FINITE) == (double)pass->update);
    ds_shadow_destroy(shadow);
    return found;
}

static void test_the_first_number_that_is_not_finite_is_named(void **state) {
    (void)state;
    enum { SAMPLE = 11, UNIT = 4, INPUTS = 7, UNITS = 5 };
    ds_device *device = network_device();
    for (int mode = FROM_MODE; mode < MODES; mode++) {
        ds_network_stage stage;
        ds_network_case test = {networks[mode == BLOCKS].shape,
                                INPUTS,
                                "[{dense: 5}, relu, {dense: 1}]",
                                "mse",
                                "{adam: {}}",
                                0,
                                0};
        ds_pass pass = ds_network_stage_pass(true, 23, 2);
        DONE(ds_network_stage_plan(&stage, &test));
        DONE(ds_network_stage_open(&stage, device, mode != OP_BY_OP));
        DONE(ds_network_stage_fill(&stage, 5, false));
        int64_t row = (int64_t)network_read(&stage, DS_INDICES, pass.first + SAMPLE);
        for (int64_t n = 0; n < pass.count; n++) /* no other sample is of that row */
            if (n != SAMPLE && (int64_t)network_read(&stage, DS_INDICES, pass.first + n) == row)
                DONE(ds_network_stage_write(&stage, DS_INDICES, pass.first + n,
                                            (double)((row + 1) % 100)));
        /* The square of what comes of a large feature. */
        DONE(ds_network_stage_write(&stage, DS_FEATURES, row * INPUTS, 1e30));
        ds_not_finite found = find(&stage, &pass);
        assert_true(found.found && found.op->operation == &ds_op_mse);
        assert_int_equal(found.element, SAMPLE * DS_RECORD_SIZE + DS_RECORD_LOSS);
        /* One unit's sum of a large feature and a large weight. */
        DONE(ds_network_stage_write(&stage, DS_STATUS, DS_STATUS_NOT_FINITE, 0));
        DONE(ds_network_stage_write(&stage, DS_PARAMETERS, UNIT * INPUTS, 1e10));
        found = find(&stage, &pass);
        assert_true(found.found && found.op->operation == &ds_op_dense && found.op->layer == 0);
        assert_string_equal(stage.plan->tensor[found.tensor].name, "0.output");
        assert_int_equal(found.element, SAMPLE * UNITS + UNIT);
        /* A parameter that was so before. */
        DONE(ds_network_stage_write(&stage, DS_STATUS, DS_STATUS_NOT_FINITE, 0));
        DONE(ds_network_stage_write(&stage, DS_PARAMETERS, UNIT * INPUTS + 2, NAN));
        found = find(&stage, &pass);
        assert_true(found.found && !found.op);
        assert_int_equal(found.element, UNIT * INPUTS + 2);
        ds_network_stage_close(&stage);
    }
    ds_device_close(device);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_run_stays_what_it_is),
        cmocka_unit_test(test_every_result_is_judged_where_it_arises),
        cmocka_unit_test(test_what_is_no_output_must_stay),
        cmocka_unit_test(test_parameters_are_kept_between_updates),
        cmocka_unit_test(test_the_first_number_that_is_not_finite_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
