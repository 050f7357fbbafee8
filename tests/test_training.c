/* Training runs, through the public header: two give the same bits, updates by hand are those of
 * the loop, neither streaming nor the cut of chunks changes one, stop rules stop, and nothing
 * leaks. Most run on the reference and on an OpenCL device. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "descent.h"
#include "device/device.h"
#include "model/safetensors.h"
#include "train/trainer.h"

static const char *const device_names[] = {"reference", "auto"};

#define DONE(call) assert_done((call), #call)

static void assert_done(ds_status status, const char *call) {
    if (status != DS_OK)
        fail_msg("%s: %s; %s", call, ds_last_error()->message, ds_last_error()->hint);
}

static ds_device *open_device(int which) {
    ds_device *device = NULL;
    DONE(ds_device_open(&device, device_names[which]));
    return device;
}

/* ---- a small set of data: two inputs, one output that a net can learn ---- */

enum { ROWS = 50, FEATURES = 2 };

static ds_data *small_data(void) {
    double x[ROWS * FEATURES], y[ROWS];
    ds_data *data = NULL;
    for (int i = 0; i < ROWS; i++) {
        x[2 * i] = 2 * ds_random_uniform(7, DS_STREAM_INIT, 0, (uint32_t)i) - 1;
        x[2 * i + 1] = 2 * ds_random_uniform(7, DS_STREAM_INIT, 1, (uint32_t)i) - 1;
        y[i] = x[2 * i] * x[2 * i + 1];
    }
    DONE(ds_data_from_arrays(&data, (ds_array){x, DS_ARRAY_FLOAT64, ROWS, FEATURES},
                             (ds_array){y, DS_ARRAY_FLOAT64, ROWS, 1}, 0));
    return data;
}

#define OPTIONS                                                                                    \
    "loss: mse, optimizer: {adam: {rate: 0.01}}, batch: 8, epochs: 6, schedule: {cosine: {to: "    \
    "0.001}}"
static const char net[] = "[{dense: 8}, tanh, {dropout: 0.2}, {dense: 1}]";
static const char options[] = "{" OPTIONS "}", op_by_op[] = "{" OPTIONS ", fuse: false}";

typedef struct outcome {
    ds_result result;
    double first_parameter;
} outcome;

/* Trains `net` from memory; `by_hand` updates are made one by one before the loop does the rest, so
 * many at a time. */
static outcome train_in_chunks(ds_device *device, const char *how, int by_hand, int64_t chunk) {
    outcome o = {0};
    ds_data *data = small_data();
    ds_model *model = NULL;
    ds_trainer *trainer = NULL;
    DONE(ds_model_create(&model, data, net, NULL, 3));
    DONE(ds_trainer_create(&trainer, model, data, device, how));
    trainer->chunk = chunk;
    for (int i = 0; i < by_hand; i++) {
        double loss = -1;
        DONE(ds_trainer_forward(trainer, i % 3 ? &loss : NULL));
        DONE(ds_trainer_backward(trainer));
        DONE(ds_trainer_update(trainer));
        assert_true(i % 3 == 0 || loss >= 0);
    }
    DONE(ds_trainer_run(trainer, NULL, NULL, &o.result));
    o.first_parameter = ds_model_parameter(model, 0).values[0];
    ds_trainer_destroy(trainer);
    ds_model_destroy(model);
    ds_data_destroy(data);
    return o;
}

static outcome train_small(ds_device *device, const char *how, int by_hand) {
    return train_in_chunks(device, how, by_hand, 0);
}

static void test_two_runs_give_the_same_bits(void **state) {
    (void)state;
    for (int d = 0; d < 2; d++) {
        ds_device *device = open_device(d);
        outcome a = train_small(device, options, 0), b = train_small(device, options, 0);
        assert_string_equal(a.result.weights_hash, b.result.weights_hash);
        assert_string_equal(a.result.plan_hash, b.result.plan_hash);
        assert_int_equal(a.result.updates, 6 * 7);
        assert_int_equal(a.result.epochs, 6);
        ds_device_close(device);
    }
}

static void test_updates_by_hand_are_those_of_the_loop(void **state) {
    (void)state;
    for (int d = 0; d < 2; d++) {
        ds_device *device = open_device(d);
        outcome loop = train_small(device, op_by_op, 0);
        for (int by_hand = 1; by_hand <= 42; by_hand += 13) {
            outcome hand = train_small(device, op_by_op, by_hand);
            assert_string_equal(loop.result.weights_hash, hand.result.weights_hash);
        }
        ds_device_close(device);
    }
}

