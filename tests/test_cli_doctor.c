/* descent doctor finds planted faults and repeats them; training keeps wrong kernels out of use. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cache.h"
#include "base/files.h"
#include "launch/passport.h"
#include "outcome.h"
#include "scratch_folder.h"

#include "passport_file.h"
#include "planted_fault.h"
#include "run_program.h"

static run_result result;

static void expect_words(const char *words) {
    if (!strstr(result.said, words))
        fail_msg("\"%s\" is not in: %s", words, result.said);
}

/* ---- the doctor ---- */

static void test_a_planted_fault_is_found_and_repeated(void **state) {
    (void)state;
    char command[256];
    plant("activations.cl", "return x <= 0.0f ? 0.0f : x;", "return x <= 0.5f ? 0.0f : x;");
    run_descent(&result, "doctor --case relu_forward");
    run_expect(&result, 1);
    expect_words("wrong value in relu_forward");
    const char *name = strstr(result.said, "--case '");
    assert_non_null(name);
    name += strlen("--case '");
    snprintf(command, sizeof command, "doctor --case %.*s", (int)strcspn(name, "'"), name);
    run_descent(&result, command);
    run_expect(&result, 1);
    assert_non_null(strstr(result.out, "\n1 cases, 1 wrong, 0 failed"));
    assert_int_equal(unsetenv("DESCENT_KERNEL_DIR"), 0);
    run_descent(&result, command);
    run_expect(&result, 0);
    assert_non_null(strstr(result.out, "\n1 cases, 0 wrong, 0 failed"));
}

static void test_a_kernel_that_does_not_build_is_a_verdict(void **state) {
    (void)state;
    plant("gather.cl", "kernel void", "kernel viod");
    run_descent(&result, "doctor --case gather");
    run_expect(&result, 1);
    expect_words("do not build");
    assert_non_null(strstr(result.out, "failed"));
}

/* In every variant of the kernels; what stands behind it is judged all the same. */
static void test_a_crash_of_the_driver_is_a_verdict(void **state) {
    (void)state;
    static const char *const right[] = {"\nrelu_forward ", "\nleaky_relu_backward "};
    faulty_set("FAULTY_CRASH=1");
    run_descent(&result, "doctor --case [rl]*elu_*");
    run_expect(&result, 1);
    expect_words("relu_backward/strips/1x1x1/ordinary/1: the driver crashed: Segmentation fault");
    assert_non_null(strstr(result.out, " 0 wrong, 2 failed"));
    for (int i = 0; i < 2; i++) {
        const char *row = strstr(result.out, right[i]);
        assert_non_null(row);
        assert_memory_equal(row + 1 + strcspn(row + 1, "\n") - 5, "right", 5);
    }
}

static void test_an_unknown_case_is_a_mistake(void **state) {
    (void)state;
    run_descent(&result, "doctor --case relu_sideways");
    run_expect(&result, 2);
    expect_words("there is no case \"relu_sideways\"");
}

/* A name, what it begins with, a pattern; a case's number is one's own. */
static void test_names_mean_all_that_begin_so(void **state) {
    (void)state;
    static const char *const names[][2] = {
        {"relu_forward/strips/1x1x1/ordinary/1", "\n1 cases, 0 wrong"},
        {"relu_forward/strips/1x1x1/special/", "\n1 cases, 0 wrong"},
        {"relu_forward/strips/1x1x1", "\n5 cases, 0 wrong"},
        {"relu_forward/st*/1x1x1/*", "\n5 cases, 0 wrong"},
        {"peak", "\npeak_triad"}};
    for (int i = 0; i < 5; i++) {
        char command[128];
        snprintf(command, sizeof command, "doctor --case %s", names[i][0]);
        run_descent(&result, command);
        run_expect(&result, 0);
        assert_non_null(strstr(result.out, names[i][1]));
        assert_null(strstr(result.out, "leaky"));
    }
}

/* ---- a device that flips bits ---- */

