/* descent train --check-every: the bits of a run stay, a kernel that is wrong is named and what was
 * right before it is kept. And what a run says that comes to a number that is not finite. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

#include "json_result.h"

static run_result result;

/* What a run printed as JSON, and no more than one line about it. */
static cJSON *train(const char *words, int exit_status) {
    char all[512];
    snprintf(all, sizeof all, "train %s --json --quiet", words);
    run_descent(&result, all);
    run_expect(&result, exit_status);
    if (run_count_lines(result.said) != (exit_status != 0))
        fail_msg("%s", result.said);
    return json_parse(result.out);
}

static void train_hash(const char *words, char hash[2][65]) {
    cJSON *json = train(words, 0);
    snprintf(hash[0], 65, "%s", json_text(json, "weights_hash"));
    snprintf(hash[1], 65, "%s", json_text(json, "plan_hash"));
    cJSON_Delete(json);
}

static void expect_said(const char *text) {
    if (!strstr(result.said, text))
        fail_msg("\"%s\" is not in: %s", text, result.said);
}

/* ---- nothing is changed ---- */

static const char *const recipes[] = {
    "table.yaml",
    "table.yaml --set fuse=false",
    "table.yaml --set data.stream=true",
    "table.yaml --set data.stream=true --set fuse=false --set shuffle=false",
    "table.yaml --set batch=all",
    "table.yaml --set clip=0.1 --set optimizer={adamw:~{}}",
    "table.yaml --set fuse=false --set model=[{dense:~9},~layer_norm,~gelu,~{dense:~1}]",
    "table.yaml --set keep=best --set data.split={validation:~0.2,~test:~0.1}",
};

static void test_the_bits_stay(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        char words[400], plain[2][65];
        train_hash(recipes[i], plain);
        for (int every = 1; every <= 3; every += 2) {
            snprintf(words, sizeof words, "%s --check-every %d", recipes[i], every);
            cJSON *json = train(words, 0);
            assert_true(json_number(json, "checked") ==
                        (double)((int)json_number(json, "updates") / every));
            assert_string_equal(json_text(json, "weights_hash"), plain[0]);
            assert_string_equal(json_text(json, "plan_hash"), plain[1]);
            cJSON_Delete(json);
        }
    }
}

static void test_the_reference_is_not_checked_by_itself(void **state) {
    (void)state;
    run_descent(&result, "train table.yaml --device reference --check-every 1 --json");
    run_expect(&result, 0);
    expect_said("nothing to check: the reference is what devices are checked by");
}

static void test_a_wrong_number_of_updates_is_refused(void **state) {
    (void)state;
    run_descent(&result, "train table.yaml --check-every often");
    run_expect(&result, 2);
    expect_said("--check-every takes a number of updates from 1 on, not \"often\"");
    run_descent(&result, "train table.yaml --check-every 0");
    run_expect(&result, 2);
    expect_said("--check-every takes a number of updates from 1 on, not \"0\"");
}

/* ---- kernels that are wrong, and were not judged before they were used ---- */

/* A kernel file with every `was` made to `becomes`, in a folder that goes before the embedded ones.
 */
static void plant(const char *file, const char *was, const char *becomes) {
    char path[256], text[1 << 16], *to = text;
    static char source[1 << 16];
    snprintf(path, sizeof path, SOURCE_DIR "/kernels/%s", file);
    FILE *from = fopen(path, "r");
    assert_non_null(from);
    source[fread(source, 1, sizeof source - 1, from)] = '\0';
    assert_int_equal(fclose(from), 0);
    assert_non_null(strstr(source, was));
    const char *at = source, *next;
    for (; (next = strstr(at, was)) != NULL; at = next + strlen(was))
        to += snprintf(to, sizeof text - (size_t)(to - text), "%.*s%s", (int)(next - at), at,
                       becomes);
    snprintf(to, sizeof text - (size_t)(to - text), "%s", at);
    snprintf(path, sizeof path, "kernels/%s", file);
    scratch_write(path, text);
    assert_int_equal(setenv("DESCENT_KERNEL_DIR", "kernels", 1), 0);
}

static void uproot(void) {
    assert_int_equal(unsetenv("DESCENT_KERNEL_DIR"), 0);
    assert_int_equal(system("rm -r kernels"), 0);
}

static const char *const ways[] = {"", " --set fuse=false"}; /* whole, op by op */

