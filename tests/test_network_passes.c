/* Many passes of a whole network in one call are as many calls of one, bit for bit, with evaluation
 * between them and beyond what one dispatch takes. */
#include "network_stage.h"

static const network_case cases[] = {
    {OF_VECTORS(1, 8, 2, 5, 2, 1, PRIVATE), 2, "[{dense: 7}, {dropout: 0.3}, sigmoid, {dense: 1}]",
     "binary_cross_entropy", "{adam: {}}", 0.5, 0},
    {OF_VECTORS(1, 16, 1, 10, 1, 16, GLOBAL), 31,
     "[{dense: 100}, hard_sigmoid, softmax, {dense: 2}]", "{mae: {shift: -100}}",
     "{adagrad: {rate: 0.02}}", 0.1, 0},
    {OF_VECTORS(3, 16, 2, 10, 2, 16, GLOBAL), 33,
     "[{dense: 33}, {dropout: 0.4}, relu, layer_norm, {dense: 31}, sigmoid, {dense: 7}]",
     "cross_entropy", "{adamw: {}}", 0, 0},
    {OF_ITEMS(1, 2, 16, LOCAL), 2, "[{dense: 7}, {dropout: 0.5}, {dense: 1}]", "mae",
     "{sgd: {rate: 0.1, momentum: 0.9}}", 0.5, 1e-9},
};

enum { CASES = sizeof cases / sizeof *cases };

static const ds_storage left[] = {DS_PARAMETERS, DS_MOMENTS, DS_HISTORY, DS_STATUS};

typedef struct result {
    double *value[4];
    int64_t count[4];
} result;

/* From the beginning, so many passes a call. */
static result run(const network_stage *stage, const ds_pass *pass, int64_t passes,
                  int64_t at_once) {
    result r;
    network_fill(stage, 7);
    for (int64_t p = 0; p < passes; p += at_once)
        assert_ok(stage->executor->run_passes(stage->executor, pass + p,
                                              p + at_once < passes ? at_once : passes - p));
    for (int i = 0; i < 4; i++)
        r.value[i] = network_values(stage, left[i], &r.count[i]);
    return r;
}

static void discard(result *r) {
    for (int i = 0; i < 4; i++)
        ds_free(r->value[i]);
}

static void assert_same_bits(const network_stage *stage, const result *a, const result *b) {
    for (int i = 0; i < 4; i++)
        for (int64_t k = 0; k < a->count[i]; k++) {
            double x = a->value[i][k], y = b->value[i][k];
            if (memcmp(&x, &y, sizeof x) == 0 || (isnan(x) && isnan(y)))
                continue;
            network_print(stage->test);
            fail_msg("%s[%lld]: %.9g together, %.9g alone", ds_storage_name(left[i]), (long long)k,
                     x, y);
        }
}

static void test_many_passes_are_as_many_of_one(void **state) {
    (void)state;
    static const int64_t sizes[] = {33, 5, STAGE_BATCH, 1, 64, 33, 17};
    ds_device *device = network_device();
    for (int i = 0; i < CASES; i++) {
        network_stage stage;
        ds_pass pass[7];
        for (int p = 0; p < 7; p++)
            pass[p] = network_pass(p % 3 != 1, sizes[p], (uint64_t)(p + 1));
        network_open(&stage, device, &cases[i], true);
        result together = run(&stage, pass, 7, 7), again = run(&stage, pass, 7, 7);
        result alone = run(&stage, pass, 7, 1);
        assert_same_bits(&stage, &together, &again);
        assert_same_bits(&stage, &together, &alone);
        discard(&together);
        discard(&again);
        discard(&alone);
        network_close(&stage);
    }
    ds_device_close(device);
}

/* More than the table of one dispatch holds (8192), in tables that are written while others are
 * read. */
static void test_more_passes_than_a_dispatch_takes(void **state) {
    (void)state;
    enum { PASSES = 8192 + 5 };
    static const network_case tiny[] = {
        {OF_VECTORS(1, 1, 1, 1, 1, 1, PRIVATE), 1, "[{dense: 1}]", "mse", "{adam: {}}", 0, 0},
        {OF_VECTORS(2, 1, 1, 1, 1, 1, GLOBAL), 1, "[{dense: 1}]", "mse", "{adam: {}}", 0, 0},
    };
    ds_device *device = network_device();
    static ds_pass pass[PASSES];
    for (int p = 0; p < PASSES; p++)
        pass[p] = network_pass(p % 50 != 7, 1 + p % 3, (uint64_t)(p + 1));
    for (int i = 0; i < 2; i++) {
        network_stage stage;
        network_open(&stage, device, &tiny[i], true);
        result together = run(&stage, pass, PASSES, PASSES), parts = run(&stage, pass, PASSES, 999);
        assert_same_bits(&stage, &together, &parts);
        discard(&together);
        discard(&parts);
        network_close(&stage);
    }
    ds_device_close(device);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_passes_are_as_many_of_one),
        cmocka_unit_test(test_more_passes_than_a_dispatch_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
