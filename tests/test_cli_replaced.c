/* A run in the folder of an earlier one: what descent made there and the new run does not write
 * goes, all else stays, and nothing goes where the new run does not begin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "descent.h"
#include "scratch_folder.h"

#include "picture_files.h"
#include "run_program.h"

static run_result result;

static int setup(void **state) {
    scratch_setup(state);
    scratch_write("line.csv", "x,y\n1,2\n2,4\n3,6\n4,8.5\n");
    scratch_write("line.yaml",
                  "data: {train: line.csv, target: y}\nmodel: [{dense: 1}]\nloss: mse\n"
                  "optimizer: {sgd: {rate: 0.01}}\nbatch: 2\nepochs: 2\n");
    return 0;
}

static void train(const char *words, const char *folder, int exit_status) {
    char line[512];
    snprintf(line, sizeof line, "train line.yaml --device 0:0 --quiet %s --out %s", words, folder);
    run_descent(&result, line);
    run_expect(&result, exit_status);
}

/* ---- what is in a folder ---- */

enum { MOST_NAMES = 200 };
static char *name[MOST_NAMES];
static int names;
static bool with_times;

static int note_name(const char *path, const struct stat *about, int kind, struct FTW *where) {
    char text[400];
    (void)kind;
    assert_true(names < MOST_NAMES);
    snprintf(text, sizeof text, "%s", where->level ? strchr(path, '/') : "");
    if (with_times)
        snprintf(text + strlen(text), 64, " %lld.%09ld %lld", (long long)about->st_mtim.tv_sec,
                 about->st_mtim.tv_nsec, (long long)about->st_size);
    name[names++] = strdup(text);
    return 0;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of all that is in it, sorted, a line each; with the times of their last change. */
static void list(const char *folder, bool times, char text[MOST_OUTPUT]) {
    names = 0;
    with_times = times;
    assert_int_equal(nftw(folder, note_name, 16, FTW_PHYS), 0);
    qsort(name, (size_t)names, sizeof *name, by_name);
    text[0] = '\0';
    for (int i = 0; i < names; i++) {
        strcat(strcat(text, name[i]), "\n");
        free(name[i]);
    }
}

static void expect_same(const char *folder, const char *as, const char *what) {
    static char got[MOST_OUTPUT], wanted[MOST_OUTPUT];
    list(folder, false, got);
    list(as, false, wanted);
    if (strcmp(got, wanted) != 0)
        fail_msg("%s: in %s there is%s, not%s", what, folder, got, wanted);
}

/* ---- one after the other ---- */

/* By the fewest pictures and parts at the end. */
static const char *const kinds[] = {
    "--set plots=[loss,fit,{surface:~{x:~0.weight.0,~y:~0.bias.0}}]",
    "--set sweep={batch:~[1,2,3,4]} --set plots=[loss,fit,sweep]",
    "--set sweep={batch:~[2,4]} --set plots=[sweep]",
    "--set search={0.weight:~[0,1,2]} --set plots=[search]",
    "--set plots=[]",
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void test_a_folder_holds_the_last_run_alone(void **state) {
    char folder[8];
    (void)state;
    if (picture_gnuplot()) /* whose pictures take their time: once for each kind is enough */
        for (int i = 0; i < KINDS; i++)
            train(kinds[i], "drawn", 0);
    picture_hide_gnuplot();
    train(kinds[KINDS - 1], "drawn", 0);
    for (int i = 0; i < KINDS; i++) {
        snprintf(folder, sizeof folder, "as%d", i);
        train(kinds[i], folder, 0);
    }
    expect_same("drawn", "as4", kinds[KINDS - 1]);
    for (int i = 0; i < KINDS; i++)
        for (int k = i + 1; k < KINDS; k++) { /* and back, for the next */
            train(kinds[i], "run", 0);
            snprintf(folder, sizeof folder, "as%d", i);
            expect_same("run", folder, kinds[i]);
            train(kinds[k], "run", 0);
            snprintf(folder, sizeof folder, "as%d", k);
            expect_same("run", folder, kinds[k]);
        }
    picture_show_gnuplot();
}

/* ---- what is not descent's ---- */

static const char *const own[] = {
    "run/notes.txt",          "run/2/notes.txt",          "run/plots/notes.txt",
    "run/plots/loss.txt",     "run/2/plots/loss.jpg",     "run/plots/mine.gp",
    "run/plots/mine.csv",     "run/2/sweep.csv",          "run/5/model.safetensors",
    "run/02/history.csv",     "elsewhere/history.csv",    "elsewhere/model.csv",
    "elsewhere/plots/loss.x", "run/1/plots/sub/loss.svg", "run/search.csv",
};
enum { OWN = sizeof own / sizeof *own };

static void test_what_a_user_put_there_stays(void **state) {
    (void)state;
    picture_hide_gnuplot();
    train("--set sweep={batch:~[1,2,3,4]} --set plots=[loss,sweep]", "run", 0);
    for (int i = 0; i < OWN; i++)
        scratch_write(own[i], "my own\n");
    /* A link goes nowhere: what it names is not descent's to take away. */
    train("--set plots=[loss]", "elsewhere/run", 0);
    assert_int_equal(nftw("run/3", scratch_remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    assert_int_equal(symlink("../elsewhere/run", "run/3"), 0);
    assert_int_equal(nftw("run/4/plots", scratch_remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    assert_int_equal(symlink("../../elsewhere/run/plots", "run/4/plots"), 0);
    assert_int_equal(symlink("../../elsewhere/run/model.safetensors", "run/4/linked"), 0);
    assert_int_equal(remove("run/4/history.csv"), 0);
    assert_int_equal(symlink("../../elsewhere/run/history.csv", "run/4/history.csv"), 0);
    train("--set plots=[]", "run", 0);
    picture_show_gnuplot();
    for (int i = 0; i < OWN; i++)
        assert_string_equal(picture_text(own[i]), "my own\n");
    assert_true(picture_there("elsewhere/run/model.safetensors"));
    assert_true(picture_there("elsewhere/run/history.csv"));
    assert_true(picture_there("elsewhere/run/plots/loss.gp"));
    assert_true(picture_there("run/4/plots/loss.gp"));
    assert_false(picture_there("run/4/model.safetensors"));
    assert_false(picture_there("run/2/model.safetensors"));
    assert_false(picture_there("run/plots/loss.gp"));
    assert_false(picture_there("run/sweep.csv"));
}

/* Runs that a user numbered himself are no sweep's. */
static void test_runs_of_one_s_own_stay(void **state) {
    static char before[MOST_OUTPUT], after[MOST_OUTPUT];
    (void)state;
    train("", "run/1", 0);
    train("", "run/2", 0);
    list("run/2", true, before);
    train("", "run", 0);
    assert_true(picture_there("run/1/model.safetensors"));
    train("--set sweep={batch:~[1]}", "run", 0);
    train("", "run", 0);
    list("run/2", true, after);
    assert_string_equal(after, before);
    assert_false(picture_there("run/1"));
}

/* A model that the new run starts from is read again by --resume and by plot. */
static void test_what_a_run_starts_from_stays(void **state) {
    (void)state;
    picture_hide_gnuplot();
    train("--set sweep={batch:~[1,2]}", "run", 0);
    train("--set init={file:~run/2/model.safetensors}", "run", 0);
    assert_true(picture_there("run/2/model.safetensors"));
    assert_false(picture_there("run/2/history.csv"));
    assert_false(picture_there("run/1"));
    train("--set init={file:~run/2/model.safetensors} --set epochs=4 --resume", "run", 0);
    train("--set init={file:~run/model.safetensors} --set sweep={batch:~[1,2]}", "run", 0);
    assert_true(picture_there("run/model.safetensors"));
    assert_false(picture_there("run/history.csv"));
    picture_show_gnuplot();
}

/* ---- a run that does not begin, and one that goes on ---- */

static void test_a_run_that_does_not_begin_takes_nothing(void **state) {
    static const char *const mistakes[] = {
        "--set model=[]",
        "--set data.train=absent.csv",
        "--set plots=[confusion]",
        "--set search={7.weight:~[1]}",
        "--set sweep={batch:~[x]}",
        "--set sweep={batch:~[1,x]}",
        "--set sweep={model:~[[{dense:~1}],[{dens:~1}]]}",
        "--set keep=best",
        "--resume --set sweep=none",
    };
    static char before[MOST_OUTPUT], after[MOST_OUTPUT];
    (void)state;
    picture_hide_gnuplot();
    train("--set sweep={batch:~[1,2]} --set plots=[loss,sweep]", "run", 0);
    list("run", true, before);
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        train(mistakes[i], "run", 2);
        list("run", true, after);
        if (strcmp(after, before) != 0)
            fail_msg("%s: %s, not %s", mistakes[i], after, before);
    }
    run_descent(&result, "train line.yaml --device nobody's --out run");
    run_expect(&result, 1);
    list("run", true, after);
    assert_string_equal(after, before);
    picture_show_gnuplot();
}

static void test_what_goes_on_keeps_its_parts(void **state) {
    static char before[MOST_OUTPUT], after[MOST_OUTPUT];
    (void)state;
    picture_hide_gnuplot();
    train("--set sweep={batch:~[1,2]} --set plots=[loss]", "swept", 0);
    list("swept/1/plots", false, before);
    assert_int_equal(remove("swept/2/checkpoint.safetensors"), 0);
    train("--set sweep={batch:~[1,2]} --set plots=[loss] --resume", "swept", 0);
    list("swept/1/plots", false, after);
    assert_string_equal(after, before);
    assert_true(picture_there("swept/2/checkpoint.safetensors"));

    train("--set plots=[loss,fit]", "run", 0);
    train("--set plots=[loss] --set epochs=4 --resume", "run", 0);
    assert_true(picture_there("run/plots/fit.gp"));
    picture_show_gnuplot();
}

/* ---- a sweep that did not end ---- */

static bool go_on(const ds_progress *progress, void *context) {
    int *calls = context;
    (void)progress;
    return (*calls)-- > 0;
}

/* It is in the table, so that the run it was at is known for one of it. */
static void test_an_interrupted_sweep_is_replaced(void **state) {
    ds_recipe *recipe = NULL;
    ds_device *device = NULL;
    ds_sweep_table table = {0};
    int calls = 0;
    ds_train_options options = {.folder = "run", .progress = go_on, .context = &calls};
    (void)state;
    assert_int_equal(ds_device_open(&device, "auto"), DS_OK);
    assert_int_equal(ds_recipe_read(&recipe, "line.yaml"), DS_OK);
    assert_int_equal(ds_recipe_set(recipe, "sweep={batch: [1, 2]}"), DS_OK);
    assert_int_equal(ds_sweep(recipe, device, &options, &table), DS_INTERRUPTED);
    assert_int_equal(table.runs, 0);
    ds_sweep_clear(&table);
    picture_says("run/sweep.csv", "\n1,interrupted,");
    assert_true(picture_there("run/1/checkpoint.safetensors"));
    ds_recipe_destroy(recipe);
    ds_device_close(device);
    train("", "run", 0);
    assert_false(picture_there("run/1"));
    assert_false(picture_there("run/sweep.csv"));
}

/* ---- what was drawn is said ---- */

static void test_files_names_the_pictures(void **state) {
    (void)state;
    run_descent(&result, "train line.yaml --device 0:0 --set plots=[loss,fit]");
    run_expect(&result, 0);
    bool drawn = picture_gnuplot();
    assert_non_null(strstr(result.out, drawn ? "            run/plots/loss.svg\n"
                                               "            run/plots/fit.svg\n"
                                             : "            run/plots/loss.gp\n"));
    run_descent(&result, "train line.yaml --device 0:0 --set sweep={batch:~[1,2]} "
                         "--set plots=[loss,sweep]");
    run_expect(&result, 0);
    assert_non_null(strstr(result.out, drawn ? "            run/plots/loss.svg\n"
                                               "            run/plots/sweep.svg\n"
                                             : "            run/plots/loss.gp\n"));
    picture_hide_gnuplot();
    run_descent(&result, "train line.yaml --device 0:0 --set plots=loss");
    picture_show_gnuplot();
    run_expect(&result, 0);
    assert_non_null(strstr(result.out, "            run/plots/loss.gp\n"));
    assert_null(strstr(result.out, ".svg"));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_folder_holds_the_last_run_alone),
        TEST(test_what_a_user_put_there_stays),
        TEST(test_runs_of_one_s_own_stay),
        TEST(test_what_a_run_starts_from_stays),
        TEST(test_a_run_that_does_not_begin_takes_nothing),
        TEST(test_what_goes_on_keeps_its_parts),
        TEST(test_an_interrupted_sweep_is_replaced),
        TEST(test_files_names_the_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
