/* What `train` says of the choice among two devices of PoCL, and what it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

#include "passport_file.h"

#include "json_result.h"

#define LINE SOURCE_DIR "/data/line/line.yaml --set plots=[]"

#define ONE_BY_ONE LINE " --set fuse=false"

static run_result result;

static int setup(void **state) {
    scratch_setup(state);
    return setenv("DESCENT_CACHE_DIR", "cache", 1) || setenv("POCL_DEVICES", "basic pthread", 1);
}

static void run(const char *words) {
    run_descent(&result, words);
    run_expect(&result, 0);
}

static bool said(const char *text) {
    return strstr(result.said, text) != NULL;
}

/* A heading and a row for each device, one of them chosen. */
static void assert_table(void) {
    int chosen = 0;
    assert_true(run_count_lines(result.said) >= 3);
    assert_true(said("an update   samples/s  for this network\n"));
    assert_true(said("\n0:0 ") && said("\n0:1 "));
    for (const char *at = result.said; (at = strstr(at, "  chosen\n")) != NULL; at++)
        chosen++;
    assert_int_equal(chosen, 1);
}

static void the_table_comes_once(void **state) {
    (void)state;
    run("train " LINE);
    assert_table();
    run("train " LINE);
    assert_int_equal(run_count_lines(result.said), 1);
    assert_true(said("devices for this network, as remembered; --choose-again times them anew"));
    run("train " LINE " --choose-again");
    assert_table();
}

static void nothing_is_told_where_nothing_is_chosen(void **state) {
    (void)state;
    run("train " LINE " --quiet");
    assert_string_equal(result.said, "");
    run("train " LINE " --quiet");
    assert_string_equal(result.said, "");
    run("train " LINE " --device 0:1 --choose-again");
    assert_string_equal(result.said, "");
    run("train " LINE " --device reference");
    assert_string_equal(result.said, "");
    assert_int_equal(setenv("POCL_DEVICES", "pthread", 1), 0);
    run("devices --json");
    cJSON *devices = json_parse(result.out);
    int count = cJSON_GetArraySize(devices);
    cJSON_Delete(devices);
    run("train " LINE " --choose-again");
    if (count == 1)
        assert_string_equal(result.said, "");
    else
        assert_table();
}

/* The list of a JSON object; which one was chosen. */
static const cJSON *chosen_of(const cJSON *json, bool remembered) {
    const cJSON *row, *chosen = NULL;
    assert_true(cJSON_GetArraySize(json_at(json, "devices")) >= 2);
    cJSON_ArrayForEach(row, json_at(json, "devices")) {
        assert_true(*json_text(row, "id") && *json_text(row, "name") && *json_text(row, "type"));
        assert_int_equal(cJSON_IsTrue(json_at(row, "remembered")), remembered);
        if (strcmp(json_text(row, "verdict"), "chosen") == 0) {
            assert_null(chosen);
            chosen = row;
        }
        if (strcmp(json_text(row, "verdict"), "failed") == 0)
            continue;
        assert_true(json_number(row, "seconds_per_update") > 0);
        assert_true(json_number(row, "samples_per_second") > 0);
        assert_true(json_number(row, "times_slower") >= 1);
        assert_true(*json_text(row, "basis"));
    }
    assert_non_null(chosen);
    assert_true(json_number(chosen, "times_slower") == 1);
    return chosen;
}

static void json_has_the_table(void **state) {
    (void)state;
    char words[256], first[16], hash[65];
    run("train " LINE " --json --quiet");
    assert_string_equal(result.said, "");
    cJSON *json = json_parse(result.out);
    const cJSON *chosen = chosen_of(json, false);
    assert_string_equal(json_text(json, "device"), json_text(chosen, "name"));
    snprintf(first, sizeof first, "%s", json_text(chosen, "id"));
    snprintf(hash, sizeof hash, "%s", json_text(json, "weights_hash"));
    cJSON_Delete(json);

    run("train " LINE " --json");
    json = json_parse(result.out);
    assert_string_equal(json_text(chosen_of(json, true), "id"), first);
    assert_string_equal(json_text(json, "weights_hash"), hash);
    cJSON_Delete(json);

    snprintf(words, sizeof words, "train " LINE " --json --device %s", first);
    run(words);
    json = json_parse(result.out);
    assert_null(cJSON_GetObjectItem(json, "devices"));
    assert_string_equal(json_text(json, "weights_hash"), hash);
    cJSON_Delete(json);
}

static void a_sweep_chooses_once(void **state) {
    (void)state;
    run("train " LINE " --set sweep={batch:~[1,2]} --json");
    assert_table();
    cJSON *json = json_parse(result.out);
    chosen_of(json, false);
    assert_int_equal(cJSON_GetArraySize(json_at(json, "runs")), 2);
    const cJSON *run_of;
    cJSON_ArrayForEach(run_of, json_at(json, "runs"))
        assert_null(cJSON_GetObjectItem(run_of, "devices"));
    cJSON_Delete(json);
}

static void explain_is_of_the_device_that_training_takes(void **state) {
    (void)state;
    char device[300];
    run("explain " LINE);
    assert_string_equal(result.said, "");
    run("train " LINE " --json");
    cJSON *json = json_parse(result.out);
    snprintf(device, sizeof device, "device     %s\n", json_text(json, "device"));
    cJSON_Delete(json);
    run("explain " LINE);
    assert_true(said("note: on the device that training takes, the fastest of "));
    assert_int_equal(strncmp(result.out, device, strlen(device)), 0);
    run("explain " LINE " --device 0:0");
    assert_string_equal(result.said, "");
}

/* The fastest of those that compute right. The two are as fast as each other: now and then the one
 * that is wrong is not even the faster one. */
static void a_device_that_is_wrong_is_not_chosen(void **state) {
    (void)state;
    char fastest[16], words[256];
    run("train " ONE_BY_ONE " --json --quiet");
    cJSON *json = json_parse(result.out);
    snprintf(fastest, sizeof fastest, "%s", json_text(chosen_of(json, false), "id"));
    cJSON_Delete(json);
    while (find_passports() > 0)
        assert_int_equal(remove(passport), 0);
    snprintf(words, sizeof words, "train " ONE_BY_ONE " --device %s", fastest);
    run(words);
    change_passport(" right\n",
                    " wrong words\ndoctor gather strips wrong\ndoctor gather tiles wrong\n"
                    "doctor gather small wrong\n");
    bool failed = false;
    for (int tries = 0; tries < 20 && !failed; tries++) {
        run("train " ONE_BY_ONE " --json --choose-again");
        json = json_parse(result.out);
        assert_string_not_equal(json_text(chosen_of(json, false), "id"), fastest);
        cJSON_Delete(json);
        failed = said("failed: ") && said("of its kernels for this network are right");
    }
    assert_true(failed);
    run("train " ONE_BY_ONE " --choose-again --no-verify");
    assert_table();
    assert_false(said("failed: "));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_table_comes_once),
        TEST(nothing_is_told_where_nothing_is_chosen),
        TEST(json_has_the_table),
        TEST(a_sweep_chooses_once),
        TEST(explain_is_of_the_device_that_training_takes),
        TEST(a_device_that_is_wrong_is_not_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
