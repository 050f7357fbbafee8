/* What descent doctor tells those who write a driver: what is wrong in numbers, by other seeds, on
 * another device, without the optimizer, for servers that run tests; and of transfers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "json_result.h"
#include "planted_fault.h"
#include "run_program.h"

static run_result result;

static void expect_in(const char *text, const char *words) {
    if (!strstr(text, words))
        fail_msg("\"%s\" is not in: %s", words, text);
}

static void plant_relu(void) {
    plant("activations.cl", "return x <= 0.0f ? 0.0f : x;", "return x <= 0.5f ? 0.0f : x;");
}

static const cJSON *item(const cJSON *object, const char *name) {
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!found)
        fail_msg("there is no \"%s\"", name);
    return found;
}

static const char *text_of(const cJSON *object, const char *name) {
    const cJSON *found = item(object, name);
    assert_true(cJSON_IsString(found));
    return found->valuestring;
}

static void test_json_says_where_and_how_much(void **state) {
    (void)state;
    plant("gather.cl", "to[j] = from[j];", "to[j] = columns == 129 ? 1.03f : from[j];");
    run_descent(&result, "doctor --device 0:0 --json --case gather/strips/65x129x3/ordinary");
    run_expect(&result, 1);
    cJSON *json = json_parse(result.out);
    assert_true(*text_of(json, "driver") && *text_of(json, "platform") && *text_of(json, "id"));
    const cJSON *c = cJSON_GetArrayItem(item(json, "cases"), 0);
    assert_true(item(c, "wrong")->valueint == 65);
    assert_string_equal(text_of(c, "pattern"), "every 129th from 128 on");
    assert_string_equal(text_of(c, "got_bits"), "0x3f83d70a");
    assert_int_equal(strlen(text_of(c, "expected_bits")), 10);
    expect_in(text_of(c, "work"), "gather global ");
    expect_in(text_of(c, "words"), "elements are wrong: every 129th from 128 on");
    expect_in(text_of(item(json, "programs"), text_of(c, "program")), "-DGROUP=");
    cJSON_Delete(json);
}

static void test_seeds_and_repetitions(void **state) {
    (void)state;
    plant_relu();
    run_descent(&result, "doctor --device 0:0 --json --seed 7 --repeat 3 --case "
                         "relu_forward/strips/3x7x63/ordinary/");
    run_expect(&result, 1);
    expect_in(result.said, " --seed 7");
    cJSON *json = json_parse(result.out);
    const cJSON *cases = item(json, "cases");
    assert_int_equal(cJSON_GetArraySize(cases), 3);
    double got[3];
    for (int i = 0; i < 3; i++) {
        const cJSON *c = cJSON_GetArrayItem(cases, i);
        assert_int_equal(item(c, "seed")->valueint, 7 + i);
        got[i] = item(c, "expected")->valuedouble;
    }
    assert_true(got[0] != got[1] && got[1] != got[2]);
    cJSON_Delete(json);
    unplant();
    run_descent(&result, "doctor --device 0:0 --repeat 4 --case gradient_norm/strips");
    run_expect(&result, 0);
}

static void test_another_device(void **state) {
    (void)state;
    plant_relu();
    run_descent(&result, "doctor --device 0:0 --against plain --case "
                         "relu_forward/portable/63x65x64/ordinary/");
    run_expect(&result, 1);
    expect_in(result.said, "; on plain \"plain\" it is right; repeat it");
    run_descent(&result, "doctor --device 0:0 --against 0:0 --case "
                         "relu_forward/strips/63x65x64/ordinary/");
    run_expect(&result, 1);
    expect_in(result.said, "it is wrong, too: wrong value in relu_forward: 0.output[");
    run_descent(&result, "doctor --device 0:0 --against reference --case relu_forward/strips");
    run_expect(&result, 2);
    expect_in(result.said, "the reference has no kernels");
}

static void test_without_the_optimizer(void **state) {
    (void)state;
    run_descent(&result,
                "doctor --device 0:0 --no-optimizer --json --case relu_forward/strips/1x1");
    run_expect(&result, 0);
    expect_in(result.out, "-cl-opt-disable");
    run_descent(&result, "doctor --device 0:0 --json --case relu_forward/strips/1x1");
    run_expect(&result, 0);
    assert_null(strstr(result.out, "-cl-opt-disable"));
}

static void test_junit(void **state) {
    (void)state;
    plant_relu();
    run_descent(&result, "doctor --device 0:0 --junit --case relu_*/strips/[13]x*/ordinary*");
    run_expect(&result, 1);
    expect_in(result.out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites ");
    expect_in(result.out, "<testsuite name=\"relu_forward strips\" tests=\"");
    expect_in(result.out,
              "<testcase classname=\"relu_forward.strips\" name=\"1x1x1/ordinary/1\"/>");
    expect_in(result.out, "<failure message=\"wrong value in relu_forward: 0.output[");
    expect_in(result.out, "</testsuites>\n");
    plant("gather.cl", "kernel void", "kernel \"<&>\" void");
    run_descent(&result, "doctor --device 0:0 --junit --case gather/strips/1x1x1/ordinary");
    run_expect(&result, 1);
    expect_in(result.out, "<error message=\"device &quot;");
    const char *escaped = strstr(result.out, "<error");
    for (const char *c = escaped + 1; *c && strncmp(c, "</error>", 8) != 0; c++)
        assert_int_not_equal(*c, '<');
    run_descent(&result, "doctor --junit --json");
    run_expect(&result, 2);
    expect_in(result.said, "--json and --junit both");
}

static void test_transfers(void **state) {
    (void)state;
    static const char *const devices[] = {"0:0", "plain"};
    for (int i = 0; i < 2; i++) {
        char command[64];
        snprintf(command, sizeof command, "doctor --device %s --case transfer", devices[i]);
        run_descent(&result, command);
        run_expect(&result, 0);
        expect_in(result.out, "\n96 cases, 0 wrong, 0 failed");
    }
    faulty_set("FAULTY_READ=1000");
    run_descent(&result, "doctor --device 0:0 --case transfer/read-later/5004");
    run_expect(&result, 1);
    expect_in(result.said, "lost value in memory that nothing was run on: bytes[");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_json_says_where_and_how_much, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_seeds_and_repetitions, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_another_device, planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_without_the_optimizer, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_junit, planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_transfers, planted_setup, planted_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