static void test_a_device_that_flips_bits_is_found(void **state) {
    (void)state;
    faulty_set("FAULTY_FLIP=1000");
    run_descent(&result, "doctor --first --case relu_forward");
    run_expect(&result, 1);
    expect_words(" in relu_forward: ");
    assert_non_null(strstr(result.out, ", 1 wrong, 0 failed"));
}

/* No run can be had of it but one that is not verified, and every result of that is checked. */
static void test_a_run_on_it_names_the_first_wrong_result(void **state) {
    (void)state;
    faulty_write_recipe();
    faulty_set("FAULTY_FLIP=1000");
    run_descent(&result, "train run.yaml --no-verify --check-every 1 --set fuse=false");
    run_expect(&result, 1);
    const char *said = strstr(result.said, "descent: update ");
    int update = 0;
    char op[64], tensor[64];
    assert_non_null(said);
    if (sscanf(said, "descent: update %d: wrong value in %63[a-z_] of layer %*d: %63[0-9a-z.][",
               &update, op, tensor) != 3)
        fail_msg("%s", said);
    assert_true(update >= 1 && strstr(said, " is ") && strstr(said, ", expected "));
    expect_words("take another device");
}

static void take_hash(char hash[65]) {
    const char *at = strstr(result.out, "\"weights_hash\":");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "\"weights_hash\": \"%64[0-9a-f]", hash), 1);
}

/* The parameters that are kept are those of a run that ends before it. */
static void expect_kept(const char *spacing) {
    char words[128], kept[65], sound[65];
    int update = 0;
    faulty_set(spacing);
    run_descent(&result, "train run.yaml --json --check-every 1 --no-verify");
    run_expect(&result, 1);
    expect_words("take another device");
    const char *said = strstr(result.said, "update ");
    assert_true(said && sscanf(said, "update %d: ", &update) == 1 && update > 0);
    if (!strstr(result.said, "evaluation behind update "))
        update--;
    take_hash(kept);
    faulty_set("");
    snprintf(words, sizeof words, "train run.yaml --json --set %s=%d",
             update ? "stop.updates" : "epochs", update);
    run_descent(&result, words);
    run_expect(&result, 0);
    take_hash(sound);
    assert_string_equal(kept, sound);
}

static void test_a_bit_that_flips_on_its_way_back_is_named(void **state) {
    (void)state;
    faulty_write_recipe();
    expect_kept("FAULTY_READ=101"); /* in what the first update begins with */
    expect_kept("FAULTY_READ=1000");
    expect_kept("FAULTY_READ=20011");
    expect_kept("FAULTY_READ=70001");
}

/* Nor is it run with indices of rows that there are none of. */
static void test_flipped_indices_are_found_before_they_are_used(void **state) {
    (void)state;
    faulty_write_recipe();
    faulty_set("FAULTY_READ=60");
    run_descent(&result, "train run.yaml");
    run_expect(&result, 1);
    expect_words("lost value in memory that nothing was run on: ");
}

/* ---- the passport ---- */

static const char train[] = "train line.yaml --json --device 0:0 --out run";

static void write_recipe(void) {
    scratch_write("line.csv", "x,y\n1,2\n2,4\n3,6\n4,8.5\n");
    scratch_write("line.yaml",
                  "data: {train: line.csv, target: y}\nmodel: [{dense: 1}]\nloss: mse\n"
                  "optimizer: {sgd: {rate: 0.01}}\nbatch: 2\nepochs: 5\n");
}

static void test_a_wrong_network_is_kept_out_of_use(void **state) {
    (void)state;
    char right[65], instead[65];
    write_recipe();
    run_descent(&result, "train line.yaml --json --device 0:0 --out run --set fuse=false");
    run_expect(&result, 0);
    take_hash(right);
    plant("network.cl", "= START(parameters[(b) + e / VECTORS])",
          "= -START(parameters[(b) + e / VECTORS])");
    for (int again = 0; again < 2; again++) {
        run_descent(&result, train);
        run_expect(&result, 0);
        expect_words("kept out of use: the network in one kernel");
        take_hash(instead);
        assert_string_equal(instead, right);
    }
}

