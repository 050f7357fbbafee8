/* Portable math: the same training leaves the same bits on the plain device, which is C, and on
 * every OpenCL device here, whatever the shapes of its kernels, op by op and whole. */
#include <math.h>
#include <stdlib.h>

#include "network_tests.h"
#include "scratch_folder.h"

#define WHOLE DS_OF_VECTORS(1, 8, 2, 5, 2, 8, GLOBAL)
#define ON_STACK DS_OF_VECTORS(1, 4, 1, 4, 1, 1, PRIVATE)
#define SHARED DS_OF_ITEMS(8, 16, LOCAL)

/* Every layer, loss and optimizer. */
static const ds_network_case cases[] = {
    {WHOLE, 5,
     "[{dense: 7}, sigmoid, {dense: 9}, hard_sigmoid, {dense: 6}, tanh, {dense: 9}, gelu, "
     "{dense: 17}, silu, {dense: 7}, softplus, {dense: 1}]",
     "binary_cross_entropy", "{sgd: {rate: 0.5}}", 0, 0},
    {ON_STACK, 3, "[{dense: 8}, relu, {dense: 7}, leaky_relu, {dense: 5}, elu, {dense: 2}]", "mse",
     "{sgd: {rate: 0.05, momentum: 0.9, nesterov: true, weight_decay: 0.01}}", 0, 0},
    {WHOLE, 33, "[{dense: 33}, layer_norm, {dropout: 0.4}, relu, {dense: 9}, softmax, {dense: 7}]",
     "cross_entropy", "{adamw: {rate: 0.01}}", 0, 0},
    {SHARED, 6, "[{dense: 10}, identity, layer_norm, gelu, {dropout: 0.1}, {dense: 4}]", "huber",
     "{rmsprop: {rate: 0.01}}", 0.5, 0},
    {.inputs = 70,
     .model = "[{dense: {units: 66, bias: false}}, relu, {dense: 65}, tanh, {dense: 10}]",
     .loss = "cross_entropy",
     .optimizer = "{adam: {}}",
     .stop = 1e-9},
    {.inputs = 2,
     .model = "[{dense: 2}, sigmoid, {dense: 1}]",
     .loss = "mae",
     .optimizer = "{adagrad: {rate: 0.02}}",
     .clip = 0.3},
    {.inputs = 2,
     .model = "[{dense: 2}, sigmoid, {dense: 1}]",
     .loss = "mse",
     .optimizer = "{rmsprop: {rate: 0.01, momentum: 0.5}}"},
};

enum { CASES = sizeof cases / sizeof *cases, LAYERED = 2, WIDE = 4, PASSES = 12 };

/* Of a device that ends loops early: pieces of 5 to 41 of depths up to 70. */
enum { FEW_ROUNDS = 500 };

static const ds_storage left[] = {DS_PARAMETERS, DS_MOMENTS, DS_HISTORY, DS_STATUS};
enum { LEFT = sizeof left / sizeof *left };

typedef struct bits {
    double *value[LEFT];
    int64_t count[LEFT];
} bits;

static bits train(ds_device *device, const ds_network_case *test, const ds_shaping *shaping,
                  const ds_network_shape *shape, bool fuse) {
    static const int64_t sizes[] = {33, 5, DS_STAGE_BATCH, 1, 64, 17};
    ds_network_stage stage;
    ds_pass pass[PASSES];
    bits b;
    DONE(ds_network_stage_plan(&stage, test));
    stage.plan->portable = true;
    stage.plan->fuse = fuse;
    DONE(ds_shaped_executor_create(&stage.executor, stage.plan, device, shaping, shape));
    for (int s = 0; s < DS_STORAGES; s++)
        if (stage.options.count[s])
            DONE(stage.executor->reserve(stage.executor, (ds_storage)s, stage.options.count[s]));
    DONE(ds_network_stage_fill(&stage, 7, false));
    for (int i = 0; i < PASSES; i++)
        pass[i] = ds_network_stage_pass(i % 5 != 4, sizes[i % 6], (uint64_t)i + 1);
    DONE(stage.executor->run_passes(stage.executor, pass, PASSES));
    for (int i = 0; i < LEFT; i++)
        DONE(ds_network_stage_values(&b.value[i], &stage, left[i]));
    for (int i = 0; i < LEFT; i++)
        b.count[i] = ds_network_stage_count(&stage, left[i]);
    ds_network_stage_close(&stage);
    return b;
}

static void discard(bits *b) {
    for (int i = 0; i < LEFT; i++)
        ds_free(b->value[i]);
}

static void compare(const ds_network_case *test, const bits *plain, bits got, const char *device,
                    const char *way) {
    for (int i = 0; i < LEFT; i++)
        for (int64_t k = 0; k < got.count[i]; k++) {
            double x = plain->value[i][k], y = got.value[i][k];
            if (memcmp(&x, &y, sizeof x) == 0 || (isnan(x) && isnan(y)))
                continue;
            ds_text text = {0};
            DONE(ds_network_case_print(test, &text));
            fail_msg("%s, %s: %s[%lld] is %a, and %a on the plain device; %s", device, way,
                     ds_storage_name(left[i]), (long long)k, y, x, text.characters);
        }
    discard(&got);
}

