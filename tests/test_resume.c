/* Runs that are interrupted and resumed: to the same bits, by the kernels they began with, or with
 * a note; and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/files.h"
#include "base/random.h"
#include "device/device.h"
#include "launch/tuned.h"
#include "model/safetensors.h"
#include "outcome.h"
#include "scratch_folder.h"
#include "train/trainer.h"

static const char *const device_names[] = {"reference", "auto"};

static ds_device *open_device(int which) {
    ds_device *device = NULL;
    DONE(ds_device_open(&device, device_names[which]));
    return device;
}

static const char recipe_text[] =
    "data: {train: data.csv, target: y, split: {validation: 0.2, test: 0.1, by: random}}\n"
    "model: [{dense: 6}, gelu, {dropout: 0.3}, {dense: 1}]\n"
    "loss: huber\n"
    "optimizer: {rmsprop: {rate: 0.003, momentum: 0.5}}\n"
    "schedule: {exponential: {factor: 0.999}, warmup: 10}\n"
    "batch: 4\n"
    "epochs: 5\n"
    "keep: best\n";

static void write_data(const char *folder) {
    char path[512];
    snprintf(path, sizeof path, "%s/data.csv", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "a,b,y\n");
    for (int i = 0; i < 60; i++) {
        double a = ds_random_uniform(5, DS_STREAM_INIT, 0, (uint32_t)i);
        double b = ds_random_uniform(5, DS_STREAM_INIT, 1, (uint32_t)i);
        fprintf(file, "%.9f,%.9f,%.9f\n", a, b, a - 2 * b * b);
    }
    fclose(file);
}

typedef struct stopper {
    int calls, stop_at; /* stops at this call; 0 never */
} stopper;

static bool stop_at_call(const ds_progress *progress, void *context) {
    stopper *s = context;
    (void)progress;
    return ++s->calls != s->stop_at;
}

static ds_status train_recipe(ds_device *device, const char *folder, const char *set,
                              const char *out, bool resume, int stop_at, ds_result *result) {
    ds_recipe *recipe = NULL;
    char path[512];
    stopper s = {.stop_at = stop_at};
    snprintf(path, sizeof path, "%s/%s", folder, out);
    DONE(ds_recipe_parse(&recipe, recipe_text, folder));
    if (set)
        DONE(ds_recipe_set(recipe, set));
    ds_train_options train = {
        .folder = path, .resume = resume, .progress = stop_at_call, .context = &s};
    ds_status status = ds_train(recipe, device, &train, result, NULL);
    ds_recipe_destroy(recipe);
    return status;
}

static void test_an_interrupted_run_goes_on_to_the_same_bits(void **state) {
    const char *folder = ".";
    (void)state;
    write_data(folder);
    for (int d = 0; d < 2; d++) {
        ds_device *device = open_device(d);
        ds_result whole, resumed;
        DONE(train_recipe(device, folder, NULL, "whole", false, 0, &whole));
        /* Interrupted at the first chance, and at every one after each resume: after each update.
         */
        ds_status status = train_recipe(device, folder, NULL, "parts", false, 1, &resumed);
        int parts = 1;
        for (; status == DS_INTERRUPTED && parts < 500; parts++)
            status = train_recipe(device, folder, NULL, "parts", true, 1, &resumed);
        assert_done(status, "resumed run");
        assert_int_equal(parts, whole.updates);
        assert_string_equal(whole.weights_hash, resumed.weights_hash);
        assert_true(whole.validation.loss == resumed.validation.loss);
        assert_true(whole.test.loss == resumed.test.loss);
        assert_int_equal(whole.updates, resumed.updates);
        ds_device_close(device);
    }
}

static void test_a_finished_run_can_be_made_longer(void **state) {
    const char *folder = ".";
    (void)state;
    write_data(folder);
    for (int d = 0; d < 2; d++) {
        ds_device *device = open_device(d);
        ds_result whole, longer;
        DONE(train_recipe(device, folder, "epochs=9", "whole", false, 0, &whole));
        DONE(train_recipe(device, folder, "stop.updates=21", "longer", false, 0, &longer));
        assert_int_equal(longer.updates, 21);
        assert_string_equal(longer.stopped_by, "updates");
        DONE(train_recipe(device, folder, "epochs=9", "longer", true, 0, &longer));
        assert_string_equal(whole.weights_hash, longer.weights_hash);
        ds_device_close(device);
    }
}

/* What resuming said. */
static char told[1024];

static void hear(const char *note, void *context) {
    size_t length = strlen(told);
    (void)context;
    snprintf(told + length, sizeof told - length, "%s\n", note);
}