/* Nor is it built each time. */
static void test_a_network_that_does_not_build_is_remembered(void **state) {
    (void)state;
    char first[65], second[65];
    write_recipe();
    plant("network.cl", "kernel WIDE_VECTORS", "kernel NO_SUCH_WORD");
    run_descent(&result, train);
    run_expect(&result, 0);
    expect_words("kept out of use: the network in one kernel, device ");
    expect_words("the kernels do not build");
    take_hash(first);
    change_passport("the kernels do not build", "were seen not to build");
    run_descent(&result, train);
    run_expect(&result, 0);
    expect_words("were seen not to build");
    take_hash(second);
    assert_string_equal(second, first);
}

/* Both kinds of kernels have their activations from one file. */
static void test_without_a_right_kernel_a_run_stops(void **state) {
    (void)state;
    write_recipe();
    plant("activations.cl", "return x <= 0.0f ? 0.0f : x;", "return x <= 0.5f ? 0.0f : x;");
    run_descent(&result, "train line.yaml --json --device 0:0 --out stopped --set "
                         "model=[{dense:~3},relu,{dense:~1}]");
    run_expect(&result, 1);
    expect_words("none of its kernels for this network are right");
    assert_string_equal(result.out, "");
    assert_int_equal(access("stopped", F_OK), -1);
    plant("losses.cl", "d + d)", "d)");
    run_descent(&result, train);
    run_expect(&result, 1);
    expect_words("none of its kernels for this network are right");
    run_descent(&result, "train line.yaml --json --device 0:0 --out run --no-verify");
    run_expect(&result, 0);
    expect_words("without being verified");
}

/* A model's use and the pictures of a run, too, while gradcheck judges kernels as they are. */
static void test_whatever_runs_kernels_keeps_wrong_ones_out(void **state) {
    (void)state;
    static const char *const uses[] = {"predict run line.csv --device 0:0",
                                       "eval run line.csv --device 0:0",
                                       "plot run {activation:~relu} --device 0:0",
                                       "plot run {surface:~{x:~0.weight,y:~0.bias}} --device 0:0"};
    write_recipe();
    run_descent(&result, "train line.yaml --quiet --device 0:0 --out run "
                         "--set model=[{dense:~1},relu]");
    run_expect(&result, 0);
    plant("dense_strip.cl", "MULTIPLY_ADD(left, right[v], sum[r][v])",
          "MULTIPLY_ADD(left, right[v], sum[r][v] + 0.01f)");
    for (int i = 0; i < 2; i++) {
        run_descent(&result, uses[i]);
        run_expect(&result, 0);
        expect_words("note: kept out of use: ");
        expect_words("instead: ");
    }
    plant("activations.cl", "return x <= 0.0f ? 0.0f : x;", "return x <= 0.5f ? 0.0f : x;");
    for (int i = 0; i < 4; i++) {
        run_descent(&result, uses[i]);
        run_expect(&result, 1);
        expect_words("none of its kernels for this network are right");
    }
    run_descent(&result,
                "gradcheck line.yaml --device 0:0 --set model=[{dense:~9},relu,{dense:~1}]");
    run_expect(&result, 1);
    assert_non_null(strstr(result.out, "wrong value in relu_forward of layer 1"));
}

static void test_a_passport_is_kept_for_its_kernels_alone(void **state) {
    (void)state;
    write_recipe();
    run_descent(&result, train);
    run_expect(&result, 0);
    change_passport(" right", " wrong as it says here"); /* which is believed */
    run_descent(&result, train);
    run_expect(&result, 0);
    expect_words("kept out of use: the network in one kernel, as it says here; instead: ");
    scratch_write(passport, "damaged"); /* and all is judged again */
    run_descent(&result, train);
    run_expect(&result, 0);
    assert_null(strstr(result.said, "kept out of use"));
    ds_bytes bytes;
    DONE(ds_file_read(&bytes, passport));
    assert_non_null(strstr((const char *)bytes.data, "descent passport 1\nplan "));
    ds_free(bytes.data);
    plant("softmax.cl", "/* softmax", "/* Softmax");
    run_descent(&result, train);
    run_expect(&result, 0);
    assert_int_equal(find_passports(), 2);
}

