/* Where the best epoch is kept, or a run ends when there is none for long, several epochs are
 * issued together and done again up to the one that is looked for: the outcome is that of epochs
 * one by one, wherever chunks are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "outcome.h"
#include "scratch_folder.h"
#include "train/trainer.h"

/* 40 rows to learn from, 20 to judge by; noise, so that not every epoch is better. */
static ds_data *noisy_data(void) {
    ds_data *data = NULL;
    FILE *file = fopen("noisy.csv", "w");
    assert_non_null(file);
    fprintf(file, "a,b,y\n");
    for (uint32_t i = 0; i < 60; i++) {
        double a = ds_random_uniform(5, DS_STREAM_INIT, 0, i);
        double b = ds_random_uniform(5, DS_STREAM_INIT, 1, i);
        double noise = ds_random_uniform(5, DS_STREAM_INIT, 2, i);
        fprintf(file, "%.9f,%.9f,%.9f\n", a, b, a * b + 0.3 * noise);
    }
    fclose(file);
    DONE(ds_data_read(&data,
                      "{train: noisy.csv, target: y, split: {validation: 0.3333, by: random}}"));
    return data;
}

typedef struct run {
    ds_status status;
    ds_result result;
    int64_t best_epoch;
    char message[512];
} run;

static run train(ds_device *device, const char *options, int64_t chunk) {
    run o = {0};
    ds_data *data = noisy_data();
    ds_model *model = NULL;
    ds_trainer *trainer = NULL;
    DONE(ds_model_create(&model, data, "[{dense: 6}, tanh, {dropout: 0.2}, {dense: 1}]", NULL, 3));
    DONE(ds_trainer_create(&trainer, model, data, device, options));
    trainer->chunk = chunk;
    o.status = ds_trainer_run(trainer, NULL, NULL, &o.result);
    if (o.status != DS_OK)
        snprintf(o.message, sizeof o.message, "%s", ds_last_error()->message);
    o.best_epoch = trainer->best_epoch;
    ds_trainer_destroy(trainer);
    ds_model_destroy(model);
    ds_data_destroy(data);
    return o;
}

#define RUN "loss: mse, batch: 8, epochs: 60, "
#define ADAM "optimizer: {adam: {rate: 0.02}}, "

static void assert_chunks_agree(ds_device *device, const char *options, const char *stopped_by) {
    static const int64_t chunks[] = {2, 5, 7, 41, 1000, 0};
    const run one = train(device, options, 1);
    assert_string_equal(one.result.stopped_by, stopped_by);
    for (size_t c = 0; c < sizeof chunks / sizeof *chunks; c++) {
        const run o = train(device, options, chunks[c]);
        if (o.status != one.status || o.best_epoch != one.best_epoch ||
            o.result.updates != one.result.updates || strcmp(o.message, one.message) != 0 ||
            strcmp(o.result.stopped_by, one.result.stopped_by) != 0 ||
            strcmp(o.result.weights_hash, one.result.weights_hash) != 0 ||
            (one.status == DS_OK && o.result.validation.loss != one.result.validation.loss))
            fail_msg("%s: chunks of %lld end otherwise: %lld updates by %s, best epoch %lld, %s; "
                     "one by one %lld by %s, %lld, %s",
                     options, (long long)chunks[c], (long long)o.result.updates,
                     o.result.stopped_by, (long long)o.best_epoch, o.message,
                     (long long)one.result.updates, one.result.stopped_by,
                     (long long)one.best_epoch, one.message);
    }
}

static void test_chunks_of_several_epochs_find_the_best_one(void **state) {
    (void)state;
    static const char *const devices[] = {"auto", "reference"};
    for (int d = 0; d < 2; d++) {
        ds_device *device = NULL;
        DONE(ds_device_open(&device, devices[d]));
        assert_chunks_agree(device, "{" RUN ADAM "keep: best}", "epochs");
        assert_chunks_agree(device, "{" RUN ADAM "keep: best, fuse: false}", "epochs");
        assert_chunks_agree(device, "{" RUN ADAM "keep: best, stop: {patience: 4}}", "patience");
        assert_chunks_agree(device, "{" RUN ADAM "stop: {patience: 4}}", "patience");
        assert_chunks_agree(device, "{" RUN ADAM "keep: best, stop: {updates: 123}}", "updates");
        ds_device_close(device);
    }
}

/* The device has gone on to where numbers overflow; what a run ends with must not. */
static void test_what_comes_behind_the_end_of_a_run_does_not_count(void **state) {
    (void)state;
    static const char growing[] = "{" RUN "optimizer: {sgd: {rate: 1.2}}, keep: best";
    char options[256];
    ds_device *device = NULL;
    DONE(ds_device_open(&device, "auto"));
    snprintf(options, sizeof options, "%s}", growing);
    assert_chunks_agree(device, options, "divergence");
    snprintf(options, sizeof options, "%s, stop: {patience: 1}}", growing);
    assert_chunks_agree(device, options, "patience");
    ds_device_close(device);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_chunks_of_several_epochs_find_the_best_one,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_what_comes_behind_the_end_of_a_run_does_not_count,
                                        scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