static void test_updates_by_hand_are_checked_too(void **state) {
    (void)state;
    ds_device *device = open_device(1);
    outcome plain = train_small(device, op_by_op, 5);
    for (int every = 1; every <= 2; every++) {
        ds_data *data = small_data();
        ds_model *model = NULL;
        ds_trainer *trainer = NULL;
        ds_result result;
        DONE(ds_model_create(&model, data, net, NULL, 3));
        DONE(ds_trainer_create(&trainer, model, data, device, op_by_op));
        ds_trainer_check_every(trainer, every);
        for (int i = 0; i < 5; i++) {
            DONE(ds_trainer_forward(trainer, NULL));
            DONE(ds_trainer_backward(trainer));
            DONE(ds_trainer_update(trainer));
        }
        assert_int_equal(trainer->checked, 5 / every);
        DONE(ds_trainer_run(trainer, NULL, NULL, &result));
        assert_int_equal(result.checked, 42 / every);
        assert_true(result.checked_worst > 0 && result.checked_worst <= 1);
        assert_string_equal(result.weights_hash, plain.result.weights_hash);
        ds_trainer_destroy(trainer);
        ds_model_destroy(model);
        ds_data_destroy(data);
    }
    ds_device_close(device);
}

static void test_steps_out_of_turn_are_refused(void **state) {
    (void)state;
    ds_device *device = open_device(0);
    ds_data *data = small_data();
    ds_model *model = NULL;
    ds_trainer *trainer = NULL;
    DONE(ds_model_create(&model, data, net, NULL, 3));
    DONE(ds_trainer_create(&trainer, model, data, device, options));
    assert_int_equal(ds_trainer_backward(trainer), DS_BAD_INPUT);
    assert_int_equal(ds_trainer_update(trainer), DS_BAD_INPUT);
    DONE(ds_trainer_forward(trainer, NULL));
    assert_int_equal(ds_trainer_forward(trainer, NULL), DS_BAD_INPUT);
    assert_int_equal(ds_trainer_run(trainer, NULL, NULL, NULL), DS_BAD_INPUT);
    DONE(ds_trainer_backward(trainer));
    DONE(ds_trainer_update(trainer));
    ds_trainer_destroy(trainer);
    ds_model_destroy(model);
    ds_data_destroy(data);
    ds_device_close(device);
}

/* ---- ends ---- */

static void test_a_diverging_run_stops_with_the_parameters_before_it(void **state) {
    (void)state;
    for (int d = 0; d < 2; d++) {
        ds_device *device = open_device(d);
        ds_data *data = small_data();
        ds_model *model = NULL;
        ds_trainer *trainer = NULL;
        DONE(ds_model_create(&model, data, "[{dense: 8}, relu, {dense: 1}]", NULL, 3));
        DONE(ds_trainer_create(&trainer, model, data, device,
                               "{loss: mse, optimizer: {sgd: {rate: 1e6}}, epochs: 1000}"));
        ds_result result;
        assert_int_equal(ds_trainer_run(trainer, NULL, NULL, &result), DS_DIVERGED);
        assert_non_null(strstr(ds_last_error()->message, "epoch"));
        assert_non_null(strstr(ds_last_error()->hint, "rate"));
        for (size_t i = 0; i < ds_model_parameters(model); i++) {
            ds_parameter parameter = ds_model_parameter(model, i);
            for (int64_t k = 0; k < parameter.count; k++)
                assert_true(parameter.values[k] - parameter.values[k] == 0);
        }
        assert_true(result.updates > 0 && result.updates < 2000);
        ds_trainer_destroy(trainer);
        ds_model_destroy(model);
        ds_data_destroy(data);
        ds_device_close(device);
    }
}

static void test_stop_rules_stop(void **state) {
    (void)state;
    for (int d = 0; d < 2; d++) {
        ds_device *device = open_device(d);
        outcome o = train_small(
            device, "{loss: mse, optimizer: {sgd: {rate: 0.1}}, stop: {updates: 17}}", 0);
        assert_int_equal(o.result.updates, 17);
        assert_string_equal(o.result.stopped_by, "updates");
        ds_device_close(device);
    }
}