static ds_shaping portable_for(const ds_device_info *about, const char *type) {
    ds_device_info other = *about;
    snprintf(other.type, sizeof other.type, "%s", type);
    ds_shaping shaping = ds_shaping_for(&other);
    shaping.portable = true;
    return shaping;
}

/* Op by op, whole where vectors can be divided, and in other shapes. */
static void compare_on(ds_device *device, const ds_network_case *test, const bits *plain) {
    const ds_device_info *about = ds_device_about(device);
    ds_shaping strips = portable_for(about, "cpu"), tiles = portable_for(about, "gpu");
    ds_network_shape shape = test->shape;
    shape.portable = true;
    compare(test, plain, train(device, test, &strips, NULL, true), about->name, "by strips");
    if (shape.blocks && (about->has_exact_division || (shape.lanes == 1 && shape.width == 1)))
        compare(test, plain, train(device, test, &strips, &shape, true), about->name, "whole");
    if (test == &cases[LAYERED])
        compare(test, plain, train(device, test, &tiles, NULL, false), about->name, "by tiles");
    if (test != &cases[WIDE])
        return;
    strips.rounds = tiles.rounds = FEW_ROUNDS;
    compare(test, plain, train(device, test, &strips, NULL, true), about->name, "strips in pieces");
    compare(test, plain, train(device, test, &tiles, NULL, true), about->name, "tiles in pieces");
    strips.rounds = 0;
    strips.group = 2;
    strips.strip_lanes = 4;
    strips.strip_width = 8;
    strips.strip_depth = 24;
    strips.strip_rows = strips.strip_few = 1;
    compare(test, plain, train(device, test, &strips, NULL, false), about->name, "by small strips");
}

/* The plain device's own bits differ from those of native kernels, or nothing would be compared. */
static void differs_from_native(ds_device *device, const ds_network_case *test, const bits *plain) {
    ds_shaping native = ds_shaping_for(ds_device_about(device));
    bits got = train(device, test, &native, NULL, true);
    int64_t other = 0;
    for (int64_t k = 0; k < got.count[0]; k++)
        other += memcmp(&got.value[0][k], &plain->value[0][k], sizeof(double)) != 0;
    discard(&got);
    assert_true(other > 0);
}

static void training_leaves_the_same_bits_everywhere(void **state) {
    ds_device_info *list = NULL;
    ds_device *c = NULL;
    size_t count = 0;
    (void)state;
    DONE(ds_device_open(&c, "plain"));
    DONE(ds_devices(&list, &count));
    for (size_t d = 0; d < count; d++) {
        ds_device *device = NULL;
        if (!list[d].available)
            continue;
        DONE(ds_device_open(&device, list[d].id));
        for (int i = 0; i < CASES; i++) {
            ds_shaping shaping = portable_for(ds_device_about(c), "other");
            bits plain = train(c, &cases[i], &shaping, NULL, true);
            compare_on(device, &cases[i], &plain);
            if (i == WIDE)
                differs_from_native(device, &cases[i], &plain);
            discard(&plain);
        }
        ds_device_close(device);
    }
    ds_free(list);
    ds_device_close(c);
}

/* Another kernels/portable.cl: with `line` in place of what begins with `begin`. */
static void change_kernels(const char *begin, const char *line) {
    char path[512], text[1 << 15];
    snprintf(path, sizeof path, "%s/kernels/portable.cl", SOURCE_DIR);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    char *from = strstr(text, begin);
    assert_non_null(from);
    char changed[1 << 15];
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(from - text), text, line,
             from + strlen(begin));
    scratch_write("kernels/portable.cl", changed);
    assert_int_equal(setenv("DESCENT_KERNEL_DIR", "kernels", 1), 0);
}

static void a_device_that_computes_otherwise_is_refused(void **state) {
    static const struct {
        const char *begin, *line, *complaint;
    } changes[] = {
        {"result = MULTIPLY_ADD(x[0], x[0], y[0])", "result = fma(x[0], x[0], y[0])",
         "it makes one operation of a * b + c"},
        {"float result = x[i] * y[i];",
         "float result = x[i] * y[i]; result = fabs(result) < 0x1p-126f ? 0.0f : result;",
         "it flushes denormals"},
        {"result = QUOTIENT(x[i], y[i])", "result = x[i] * (1.0f / y[i])",
         "it does not round division correctly"},
        {"total += term[i];", "total += term[terms - 1 - i];", "it sums in an order of its own"},
        {"i < rounds", "i < min(rounds, 65535u)", "it ends loops"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        ds_device *device = network_device();
        ds_shaping shaping = portable_for(ds_device_about(device), "cpu");
        ds_network_stage stage;
        DONE(ds_network_stage_plan(&stage, &cases[6]));
        change_kernels(changes[i].begin, changes[i].line);
        ds_status status =
            ds_shaped_executor_create(&stage.executor, stage.plan, device, &shaping, NULL);
        unsetenv("DESCENT_KERNEL_DIR");
        assert_int_equal(status, DS_DEVICE_FAILED);
        assert_non_null(strstr(ds_last_error()->message, changes[i].complaint));
        ds_plan_destroy(stage.plan);
        ds_device_close(device);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_leaves_the_same_bits_everywhere),
        cmocka_unit_test_setup_teardown(a_device_that_computes_otherwise_is_refused, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
