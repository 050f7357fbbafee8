/* Runs that lack something: parameters in a picture's plan, epochs, rows, a second class, a finite
 * loss. Every command ends well on an OpenCL device and on the plain one, before anything is
 * remembered and after. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "picture_files.h"
#include "run_program.h"

static run_result result;

static const char *const device[] = {"0:0", "plain"};
enum { DEVICES = sizeof device / sizeof *device };

/* Ends as it should; nothing may be found wrong on the way. */
static void expect_end(int exit_status, const char *words, const char *options) {
    for (int i = 0; i < DEVICES; i++) {
        char line[600];
        snprintf(line, sizeof line, "%s --device %s %s", words, device[i], options);
        run_descent(&result, line);
        if (result.exit_status != exit_status || strstr(result.said, "kept out of use"))
            fail_msg("%s: exit %d: %s%s", line, result.exit_status, result.out, result.said);
    }
}

static int setup(void **state) {
    scratch_setup(state);
    scratch_write("line.csv", "x,y\n1,2\n2,4\n3,6\n4,8.5\n");
    scratch_write("row.csv", "x,y\n1,2\n");
    scratch_write("far.csv", "x,y\n1,2\n2,4\n3,6\n3e30,1\n");
    scratch_write("class.csv", "x,side\n1,left\n2,left\n3,left\n");
    scratch_write("line.yaml",
                  "data: {train: line.csv, target: y}\nmodel: [{dense: 1}, sigmoid]\nloss: mse\n"
                  "optimizer: {sgd: {rate: 0.01}}\nbatch: 2\nepochs: 2\n");
    return 0;
}

/* The cache is the scratch folder's own, so that every judgement is made anew once. */
static int setup_cold(void **state) {
    return setup(state) || setenv("DESCENT_CACHE_DIR", "cache", 1);
}

static char cache[4096];

static int teardown_cold(void **state) {
    return setenv("DESCENT_CACHE_DIR", cache, 1) || scratch_teardown(state);
}

static void expect_drawn(const char *name) {
    char path[128];
    snprintf(path, sizeof path, "%s.csv", name);
    assert_true(picture_there(path));
    picture_drawn(name);
}

/* Its plan has no parameter: nothing to update, no gradient to take the norm of. */
static void test_an_activation_is_drawn(void **state) {
    (void)state;
    for (int warm = 0; warm < 2; warm++) {
        expect_end(0, "train line.yaml --quiet", "--set epochs=0 --set plots=[activation]");
        expect_drawn("run/plots/activation_sigmoid");
        expect_drawn("run/plots/logit");
        expect_end(0, "plot run activation:~gelu", "");
        expect_drawn("run/plots/activation_gelu");
    }
    expect_end(0, "train line.yaml --quiet --no-verify", "--set plots=[activation:~tanh]");
    expect_end(0, "train line.yaml --quiet --check-every 1", "--set plots=[activation:~relu]");
    expect_end(0, "train line.yaml --quiet --set math=portable", "--set plots=[activation]");
}

static const char *const little[] = {
    "--set epochs=0",
    "--set epochs=1 --set stop={updates:~1}",
    "--set data.train=row.csv",
    "--set data.train=row.csv --set data.normalize=standard --set data.normalize_target=standard",
    "--set batch=1",
    "--set batch=all --set fuse=false",
    "--set data.split={validation:~0.01,~test:~0.01}",
    "--set model=[{dense:~{units:~1,bias:~false}}]",
    "--set model=[layer_norm]",
    "--set model=[{dropout:~0.5},{dense:~1}] --set epochs=0",
};

static void test_little_is_enough(void **state) {
    static const char *const how[] = {"", "--check-every 1", "--no-verify"};
    char words[400];
    (void)state;
    for (size_t i = 0; i < sizeof little / sizeof *little; i++) {
        snprintf(words, sizeof words, "train line.yaml --quiet %s", little[i]);
        for (size_t k = 0; k < sizeof how / sizeof *how; k++)
            expect_end(0, words, how[k]);
        snprintf(words, sizeof words, "explain line.yaml %s", little[i]);
        expect_end(0, words, "");
        expect_end(0, words, "--sample 1");
        snprintf(words, sizeof words, "gradcheck line.yaml %s", little[i]);
        expect_end(0, words, "");
        expect_end(0, "eval run line.csv", "");
        expect_end(0, "predict run row.csv", "");
        expect_end(0, "plot run fit", "");
    }
}

static void test_one_class_is_a_class(void **state) {
    (void)state;
    expect_end(0, "train line.yaml --quiet --set data={train:~class.csv,~target:~side}",
               "--set loss=cross_entropy --set model=[{dense:~1}] --set plots=[loss,confusion]");
    expect_end(0, "plot run confusion", "");
    picture_says("run/plots/confusion.gp", "3 of 3 right");
    expect_end(0, "eval run class.csv", "");
    expect_end(0, "predict run class.csv", "");
    assert_string_equal(result.out, "side,side=left\nleft,1\nleft,1\nleft,1\n");
}

/* In float32 the loss of a far row is infinite. */
static void test_an_infinite_loss_is_left_out_of_pictures(void **state) {
    (void)state;
    expect_end(0, "train line.yaml --set data.train=far.csv --set model=[{dense:~1}] --plot",
               "--set data.split={validation:~0.25,~by:~order} --set plots=[loss]");
    assert_non_null(strstr(picture_text("run/history.csv"), ",inf"));
    expect_drawn("run/plots/loss");
    expect_end(0, "train line.yaml --quiet --set model=[{dense:~1}] --plot",
               "--set search={0.weight:~[1e30,0,1]} --set plots=[search]");
    picture_says("run/search.csv", ",inf\n");
    expect_drawn("run/plots/search");
    expect_end(1, "train line.yaml --quiet --set model=[{dense:~1}]",
               "--set search={0.weight:~[1e30,2e30]} --set plots=[search]");
    assert_non_null(strstr(result.said, "no point of the search has a finite loss"));
    assert_non_null(strstr(result.said, "search among smaller values"));
    expect_end(0, "train line.yaml --quiet --set model=[{dense:~1}]",
               "--set search={0.weight:~[1e30,0],0.bias:~[1,2]} --set plots=[search]");
    expect_drawn("run/plots/search");
    expect_end(1, "train line.yaml --quiet --set model=[{dense:~1}] --set epochs=20",
               "--set optimizer.sgd.rate=1e30 --set plots=[{surface:~{x:~0.weight.0}}]");
    expect_drawn("run/plots/surface");
    expect_end(0, "train line.yaml --quiet --set model=[{dense:~1}] --set epochs=20",
               "--set sweep={optimizer.sgd.rate:~[0.1,1e30]} --set "
               "plots=[loss,fit,sweep,{surface:~{x:~0.weight.0}}]");
    expect_drawn("run/plots/surface");
}

#define COLD(test) cmocka_unit_test_setup_teardown(test, setup_cold, teardown_cold)
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        COLD(test_an_activation_is_drawn),
        TEST(test_little_is_enough),
        TEST(test_one_class_is_a_class),
        TEST(test_an_infinite_loss_is_left_out_of_pictures),
    };
    const char *folder = getenv("DESCENT_CACHE_DIR");
    snprintf(cache, sizeof cache, "%s", folder ? folder : "");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
