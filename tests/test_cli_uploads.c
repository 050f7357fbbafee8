/* On a device that loses what it is given, training, predict and eval come to the results of a sound
 * one, or end with words: over which write is lost, and how. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

#include "faulty_device.h"
#include "json_result.h"

static run_result result;

/* How many writes are tried: about those of such a run. */
static const struct {
    const char *words;
    int from, to;
} uses[] = {
    {"train run.yaml --json --quiet --no-verify --out run", 1, 17},
    {"train run.yaml --json --quiet --no-verify --out run --check-every 1", 12, 17},
    {"train run.yaml --json --quiet --set fuse=false --set clip=1.0", 8, 15},
    {"train run.yaml --json --quiet --set data.stream=true --check-every 3", 11, 21},
    {"train run.yaml --json --quiet --set shuffle=false --set optimizer.adam.rate=0.01", 9, 13},
    {"train run.yaml --json --quiet --set keep=best --set epochs=9", 15, 22},
    {"train run.yaml --json --quiet --out whole --resume", 14, 19},
    {"train blocks.yaml --json --quiet --out blocks", 15, 19},
    {"train search.yaml --json --quiet", 10, 16},
    {"predict whole data.csv", 3, 9},
    {"eval whole data.csv --json", 4, 10},
};
enum { USES = sizeof uses / sizeof *uses };

static void write_recipes(void) {
    faulty_write_recipe();
    scratch_write(
        "search.yaml",
        "data: {train: data.csv, target: y, normalize: standard}\n"
        "model: [{dense: 1}]\nloss: mse\nsearch: {0.bias: [0, 1], 0.weight.0.3: [1, 2]}\n");
    FILE *file = fopen("rows.csv", "w");
    assert_non_null(file);
    fprintf(file, "a,b,c,y\n");
    for (int row = 0; row < 800; row++)
        fprintf(file, "%d,%d,%d,%d\n", row % 17, row % 29, row % 23, row * 31 % 41);
    assert_int_equal(fclose(file), 0);
    scratch_write("blocks.yaml", "data: {train: rows.csv, target: y, normalize: standard}\n"
                                 "model: [{dense: 40}, relu, {dense: 40}, relu, {dense: 1}]\n"
                                 "loss: mse\noptimizer: {sgd: {rate: 0.001}}\nbatch: 200\n"
                                 "epochs: 3\n");
}

/* What a use came to: the model, its scores, the predictions. */
static void take(char text[MOST_OUTPUT]) {
    snprintf(text, MOST_OUTPUT, "%s", result.out);
    if (*text != '{')
        return;
    cJSON *json = json_parse(result.out);
    cJSON_DeleteItemFromObject(json, "seconds");
    cJSON_DeleteItemFromObject(json, "samples_per_second");
    char *printed = cJSON_Print(json);
    snprintf(text, MOST_OUTPUT, "%s", printed);
    cJSON_free(printed);
    cJSON_Delete(json);
}

/* A checkpoint to resume, and a model to use, where every use finds them as they were. */
static void prepare(const char *words) {
    if (strstr(words, "whole")) {
        faulty_set("");
        assert_int_equal(system("rm -rf whole && cp -r half whole"), 0);
    }
}

/* Whether it was told. */
static bool use(int which, const char *setting, const char *sound) {
    static char got[MOST_OUTPUT];
    prepare(uses[which].words);
    faulty_set(setting);
    run_descent(&result, uses[which].words);
    bool told = result.exit_status == 1 && strstr(result.said, "descent: ") &&
                strstr(result.said, "take another device");
    take(got);
    if (!told && (result.exit_status != 0 || strcmp(got, sound) != 0))
        fail_msg("%s on a device of %s: status %d, %s%s", uses[which].words, setting,
                 result.exit_status, result.said, result.out);
    return told;
}

static void test_what_is_lost_is_told(void **state) {
    (void)state;
    static const char *const kinds[] = {"drop@%d", "half@%d", "flip@%d", "flip:%d"};
    static char sound[MOST_OUTPUT];
    int of_update = 0;
    write_recipes();
    run_descent(&result, "train run.yaml --quiet --out half --set stop.updates=7");
    run_expect(&result, 0);
    for (int u = 0, told = 0; u < USES; u++, told = 0) {
        prepare(uses[u].words);
        faulty_set("");
        run_descent(&result, uses[u].words);
        run_expect(&result, 0);
        take(sound);
        assert_false(use(u, "FAULTY_WRITE=drop@1000000", sound));
        for (int n = uses[u].from; n < uses[u].to; n++) {
            char setting[32] = "FAULTY_WRITE=";
            snprintf(setting + strlen(setting), 16, kinds[(n + u) % 4], n);
            told += use(u, setting, sound);
            of_update += sscanf(result.said,
                                "descent: update %*d: lost value in memory that nothing was run "
                                "on: indices[%d]",
                                &(int){0}) == 1;
        }
        if (told == 0)
            fail_msg("%s: nothing was lost", uses[u].words);
    }
    assert_true(of_update > 0);
}

/* What the host says of the passes of a dispatch, in memory that it has mapped. */
static void test_what_passes_are_told_is_looked_at(void **state) {
    (void)state;
    static char sound[MOST_OUTPUT];
    write_recipes();
    for (int u = 0; u < USES; u++) {
        const char *words = uses[u].words;
        if (strncmp(words, "train", 5) != 0 || strstr(words, "resume") || strstr(words, "fuse"))
            continue;
        faulty_set("");
        run_descent(&result, words);
        run_expect(&result, 0);
        take(sound);
        int told = 0;
        for (int n = 1; n <= 3; n++) {
            char setting[32];
            snprintf(setting, sizeof setting, "FAULTY_UNMAP=%d", n);
            told += use(u, setting, sound);
        }
        if (told == 0 && !strstr(words, "search"))
            fail_msg("%s: nothing was told", words);
    }
}

static int setup(void **state) {
    return scratch_setup(state) || unsetenv("DESCENT_KERNEL_DIR");
}

static int teardown(void **state) {
    faulty_set("");
    return scratch_teardown(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_lost_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_passes_are_told_is_looked_at, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
