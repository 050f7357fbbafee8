/* Dense products by tiles that are cut into parts along their depth: right on every OpenCL device,
 * and cut in a way that the plan and the shaping alone decide. */
#include "launch/opencl_executor.h"
#include "op_judge.h"

/* Small tiles and parts for many compute units, so that small products are cut. */
static ds_shaping cut_shaping(const ds_shaping *tiles) {
    ds_shaping shaping = *tiles;
    shaping.tile_group = 4;
    shaping.tile_part = 16;
    shaping.units = 32;
    return shaping;
}

/* How many products of the shapes are cut, as the descriptions of the ops say. */
static int count_cut(ds_device *device, const ds_shaping *shaping) {
    int cut = 0;
    for (int k = 0; k < OP_SHAPES; k++) {
        op_stage stage;
        ds_executor *executor = NULL;
        assert_ok(stage_build(&stage, &op_cases[0], op_shapes[k]));
        assert_ok(ds_shaped_executor_create(&executor, stage.plan, device, shaping, NULL));
        for (int i = 0; i < stage.plan->ops; i++) {
            ds_text text = {0};
            if (stage.plan->op[i].operation != &ds_op_dense)
                continue;
            assert_ok(executor->describe(executor, &stage.plan->op[i], &text));
            for (const char *at = text.characters; (at = strstr(at, "split ")); at++)
                cut++;
            ds_text_clear(&text);
        }
        executor->destroy(executor);
        ds_plan_destroy(stage.plan);
    }
    return cut;
}

static void judge_cut(ds_device *device, const ds_shaping *tiles, bool own, ds_family family) {
    static const char *const activations[] = {"relu", "gelu"}; /* the sums are dropped, or kept */
    (void)own;
    if (tiles->strip)
        return;
    ds_shaping cut = cut_shaping(tiles);
    assert_in_range(count_cut(device, &cut), OP_SHAPES, 3 * OP_SHAPES - 3);
    for (int i = 0; i < OP_CASES; i++) {
        if (op_cases[i].family != family)
            continue;
        if (case_operation(&op_cases[i]) == &ds_op_dense)
            judge_case(device, &cut, &op_cases[i], 1);
        for (int k = 0; k < 2; k++)
            if (strcmp(op_cases[i].name, activations[k]) == 0)
                judge_activation(device, &cut, &op_cases[i], 2);
    }
}

static void test_parts_are_right(void **state) {
    (void)state;
    judge_on_every_device(judge_cut, DS_LAYER);
}

static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* Parts are whole tiles deep, no smaller than asked for, no more than there is room for; and a pass
 * of fewer samples has the same. */
static void test_parts_follow_from_plan_and_shaping(void **state) {
    (void)state;
    static const int64_t size[] = {1, 10, 63, 64, 65, 300, 5000};
    static const unsigned units[] = {1, 2, 28, 132}, least[] = {1, 100, 256};
    enum { SIZES = sizeof size / sizeof *size };
    int cut = 0, whole = 0;
    for (int i = 0; i < SIZES * SIZES * SIZES * 4 * 3; i++) {
        ds_shaping s = {.tile_group = 16, .tile_item = 4, .tile_depth = 16};
        int64_t m = size[i % SIZES], n = size[i / SIZES % SIZES],
                k = size[i / SIZES / SIZES % SIZES];
        s.units = units[i / SIZES / SIZES / SIZES % 4];
        s.tile_part = least[i / SIZES / SIZES / SIZES / 4];
        ds_plan plan = {.training_batch = k, .batch = 3 * k};
        int64_t depth = ds_part_depth(&s, &plan, m, n, k, true), parts = (k + depth - 1) / depth;
        int64_t tiles = ((m + 63) / 64) * ((n + 63) / 64);
        if (depth == k) {
            whole++;
        } else {
            cut++;
            if (depth % 16 != 0 || depth < s.tile_part || parts * tiles > most(2 * s.units, tiles))
                fail_msg("%lld x %lld from %lld, %u units, parts of %u: %lld", (long long)m,
                         (long long)n, (long long)k, s.units, s.tile_part, (long long)depth);
        }
        assert_int_equal(ds_part_depth(&s, &plan, m, n, (k + 1) / 2, true), depth);
        assert_int_equal(ds_part_depth(&s, &plan, m, n, k + 1, true),
                         ds_part_depth(&s, &plan, m, n, 3 * k, true));
    }
    assert_true(cut > 20 && whole > 20);
}

static void take_hash(ds_device *device, const ds_shaping *tiles, bool own, ds_family family) {
    static const op_shape shape = {65, 129, 3};
    op_stage stage;
    ds_shaping shaping[3];
    char hash[3][65];
    (void)own, (void)family;
    if (tiles->strip)
        return;
    shaping[0] = shaping[1] = shaping[2] = cut_shaping(tiles);
    shaping[2].units = 1;
    assert_ok(stage_build(&stage, &op_cases[0], shape));
    for (int i = 0; i < 3; i++) {
        ds_executor *executor = NULL;
        assert_ok(ds_shaped_executor_create(&executor, stage.plan, device, &shaping[i], NULL));
        assert_ok(ds_plan_hash(executor, hash[i]));
        executor->destroy(executor);
    }
    assert_string_equal(hash[0], hash[1]);
    assert_string_not_equal(hash[0], hash[2]);
    ds_plan_destroy(stage.plan);
}

static void test_a_plan_is_named_by_its_parts(void **state) {
    (void)state;
    judge_on_every_device(take_hash, DS_LAYER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_are_right),
        cmocka_unit_test(test_parts_follow_from_plan_and_shaping),
        cmocka_unit_test(test_a_plan_is_named_by_its_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
