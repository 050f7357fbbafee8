/* What trains is judged: by its own kernels, at its own size, and no run is called verified that
 * would go astray. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "planted_fault.h"
#include "run_program.h"

static run_result result;

static void expect(const char *command, int exit_status, const char *words) {
    run_descent(&result, command);
    run_expect(&result, exit_status);
    if (!strstr(result.said, words) && !strstr(result.out, words))
        fail_msg("%s: \"%s\" is not in: %s%s", command, words, result.said, result.out);
}

/* ---- before a run ---- */

static const char step[] = "const WIDE g = (gradient)*factor;";

static void test_a_network_that_would_go_astray_is_kept_out_of_use(void **state) {
    (void)state;
    static const char *const astray[] = {
        "const WIDE g = -(gradient)*factor;", "const WIDE g = (gradient)*factor * 0.5f;",
        "const WIDE g = (gradient)*factor * 1.1f;",
        "const WIDE g = (gradient)*factor * (i == 16 ? 2.0f : 1.0f);"};
    faulty_write_recipe();
    for (size_t i = 0; i < sizeof astray / sizeof *astray; i++) {
        plant("network.cl", step, astray[i]);
        expect("train run.yaml --device 0:0 --out run --set epochs=1", 0,
               "kept out of use: the network in one kernel, wrong value in adam: ");
    }
    expect("gradcheck run.yaml --device 0:0", 1, "wrong value in adam: ");
}

/* 900 units of 128 samples are so many numbers that they are transposed first. */
static void test_kernels_that_size_alone_chooses_are_judged(void **state) {
    (void)state;
    enum { COLUMNS = 1300, ROWS = 128 };
    FILE *file = fopen("wide.csv", "w");
    assert_non_null(file);
    for (int row = -1; row < ROWS; row++)
        for (int column = 0; column <= COLUMNS; column++) {
            if (row < 0)
                fprintf(file, "x%d", column);
            else
                fprintf(file, "%d", (row * 31 + column * 7 + row * column) % 13);
            fputc(column == COLUMNS ? '\n' : ',', file);
        }
    assert_int_equal(fclose(file), 0);
    scratch_write("wide.yaml", "data: {train: wide.csv, target: x1300}\n"
                               "model: [{dense: 900}, relu, {dense: 1}]\nloss: mse\n"
                               "optimizer: {sgd: {rate: 1e-9}}\nbatch: 128\nepochs: 1\n");
    plant("dense_strip.cl", "STORE(square[s], 0, to + to0",
          "STORE(square[s] * (i > 96 ? 1.001f : 1.0f), 0, to + to0");
    expect("train wide.yaml --device 0:0 --out run", 0,
           "kept out of use: kernels shaped as usual, "
           "wrong value in dense_backward of layer 0");
}

/* ---- while it runs ---- */

static void test_portable_updates_have_the_bits_of_the_device_plain(void **state) {
    (void)state;
    static const char *const ways[] = {"", " --set fuse=false"};
    faulty_write_recipe();
    plant("activations.cl", "return tanh_by_expm1(x);", "return tanh_by_expm1(x) * 1.0000001f;");
    for (int way = 0; way < 2; way++) {
        char command[200];
        snprintf(command, sizeof command,
                 "train run.yaml --device 0:0 --out run --no-verify --check-every 3 --set "
                 "math=portable%s",
                 ways[way]);
        expect(command, 1, "update 3: other bits in ");
    }
}

/* Of 3000 samples' sum some thousandths of a thousandth: less than roundings could do, and more than
 * they do. */
static void test_a_sum_that_is_slightly_off_is_told_and_then_ends_a_run(void **state) {
    (void)state;
    enum { COLUMNS = 8, ROWS = 3000 };
    FILE *file = fopen("long.csv", "w");
    uint32_t number = 1;
    assert_non_null(file);
    fprintf(file, "a,b,c,d,e,f,g,y\n");
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        number = number * 1664525 + 1013904223;
        fprintf(file, "%.6f%c", number * 0x1p-32 - 0.5, i % COLUMNS == COLUMNS - 1 ? '\n' : ',');
    }
    assert_int_equal(fclose(file), 0);
    scratch_write("long.yaml", "data: {train: long.csv, target: y}\n"
                               "model: [{dense: 24}, tanh, {dense: 1}]\nloss: mse\n"
                               "optimizer: {adam: {rate: 0.001}}\nbatch: all\nepochs: 5\n");
    plant("dense_strip.cl", "STORE(sum[r][v], v, tile + r * STRIP_WIDTH)",
          "STORE(sum[r][v] * (depth > 300 && r == 3 ? 1.0001f : 1.0f), v, tile + r * STRIP_WIDTH)");
    expect("train long.yaml --device 0:0 --out run --no-verify --check-every 1 --set fuse=false", 1,
           "; and of drawn numbers: ");
    expect("train long.yaml --device 0:0 --out run --set fuse=false", 0, "kept out of use: ");
}

/* ---- a driver that does not heed what it is told ---- */

static void test_scalars_of_the_launch_before_are_found(void **state) {
    (void)state;
    static const char *const cases[] = {"gather/strips", "sgd/strips", "dense_forward/strips",
                                        "mse/strips", "network_updates/lanes-8x2-global"};
    faulty_set("FAULTY_STALE=1");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char command[160];
        snprintf(command, sizeof command, "doctor --device 0:0 --quick --first --case %s",
                 cases[i]);
        expect(command, 1, " wrong, 0 failed");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_network_that_would_go_astray_is_kept_out_of_use,
                                        planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_kernels_that_size_alone_chooses_are_judged,
                                        planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_portable_updates_have_the_bits_of_the_device_plain,
                                        planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_a_sum_that_is_slightly_off_is_told_and_then_ends_a_run,
                                        planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_scalars_of_the_launch_before_are_found, planted_setup,
                                        planted_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
