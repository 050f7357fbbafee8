/* Ops that are launched together against the reference, which runs them one after the other, on
 * every OpenCL device: every activation between two dense layers. */
#include "op_judge.h"

static void judge_activations(ds_device *device, const ds_shaping *shaping, bool own,
                              ds_family family) {
    for (int i = 0; i < OP_CASES; i++) {
        const ds_operation *operation = case_operation(&op_cases[i]);
        if (op_cases[i].family == family && strcmp(operation->program, "activations.cl") == 0)
            judge_activation(device, shaping, &op_cases[i], own ? 3 : 5);
    }
}

static void test_groups_are_right(void **state) {
    (void)state;
    judge_on_every_device(judge_activations, DS_LAYER);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_groups_are_right)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
