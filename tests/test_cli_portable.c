/* A model that was trained by `math: portable` predicts, and is evaluated, with the same bits on an
 * OpenCL device and on the device plain, without being asked to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

#include "json_result.h"

static run_result result;

static const char *const recipes[] = {
    "--target y --layers 24~tanh~7~gelu --set data.exclude+=k",
    "--target y --layers 33~silu~layer_norm~9~softplus --set data.exclude+=k --set fuse=false "
    "--set data.normalize_target=standard",
    "--target y,x0 --layers 70~elu~65~relu --set loss=huber --set data.exclude+=k",
    "--target k --layers 17~sigmoid~5~leaky_relu --set data.exclude+=y",
    "--target k --layers 8~softplus --set data.exclude+=y --set fuse=false",
    "--target b --layers 9~hard_sigmoid~6~tanh --set data.exclude+=[y,k] --set "
    "loss=binary_cross_entropy",
};
enum { RECIPES = sizeof recipes / sizeof *recipes };

/* More rows than a pass takes. */
static void write_table(void) {
    FILE *file = fopen("table.csv", "w");
    assert_non_null(file);
    for (int column = 0; column < 7; column++)
        fprintf(file, "x%d,", column);
    fprintf(file, "y,k,b\n");
    for (int row = 0; row < 300; row++) {
        for (int column = 0; column < 7; column++)
            fprintf(file, "%.4f,", (row * 37 + column * 101 + row * column) % 983 / 97.0 - 5);
        fprintf(file, "%.3f,%c,%d\n", row * 29 % 523 / 31.0, 'p' + row * 7 % 3, row * 5 % 7 > 2);
    }
    assert_int_equal(fclose(file), 0);
}

/* What a command prints on a device, but for the device's name. */
static void take(const char *command, const char *device, char text[MOST_OUTPUT]) {
    char words[256];
    snprintf(words, sizeof words, "%s --device %s", command, device);
    run_descent(&result, words);
    run_expect(&result, 0);
    snprintf(text, MOST_OUTPUT, "%s", result.out);
    char *name = strstr(text, "\"device\":");
    if (name) {
        char *end = strchr(name, '\n');
        assert_non_null(end);
        memmove(name, end, strlen(end) + 1);
    }
}

static void test_its_predictions_have_the_same_bits(void **state) {
    (void)state;
    static const char *const uses[] = {"predict run table.csv", "eval run table.csv --json"};
    static char here[MOST_OUTPUT], plain[MOST_OUTPUT];
    write_table();
    for (int i = 0; i < RECIPES; i++) {
        char words[512];
        snprintf(words, sizeof words,
                 "train --data table.csv %s --quiet --device 0:0 --out run --set math=portable "
                 "--set epochs=2",
                 recipes[i]);
        run_descent(&result, words);
        run_expect(&result, 0);
        for (int u = 0; u < 2; u++) {
            take(uses[u], "0:0", here);
            take(uses[u], "plain", plain);
            if (strcmp(here, plain) != 0)
                fail_msg("%s: %s", recipes[i], uses[u]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_its_predictions_have_the_same_bits, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
