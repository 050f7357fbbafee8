/* What ends a training run inside of a dispatch: a loss or a gradient that is not finite, or a
 * gradient small enough. The status word says which update, the parameters stay as they were before
 * it, and so does everything behind it. */
#include "network_stage.h"

enum { PASSES = 6, SAMPLES = 8, DAMAGED = 3, INPUTS = 2 };

static const ds_network_shape shapes[] = {
    OF_VECTORS(1, 4, 1, 4, 1, 1, PRIVATE),
    OF_VECTORS(1, 8, 1, 4, 1, 4, GLOBAL),
    OF_VECTORS(2, 4, 1, 4, 1, 4, GLOBAL),
    OF_ITEMS(1, 4, 8, LOCAL),
};

enum { SHAPES = sizeof shapes / sizeof *shapes, OF_ONE_ITEM = SHAPES - 1 }; /* quick to compile */

/* Pass p takes rows SAMPLES p and on. */
static void fill(const network_stage *stage, ds_pass pass[PASSES]) {
    network_fill(stage, 5);
    for (int p = 0; p < PASSES; p++) {
        pass[p] = network_pass(true, SAMPLES, (uint64_t)(p + 11));
        pass[p].first = SAMPLES * p;
        for (int n = 0; n < SAMPLES; n++)
            network_write(stage, DS_INDICES, SAMPLES * p + n, SAMPLES * p + n);
    }
}

/* The first row of the damaged pass, of features of so many columns, of targets of one. */
static const int64_t row = SAMPLES * DAMAGED;

/* Runs all passes; the parameters must be those after the first `good` of them. */
static void expect(const network_stage *stage, const ds_pass *pass, int good, double not_finite,
                   double small_enough) {
    ds_executor *executor = stage->executor;
    int64_t count;
    double *start = network_values(stage, DS_PARAMETERS, &count);
    double *moments = network_values(stage, DS_MOMENTS, &(int64_t){0});
    assert_ok(executor->run_passes(executor, pass, good));
    double *expected = network_values(stage, DS_PARAMETERS, &count);
    if (good > 0)
        assert_true(network_read(stage, DS_STATUS, 0) == 0);
    assert_ok(executor->write(executor, DS_PARAMETERS, 0, count, start));
    if (stage->plan->moments)
        assert_ok(executor->write(executor, DS_MOMENTS, 0, stage->plan->storage_count[DS_MOMENTS],
                                  moments));
    assert_ok(executor->run_passes(executor, pass, PASSES));
    double *got = network_values(stage, DS_PARAMETERS, &count);
    double found[2] = {network_read(stage, DS_STATUS, 0), network_read(stage, DS_STATUS, 1)};
    if (found[0] != not_finite || found[1] != small_enough ||
        memcmp(got, expected, (size_t)count * sizeof *got) != 0) {
        network_print(stage->test);
        fail_msg("status %g %g, expected %g %g; parameter 0 is %.9g, expected %.9g", found[0],
                 found[1], not_finite, small_enough, got[0], expected[0]);
    }
    ds_free(start);
    ds_free(moments);
    ds_free(expected);
    ds_free(got);
}

/* Whatever the reference says of it, too. */
static void judge(const network_stage *stage, const ds_pass *pass, int passes) {
    ds_check_report report = {0};
    ds_text text = {0};
    assert_ok(ds_check_passes(stage->executor, pass, passes, &stage->options, &report));
    assert_ok(ds_check_describe(&report, stage->plan, &text));
    if (report.fault != DS_FAULT_NONE) {
        printf("%s\n", text.characters);
        network_print(stage->test);
        fail();
    }
    ds_text_clear(&text);
}

static void test_nan_and_infinity_in_a_sample(void **state) {
    (void)state;
    ds_device *device = network_device();
    for (int s = 0; s < OF_ONE_ITEM; s++) {
        network_stage stage;
        ds_pass pass[PASSES];
        network_case test = {shapes[s],
                             INPUTS,
                             "[{dense: 3}, tanh, {dense: 1}]",
                             "mse",
                             "{sgd: {rate: 0.1, momentum: 0.9}}",
                             0,
                             0};
        network_open(&stage, device, &test, true);
        fill(&stage, pass);
        expect(&stage, pass, PASSES, 0, 0);
        const double damage[] = {NAN, INFINITY};
        for (int d = 0; d < 2; d++) {
            /* A target of the last sample: the loss is broken. */
            fill(&stage, pass);
            network_write(&stage, DS_TARGETS, row + SAMPLES - 1, damage[d]);
            judge(&stage, pass, PASSES);
            fill(&stage, pass);
            network_write(&stage, DS_TARGETS, row + SAMPLES - 1, damage[d]);
            expect(&stage, pass, DAMAGED, (double)pass[DAMAGED].update, 0);
            /* A feature: tanh hides infinity from the loss, the gradient has it. */
            fill(&stage, pass);
            network_write(&stage, DS_FEATURES, row * INPUTS + 1, damage[d]);
            expect(&stage, pass, DAMAGED, (double)pass[DAMAGED].update, 0);
        }
        /* In the first pass, and in a run that is over already. */
        fill(&stage, pass);
        network_write(&stage, DS_TARGETS, 2, NAN);
        expect(&stage, pass, 0, (double)pass[0].update, 0);
        fill(&stage, pass);
        for (int word = 0; word < 2; word++) {
            network_write(&stage, DS_STATUS, word, 9);
            network_write(&stage, DS_STATUS, 1 - word, 0);
            expect(&stage, pass, 0, word ? 0 : 9, word ? 9 : 0);
        }
        network_close(&stage);
    }
    ds_device_close(device);
}

