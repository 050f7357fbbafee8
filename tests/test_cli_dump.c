/* A case that descent doctor writes is repeated without descent: run.c is compiled, run, and comes to
 * the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/files.h"
#include "scratch_folder.h"

#include "planted_fault.h"
#include "run_program.h"

static run_result result;

static void expect_words(const char *words) {
    if (!strstr(result.said, words))
        fail_msg("\"%s\" is not in: %s", words, result.said);
}

/* ---- what is written ---- */

static char out[MOST_OUTPUT];

/* Keeps what the command prints. */
static int shell(const char *command) {
    FILE *file = popen(command, "r");
    assert_non_null(file);
    size_t length = fread(out, 1, sizeof out - 1, file);
    out[length] = '\0';
    int how = pclose(file);
    return WIFEXITED(how) ? WEXITSTATUS(how) : 128;
}

/* Compiles it with every warning an error, and runs it. */
static void expect_run(const char *folder, int status) {
    char command[256];
    snprintf(command, sizeof command,
             "cd %s && ${CC:-cc} -Wall -Wextra -Werror run.c -o run -lOpenCL && ./run 0:0 2>&1",
             folder);
    int got = shell(command);
    if (got != status)
        fail_msg("%s ended with %d: %s", command, got, out);
}

/* The first wrong element that run.c prints is the doctor's, and has its value. */
static void expect_same_element(const char *folder) {
    char path[64], place[64];
    ds_bytes text;
    snprintf(path, sizeof path, "%s/run.c", folder);
    DONE(ds_file_read(&text, path));
    const char *at = strstr((const char *)text.data, "that element is ");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "that element is %63s", place), 1);
    ds_free(text.data);
    const char *got = strstr(result.said, "] is ");
    assert_non_null(got);
    got += 2;
    strcat(place, " ");
    char line[160];
    snprintf(line, sizeof line, "\n%s%.*s (", place, (int)strcspn(got, ","), got);
    if (!strstr(out, line))
        fail_msg("%s is not in: %s", line, out);
}

/* A case with a fault, and the same case without, each written into a folder. */
static void compare(const char *name, const char *file, const char *was, const char *becomes,
                    int launches) {
    char command[256], path[64];
    plant(file, was, becomes);
    snprintf(command, sizeof command, "doctor --device 0:0 --dump %s wrong", name);
    run_descent(&result, command);
    run_expect(&result, 1);
    expect_words("wrong/run.c repeats it without descent");
    expect_run("wrong", 1);
    if (strncmp(name, "network", 7) != 0)
        expect_same_element("wrong");
    else if (!strstr(out, "\nshown[")) /* what a pass tells, in the kernel's own order */
        fail_msg("nothing that is shown is wrong in: %s", out);
    unplant();
    snprintf(command, sizeof command, "doctor --device 0:0 --case %s --dump right", name);
    run_descent(&result, command);
    run_expect(&result, 0);
    expect_run("right", 0);
    snprintf(path, sizeof path, "right/launch%d.sim", launches);
    assert_int_equal(access(path, F_OK), 0);
    snprintf(path, sizeof path, "right/launch%d.sim", launches + 1);
    assert_int_equal(access(path, F_OK), -1);
}

static void test_an_activation(void **state) {
    (void)state;
    compare("relu_forward/strips/63x65x64/ordinary/", "activations.cl",
            "return x <= 0.0f ? 0.0f : x;", "return x <= 0.5f ? 0.0f : x;", 1);
}

static void test_launches_on_shared_memory(void **state) {
    (void)state;
    compare("dense_backward/strips/129x1x7/ordinary-added/58", "dense_strip.cl",
            "MULTIPLY_ADD(left, right[v], sum[r][v])",
            "MULTIPLY_ADD(left, right[v], sum[r][v] + 0.01f)", 2);
}

static void test_a_whole_network(void **state) {
    (void)state;
    compare("network_updates/lanes-4x1-global/33to2/train-17/", "network.cl",
            "= START(parameters[(b) + e / VECTORS])", "= -START(parameters[(b) + e / VECTORS])", 1);
}

static void test_groups_that_share_a_batch(void **state) {
    (void)state;
    compare("network_blocks/lanes-1x4-global-2/7to1/train-17/", "network.cl",
            "= START(parameters[(b) + e / VECTORS])", "= -START(parameters[(b) + e / VECTORS])", 2);
}

