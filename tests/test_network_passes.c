/* More passes of a whole network in one call than one dispatch takes are as many calls of one, bit
 * for bit. */
#include <math.h>

#include "network_tests.h"

static const ds_storage left[] = {DS_PARAMETERS, DS_MOMENTS, DS_HISTORY, DS_STATUS};

typedef struct result {
    double *value[4];
    int64_t count[4];
} result;

/* From the beginning, so many passes a call. */
static result run(const ds_network_stage *stage, const ds_pass *pass, int64_t passes,
                  int64_t at_once) {
    result r = {0};
    DONE(ds_network_stage_fill(stage, 7, false));
    for (int64_t p = 0; p < passes; p += at_once)
        DONE(stage->executor->run_passes(stage->executor, pass + p,
                                         p + at_once < passes ? at_once : passes - p));
    for (int i = 0; i < 4; i++)
        if ((r.count[i] = ds_network_stage_count(stage, left[i])) > 0)
            DONE(ds_network_stage_values(&r.value[i], stage, left[i]));
    return r;
}

static void discard(result *r) {
    for (int i = 0; i < 4; i++)
        ds_free(r->value[i]);
}

static void assert_same_bits(const result *a, const result *b) {
    for (int i = 0; i < 4; i++)
        for (int64_t k = 0; k < a->count[i]; k++) {
            double x = a->value[i][k], y = b->value[i][k];
            if (memcmp(&x, &y, sizeof x) == 0 || (isnan(x) && isnan(y)))
                continue;
            fail_msg("%s[%lld]: %.9g together, %.9g alone", ds_storage_name(left[i]), (long long)k,
                     x, y);
        }
}

/* More than the table of one dispatch holds (8192), in tables that are written while others are
 * read. */
static void test_more_passes_than_a_dispatch_takes(void **state) {
    (void)state;
    enum { PASSES = 8192 + 5 };
    static const ds_network_case tiny[] = {
        {DS_OF_VECTORS(1, 1, 1, 1, 1, 1, PRIVATE), 1, "[{dense: 1}]", "mse", "{adam: {}}", 0, 0},
        {DS_OF_VECTORS(2, 1, 1, 1, 1, 1, GLOBAL), 1, "[{dense: 1}]", "mse", "{adam: {}}", 0, 0},
    };
    ds_device *device = network_device();
    static ds_pass pass[PASSES];
    for (int p = 0; p < PASSES; p++)
        pass[p] = ds_network_stage_pass(p % 50 != 7, 1 + p % 3, (uint64_t)(p + 1));
    for (int i = 0; i < 2; i++) {
        ds_network_stage stage;
        network_open(&stage, device, &tiny[i]);
        result together = run(&stage, pass, PASSES, PASSES), parts = run(&stage, pass, PASSES, 999);
        assert_same_bits(&together, &parts);
        discard(&together);
        discard(&parts);
        ds_network_stage_close(&stage);
    }
    ds_device_close(device);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_passes_than_a_dispatch_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