/* What the doctor found wrong counts, though the network was found right before: one in another
 * shape, or an op with the same formulas. */
static void test_the_doctor_overrules_a_passport(void **state) {
    (void)state;
    static const char *const rows[] = {"network_blocks lanes-4x1-global-4", "record strips"},
                             *const instead[] = {"kernels shaped as usual",
                                                 "kernels for the other kind of device"};
    for (int i = 0; i < 2; i++) {
        char found[128], words[192];
        write_recipe();
        run_descent(&result, train);
        run_expect(&result, 0);
        assert_null(strstr(result.said, "kept out of use"));
        snprintf(found, sizeof found, "descent passport 1\ndoctor %s wrong\n", rows[i]);
        change_passport("descent passport 1\n", found);
        run_descent(&result, train);
        run_expect(&result, 0);
        snprintf(words, sizeof words,
                 "kept out of use: the network in one kernel, descent doctor found it wrong; "
                 "instead: %s",
                 instead[i]);
        expect_words(words);
        assert_int_equal(remove(passport), 0);
    }
}

/* It has not all sizes and options: its word that an op is right is not enough. */
static void test_what_the_doctor_found_right_is_judged_as_it_is_used(void **state) {
    (void)state;
    static const char text[] =
        "descent passport 1\ndoctor gather strips right\ndoctor dense_forward strips right\n"
        "doctor mse strips right\ndoctor record strips right\ndoctor dense_backward strips right\n"
        "doctor gradient_norm strips right\ndoctor sgd strips right\n";
    static const char op_by_op[] = "train line.yaml --device 0:0 --out run --set fuse=false";
    write_recipe();
    plant("dense_strip.cl", "MULTIPLY_ADD(left, right[v], sum[r][v])",
          "MULTIPLY_ADD(left, right[v], sum[r][v] + 0.01f)");
    run_descent(&result, op_by_op);
    run_expect(&result, 0);
    assert_int_equal(find_passports(), 1);
    ds_cache_write("passports", strrchr(passport, '/') + 1, text, strlen(text));
    run_descent(&result, op_by_op);
    run_expect(&result, 0);
    expect_words("kept out of use: kernels shaped as usual, wrong value in dense_forward");
}

/* A first look adds what it finds wrong, and takes nothing back. */
static void test_a_doctor_that_does_not_look_at_all_changes_no_other_verdict(void **state) {
    (void)state;
    write_recipe();
    run_descent(&result, train);
    run_expect(&result, 0);
    change_passport("descent passport 1\n", "descent passport 1\ndoctor record strips wrong\n");
    run_descent(&result, "doctor --device 0:0 --first --quick");
    run_expect(&result, 0);
    run_descent(&result, train);
    run_expect(&result, 0);
    expect_words("kept out of use: the network in one kernel, descent doctor found it wrong");
}

/* So does a look at one case, of a width that no run here has; a look that finds others right takes
 * nothing back. */