static void test_portable_kernels(void **state) {
    (void)state;
    compare("tanh_forward/portable/3x1000x7/ordinary/", "activations.cl",
            "return tanh_by_expm1(x);", "return tanh_by_expm1(x) * 1.0000001f;", 1);
}

/* ---- when nothing is wrong but the driver ---- */

static void test_what_does_not_build(void **state) {
    (void)state;
    plant("gather.cl", "kernel void", "kernel viod");
    run_descent(&result, "doctor --device 0:0 --dump gather/strips/1x1x1/ordinary/ dumped");
    run_expect(&result, 1);
    assert_int_equal(shell("cd dumped && ${CC:-cc} run.c -o run -lOpenCL && ./run 2>&1"), 1);
    assert_non_null(strstr(out, "clBuildProgram: OpenCL error"));
}

static void test_a_crash_leaves_no_folder(void **state) {
    (void)state;
    faulty_set("FAULTY_CRASH=1");
    run_descent(&result, "doctor --device 0:0 --dump relu_backward/strips/1x1x1/ordinary/ dumped");
    run_expect(&result, 1);
    expect_words("the driver crashed");
    assert_int_equal(access("dumped", F_OK), -1);
    assert_int_equal(unsetenv("FAULTY_CRASH"), 0);
}

/* ---- Oclgrind ---- */

static void test_a_simulator_takes_a_launch(void **state) {
    (void)state;
    if (shell("oclgrind-kernel --version") != 0) {
        assert_null(getenv("DESCENT_NEEDS_IMPLEMENTATIONS")); /* there it may not be left out */
        skip();
    }
    run_descent(&result,
                "doctor --device 0:0 --dump dense_backward/strips/3x7x63/ordinary/9 dumped");
    run_expect(&result, 0);
    assert_int_equal(shell("cd dumped && for i in 1 2; do oclgrind-kernel --data-races "
                           "--build-options \"$(cat options.txt)\" launch$i.sim 2>&1 || exit 1; "
                           "done"),
                     0);
    assert_string_equal(out, "");
}

/* ---- what is refused ---- */

static void test_what_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *words, *said;
    } refused[] = {
        {"doctor --dump dumped", "write --dump CASE DIR"},
        {"doctor --dump a b --case c", "one argument too many, \"b\""},
        {"doctor b", "one argument too many, \"b\""},
        {"doctor --dump a b --repeat 2", "leave out --repeat"},
        {"doctor --case relu_forward/strips/1x1x1 --dump dumped", "5 fit \"relu_forward/strips"},
        {"doctor --case relu_sideways --dump dumped", "there is no case \"relu_sideways\""},
        {"doctor --device plain --dump relu_forward/portable/1x1x1/ordinary/1 dumped",
         "the device plain has no OpenCL program"},
        {"doctor --dump relu_forward/strips/1x1x1/ordinary/1 full", "full: there is something"},
        {"doctor --dump relu_forward/strips/1x1x1/ordinary/1 full/file", "there is something"},
        {"doctor --dump transfer/copy/12/1-from-1 dumped", "it launches no kernel"},
        {"doctor --dump gradient_norm/strips/3x7x5/rule-equal/ dumped", "compares runs with each"},
    };
    scratch_write("full/file", "");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        run_descent(&result, refused[i].words);
        run_expect(&result, 2);
        expect_words(refused[i].said);
        assert_int_equal(run_count_lines(result.said), 1);
        assert_int_equal(shell("ls -d dumped* full?* 2>&1 | grep -v 'No such'"), 1);
    }
}

static void test_a_folder_that_cannot_be_made_is_told(void **state) {
    (void)state;
    scratch_write("file", "");
    run_descent(&result, "doctor --dump relu_forward/strips/1x1x1/ordinary/1 file/within");
    run_expect(&result, 1);
    expect_words("the folder cannot be made");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_an_activation, planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_launches_on_shared_memory, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_a_whole_network, planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_groups_that_share_a_batch, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_portable_kernels, planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_what_does_not_build, planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_a_crash_leaves_no_folder, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_a_simulator_takes_a_launch, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_refused, planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_a_folder_that_cannot_be_made_is_told, planted_setup,
                                        planted_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