static ds_result resume_and_hear(ds_device *device, const char *set) {
    ds_recipe *recipe = NULL;
    ds_result result;
    ds_train_options how = {.folder = "run", .resume = true, .note = hear};
    told[0] = '\0';
    DONE(ds_recipe_parse(&recipe, recipe_text, "."));
    DONE(ds_recipe_set(recipe, "fuse=false"));
    if (set)
        DONE(ds_recipe_set(recipe, set));
    DONE(ds_train(recipe, device, &how, &result, NULL));
    ds_recipe_destroy(recipe);
    return result;
}

static void start_and_stop(ds_device *device) {
    ds_result result;
    assert_int_equal(train_recipe(device, ".", "fuse=false", "run", false, 3, &result),
                     DS_INTERRUPTED);
}

static void test_resuming_elsewhere_is_noted(void **state) {
    (void)state;
    ds_device *reference = open_device(0), *device = open_device(1);
    write_data(".");
    start_and_stop(device);
    resume_and_hear(device, NULL);
    assert_string_equal(told, "");
    start_and_stop(device);
    ds_result other = resume_and_hear(device, "optimizer.rmsprop.rate=0.002");
    assert_int_equal(strlen(other.plan_hash_before), 64);
    assert_string_not_equal(other.plan_hash, other.plan_hash_before);
    assert_non_null(strstr(told, "the checkpoint was made by another plan, "));
    assert_non_null(strstr(told, " on the bits are those of plan "));
    start_and_stop(device);
    resume_and_hear(reference, NULL);
    assert_non_null(strstr(told, "the checkpoint was made on "));
    assert_non_null(strstr(told, ", not reference: from update "));
    ds_device_close(reference);
    ds_device_close(device);
}

static void test_portable_math_goes_on_anywhere(void **state) {
    (void)state;
    ds_device *plain = NULL, *device = open_device(1);
    ds_result whole, part;
    DONE(ds_device_open(&plain, "plain"));
    write_data(".");
    DONE(train_recipe(device, ".", "math=portable", "whole", false, 0, &whole));
    assert_int_equal(train_recipe(device, ".", "math=portable", "run", false, 3, &part),
                     DS_INTERRUPTED);
    ds_result resumed = resume_and_hear(plain, "math=portable");
    assert_string_equal(told, "");
    assert_string_equal(resumed.weights_hash, whole.weights_hash);
    ds_device_close(plain);
    ds_device_close(device);
}

/* A device that was tuned between a run and its resumption: the run goes on by the kernels it began
 * with. */
static void test_a_run_outlives_tuning(void **state) {
    (void)state;
    ds_result whole;
    ds_tuned tuned = {0};
    char *before = getenv("DESCENT_CACHE_DIR"), kept[4096] = "";
    snprintf(kept, sizeof kept, "%s", before ? before : "");
    assert_int_equal(setenv("DESCENT_CACHE_DIR", "cache", 1), 0);
    ds_device *device = open_device(1);
    write_data(".");
    DONE(train_recipe(device, ".", "fuse=false", "whole", false, 0, &whole));
    start_and_stop(device);
    for (int b = 0; b < DS_BUCKETS; b++) {
        tuned.known[DS_ROWS][b] = ds_bucket_name(DS_ROWS, b) != NULL;
        tuned.shaping[DS_ROWS][b] = ds_shaping_for(ds_device_about(device));
        tuned.shaping[DS_ROWS][b].group *= 2;
    }
    DONE(ds_tuned_write(&tuned, device));
    ds_result resumed = resume_and_hear(device, NULL);
    assert_string_equal(told, "");
    assert_string_equal(resumed.plan_hash, whole.plan_hash);
    assert_string_equal(resumed.weights_hash, whole.weights_hash);
    DONE(train_recipe(device, ".", "fuse=false", "anew", false, 0, &resumed));
    assert_string_not_equal(resumed.plan_hash, whole.plan_hash);
    ds_device_close(device);
    assert_int_equal(before ? setenv("DESCENT_CACHE_DIR", kept, 1) : unsetenv("DESCENT_CACHE_DIR"),
                     0);
}

static void test_resuming_with_another_network_is_refused(void **state) {
    const char *folder = ".";
    (void)state;
    ds_result result;
    write_data(folder);
    ds_device *device = open_device(0);
    DONE(train_recipe(device, folder, "epochs=1", "run", false, 0, &result));
    assert_int_equal(
        train_recipe(device, folder, "model=[{dense: 3}, {dense: 1}]", "run", true, 0, &result),
        DS_BAD_INPUT);
    assert_int_equal(train_recipe(device, folder, "seed=2", "run", true, 0, &result), DS_BAD_INPUT);
    assert_int_equal(
        train_recipe(device, folder, "optimizer={adagrad: {}}", "run", true, 0, &result),
        DS_BAD_INPUT);
    ds_device_close(device);
}

