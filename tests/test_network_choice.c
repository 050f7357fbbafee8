/* Which networks run whole, and in which shape of the kernel: what is chosen for a device fits it,
 * and `explain` says it. */
#include "descent.h"
#include "launch/tuned.h"
#include "network_tests.h"

static const char *const recipes[] = {"line/line", "neuron/network", "digits/digits"};

static char *explained(ds_device *device, const char *name, bool fuse) {
    char path[512], *text = NULL;
    ds_recipe *recipe = NULL;
    snprintf(path, sizeof path, "%s/data/%s.yaml", SOURCE_DIR, name);
    DONE(ds_recipe_read(&recipe, path));
    if (!fuse)
        DONE(ds_recipe_set(recipe, "fuse=false"));
    DONE(ds_explain(recipe, device, &text));
    ds_recipe_destroy(recipe);
    return text;
}

static void test_explain_says_how_passes_run(void **state) {
    (void)state;
    ds_device *device = network_device();
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        char *whole = explained(device, recipes[i], true);
        if (!strstr(whole, "kernels    network_"))
            fail_msg("%s: %s", recipes[i], whole);
        ds_free(whole);
    }
    char *single = explained(device, recipes[0], false);
    assert_non_null(strstr(single, "kernels    op by op"));
    assert_null(strstr(single, "network_"));
    ds_free(single);
    ds_device_close(device);
}

static const ds_network_case networks[] = {
    {{0}, 1, "[{dense: 1}]", "mse", "{sgd: {rate: 0.1}}", 0, 0},
    {{0}, 784, "[{dense: {units: 1, bias: false}}]", "mae", "{sgd: {rate: 0.1}}", 0, 0},
    {{0}, 30, "[{dense: 16}, relu, {dense: 1}]", "huber", "{adam: {}}", 0, 0},
    {{0},
     40,
     "[relu, layer_norm, {dropout: 0.1}, softmax, tanh, gelu, silu, {dense: 100}]",
     "cross_entropy",
     "{rmsprop: {rate: 0.1}}",
     0,
     0},
    {{0}, 784, "[{dense: 128}, relu, {dense: 10}]", "cross_entropy", "{adam: {}}", 0, 0},
};

static bool is_power_of_two(unsigned x) {
    return x && (x & (x - 1)) == 0;
}

/* What network.cl asks of a shape; and all that a group keeps in local memory has room there. */
static void assert_fits(const ds_network_stage *stage, const ds_device_info *about,
                        const ds_network_shape *s) {
    ds_network_text text;
    DONE(ds_network_write(&text, stage->plan, s));
    uint64_t floats = (uint64_t)(text.values * (2 + text.moments) + text.work * s->lanes +
                                 6 * s->width + s->group);
    bool fits = s->space != DS_SPACE_LOCAL || 4 * floats <= about->local_bytes;
    bool items = s->group == 1 || (s->lanes == 1 && s->space != DS_SPACE_PRIVATE);
    bool blocks = s->blocks == 1 || (s->space == DS_SPACE_GLOBAL && s->group == 1);
    if (!fits || !items || !blocks || !is_power_of_two(s->group) || !is_power_of_two(s->lanes) ||
        !is_power_of_two(s->width) || s->vectors % s->across != 0 || s->group > about->group_size ||
        s->blocks < 1 || s->blocks > 64 || s->lanes > 16 || s->width > 16)
        fail_msg(
            "%s, %s: %u blocks, group %u, lanes %u, vectors %u, across %u, width %u, space %d: "
            "%llu bytes of %llu",
            about->type, stage->test->model, s->blocks, s->group, s->lanes, s->vectors, s->across,
            s->width, (int)s->space, (unsigned long long)floats * 4,
            (unsigned long long)about->local_bytes);
    ds_network_text_clear(&text);
}

/* Nothing, or some value of many parameters that can be asked for. */
static ds_shaping asked_for(const ds_device_info *about, int i) {
    ds_shaping shaping = ds_shaping_for(about);
    for (int k = 0; k < DS_TUNABLES && i % 3; k++) {
        const ds_tunable *t = &ds_tunables[k];
        int candidates = 0;
        while (candidates < DS_CANDIDATES && t->candidate[candidates])
            candidates++;
        int choice = (5 * k + i) % (candidates + 1);
        if (ds_tunable_applies(t, DS_NETWORK, &shaping) && choice > 0)
            ds_tunable_set(t, &shaping, t->candidate[choice - 1]);
    }
    return shaping;
}

static void test_a_shape_fits_its_device(void **state) {
    (void)state;
    static const unsigned lanes[] = {1, 4, 8, 16}, units[] = {1, 2, 8, 64},
                          groups[] = {1, 3, 64, 1024};
    int local = 0, blocks = 0, private = 0;
    for (size_t n = 0; n < sizeof networks / sizeof *networks; n++)
        for (int batch = 1; batch <= 1000; batch = batch * 3 + 1) {
            ds_network_stage stage;
            DONE(ds_network_stage_plan(&stage, &networks[n]));
            stage.plan->training_batch = batch;
            for (int i = 0; i < 32; i++) {
                ds_device_info about = {.float_vector_width = lanes[i % 4],
                                        .compute_units = units[i / 2 % 4],
                                        .group_size = groups[(i + i / 4) % 4],
                                        .local_bytes = (uint64_t)(16 + i) << 10};
                ds_network_shape s;
                snprintf(about.type, sizeof about.type, i % 2 ? "cpu" : "gpu");
                const ds_shaping shaping = asked_for(&about, i);
                if (!ds_network_suits(stage.plan, &about, &shaping, &s))
                    continue;
                assert_fits(&stage, &about, &s);
                local += s.space == DS_SPACE_LOCAL;
                private += s.space == DS_SPACE_PRIVATE;
                blocks += s.blocks > 1;
            }
            ds_plan_destroy(stage.plan);
        }
    assert_true(local > 0 && private > 0 && blocks > 0);
}

/* There would be nothing for the kernel to hold. */
static void test_without_parameters_ops_run_one_by_one(void **state) {
    ds_network_stage stage;
    const ds_network_case nothing = {{0}, 4, "[relu]", "mse", "{sgd: {rate: 0.1}}", 0, 0};
    (void)state;
    DONE(ds_network_stage_plan(&stage, &nothing));
    assert_int_equal(stage.plan->storage_count[DS_PARAMETERS], 0);
    assert_true(ds_network_operations(stage.plan) == 0);
    ds_network_stage_close(&stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_parameters_ops_run_one_by_one),
        cmocka_unit_test(test_explain_says_how_passes_run),
        cmocka_unit_test(test_a_shape_fits_its_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
