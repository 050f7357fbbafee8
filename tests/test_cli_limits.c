/* Devices with narrow limits: what they report is kept to, and training gives what it gives
 * elsewhere. A layer stands in for them; it refuses a launch that asks for more. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

#include "json_result.h"

#include "faulty_device.h"

static int setup(void **state) {
    scratch_setup(state);
    faulty_write_recipe();
    return 0;
}

static int teardown(void **state) {
    faulty_set("");
    return scratch_teardown(state);
}

static double validation_loss(const char *words) {
    run_result result;
    run_descent(&result, words);
    run_expect(&result, 0);
    cJSON *json = json_parse(result.out);
    double loss = json_number(json, "validation loss");
    cJSON_Delete(json);
    return loss;
}

static const char *const limits[] = {
    "FAULTY_NO_DOUBLE=1 FAULTY_GROUP=64 FAULTY_LOCAL=16384 FAULTY_ADDRESS=32",
    "FAULTY_TYPE=gpu FAULTY_NO_DOUBLE=1",
    "FAULTY_TYPE=gpu FAULTY_ADDRESS=32",
    "FAULTY_TYPE=gpu FAULTY_GROUP=64",
    "FAULTY_TYPE=gpu FAULTY_LOCAL=16384",
    "FAULTY_TYPE=gpu FAULTY_GROUP=1 FAULTY_LOCAL=1024",
};

/* Whole, and op by op. */
static void test_training_keeps_to_what_a_device_reports(void **state) {
    (void)state;
    double expected = validation_loss("train run.yaml --json --out reference --device reference");
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        faulty_set(limits[i]);
        double whole = validation_loss("train run.yaml --json --out whole");
        double single = validation_loss("train run.yaml --json --out single --set fuse=false");
        if (!(fabs(whole - expected) < 1e-5 * expected &&
              fabs(single - expected) < 1e-5 * expected))
            fail_msg("%s: %.9g, op by op %.9g, expected %.9g", limits[i], whole, single, expected);
    }
}

static void test_limits_are_reported(void **state) {
    (void)state;
    run_result result;
    faulty_set("FAULTY_TYPE=gpu FAULTY_NO_DOUBLE=1 FAULTY_GROUP=64 FAULTY_LOCAL=16384");
    run_descent(&result, "devices");
    run_expect(&result, 0);
    assert_non_null(strstr(result.out, "gpu on"));
    assert_non_null(strstr(result.out, "groups of up to 64"));
    assert_non_null(strstr(result.out, "16 KiB local"));
    assert_non_null(strstr(result.out, "double no"));
}

/* The layer can refuse: what a device does not tell, nobody can keep to. */
static void expect_failure(const char *settings, const char *said) {
    run_result result;
    faulty_set(settings);
    run_descent(&result, "train run.yaml --set fuse=false");
    run_expect(&result, 1);
    if (!strstr(result.said, said))
        fail_msg("%s: %s", settings, result.said);
}

static void test_a_launch_that_asks_for_more_is_refused(void **state) {
    (void)state;
    expect_failure("FAULTY_TYPE=gpu FAULTY_GROUP=64 FAULTY_SILENT=1", "CL_INVALID_WORK_GROUP_SIZE");
    expect_failure("FAULTY_TYPE=gpu FAULTY_LOCAL=1024 FAULTY_SILENT=1", "asks for local memory of");
}

/* So can its compiler. */
static void test_a_kernel_beyond_the_limits_does_not_build(void **state) {
    (void)state;
    scratch_write("kernels/gather.cl", "kernel void f(global double *x) {}\n"
                                       "typedef char narrow[sizeof(size_t) == 4 ? -1 : 1];\n");
    assert_int_equal(setenv("DESCENT_KERNEL_DIR", "kernels", 1), 0);
    expect_failure("FAULTY_NO_DOUBLE=1", "this_device_has_no_double");
    expect_failure("FAULTY_ADDRESS=32", "'narrow' declared as an array with a negative size");
    assert_int_equal(unsetenv("DESCENT_KERNEL_DIR"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_training_keeps_to_what_a_device_reports),
        cmocka_unit_test(test_limits_are_reported),
        cmocka_unit_test(test_a_launch_that_asks_for_more_is_refused),
        cmocka_unit_test(test_a_kernel_beyond_the_limits_does_not_build),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
