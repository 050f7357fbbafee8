/* Dense products by tiles that are cut into parts along their depth: in a way that the plan and the
 * shaping alone decide. That they are right is the doctor's to say, of the variant "parts". */
#include "doctor/op_stage.h"
#include "examined.h"
#include "launch/opencl_executor.h"

static ds_device *open_device(ds_shaping *cut) {
    ds_device *device = NULL;
    DONE(ds_device_open(&device, "auto"));
    ds_device_info gpu = *ds_device_about(device);
    snprintf(gpu.type, sizeof gpu.type, "gpu");
    ds_shaping tiles = ds_shaping_for(&gpu);
    *cut = ds_shaping_in_parts(&tiles);
    return device;
}

static int count_cut_of(const ds_op_stage *stage, ds_executor *executor) {
    int cut = 0;
    for (int i = 0; i < stage->plan->ops; i++) {
        ds_text text = {0};
        if (stage->plan->op[i].operation != &ds_op_dense)
            continue;
        DONE(executor->describe(executor, &stage->plan->op[i], &text));
        for (const char *at = text.characters; (at = strstr(at, "split ")); at++)
            cut++;
        ds_text_clear(&text);
    }
    return cut;
}

/* As the descriptions of the ops say: many of the doctor's products, not all. */
static void test_products_are_cut(void **state) {
    (void)state;
    ds_shaping cut;
    ds_device *device = open_device(&cut);
    int count = 0;
    for (int k = 0; k < DS_OP_SHAPES; k++) {
        ds_op_stage stage;
        ds_executor *executor = NULL;
        DONE(ds_op_stage_build(&stage, &ds_op_cases[0], ds_op_shapes[k]));
        DONE(ds_shaped_executor_create(&executor, stage.plan, device, &cut, NULL));
        count += count_cut_of(&stage, executor);
        executor->destroy(executor);
        ds_op_stage_clear(&stage);
    }
    ds_device_close(device);
    assert_in_range(count, DS_OP_SHAPES, 3 * DS_OP_SHAPES - 3);
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

static void test_a_plan_is_named_by_its_parts(void **state) {
    (void)state;
    ds_shaping shaping[3];
    ds_device *device = open_device(&shaping[0]);
    ds_op_stage stage;
    char hash[3][65];
    shaping[1] = shaping[2] = shaping[0];
    shaping[2].units = 1;
    DONE(ds_op_stage_build(&stage, &ds_op_cases[0], (ds_op_shape){65, 129, 3}));
    for (int i = 0; i < 3; i++) {
        ds_executor *executor = NULL;
        DONE(ds_shaped_executor_create(&executor, stage.plan, device, &shaping[i], NULL));
        DONE(ds_plan_hash(executor, hash[i]));
        executor->destroy(executor);
    }
    assert_string_equal(hash[0], hash[1]);
    assert_string_not_equal(hash[0], hash[2]);
    ds_op_stage_clear(&stage);
    ds_device_close(device);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products_are_cut),
        cmocka_unit_test(test_parts_follow_from_plan_and_shaping),
        cmocka_unit_test(test_a_plan_is_named_by_its_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
