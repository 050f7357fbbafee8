/* Ops that are launched together against the reference, which runs them one after the other, on
 * every OpenCL device: every activation between two dense layers. */
#include "op_judge.h"

/* Every group of the plan: set and, where there is a gradient, accumulated. Returns how many. */
static int judge_groups(const op_stage *stage, ds_executor *executor, uint64_t seed,
                        op_tally *tally) {
    int groups = 0;
    for (int i = 0; i < stage->plan->ops; i++) {
        const ds_op *op = &stage->plan->op[i];
        if (ds_ops_together(executor, i) == 1)
            continue;
        groups++;
        for (int style = 0; style < STYLES; style++)
            for (int accumulate = 0; accumulate <= (op->part == DS_BACKWARD); accumulate++) {
                char what[64];
                ds_check_report report = {0};
                ds_pass pass = stage->pass;
                uint64_t number = seed + (uint64_t)(10 * style + accumulate);
                snprintf(what, sizeof what, "style %d, seed %llu", style,
                         (unsigned long long)number);
                pass.accumulate = accumulate;
                assert_ok(stage_fill(stage, executor, (op_style)style, number));
                assert_ok(ds_check_together(executor, i, &pass, &stage->options, &report));
                take_report(stage, &report, &pass, what, accumulate, tally);
            }
    }
    return groups;
}

static void judge_activation(ds_device *device, const ds_shaping *shaping,
                             const op_case *activation, int stride) {
    op_case test = *activation;
    op_tally tally = {0};
    test.between = true;
    for (int k = 0; k < OP_SHAPES; k += stride) {
        op_stage stage;
        ds_executor *executor = NULL;
        assert_ok(stage_build(&stage, &test, op_shapes[k]));
        assert_ok(ds_shaped_executor_create(&executor, stage.plan, device, shaping, NULL));
        assert_ok(stage_reserve(&stage, executor));
        assert_int_equal(judge_groups(&stage, executor, (uint64_t)(1000 * k), &tally), 2);
        executor->destroy(executor);
        ds_plan_destroy(stage.plan);
    }
    printf("  %-22s %9lld numbers, %6lld undecided, worst error %.2f of its bound\n", test.name,
           (long long)tally.compared, (long long)tally.undecided, tally.worst);
    assert_true(tally.compared > 0 && tally.undecided <= tally.compared / 16);
}

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
