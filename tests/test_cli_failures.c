/* A device that fails in the middle of a run: the first, the second, ... command that is enqueued,
 * until none does any more. The run ends with one line that says so, and all that stands in its
 * folder is whole. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

#include "json_result.h"

#include "faulty_device.h"

static int setup(void **state) {
    scratch_setup(state);
    faulty_write_recipe();
    return 0;
}

static int teardown(void **state) {
    faulty_set("");
    return scratch_teardown(state);
}

/* All of a file. */
static void read_file(const char *path, char text[MOST_OUTPUT], size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("no %s", path);
    *length = fread(text, 1, MOST_OUTPUT, file);
    assert_int_equal(fclose(file), 0);
}

static void expect_same_file(const char *a, const char *b) {
    static char text[2][MOST_OUTPUT];
    size_t length[2];
    read_file(a, text[0], &length[0]);
    read_file(b, text[1], &length[1]);
    if (length[0] != length[1] || memcmp(text[0], text[1], length[0]) != 0)
        fail_msg("%s and %s differ", a, b);
}

/* Nothing but what a run that ended well would leave. */
static void expect_no_leavings(const char *folder) {
    static const char *const known[] = {".", "..", "model.safetensors", "history.csv",
                                        "checkpoint.safetensors"};
    DIR *entries = opendir(folder);
    if (!entries)
        return;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        size_t i = 0;
        while (i < sizeof known / sizeof *known && strcmp(known[i], entry->d_name) != 0)
            i++;
        if (i == sizeof known / sizeof *known)
            fail_msg("%s/%s was left behind", folder, entry->d_name);
    }
    closedir(entries);
}

/* True where the run failed; it may fail in one way only. */
static bool runs_into_failure(const char *words) {
    run_result result;
    run_descent(&result, words);
    if (result.exit_status == 0)
        return false;
    run_expect(&result, 1);
    const char *line = strstr(result.said, "descent: device \"");
    if (!line || run_count_lines(line) != 1 ||
        !strstr(line, "failed: CL_OUT_OF_RESOURCES (-5); ") || !strstr(line, "try another device"))
        fail_msg("%s: %s", getenv("FAULTY_ENQUEUE"), result.said);
    return true;
}

static void fail_every(int number) {
    char setting[64];
    snprintf(setting, sizeof setting, "FAULTY_ENQUEUE=%d", number);
    faulty_set(setting);
}

/* Further apart the later. */
static int after(int number) {
    return number + 1 + number / 8;
}

enum { MOST_COMMANDS = 10000 };

/* A fresh run leaves a model that is whole, or none. */
static void test_a_failing_device_ends_a_run_in_words(void **state) {
    (void)state;
    run_result result;
    int failures = 0, number = 1;
    run_descent(&result, "train run.yaml --set fuse=false --out sound");
    run_expect(&result, 0);
    for (; number < MOST_COMMANDS; number = after(number)) {
        fail_every(number);
        bool failed = runs_into_failure("train run.yaml --set fuse=false --out fresh");
        expect_no_leavings("fresh");
        if (access("fresh/model.safetensors", F_OK) == 0)
            expect_same_file("fresh/model.safetensors", "sound/model.safetensors");
        if (!failed)
            break;
        failures++;
    }
    faulty_set("");
    assert_true(failures > 10 && number < MOST_COMMANDS);
    expect_same_file("fresh/model.safetensors", "sound/model.safetensors");
}

/* A run that was to go on and could not: its checkpoint is as good as before, and later ends where
 * a run without failures ends. */
static void test_a_checkpoint_outlives_a_failing_device(void **state) {
    (void)state;
    run_result result;
    int failures = 0, number = 1;
    run_descent(&result, "train run.yaml --set epochs=2 --out kept");
    run_expect(&result, 0);
    for (; number < MOST_COMMANDS; number = after(number)) {
        fail_every(number);
        bool failed = runs_into_failure("train run.yaml --out kept --resume");
        expect_no_leavings("kept");
        if (!failed)
            break;
        failures++;
    }
    faulty_set("");
    assert_true(failures > 3 && number < MOST_COMMANDS);
    run_descent(&result, "train run.yaml --out whole");
    run_expect(&result, 0);
    expect_same_file("kept/model.safetensors", "whole/model.safetensors");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_failing_device_ends_a_run_in_words),
        cmocka_unit_test(test_a_checkpoint_outlives_a_failing_device),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
