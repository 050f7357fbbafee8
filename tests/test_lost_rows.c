/* Rows and indices that change on the device behind the host's back: a check names the first before
 * anything is run by it, with its row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "outcome.h"
#include "scratch_folder.h"
#include "train/recipe.h"
#include "train/trainer.h"

enum { ROWS = 40, COLUMNS = 3, BATCH = 8, SAMPLE = 2 }; /* SAMPLE of the second batch is changed */

static const char *const ways[] = {"epochs=2", "fuse=false", "data.stream=true", "shuffle=false"};
enum { WAYS = sizeof ways / sizeof *ways, STREAMED = 2, IN_ORDER };

static double cell(int64_t row, int64_t column) {
    return (double)((row * 37 + column * 101 + row * column) % 19 - 9);
}

static ds_device *device;
static ds_recipe *recipe;
static ds_data *data;
static ds_model *model;
static ds_trainer *trainer;

static void open_run(int way) {
    ds_training training;
    ds_text notes = {0};
    DONE(ds_recipe_parse(&recipe,
                         "data: {train: data.csv, target: y}\n"
                         "model: [{dense: 5}, tanh, {dense: 1}]\nloss: mse\n"
                         "optimizer: {sgd: {rate: 0.01}}\nbatch: 8\nepochs: 2\n",
                         "."));
    DONE(ds_recipe_set(recipe, ways[way]));
    DONE(ds_recipe_open(recipe, &training, &data, &model, &notes));
    DONE(ds_trainer_open(&trainer, model, data, device, &training, recipe->root, &notes));
    ds_text_clear(&notes);
    ds_trainer_check_every(trainer, 1);
}

static void close_run(void) {
    ds_trainer_destroy(trainer);
    ds_model_destroy(model);
    ds_data_destroy(data);
    ds_recipe_destroy(recipe);
}

static ds_status update(void) {
    double loss;
    DS_CHECK(ds_trainer_forward(trainer, &loss));
    DS_CHECK(ds_trainer_backward(trainer));
    return ds_trainer_update(trainer);
}

/* Changes one number, and gives what is to be said of it. */
static void change(ds_storage storage, int way, char words[256]) {
    const double wrong = 4;
    int64_t row, element;
    DONE(ds_feed_row(trainer->feed, 0, BATCH + SAMPLE, &row));
    int64_t at = way == STREAMED ? BATCH + SAMPLE : row; /* on the device */
    double expected = storage == DS_FEATURES ? cell(row, 1) : cell(row, COLUMNS);
    element = storage == DS_FEATURES ? at * COLUMNS + 1 : at;
    if (storage == DS_INDICES) {
        bool first = way == STREAMED || way == IN_ORDER;
        element = (first ? 0 : ROWS) + BATCH + SAMPLE;
        expected = (double)at;
    }
    if (expected == wrong) /* the device's would be no change */
        fail_msg("choose another cell");
    DONE(trainer->executor->write(trainer->executor, storage, element, 1, &wrong));
    snprintf(words, 256,
             "update 2: lost value in memory that nothing was run on: %s[%lld] is 4, expected "
             "%.9g for training row %lld (data.csv, line %lld); the parameters before it are kept",
             ds_storage_name(storage), (long long)element, expected, (long long)row + 1,
             (long long)row + 2);
}

static void test_a_lost_value_is_named_with_its_row(void **state) {
    (void)state;
    static const ds_storage storages[] = {DS_FEATURES, DS_TARGETS, DS_INDICES};
    char words[256];
    for (int way = 0; way < WAYS; way++)
        for (int s = 0; s < 3; s++) {
            open_run(way);
            DONE(update());
            change(storages[s], way, words);
            assert_failed(update(), DS_WRONG_RESULT, words);
            close_run();
        }
}

/* The parameters that a run keeps then are those of the update before. */
static void test_a_run_ends_before_it(void **state) {
    (void)state;
    char words[256];
    for (int way = 0; way < WAYS; way++) {
        ds_result result, one;
        if (way == STREAMED)
            continue; /* its rows are written as it runs */
        open_run(way);
        trainer->options.stop_updates = trainer->total_updates = 1;
        DONE(ds_trainer_run(trainer, NULL, NULL, &one));
        close_run();
        open_run(way);
        if (way != IN_ORDER)
            DONE(ds_feed_prepare(trainer->feed, 0, 0));
        change(DS_INDICES, way, words);
        assert_failed(ds_trainer_run(trainer, NULL, NULL, &result), DS_WRONG_RESULT, words);
        assert_int_equal(result.updates, 1);
        assert_string_equal(result.weights_hash, one.weights_hash);
        ds_result_clear(&one);
        ds_result_clear(&result);
        close_run();
    }
}

static int setup(void **state) {
    int failed = scratch_setup(state);
    FILE *file = fopen("data.csv", "w");
    if (failed || !file)
        return -1;
    fprintf(file, "a,b,c,y\n");
    for (int64_t row = 0; row < ROWS; row++)
        fprintf(file, "%g,%g,%g,%g\n", cell(row, 0), cell(row, 1), cell(row, 2), cell(row, 3));
    return fclose(file) || ds_device_open(&device, "auto") != DS_OK;
}

static int teardown(void **state) {
    ds_device_close(device);
    return scratch_teardown(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_lost_value_is_named_with_its_row),
        cmocka_unit_test(test_a_run_ends_before_it),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
