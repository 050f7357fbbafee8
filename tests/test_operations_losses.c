/* The kernels of the losses against the reference, on every OpenCL device. */
#include "op_judge.h"

static void test_losses_are_right(void **state) {
    (void)state;
    judge_on_every_device(judge_family, DS_LOSS);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_losses_are_right)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