/* One weight, the loss (w - 2)^2 * 14/3: descent reaches a gradient of 1e-3 and stops there. */
static void test_a_small_gradient_stops_the_run_before_its_update(void **state) {
    (void)state;
    float x[] = {1, 2, 3}, y[] = {2, 4, 6};
    for (int d = 0; d < 2; d++) {
        ds_device *device = open_device(d);
        ds_data *data = NULL;
        ds_model *model = NULL;
        ds_trainer *trainer = NULL;
        ds_result result;
        DONE(ds_data_from_arrays(&data, (ds_array){x, DS_ARRAY_FLOAT32, 3, 1},
                                 (ds_array){y, DS_ARRAY_FLOAT32, 3, 1}, 0));
        DONE(ds_model_create(&model, data, "[{dense: {units: 1, bias: false}}]", "ones", 1));
        DONE(ds_trainer_create(&trainer, model, data, device,
                               "{loss: mse, optimizer: {sgd: {rate: 0.01}}, batch: all, "
                               "epochs: 1000, stop: {gradient: 1e-3}}"));
        DONE(ds_trainer_run(trainer, NULL, NULL, &result));
        assert_string_equal(result.stopped_by, "gradient");
        double w = ds_model_parameter(model, 0).values[0];
        double gradient = 28.0 / 3 * (2 - w), before = gradient / (1 - 28.0 / 300);
        assert_true(gradient <= 1e-3 * 1.001 && before > 1e-3 * 0.999);
        ds_trainer_destroy(trainer);
        ds_model_destroy(model);
        ds_data_destroy(data);
        ds_device_close(device);
    }
}

/* So many rows that the orders of few epochs are kept. */
static void test_a_large_set_is_trained_to_the_end(void **state) {
    (void)state;
    enum { MANY = 600000, EPOCHS = 6, BATCH = 200000 };
    float *x = calloc(MANY, sizeof *x), *y = calloc(MANY, sizeof *y);
    ds_device *device = open_device(1);
    ds_data *data = NULL;
    ds_model *model = NULL;
    ds_trainer *trainer = NULL;
    ds_result result;
    assert_true(x && y);
    for (int i = 0; i < MANY; i++)
        y[i] = 2 * (x[i] = (float)(i % 7));
    DONE(ds_data_from_arrays(&data, (ds_array){x, DS_ARRAY_FLOAT32, MANY, 1},
                             (ds_array){y, DS_ARRAY_FLOAT32, MANY, 1}, 0));
    DONE(ds_model_create(&model, data, "[{dense: {units: 1, bias: false}}]", "ones", 1));
    DONE(
        ds_trainer_create(&trainer, model, data, device,
                          "{loss: mse, optimizer: {sgd: {rate: 0.03}}, batch: 200000, epochs: 6}"));
    DONE(ds_trainer_run(trainer, NULL, NULL, &result));
    assert_int_equal(result.updates, EPOCHS * (MANY / BATCH));
    assert_true(fabs((double)ds_model_parameter(model, 0).values[0] - 2) < 1e-3);
    ds_trainer_destroy(trainer);
    ds_model_destroy(model);
    ds_data_destroy(data);
    ds_device_close(device);
    free(x);
    free(y);
}

/* Rows so wide that one half of the device's room holds 27 of them. */
static void test_streaming_gives_the_bits_of_resident_data(void **state) {
    (void)state;
    enum { WIDE = 150000, FEW = 120 };
    float *x = NULL, y[FEW];
    char hash[2][65];
    DONE(ds_new(&x, (size_t)WIDE * FEW, sizeof *x));
    for (int i = 0; i < FEW; i++) {
        for (int k = 0; k < WIDE; k++)
            x[(size_t)i * WIDE + (size_t)k] = (float)((i * 31 + k * 17) % 101) * 1e-4f;
        y[i] = (float)(i % 7);
    }
    ds_device *device = open_device(1);
    for (int stream = 0; stream < 2; stream++) {
        ds_data *data = NULL;
        ds_model *model = NULL;
        ds_trainer *trainer = NULL;
        ds_result result;
        DONE(ds_data_from_arrays(&data, (ds_array){x, DS_ARRAY_FLOAT32, FEW, WIDE},
                                 (ds_array){y, DS_ARRAY_FLOAT32, FEW, 1}, 0));
        DONE(ds_model_create(&model, data, "[{dense: 1}]", NULL, 1));
        DONE(ds_trainer_create(&trainer, model, data, device,
                               stream ? "{loss: mae, optimizer: {adam: {}}, batch: 7, epochs: 3, "
                                        "stream: true}"
                                      : "{loss: mae, optimizer: {adam: {}}, batch: 7, epochs: 3, "
                                        "stream: false}"));
        DONE(ds_trainer_run(trainer, NULL, NULL, &result));
        memcpy(hash[stream], result.weights_hash, 65);
        ds_trainer_destroy(trainer);
        ds_model_destroy(model);
        ds_data_destroy(data);
    }
    ds_device_close(device);
    ds_free(x);
    assert_string_equal(hash[0], hash[1]);
}

/* Chunks are cut by time, so their ends fall elsewhere in every run; so do the turns of a feed that
 * streams. */
