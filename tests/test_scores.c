/* Losses and metrics are true whatever the target's units, and those that a person gets from what
 * `predict` writes. On the OpenCL device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/number.h"
#include "base/random.h"
#include "outcome.h"
#include "scratch_folder.h"
#include "train/number_columns.h"
#include "train/trainer.h"

static ds_device *device;

static double noise(uint32_t stream, uint32_t i) {
    return ds_random_uniform(7, DS_STREAM_INIT, stream, i);
}

/* 300 rows: a, b, and columns of which y is `scale` times something, plus `shift`; z is another. */
static void write_table(const char *path, double scale, double shift) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "a,b,y,z\n");
    for (uint32_t i = 0; i < 300; i++) {
        double a = noise(0, i), b = noise(1, i);
        fprintf(file, "%.17g,%.17g,%.17g,%.17g\n", a, b,
                scale * (a * b + 0.4 * noise(2, i)) + shift, a - b + 0.4 * noise(3, i));
    }
    assert_int_equal(fclose(file), 0);
}

typedef struct run {
    ds_result result;
    ds_history history;
    int64_t best_epoch;
    ds_scores again; /* the training file, evaluated from the model's file */
} run;

static run train(const char *data_options, const char *outputs, const char *options,
                 const char *evaluated) {
    run r = {0};
    ds_data *data = NULL;
    ds_model *model = NULL;
    ds_trainer *trainer = NULL;
    DONE(ds_data_read(&data, data_options));
    DONE(ds_model_create(&model, data, outputs, NULL, 3));
    DONE(ds_trainer_create(&trainer, model, data, device, options));
    DONE(ds_trainer_run(trainer, NULL, NULL, &r.result));
    r.history = trainer->history;
    trainer->history = (ds_history){0};
    r.best_epoch = trainer->best_epoch;
    DONE(ds_model_save(model, "model.safetensors"));
    ds_trainer_destroy(trainer);
    ds_model_destroy(model);
    ds_data_destroy(data);
    if (!evaluated)
        return r;
    DONE(ds_model_load(&model, "model.safetensors"));
    DONE(ds_evaluate_file(model, device, evaluated, &r.again));
    ds_model_destroy(model);
    return r;
}

static void run_clear(run *r) {
    ds_history_clear(&r->history);
    ds_result_clear(&r->result);
}

/* ---- units ---- */

static void assert_scaled(const ds_scores *got, const ds_scores *ordinary, double error,
                          double loss) {
    if (got->rows != ordinary->rows || got->loss != loss * ordinary->loss ||
        got->mae != error * ordinary->mae || got->rmse != error * ordinary->rmse ||
        got->r2 != ordinary->r2 ||
        !(got->max_error == error * ordinary->max_error || isnan(got->max_error)))
        fail_msg("loss %.17g mae %.17g rmse %.17g r2 %.17g max_error %.17g; in ordinary units "
                 "%.17g %.17g %.17g %.17g %.17g, errors times %g, losses times %g",
                 got->loss, got->mae, got->rmse, got->r2, got->max_error, ordinary->loss,
                 ordinary->mae, ordinary->rmse, ordinary->r2, ordinary->max_error, error, loss);
}

static void assert_same_run(const run *got, const run *ordinary, double error, double loss) {
    assert_string_equal(got->result.weights_hash, ordinary->result.weights_hash);
    assert_string_equal(got->result.stopped_by, "patience");
    assert_int_equal(got->result.epochs, ordinary->result.epochs);
    assert_int_equal(got->result.best_epoch, ordinary->result.best_epoch);
    assert_scaled(&got->result.train, &ordinary->result.train, error, loss);
    assert_scaled(&got->result.validation, &ordinary->result.validation, error, loss);
    assert_scaled(&got->again, &ordinary->again, error, loss);
    assert_int_equal(got->history.rows, ordinary->history.rows);
    for (int64_t i = 0; i < got->history.rows; i++) {
        ds_history_row row = ds_history_at(&got->history, i);
        ds_history_row before = ds_history_at(&ordinary->history, i);
        assert_scaled(&row.train, &before.train, error, loss);
        assert_scaled(&row.validation, &before.validation, error, loss);
    }
}

/* By a power of two, so that no bit of what is trained is another one: about 1e-30, 1e-22, 1e19,
 * 1e20 and 1e30. */