static void test_a_checkpoint_of_another_format_is_refused(void **state) {
    (void)state;
    ds_stored_text texts[] = {{"descent", "1"}, {"state", "{}"}};
    ds_text notes = {0};
    ds_trainer *trainer = NULL;
    ds_model *model = NULL;
    ds_device *device = open_device(0);
    float x[] = {1, 2}, y[] = {2, 4};
    ds_data *data = NULL;
    DONE(ds_data_from_arrays(&data, (ds_array){x, DS_ARRAY_FLOAT32, 2, 1},
                             (ds_array){y, DS_ARRAY_FLOAT32, 2, 1}, 0));
    DONE(ds_safetensors_write("old.safetensors", NULL, 0, texts, 2));
    DONE(ds_model_create(&model, data, "[{dense: 1}]", NULL, 3));
    DONE(ds_trainer_create(&trainer, model, data, device, "{loss: mse, optimizer: {adam: {}}}"));
    assert_int_equal(ds_checkpoint_read(trainer, "old.safetensors", &notes), DS_BAD_INPUT);
    assert_non_null(strstr(ds_last_error()->message, "a checkpoint of format \"1\""));
    ds_trainer_destroy(trainer);
    ds_model_destroy(model);
    ds_data_destroy(data);
    ds_device_close(device);
}

/* What a checkpoint counts is no negative number, nor none. */
static void test_impossible_counts_are_refused(void **state) {
    static const char *const counts[] = {"-5", "-1", "1e"};
    (void)state;
    ds_device *device = open_device(0);
    ds_result result;
    write_data(".");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        ds_bytes file;
        DONE(train_recipe(device, ".", "stop={updates: 15}", "run", false, 0, &result));
        DONE(ds_file_read(&file, "run/checkpoint.safetensors"));
        static const char key[] = "\\\"updates\\\":15";
        char *at = strstr((char *)file.data + sizeof(uint64_t), key);
        assert_non_null(at);
        memcpy(at + sizeof key - 3, counts[i], 2);
        DONE(ds_file_write("run/checkpoint.safetensors", file.data, file.size));
        ds_free(file.data);
        assert_int_equal(train_recipe(device, ".", "epochs=5", "run", true, 0, &result),
                         DS_BAD_INPUT);
        assert_non_null(strstr(ds_last_error()->message, "the checkpoint does not fit"));
    }
    ds_device_close(device);
}

/* ---- updates beyond 32 bits ---- */

static void diverge_behind(ds_device *device, int64_t updates, const char *options) {
    const float x[] = {1, 2, 3, 4}, y[] = {2, 4, 6, 8};
    ds_trainer *trainer = NULL;
    ds_model *model = NULL;
    ds_data *data = NULL;
    ds_result result;
    DONE(ds_data_from_arrays(&data, (ds_array){x, DS_ARRAY_FLOAT32, 4, 1},
                             (ds_array){y, DS_ARRAY_FLOAT32, 4, 1}, 0));
    DONE(ds_model_create(&model, data, "[{dense: 2}, {dense: 1}]", NULL, 3));
    DONE(ds_trainer_create(&trainer, model, data, device, options));
    trainer->updates = updates;
    long long at = 0;
    ds_status status = ds_trainer_run(trainer, NULL, NULL, &result);
    sscanf(ds_last_error()->message, "diverged at update %lld ", &at);
    if (status != DS_DIVERGED || at <= updates || at > updates + 12 || result.updates != at - 1)
        fail_msg("behind update %lld, %s: %s, %lld updates", (long long)updates, options,
                 ds_last_error()->message, (long long)result.updates);
    ds_trainer_destroy(trainer);
    ds_model_destroy(model);
    ds_data_destroy(data);
}

static void test_updates_beyond_32_bits_have_their_numbers(void **state) {
    static const int64_t updates[] = {INT32_MAX - 3ll,  UINT32_MAX - 8ll, UINT32_MAX - 2ll,
                                      UINT32_MAX - 0ll, UINT32_MAX + 1ll, 7ll << 30};
    static const char *const options[] = {
        "{loss: mse, optimizer: {sgd: {rate: 1e20}}, batch: 1, epochs: 2147483647}",
        "{loss: mse, optimizer: {sgd: {rate: 1e20}}, batch: 1, epochs: 2147483647, fuse: false}"};
    (void)state;
    for (int which = 0; which < 2; which++) {
        ds_device *device = open_device(which);
        for (size_t i = 0; i < sizeof updates / sizeof *updates; i++)
            for (int k = 0; k < 2; k++)
                diverge_behind(device, updates[i], options[k]);
        ds_device_close(device);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_an_interrupted_run_goes_on_to_the_same_bits,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_a_finished_run_can_be_made_longer, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_resuming_elsewhere_is_noted, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_portable_math_goes_on_anywhere, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_impossible_counts_are_refused, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test(test_updates_beyond_32_bits_have_their_numbers),
        cmocka_unit_test_setup_teardown(test_a_run_outlives_tuning, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_resuming_with_another_network_is_refused,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_a_checkpoint_of_another_format_is_refused,
                                        scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