/* Wrong from update 31 on, where the rate is halved. */
static void test_a_fault_is_named_and_what_was_before_it_kept(void **state) {
    static const char recipe[] =
        "table.yaml --no-verify --set optimizer={sgd:~{rate:~0.1,~momentum:~0.9}} --set "
        "schedule={step:~{every:~30,~factor:~0.5}}";
    (void)state;
    for (int way = 0; way < 2; way++) {
        char words[400], whole[2][65], resumed[2][65];
        snprintf(words, sizeof words, "%s%s", recipe, ways[way]);
        train_hash(words, whole);
        plant("optimizers.cl", "*p -= rate * (nesterov",
              "*p -= (rate < 0.06f ? 1.01f : 1.0f) * "
              "rate * (nesterov");
        snprintf(words, sizeof words, "%s%s --out wrong", recipe, ways[way]);
        train_hash(words, resumed);
        assert_string_not_equal(resumed[0], whole[0]);

        snprintf(words, sizeof words, "%s%s --out found --check-every 1", recipe, ways[way]);
        cJSON *json = train(words, 1);
        expect_said("update 31: wrong value in ");
        expect_said(" in sgd: 0.weight[");
        expect_said("; the parameters before it are kept; this device or its driver");
        assert_true(json_number(json, "updates") == 30 && json_number(json, "checked") == 30);
        assert_string_equal(json_text(json, "stopped_by"), "wrong result");
        cJSON_Delete(json);

        snprintf(words, sizeof words, "%s%s --out rarely --check-every 20", recipe, ways[way]);
        json = train(words, 1);
        expect_said("update 40: wrong value in ");
        expect_said("kept, though none from 21 to 39 was checked; ");
        cJSON_Delete(json);
        uproot();

        /* With right kernels it goes on as if nothing had been. */
        snprintf(words, sizeof words, "%s%s --out found --resume --check-every 7", recipe,
                 ways[way]);
        train_hash(words, resumed);
        assert_string_equal(resumed[0], whole[0]);
    }
}

/* One element of one op, in the data of one row. */
static void test_a_wrong_element_is_named_with_its_row(void **state) {
    (void)state;
    plant("activations.cl", "return x <= 0.0f ? 0.0f : x;",
          "return x <= 0.0f ? 0.0f : x > 4.0f ? x * 1.001f : x;");
    cJSON_Delete(train("large.yaml --no-verify --set fuse=false --set epochs=1", 0));
    cJSON_Delete(
        train("large.yaml --no-verify --set fuse=false --set epochs=1 --check-every 1", 1));
    expect_said("update 3: wrong value in relu_forward of layer 1: 1.output[");
    expect_said(" for training row 11 (large.csv, line 12); the parameters");
    uproot();
}

/* Dropout is the identity in evaluation, and in nothing else here. */
static void test_a_wrong_evaluation_is_named(void **state) {
    (void)state;
    plant("activations.cl", "REAL identity_value(REAL x) { return x; }",
          "REAL identity_value(REAL x) { return x * 1.01f; }");
    cJSON *json = train("table.yaml --no-verify --set fuse=false --check-every 3 --set "
                        "data.split={validation:~0.2}",
                        1);
    expect_said("evaluation behind update 3: wrong value in identity_forward of layer 2: 2.output");
    assert_true(json_number(json, "epochs") == 1);
    cJSON_Delete(json);
    uproot();
}

/* ---- numbers that are not finite ---- */

/* 1e30 in row 17 of the file, which is the first of the fifth batch. */
static void test_an_overflow_is_named_with_its_row(void **state) {
    static const char *const devices[] = {"", " --set fuse=false", " --device reference",
                                          " --set data.stream=true"};
    (void)state;
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        char words[400], before[65];
        snprintf(words, sizeof words, "huge.yaml%s --set stop.updates=4", devices[i]);
        cJSON *json = train(words, 1);
        snprintf(before, sizeof before, "%s", json_text(json, "weights_hash"));
        cJSON_Delete(json);
        expect_said("diverged after update 4: mse gave ");
        expect_said(" for training row 17 (huge.csv, line 19); try a smaller learning rate");
        snprintf(words, sizeof words, "huge.yaml%s --out diverged", devices[i]);
        json = train(words, 1);
        expect_said("diverged at update 5 (epoch 1): mse gave ");
        expect_said(" for training row 17 (huge.csv, line 19); the parameters before it are kept");
        expect_said("try a smaller learning rate than 0.01");
        assert_true(json_number(json, "updates") == 4);
        assert_string_equal(json_text(json, "weights_hash"), before);
        assert_string_equal(json_text(json, "stopped_by"), "divergence");
        cJSON_Delete(json);
        snprintf(words, sizeof words, "huge.yaml%s --out diverged --resume", devices[i]);
        json = train(words, 1); /* the checkpoint is of the same state */
        expect_said("diverged at update 5 (epoch 1): mse gave ");
        assert_string_equal(json_text(json, "weights_hash"), before);
        cJSON_Delete(json);
    }
}

/* Terms of both signs that add up to more than float32 holds: in which order decides whether NaN
 * comes of them, which is no fault of the device. */