static void targets_of_any_size_train_alike(void **state) {
    static const int powers[] = {-100, -73, 63, 66, 100};
    static const struct {
        const char *loss;
        int power; /* of the units in which it is */
    } losses[] = {{"mse", 2}, {"mae", 1}, {"{huber: {delta: %.17g}}", 2}};
    enum { POWERS = sizeof powers / sizeof *powers };
    (void)state;
    for (int k = 0; k < 3; k++) {
        run ordinary = {0};
        for (int p = -1; p < POWERS; p++) {
            double scale = p < 0 ? 1 : ldexp(1, powers[p]), delta = 0.1 * scale;
            if (k == 2 && !(delta >= 1e-30 && delta <= 1e30))
                continue; /* no delta that a recipe may have */
            char loss[64], options[256];
            snprintf(loss, sizeof loss, losses[k].loss, delta);
            snprintf(options, sizeof options,
                     "{loss: %s, optimizer: {adam: {rate: 0.02}}, batch: 16, epochs: 200, "
                     "keep: best, stop: {patience: 4}}",
                     loss);
            write_table("t.csv", scale, 0);
            run r =
                train("{train: t.csv, target: y, features: [a, b], split: {validation: 0.3, by: "
                      "order}, normalize_target: standard}",
                      "[{dense: 6}, tanh, {dense: 1}]", options, "t.csv");
            if (p < 0) {
                ordinary = r;
                assert_true(r.result.train.r2 > 0.3 && r.result.train.r2 < 0.99);
                assert_true(r.best_epoch > 4 && r.best_epoch == r.result.epochs - 4);
                continue;
            }
            assert_same_run(&r, &ordinary, scale, losses[k].power == 2 ? scale * scale : scale);
            run_clear(&r);
        }
        run_clear(&ordinary);
    }
}

/* The unit of one of two targets changes nothing but that target's errors. */
static void no_unit_of_several_targets_decides(void **state) {
    static const char *const losses[] = {"mse", "mae", "{huber: {delta: 0.5}}"};
    (void)state;
    for (int k = 0; k < 3; k++) {
        run r[2];
        for (int i = 0; i < 2; i++) {
            char options[256];
            snprintf(options, sizeof options,
                     "{loss: %s, optimizer: {adam: {rate: 0.02}}, batch: 16, epochs: 200, "
                     "keep: best, stop: {patience: 4}}",
                     losses[k]);
            write_table("t.csv", i ? 0x1p20 : 1, 0);
            r[i] =
                train("{train: t.csv, target: [y, z], features: [a, b], split: {validation: 0.3, "
                      "by: order}, normalize_target: standard}",
                      "[{dense: 6}, tanh, {dense: 2}]", options, "t.csv");
        }
        const ds_result *plain = &r[0].result, *large = &r[1].result;
        assert_string_equal(plain->weights_hash, large->weights_hash);
        assert_int_equal(plain->best_epoch, large->best_epoch);
        assert_int_equal(plain->epochs, large->epochs);
        assert_true(plain->epochs < 200);
        assert_true(plain->validation.loss == large->validation.loss);
        assert_true(plain->validation.r2 == large->validation.r2);
        assert_true(isnan(large->validation.mae) && isnan(large->validation.rmse) &&
                    isnan(large->validation.max_error));
        assert_int_equal(large->targets, 2);
        assert_string_equal(large->target[0].name, "y");
        assert_string_equal(large->target[1].name, "z");
        const ds_scores *y = &plain->target[0].validation, *z = &plain->target[1].validation;
        assert_true(large->target[0].validation.mae == 0x1p20 * y->mae);
        assert_true(large->target[0].validation.rmse == 0x1p20 * y->rmse);
        assert_true(large->target[0].validation.max_error == 0x1p20 * y->max_error);
        assert_true(large->target[0].validation.r2 == y->r2);
        assert_true(large->target[1].validation.mae == z->mae && z->rows == 90);
        assert_true(plain->validation.r2 == (y->r2 + z->r2) / 2);
        ds_history_row last = ds_history_at(&r[1].history, r[1].history.rows - 1);
        assert_true(isnan(last.train.r2) && isnan(last.validation.mae));
        run_clear(&r[0]);
        run_clear(&r[1]);
    }
}

