/* The first thing a newcomer runs: the shipped digits must be recognized, on the device that is
 * there, and twice the same run must give the same bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

#include "json_result.h"

/* "auto" where there is an OpenCL device, else the reference, which takes a few seconds more. */
static const char *choose_device(void) {
    static run_result result;
    run_descent(&result, "devices --json");
    run_expect(&result, 0);
    return strncmp(result.out, "[]", 2) == 0 ? "reference" : "auto";
}

static cJSON *train(const char *more) {
    static run_result result;
    char words[512];
    snprintf(words, sizeof words,
             "train " SOURCE_DIR "/data/digits/digits.yaml --json --quiet --device %s %s",
             choose_device(), more);
    run_descent(&result, words);
    run_expect(&result, 0);
    return json_parse(result.out);
}

static void test_digits_are_recognized(void **state) {
    (void)state;
    cJSON *json = train("");
    assert_int_equal(json_number(json, "train rows") + json_number(json, "test rows"), 1797);
    assert_int_equal(json_number(json, "test rows"), 359); /* a fifth, rounded down */
    assert_true(json_number(json, "test accuracy") >= 0.975);
    assert_null(cJSON_GetObjectItem(json, "parameters")); /* more than 100 */
    cJSON_Delete(json);
}

static void test_the_same_run_gives_the_same_bits(void **state) {
    (void)state;
    cJSON *first = train("--set epochs=2"), *second = train("--set epochs=2 --out other");
    assert_string_equal(json_text(first, "weights_hash"), json_text(second, "weights_hash"));
    assert_string_equal(json_text(first, "plan_hash"), json_text(second, "plan_hash"));
    cJSON_Delete(first);
    cJSON_Delete(second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digits_are_recognized),
        cmocka_unit_test(test_the_same_run_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