static void test_infinities_of_both_signs_are_no_fault_of_the_device(void **state) {
    (void)state;
    char text[2400];
    int length = 0;
    for (int i = 0; i < 33; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, "x%d,", i);
    length += snprintf(text + length, sizeof text - (size_t)length, "y\n");
    for (int row = 0; row < 2; row++) {
        for (int i = 0; i < 33; i++)
            length +=
                snprintf(text + length, sizeof text - (size_t)length, "%s3e38,", i % 2 ? "-" : "");
        length += snprintf(text + length, sizeof text - (size_t)length, "1\n");
    }
    scratch_write("signs.csv", text);
    scratch_write("signs.yaml", "data: {train: signs.csv, target: y}\n"
                                "model: [{dense: 17}, tanh, {dense: 1}]\n"
                                "loss: mse\n"
                                "optimizer: {sgd: {rate: 0.1}}\n"
                                "init: normal\n"
                                "batch: 1\nepochs: 2\n");
    cJSON_Delete(train("signs.yaml", 1));
    expect_said("diverged at update 1");
    cJSON_Delete(train("signs.yaml --check-every 1", 1));
    expect_said("diverged at update 1");
    /* One sum after the other stays at one infinity, of which tanh makes a number. */
    cJSON_Delete(train("signs.yaml --set fuse=false --check-every 1", 0));
}

static void test_an_overflow_between_layers_is_named_with_its_unit(void **state) {
    (void)state;
    for (int way = 0; way < 2; way++) {
        char words[400];
        snprintf(words, sizeof words,
                 "huge.yaml%s --set optimizer.sgd.rate=0 --set "
                 "init={values:~{0.weight:~[[1,~0],[1e10,~0]]},~else:~ones}",
                 ways[way]);
        cJSON_Delete(train(words, 1));
        expect_said("dense_forward of layer 0 gave inf in unit 1 of 0.output for training row 17 "
                    "(huge.csv, line 19)");
    }
}

/* Where the reference comes to finite numbers, the device is to blame, also unwatched. */
static void test_a_device_that_makes_infinity_is_blamed(void **state) {
    (void)state;
    plant("activations.cl", "return x <= 0.0f ? 0.0f : x;",
          "return x <= 0.0f ? (REAL)(0.0f) : x > 4.0f ? (REAL)(INFINITY) : x;");
    for (int way = 0; way < 2; way++) {
        char words[400];
        snprintf(words, sizeof words, "large.yaml --no-verify%s", ways[way]);
        cJSON *json = train(words, 1);
        expect_said("update 3: wrong value in ");
        expect_said("relu_forward of layer 1: 1.output[");
        expect_said(", expected ");
        assert_true(json_number(json, "updates") == 2);
        assert_string_equal(json_text(json, "stopped_by"), "wrong result");
        cJSON_Delete(json);
    }
    uproot();
}

/* ---- */

static void write_table(const char *path, const char *lead, int row, const char *large) {
    char text[4096];
    int length = snprintf(text, sizeof text, "%sa,b,y\n", lead);
    for (int i = 1; i <= 40; i++) {
        double a = (i * 37 % 41) / 41.0, b = (i * 23 % 43) / 43.0;
        char number[32];
        snprintf(number, sizeof number, "%.6f", a);
        length += snprintf(text + length, sizeof text - (size_t)length, "%s,%.6f,%.6f\n",
                           i == row ? large : number, b, a - b * b);
    }
    scratch_write(path, text);
}

static int enter(void **state) {
    scratch_setup(state);
    write_table("table.csv", "", 0, "");
    write_table("huge.csv", "\n", 17, "1e30"); /* a line of its own before the header */
    write_table("large.csv", "", 11, "9");
    scratch_write("table.yaml", "data: {train: table.csv, target: y}\n"
                                "model: [{dense: 7}, relu, {dropout: 0.3}, {dense: 1}]\n"
                                "loss: mse\noptimizer: {sgd: {rate: 0.05, momentum: 0.9}}\n"
                                "clip: 10\nbatch: 8\nepochs: 12\n");
    scratch_write("huge.yaml", "data: {train: huge.csv, target: y}\n"
                               "model: [{dense: 2}, {dense: 1}]\n"
                               "loss: mse\noptimizer: {sgd: {rate: 0.01}}\ninit: ones\n"
                               "batch: 4\nshuffle: false\n");
    scratch_write("large.yaml", "data: {train: large.csv, target: y}\n"
                                "model: [{dense: 3}, relu, {dense: 1}]\n"
                                "loss: mse\noptimizer: {sgd: {rate: 0.001}}\ninit: ones\n"
                                "batch: 4\nshuffle: false\n");
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bits_stay),
        cmocka_unit_test(test_the_reference_is_not_checked_by_itself),
        cmocka_unit_test(test_a_wrong_number_of_updates_is_refused),
        cmocka_unit_test(test_a_fault_is_named_and_what_was_before_it_kept),
        cmocka_unit_test(test_a_wrong_element_is_named_with_its_row),
        cmocka_unit_test(test_a_wrong_evaluation_is_named),
        cmocka_unit_test(test_an_overflow_is_named_with_its_row),
        cmocka_unit_test(test_infinities_of_both_signs_are_no_fault_of_the_device),
        cmocka_unit_test(test_an_overflow_between_layers_is_named_with_its_unit),
        cmocka_unit_test(test_a_device_that_makes_infinity_is_blamed),
    };
    return cmocka_run_group_tests(tests, enter, scratch_teardown);
}