/* ---- predictions ---- */

/* Scores of the predictions in p.csv, as a person would work them out. */
static ds_scores by_hand(const char *truth, const char *name) {
    ds_table predicted = {0}, table = {0};
    const ds_column *p, *y;
    double mean = 0, absolute = 0, square = 0, spread = 0, largest = 0;
    DONE(ds_number_columns_read(&predicted, "p.csv"));
    DONE(ds_number_columns_read(&table, truth));
    DONE(ds_table_need(&predicted, name, &p));
    DONE(ds_table_need(&table, name, &y));
    assert_int_equal(predicted.rows, table.rows);
    double rows = (double)table.rows;
    for (int64_t i = 0; i < table.rows; i++)
        mean += (y->numbers[i] - y->numbers[0]) / rows;
    for (int64_t i = 0; i < table.rows; i++) {
        double e = p->numbers[i] - y->numbers[i], d = y->numbers[i] - y->numbers[0] - mean;
        absolute += fabs(e) / rows;
        square += e * e / rows;
        spread += d * d / rows;
        largest = fmax(largest, fabs(e));
    }
    ds_scores scores = {.rows = table.rows,
                        .mae = absolute,
                        .rmse = sqrt(square),
                        .r2 = 1 - square / spread,
                        .max_error = largest};
    ds_table_clear(&predicted);
    ds_table_clear(&table);
    return scores;
}

static void assert_close(double got, double expected, double bound) {
    if (!(fabs(got - expected) <= bound))
        fail_msg("%.17g is not within %g of %.17g", got, bound, expected);
}

/* A prediction that is read back is half a spacing of float32 off at most, as are its errors; the
 * network's outputs are within -4 .. 4, where that is 2^-23 of the target's deviation. */
static void assert_by_hand(const ds_scores *judged, const char *truth, const char *name,
                           double deviation) {
    ds_scores hand = by_hand(truth, name);
    double bound = 0x1p-23 * deviation + 1e-12 * judged->max_error;
    assert_int_equal(judged->rows, hand.rows);
    assert_close(judged->mae, hand.mae, bound);
    assert_close(judged->rmse, hand.rmse, bound);
    assert_close(judged->max_error, hand.max_error, bound);
    assert_close(judged->r2, hand.r2, 0x1p-20);
}

static void predict_to_file(const ds_model *model, const char *data) {
    char *csv = NULL;
    DONE(ds_predict_file(model, device, data, &csv));
    scratch_write("p.csv", csv);
    ds_free(csv);
}

static void what_is_predicted_has_the_scores_that_eval_gives(void **state) {
    static const double shifts[] = {0, 1e9, -1e12};
    (void)state;
    for (int i = 0; i < 3; i++) {
        ds_model *model = NULL;
        ds_result judged = {0};
        write_table("t.csv", 1, shifts[i]);
        run r =
            train("{train: t.csv, target: [y, z], features: [a, b], normalize_target: standard}",
                  "[{dense: 6}, tanh, {dense: 2}]",
                  "{loss: mse, optimizer: {adam: {rate: 0.02}}, epochs: 30}", NULL);
        DONE(ds_model_load(&model, "model.safetensors"));
        DONE(ds_evaluate(model, device, "t.csv", &judged));
        predict_to_file(model, "t.csv");
        assert_int_equal(judged.targets, 2);
        assert_by_hand(&judged.target[0].test, "t.csv", "y", 0.3);
        assert_by_hand(&judged.target[1].test, "t.csv", "z", 0.5);
        assert_true(judged.target[0].test.mae < 0.2);
        ds_result_clear(&judged);
        ds_model_destroy(model);
        run_clear(&r);
    }
}

/* float32 has steps of 64 at 1e9: the network's answer is one of them, and the table's targets are
 * not rounded to them. The squares in float32 would be of those. */
