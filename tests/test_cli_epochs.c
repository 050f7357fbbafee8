/* What a student sees while and after a recipe runs: every Nth epoch's loss, the files of a search,
 * a sweep's table and its base alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

static run_result result;

static void test_every_nth_epoch_is_listed(void **state) {
    (void)state;
    run_descent(&result, "train " SOURCE_DIR "/data/people/people.yaml --device reference --every "
                         "10 --set epochs=35");
    run_expect(&result, 0);
    assert_int_equal(strncmp(result.said,
                             "epoch 10  loss 0.421\nepoch 20  loss 0.265\nepoch 30  loss 0.181\n",
                             3 * 21),
                     0);
    assert_int_equal(run_count_lines(result.said), 3); /* no progress line but on a terminal */
    run_descent(&result, "train " SOURCE_DIR "/data/line/line.yaml --device reference --every 50 "
                         "--quiet");
    run_expect(&result, 0);
    assert_string_equal(result.said, "");
    /* small losses keep their digits */
    run_descent(&result, "train " SOURCE_DIR "/data/line/line.yaml --device reference --every 100");
    assert_non_null(strstr(result.said, "epoch 100  loss 1.75e-08\n"));
    run_descent(&result, "train " SOURCE_DIR "/data/line/line.yaml --every ten");
    run_expect(&result, 2);
    assert_non_null(strstr(result.said, "--every takes a number of epochs from 1 on, not \"ten\""));
}

static void test_a_search_names_its_table(void **state) {
    (void)state;
    run_descent(&result, "train " SOURCE_DIR "/data/line/search.yaml --device reference --quiet");
    run_expect(&result, 0);
    assert_non_null(strstr(result.out, "searched    41 points"));
    assert_non_null(strstr(result.out, " run/search.csv\n"));
    assert_int_equal(access("run/search.csv", R_OK), 0);
}

static void test_a_sweep_shows_the_largest_error(void **state) {
    (void)state;
    run_descent(&result, "train " SOURCE_DIR "/data/sine/sine.yaml --device reference --quiet");
    run_expect(&result, 0);
    assert_non_null(strstr(result.out, "max_error"));
    assert_non_null(strstr(result.out, "0.21051 "));
    assert_int_equal(access("run/sweep.csv", R_OK), 0);
    run_descent(&result, "train " SOURCE_DIR "/data/sine/sine.yaml --device reference --quiet "
                         "--set sweep=none");
    run_expect(&result, 0);
    assert_non_null(strstr(result.out, "trained     0 epochs"));
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_every_nth_epoch_is_listed),
        IN_SCRATCH(test_a_search_names_its_table),
        IN_SCRATCH(test_a_sweep_shows_the_largest_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