/* Weights of 0, which stay. */
static void fill_with_zeros(const network_stage *stage, ds_pass pass[PASSES]) {
    fill(stage, pass);
    for (int i = 0; i < stage->plan->storage_count[DS_PARAMETERS]; i++)
        network_write(stage, DS_PARAMETERS, i, 0);
    for (int p = 0; p < PASSES; p++)
        pass[p].rate = 0;
}

/* Two samples whose gradients are 2e38 each; where blocks share the batch each has one of them. */
static void overflow_in_a_sum(const network_stage *stage) {
    ds_pass pass[PASSES];
    for (int both = 0; both < 2; both++) {
        fill_with_zeros(stage, pass);
        pass[DAMAGED].global_count = 1;
        for (int n = 0; n <= both; n++) {
            int64_t sample = row + n * (SAMPLES - 1);
            network_write(stage, DS_FEATURES, sample * INPUTS, 1e38);
            network_write(stage, DS_TARGETS, sample, 1);
        }
        expect(stage, pass, both ? DAMAGED : PASSES, both ? (double)pass[DAMAGED].update : 0, 0);
    }
}

/* A loss of 1e40 in one sample; in the gradient one element that is far beyond what is passed
 * unseen, but finite. */
static void overflow_in_a_loss(const network_stage *stage) {
    ds_pass pass[PASSES];
    fill_with_zeros(stage, pass);
    network_write(stage, DS_TARGETS, row, 1e20);
    network_write(stage, DS_FEATURES, row * INPUTS + 1, 1e17);
    expect(stage, pass, DAMAGED, (double)pass[DAMAGED].update, 0);
}

static void test_what_overflows_only_in_a_sum_or_a_square(void **state) {
    (void)state;
    ds_device *device = network_device();
    for (int s = 0; s < SHAPES; s++) {
        network_stage stage;
        network_case test = {shapes[s], INPUTS, "[{dense: 1}]", "mse", "{sgd: {rate: 0.1}}", 0, 0};
        network_open(&stage, device, &test, true);
        overflow_in_a_sum(&stage);
        overflow_in_a_loss(&stage);
        network_close(&stage);
    }
    ds_device_close(device);
}

static void test_a_gradient_that_is_small_enough(void **state) {
    (void)state;
    ds_device *device = network_device();
    for (int s = 0; s < SHAPES; s++) {
        network_stage stage;
        ds_pass pass[PASSES];
        network_case test = {shapes[s], INPUTS, "[{dense: 1}]", "mse", "{adam: {}}", 0.5, 1e-4};
        network_open(&stage, device, &test, true);
        fill(&stage, pass);
        pass[DAMAGED].global_count = (int64_t)1 << 30;
        judge(&stage, pass, PASSES);
        fill(&stage, pass);
        pass[DAMAGED].global_count = (int64_t)1 << 30;
        expect(&stage, pass, DAMAGED, 0, (double)pass[DAMAGED].update);
        network_close(&stage);
    }
    ds_device_close(device);
}

/* What dropout drops cannot break a run, whatever lanes beyond the last sample would draw: where it
 * is kept, the slope of gelu is NaN. */
static void test_infinity_that_is_dropped(void **state) {
    (void)state;
    ds_device *device = network_device();
    network_case test = {OF_VECTORS(1, 16, 1, 4, 1, 4, GLOBAL),
                         INPUTS,
                         "[{dropout: 0.8}, {dense: 3}, gelu, {dense: 1}]",
                         "mse",
                         "{sgd: {rate: 0.1}}",
                         0,
                         0};
    network_stage stage;
    int dropped = 0;
    network_open(&stage, device, &test, true);
    for (uint64_t update = 1; update <= 12; update++) {
        ds_pass pass = network_pass(true, 1, update);
        network_fill(&stage, 3);
        int64_t sample = (int64_t)network_read(&stage, DS_INDICES, pass.first);
        network_write(&stage, DS_FEATURES, sample * INPUTS, INFINITY);
        judge(&stage, &pass, 1);
        dropped += network_read(&stage, DS_STATUS, 0) == 0;
    }
    assert_in_range(dropped, 4, 11);
    network_close(&stage);
    ds_device_close(device);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nan_and_infinity_in_a_sample),
        cmocka_unit_test(test_what_overflows_only_in_a_sum_or_a_square),
        cmocka_unit_test(test_a_gradient_that_is_small_enough),
        cmocka_unit_test(test_infinity_that_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