static void errors_are_against_the_tables_own_numbers(void **state) {
    ds_model *model = NULL;
    (void)state;
    write_table("t.csv", 1, 1e9);
    run r =
        train("{train: t.csv, target: y, features: [a, b], normalize_target: none}", "[{dense: 1}]",
              "{loss: mae, optimizer: {sgd: {rate: 5e7}}, epochs: 40}", "t.csv");
    DONE(ds_model_load(&model, "model.safetensors"));
    predict_to_file(model, "t.csv");
    ds_scores hand = by_hand("t.csv", "y");
    assert_close(r.again.mae / hand.mae, 1, 1e-6); /* predictions of 9 digits, of 1e9 */
    assert_close(r.again.rmse / hand.rmse, 1, 1e-6);
    assert_close(r.again.max_error / hand.max_error, 1, 1e-6);
    assert_true(fmod(r.again.max_error, 64) != 0);
    assert_true(r.again.loss == r.again.mae);
    ds_model_destroy(model);
    run_clear(&r);
}

/* By the same kernels whatever the batches of training, from sets that are on the device or
 * streamed. */
static void eval_repeats_what_train_said(void **state) {
    static const char *const batches[] = {"1", "7", "32", "32, stream: true", "256", "280", "all"};
    (void)state;
    write_table("t.csv", 1e3, 5e4);
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        char options[128];
        snprintf(options, sizeof options,
                 "{loss: mse, optimizer: {adam: {}}, batch: %s, epochs: 3}", batches[i]);
        run r = train("{train: t.csv, target: y, normalize: standard, normalize_target: standard}",
                      "[{dense: 40}, relu, {dense: 33}, tanh, {dense: 1}]", options, "t.csv");
        assert_scaled(&r.again, &r.result.train, 1, 1);
        assert_true(r.again.max_error == r.result.train.max_error);
        run_clear(&r);
    }
}

/* What `math: portable` trained is predicted so, too. */
static void a_portable_model_has_the_same_scores_on_every_device(void **state) {
    ds_model *model = NULL;
    ds_device *plain = NULL;
    ds_scores scores;
    (void)state;
    write_table("t.csv", 1e3, 5e4);
    run r = train("{train: t.csv, target: y, normalize: standard, normalize_target: standard}",
                  "[{dense: 9}, tanh, {dense: 5}, gelu, {dense: 1}]",
                  "{loss: mse, optimizer: {adam: {}}, epochs: 3, math: portable}", "t.csv");
    assert_scaled(&r.again, &r.result.train, 1, 1);
    DONE(ds_device_open(&plain, "plain"));
    DONE(ds_model_load(&model, "model.safetensors"));
    DONE(ds_evaluate_file(model, plain, "t.csv", &scores));
    assert_scaled(&scores, &r.result.train, 1, 1);
    ds_model_destroy(model);
    ds_device_close(plain);
    run_clear(&r);
}

/* ---- digits ---- */

static void a_number_has_the_digits_that_tell_it_from_its_neighbours(void **state) {
    static const struct {
        double value, distance;
        const char *text;
    } cases[] = {{1000000000.27612, 1e-2, "1000000000.28"},
                 {1000000000.27612, 4e-4, "1000000000.276"},
                 {0.5, 1e-3, "0.5"},
                 {123456, 1e3, "123000"},
                 {-2.0 / 3, 1e-8, "-0.66666667"},
                 {1.5e-30, 1e-38, "1.5e-30"},
                 {0, 1e-45, "0"},
                 {7.25, 0, "7.25"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[32];
        double back;
        ds_number_print_near(text, cases[i].value, cases[i].distance);
        assert_true(ds_number_parse(text, &back));
        assert_true(back == cases[i].value || fabs(back - cases[i].value) < cases[i].distance);
        if (strcmp(text, cases[i].text) != 0 && cases[i].distance < 1)
            fail_msg("%s, not %s", text, cases[i].text);
    }
}

static int open_device(void **state) {
    (void)state;
    scratch_enter();
    DONE(ds_device_open(&device, "auto"));
    return 0;
}

static int close_device(void **state) {
    ds_device_close(device);
    return scratch_teardown(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_of_any_size_train_alike),
        cmocka_unit_test(no_unit_of_several_targets_decides),
        cmocka_unit_test(what_is_predicted_has_the_scores_that_eval_gives),
        cmocka_unit_test(errors_are_against_the_tables_own_numbers),
        cmocka_unit_test(eval_repeats_what_train_said),
        cmocka_unit_test(a_portable_model_has_the_same_scores_on_every_device),
        cmocka_unit_test(a_number_has_the_digits_that_tell_it_from_its_neighbours),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
