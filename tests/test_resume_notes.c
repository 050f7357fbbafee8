/* What resuming a run says: another rate, schedule or rule, a rate that rises again, nothing left
 * to do, best parameters that are gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/files.h"
#include "outcome.h"
#include "scratch_folder.h"
#include "train/history.h"
#include "train/schedule.h"
#include "train/trainer.h"

/* 24 rows of one number, batches of 8: three updates an epoch, two with a validation set. */
static const char recipe_text[] = "data: {train: data.csv, target: y}\n"
                                  "model: [{dense: 2}, tanh, {dense: 1}]\n"
                                  "loss: mse\n"
                                  "optimizer: {sgd: {rate: 0.1}}\n"
                                  "batch: 8\n"
                                  "epochs: 4\n";

static ds_device *device;
static char told[4096];

static void hear(const char *note, void *context) {
    size_t length = strlen(told);
    (void)context;
    snprintf(told + length, sizeof told - length, "%s\n", note);
}

/* `sets` ends with NULL; those of a run that is resumed stand behind those that it began with. */
static ds_result run(bool resume, const char *const *sets) {
    ds_recipe *recipe = NULL;
    ds_result result;
    ds_train_options how = {.folder = "run", .resume = resume, .note = hear};
    told[0] = '\0';
    DONE(ds_recipe_parse(&recipe, recipe_text, "."));
    for (; *sets; sets++)
        DONE(ds_recipe_set(recipe, *sets));
    DONE(ds_train(recipe, device, &how, &result, NULL));
    ds_recipe_destroy(recipe);
    return result;
}

#define SETS(...) ((const char *const[]){__VA_ARGS__, NULL})

static int enter_with_data(void **state) {
    ds_text text = {0};
    (void)state;
    scratch_enter();
    DONE(ds_text_add(&text, "x,y\n"));
    for (int i = 0; i < 24; i++)
        DONE(ds_text_add(&text, "%g,%g\n", i / 24.0, i * i / 300.0));
    DONE(ds_file_write("data.csv", text.characters, text.length));
    ds_text_clear(&text);
    return 0;
}

static void assert_told(const char *note) {
    if (!strstr(told, note))
        fail_msg("\"%s\" is missing in: %s", note, told);
}