static void test_the_cut_of_chunks_changes_no_bit(void **state) {
    (void)state;
    static const int64_t chunks[] = {1, 2, 5, 7, 8, 41, 1000, 0};
    static const char *const how[] = {options, op_by_op, "{" OPTIONS ", stream: true}",
                                      "{" OPTIONS ", stream: true, fuse: false}"};
    ds_device *device = open_device(1);
    for (size_t h = 0; h < sizeof how / sizeof *how; h++) {
        outcome first = {0};
        for (size_t c = 0; c < sizeof chunks / sizeof *chunks; c++) {
            outcome o = train_in_chunks(device, how[h], 0, chunks[c]);
            if (c == 0)
                first = o;
            if (strcmp(first.result.weights_hash, o.result.weights_hash) != 0 ||
                first.result.train.loss != o.result.train.loss)
                fail_msg("%s: chunks of %lld end otherwise than those of 1", how[h],
                         (long long)chunks[c]);
        }
    }
    ds_device_close(device);
}

/* More rows than a plan without a loss takes at a time, each with an answer of its own. */
static void test_predictions_on_a_device_are_those_of_the_reference(void **state) {
    (void)state;
    enum { MANY = 300 };
    static float x[MANY * FEATURES], y[2][MANY];
    ds_data *data = small_data();
    ds_model *model = NULL;
    DONE(ds_model_create(&model, data, net, NULL, 3));
    for (int i = 0; i < MANY * FEATURES; i++)
        x[i] = (float)ds_random_uniform(8, DS_STREAM_INIT, 0, (uint32_t)i);
    for (int which = 0; which < 2; which++) {
        ds_device *device = open_device(which);
        ds_array rows = {x, DS_ARRAY_FLOAT32, MANY, FEATURES};
        DONE(ds_model_predict(model, device, rows, y[which]));
        ds_device_close(device);
    }
    for (int i = 0; i < MANY; i++) {
        assert_true(y[0][i] != y[0][(i + 1) % MANY]);
        assert_float_equal(y[0][i], y[1][i], 1e-5);
    }
    ds_model_destroy(model);
    ds_data_destroy(data);
}

static void test_nothing_is_leaked(void **state) {
    (void)state;
    ds_device *device = open_device(1);
    train_small(device, options, 5); /* the device keeps the programs of this one */
    long memory = ds_memory_held(), objects = ds_device_objects();
    train_small(device, options, 5);
    assert_int_equal(ds_memory_held(), memory);
    assert_int_equal(ds_device_objects(), objects);
    ds_device_close(device);
    assert_int_equal(ds_device_objects(), 0);
}

/* On the reference, where an allocation is descent's own: each one fails once. */
static void test_running_out_of_memory_leaks_nothing(void **state) {
    (void)state;
    ds_device *device = open_device(0);
    ds_data *data = small_data();
    long held = ds_memory_held();
    long nth = 1;
    for (ds_status status = DS_OUT_OF_MEMORY; status != DS_OK; nth++) {
        ds_model *model = NULL;
        ds_trainer *trainer = NULL;
        ds_result result;
        ds_fail_allocation(nth);
        status = ds_model_create(&model, data, net, NULL, 3);
        if (status == DS_OK)
            status = ds_trainer_create(&trainer, model, data, device, options);
        if (status == DS_OK)
            status = ds_trainer_run(trainer, NULL, NULL, &result);
        ds_fail_allocation(0);
        if (status != DS_OK && status != DS_OUT_OF_MEMORY)
            fail_msg("allocation %ld: %s", nth, ds_last_error()->message);
        ds_trainer_destroy(trainer);
        ds_model_destroy(model);
        if (ds_memory_held() != held)
            fail_msg("allocation %ld: %ld blocks are left", nth, ds_memory_held() - held);
    }
    assert_true(nth > 20);
    ds_data_destroy(data);
    ds_device_close(device);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_runs_give_the_same_bits),
        cmocka_unit_test(test_updates_by_hand_are_those_of_the_loop),
        cmocka_unit_test(test_steps_out_of_turn_are_refused),
        cmocka_unit_test(test_a_diverging_run_stops_with_the_parameters_before_it),
        cmocka_unit_test(test_stop_rules_stop),
        cmocka_unit_test(test_a_small_gradient_stops_the_run_before_its_update),
        cmocka_unit_test(test_a_large_set_is_trained_to_the_end),
        cmocka_unit_test(test_streaming_gives_the_bits_of_resident_data),
        cmocka_unit_test(test_the_cut_of_chunks_changes_no_bit),
        cmocka_unit_test(test_updates_by_hand_are_checked_too),
        cmocka_unit_test(test_predictions_on_a_device_are_those_of_the_reference),
        cmocka_unit_test(test_nothing_is_leaked),
        cmocka_unit_test(test_running_out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