static void test_a_fault_that_one_case_shows_counts(void **state) {
    (void)state;
    static const char *const looks[] = {"doctor --device 0:0 --case gather/strips/65x129x3",
                                        "doctor --device 0:0 --case gather/strips/1x1x1"};
    write_recipe();
    plant("gather.cl", "to[j] = from[j];", "to[j] = columns == 129 ? 0.0f : from[j];");
    run_descent(&result, train);
    run_expect(&result, 0);
    assert_null(strstr(result.said, "kept out of use"));
    for (int i = 0; i < 2; i++) {
        run_descent(&result, looks[i]);
        run_expect(&result, 1 - i);
        run_descent(&result, train);
        run_expect(&result, 0);
        expect_words("kept out of use: the network in one kernel, descent doctor found it wrong");
    }
    run_descent(&result, "doctor --device 0:0 --no-optimizer --case gather/portable");
    run_expect(&result, 1); /* which is no verdict on the kernels that are used */
    run_descent(&result, looks[0]);
    run_expect(&result, 1);
    assert_int_equal(find_passports(), 1);
    ds_bytes bytes;
    DONE(ds_file_read(&bytes, passport));
    const char *text = (const char *)bytes.data, *wrong = strstr(text, "doctor gather");
    assert_non_null(wrong);
    assert_memory_equal(wrong, "doctor gather strips wrong\n", 27);
    assert_null(strstr(wrong + 1, "doctor gather"));
    ds_free(bytes.data);
}

/* The same kernels may be wrong for the rows of another batch alone. */
static void test_a_passport_is_for_its_batch(void **state) {
    (void)state;
    static const char again[] = "train line.yaml --device 0:0 --out run --set fuse=false";
    write_recipe();
    run_descent(&result, again);
    run_expect(&result, 0);
    change_passport(" right", " wrong as it says here");
    run_descent(&result, again);
    run_expect(&result, 0);
    expect_words("kept out of use: ");
    run_descent(&result, "train line.yaml --device 0:0 --out run --set fuse=false --set batch=3");
    run_expect(&result, 0);
    assert_null(strstr(result.said, "kept out of use"));
}

static void test_what_a_passport_is(void **state) {
    (void)state;
    static const char hash[] = "0123456789012345678901234567890123456789012345678901234567890123";
    char text[512];
    assert_true(ds_passport_is_sound("descent passport 1\n"));
    assert_true(ds_passport_is_sound("descent passport 1\ndoctor relu_forward strips right\n"));
    snprintf(text, sizeof text, "descent passport 1\nplan %s wrong words\n", hash);
    assert_true(ds_passport_is_sound(text));
    static const char *const damaged[] = {"",
                                          "descent passport 2\n",
                                          "descent passport 1\ndoctor relu_forward strips\n",
                                          "descent passport 1\ndoctor relu_forward strips rihgt\n",
                                          "descent passport 1\nplan 0123 right\n",
                                          "descent passport 1\nplan"};
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++)
        assert_false(ds_passport_is_sound(damaged[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_planted_fault_is_found_and_repeated, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_a_kernel_that_does_not_build_is_a_verdict,
                                        planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_a_crash_of_the_driver_is_a_verdict, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_an_unknown_case_is_a_mistake, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_names_mean_all_that_begin_so, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_a_device_that_flips_bits_is_found, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_a_run_on_it_names_the_first_wrong_result,
                                        planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_a_bit_that_flips_on_its_way_back_is_named,
                                        planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_flipped_indices_are_found_before_they_are_used,
                                        planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_a_wrong_network_is_kept_out_of_use, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_a_network_that_does_not_build_is_remembered,
                                        planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_without_a_right_kernel_a_run_stops, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_whatever_runs_kernels_keeps_wrong_ones_out,
                                        planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_a_passport_is_kept_for_its_kernels_alone,
                                        planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(test_the_doctor_overrules_a_passport, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_what_the_doctor_found_right_is_judged_as_it_is_used,
                                        planted_setup, planted_teardown),
        cmocka_unit_test_setup_teardown(
            test_a_doctor_that_does_not_look_at_all_changes_no_other_verdict, planted_setup,
            planted_teardown),
        cmocka_unit_test_setup_teardown(test_a_fault_that_one_case_shows_counts, planted_setup,
                                        planted_teardown),
        cmocka_unit_test_setup_teardown(test_a_passport_is_for_its_batch, planted_setup,
                                        planted_teardown),
        cmocka_unit_test(test_what_a_passport_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