static void another_setting_is_told(void **state) {
    static const struct {
        const char *set, *note; /* NULL: nothing */
    } cases[] = {
        {"optimizer.sgd.rate=5e-3", "optimizer.sgd.rate is 0.005, it was 0.1\n"},
        {"optimizer.sgd.momentum=0.5", "optimizer.sgd.momentum is 0.5, it was 0\n"},
        {"optimizer.sgd.weight_decay=0.01", "optimizer.sgd.weight_decay is 0.01, it was 0\n"},
        {"optimizer={sgd: {rate: 0.1, momentum: 0.9, nesterov: true}}",
         "optimizer.sgd.nesterov is true, it was false\n"},
        {"schedule={step: {every: 2, factor: 0.5}}",
         "schedule is step: {every: 2, factor: 0.5}, it was constant\n"},
        {"schedule={exponential: {factor: 0.9}, warmup: 3}",
         "schedule is exponential: {factor: 0.9}, warmup: 3, it was constant\n"},
        {"clip=2", "clip is 2, it was none\n"},
        {"shuffle=false", "shuffle is false, it was true\n"},
        {"stop.updates=14", "stop.updates is 14, it was none\n"},
        {"stop.gradient=1e-9", "stop.gradient is 1e-09, it was none\n"},
        {"stop.seconds=100", "stop.seconds is 100, it was none\n"},
        {"model=[{dense: 2}, sigmoid, {dense: 1}]",
         "model is [dense: {units: 2, bias: true}, sigmoid, dense: {units: 1, bias: true}], it was "
         "[dense: {units: 2, bias: true}, tanh, dense: {units: 1, bias: true}]\n"},
        {"epochs=6", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run(false, SETS("epochs=4"));
        run(true, SETS("epochs=5", cases[i].set));
        if (cases[i].note)
            assert_told(cases[i].note);
        else
            assert_string_equal(told, "");
        assert_null(strstr(told, "nothing to do"));
    }
}

/* The numbers are those of the history: rates of the last update of an epoch. */
static void a_rate_that_rises_again_is_told(void **state) {
    static const struct {
        const char *schedule, *epochs, *note;
    } cases[] = {
        {"schedule={cosine: {to: 0}}", "epochs=8",
         "schedule: cosine goes over the whole run, now 8 epochs, it was 4 epochs: the rate rises "
         "again, from %.3g to %.3g\n"},
        {"schedule={one_cycle: {peak: 0.2}}", "epochs=20",
         "schedule: one_cycle goes over the whole run, now 20 epochs, it was 4 epochs: the rate "
         "rises again, from %.3g to %.3g\n"},
        {"schedule={step: {every: 3, factor: 0.5}}", "epochs=8", NULL},
    };
    static const ds_schedule schedules[] = {{.kind = DS_COSINE},
                                            {.kind = DS_ONE_CYCLE, .peak = 0.2}};
    static const int64_t updates[] = {24, 60};
    (void)state;
    for (int i = 0; i < 3; i++) {
        char note[300];
        run(false, SETS(cases[i].schedule));
        run(true, SETS(cases[i].schedule, cases[i].epochs));
        if (!cases[i].note) {
            assert_string_equal(told, "");
            continue;
        }
        snprintf(note, sizeof note, cases[i].note, ds_schedule_rate(&schedules[i], 0.1, 11, 12),
                 ds_schedule_rate(&schedules[i], 0.1, 12, updates[i]));
        assert_string_equal(told, note);
    }
    run(false, SETS("schedule={cosine: {to: 0}}", "epochs=9", "stop.updates=10"));
    run(true, SETS("schedule={cosine: {to: 0}}", "epochs=9", "stop.updates=11"));
    assert_told("now 11 updates, it was 10 updates: the rate goes from 0.00245 to 0.00203\n");
}

static void nothing_to_do_is_told(void **state) {
    (void)state;
    ds_result first = run(false, SETS("epochs=4"));
    ds_result again = run(true, SETS("epochs=3"));
    assert_string_equal(told, "already 4 epochs, nothing to do\n");
    assert_int_equal(again.epochs, 4);
    assert_string_equal(again.weights_hash, first.weights_hash);
    run(true, SETS("epochs=4"));
    assert_string_equal(told, "already 4 epochs, nothing to do\n");
    static const char split[] = "data.split={validation: 0.34, by: order}";
    static const char still[] = "optimizer.sgd.rate=0", more[] = "epochs=30";
    first = run(false, SETS(split, still, more, "stop.patience=2"));
    assert_int_equal(first.epochs, 3); /* the first is the best */
    again = run(true, SETS(split, still, more, "stop.patience=2"));
    assert_string_equal(told, "already 3 epochs, which stop.patience ended, nothing to do\n");
    assert_int_equal(again.epochs, 3);
    assert_string_equal(again.stopped_by, "patience");
    again = run(true, SETS(split, still, more, "stop.patience=4"));
    assert_string_equal(told, "stop.patience is 4, it was 2\n");
    assert_int_equal(again.epochs, 5);
}

/* An epoch that was cut short keeps its one row in history.csv, however often it is resumed. */
static void nothing_to_do_leaves_the_history(void **state) {
    ds_bytes first, again;
    (void)state;
    run(false, SETS("stop.updates=10"));
    DONE(ds_file_read(&first, "run/history.csv"));
    for (int i = 0; i < 2; i++) {
        run(true, SETS("stop.updates=10"));
        assert_string_equal(told, "already 10 updates, nothing to do\n");
        DONE(ds_file_read(&again, "run/history.csv"));
        assert_int_equal(again.size, first.size);
        assert_memory_equal(again.data, first.data, first.size);
        ds_free(again.data);
    }
    ds_free(first.data);
}

/* Kept only from now on, they are the last ones where the last epoch was the best, else those of a
 * later one. */
static void best_parameters_that_are_gone_are_told(void **state) {
    static const char split[] = "data.split={validation: 0.34, by: order}";
    (void)state;
    ds_result last = run(false, SETS(split, "optimizer.sgd.rate=0.01"));
    ds_result kept = run(true, SETS(split, "optimizer.sgd.rate=0.01", "keep=best"));
    assert_told("keep is best, it was last\n");
    assert_null(strstr(told, "gone"));
    assert_string_equal(kept.weights_hash, last.weights_hash);
    run(false, SETS(split, "optimizer.sgd.rate=2", "epochs=6"));
    ds_result bad = run(true, SETS(split, "optimizer.sgd.rate=0.001", "epochs=7", "keep=best"));
    assert_told("keep: the parameters of epoch ");
    assert_told(", the best so far, are gone: the best from here on are kept\n");
    ds_result same = run(true, SETS(split, "optimizer.sgd.rate=0.001", "epochs=7", "keep=best"));
    assert_string_equal(same.weights_hash, bad.weights_hash);
    assert_null(strstr(told, "gone"));
}

static void a_schedule_is_printed_as_a_recipe_has_it(void **state) {
    static const char *const schedules[] = {
        "constant", "step: {every: 10, factor: 0.5}", "exponential: {factor: 0.999}, warmup: 7",
        "cosine: {to: 0.25}", "one_cycle: {peak: 0.1}, warmup: 2"};
    (void)state;
    for (size_t i = 0; i < sizeof schedules / sizeof *schedules; i++) {
        ds_node *node = NULL;
        ds_schedule schedule;
        ds_text text = {0}, printed = {0};
        DONE(ds_text_add(&text, strchr(schedules[i], ':') ? "{%s}" : "%s", schedules[i]));
        DONE(ds_node_parse(&node, text.characters, "schedule"));
        DONE(ds_schedule_parse(&schedule, node));
        DONE(ds_schedule_print(&schedule, &printed));
        assert_string_equal(printed.characters, schedules[i]);
        ds_text_clear(&text);
        ds_text_clear(&printed);
        ds_node_destroy(node);
    }
}

static int open_device(void **state) {
    (void)state;
    DONE(ds_device_open(&device, "auto"));
    return 0;
}

static int close_device(void **state) {
    (void)state;
    ds_device_close(device);
    return 0;
}

#define WITH_DATA(test) cmocka_unit_test_setup_teardown(test, enter_with_data, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_DATA(another_setting_is_told),
        WITH_DATA(a_rate_that_rises_again_is_told),
        WITH_DATA(nothing_to_do_is_told),
        WITH_DATA(nothing_to_do_leaves_the_history),
        WITH_DATA(best_parameters_that_are_gone_are_told),
        cmocka_unit_test(a_schedule_is_printed_as_a_recipe_has_it),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
