/* Linear models, found by search and by descent: the shipped recipes of data/line, data/parabola,
 * data/minima and data/batches, with the figures that must come out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "system_recipes.h"

/* ---- search ---- */

enum { MOST_POINTS = 1024 };

/* The last two columns of search.csv: a parameter and the loss. */
static int read_search(double *value, double *loss) {
    FILE *file = fopen("run/search.csv", "r");
    char line[256];
    int points = 0;
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        char *comma = strrchr(line, ',');
        assert_true(comma && points < MOST_POINTS);
        loss[points] = strtod(comma + 1, NULL);
        *comma = '\0';
        char *before = strrchr(line, ',');
        value[points++] = strtod(before ? before + 1 : line, NULL);
    }
    fclose(file);
    return points;
}

static void line_is_searched(void) {
    system_run run;
    double w[MOST_POINTS], loss[MOST_POINTS];
    system_train(&run, "line/search.yaml", NULL);
    assert_int_equal(run.result.searched, 41);
    assert_int_equal(read_search(w, loss), 41);
    for (int k = 0; k < 41; k++) {
        double mse = 14.0 / 3 * (k * 0.1 - 2) * (k * 0.1 - 2);
        expect("w", w[k], k * 0.1, 0, 1e-9); /* printed with 9 digits */
        /* errors of three products of up to 12, squared: a few roundings each */
        expect("MSE(w)", loss[k], mse, 1e-14 * (1 + mse), 8 * half_ulp * (1 + mse));
    }
    expect("MSE(0)", loss[0], 18.6667, 5e-5, 5e-5);
    expect("MSE(1)", loss[10], 4.6667, 5e-5, 5e-5);
    expect("MSE(3)", loss[30], 4.6667, 5e-5, 5e-5);
    expect("MSE(2)", loss[20], 0, 0, 0);
    expect("w", parameter(run.model, "0.weight", 0), 2, 0, 0);
    expect("x = 4", predicted_for(run.model, "x\n4\n"), 8, 0, 0);
    ds_model_destroy(run.model);
}

/* The grid's least point is where descent ends; its number of points is a product. */
static void a_grid_ends_where_descent_does(void) {
    system_run searched, descended;
    system_train(&descended, "line/bias.yaml", NULL);
    system_train(&searched, "line/grid.yaml", NULL);
    assert_int_equal(searched.result.searched, 41 * 21);
    for (int i = 0; i < 2; i++) {
        const char *name = i ? "0.bias" : "0.weight";
        expect(name, parameter(searched.model, name, 0), i ? 0 : 2, 0, 0);
        /* descent in float32 ends where an update is below half an ulp, on a slope of about 0.1 */
        expect(name, parameter(descended.model, name, 0), i ? 0 : 2, 1e-9, 400 * half_ulp);
    }
    ds_model_destroy(searched.model);
    ds_model_destroy(descended.model);
}

/* ---- descent ---- */

static void line_is_descended(void) {
    system_run run;
    system_train(&run, "line/line.yaml", NULL);
    assert_int_equal(run.result.updates, 100);
    /* An update shrinks the error of w by 1 - 0.0933, so that roundings of about an ulp of 2 each
     * add up to at most 11 of them. */
    const double w_error = 11 * 4 * half_ulp;
    expect("w", parameter(run.model, "0.weight", 0), 1.9999444397, 5e-11, w_error);
    /* the figure is 4 times the rounded w */
    expect("x = 4", predicted_for(run.model, "x\n4\n"), 7.9997777588, 2e-10, 4 * w_error);
    expect("MSE", run.result.train.loss, 1.4406e-8, 5e-13, 2 * 14 / 3.0 * 5.6e-5 * w_error);
    expect_falling(&run, 100);
    ds_model_destroy(run.model);
}

static int last_change(const system_run *run, int epochs) {
    while (epochs > 1 && run->loss[epochs - 1] == run->loss[epochs - 2])
        epochs--;
    return epochs;
}

static void samples_move_the_line_one_by_one(void) {
    system_run run;
    system_train(&run, "line/stochastic.yaml", NULL);
    assert_int_equal(run.result.updates, 300);
    /* In float32 an update below half an ulp of w, 2^-24, is lost: w comes to rest a few ulps of 2
     * below 2. */
    expect("w", parameter(run.model, "0.weight", 0), exact ? 1.9999999999999236 : 1.9999996, 3e-16,
           3 * 2 * half_ulp);
    if (exact)
        expect_falling(&run, 100);
    else
        expect("the epoch of the last change", last_change(&run, 100), 50, 0, 15);
    ds_model_destroy(run.model);
}

/* Every sample's loss, too, falls from epoch to epoch. */
static void every_sample_falls(void) {
    double x[] = {1, 2, 3}, y[] = {2, 4, 6}, before[3] = {INFINITY, INFINITY, INFINITY};
    ds_data *data = NULL;
    ds_model *model = NULL;
    ds_trainer *trainer = NULL;
    recipe_now = "line/stochastic.yaml, by hand";
    succeed(ds_data_from_arrays(&data, (ds_array){x, DS_ARRAY_FLOAT64, 3, 1},
                                (ds_array){y, DS_ARRAY_FLOAT64, 3, 1}, 0));
    succeed(ds_model_create(&model, data, "[{dense: {units: 1, bias: false}}]", "ones", 1));
    succeed(ds_trainer_create(&trainer, model, data, device,
                              "{loss: mse, optimizer: {sgd: {rate: 0.01}}, batch: 1, "
                              "shuffle: false, epochs: 100}"));
    /* in float32 until w is near its place of rest */
    for (int update = 0; update < (exact ? 300 : 100); update++) {
        double loss;
        succeed(ds_trainer_forward(trainer, &loss));
        expect_less("a sample's loss, an epoch later", loss, before[update % 3]);
        before[update % 3] = loss;
        succeed(ds_trainer_backward(trainer));
        succeed(ds_trainer_update(trainer));
    }
    ds_trainer_destroy(trainer);
    ds_model_destroy(model);
    ds_data_destroy(data);
}

static void batches_of_two_make_two_updates(void) {
    system_run run;
    system_train(&run, "line/minibatch.yaml", NULL);
    assert_int_equal(run.result.updates, 200);
    assert_int_equal(run.result.epochs, 100);
    expect("w", parameter(run.model, "0.weight", 0), 2, 1e-10, 6 * half_ulp);
    ds_model_destroy(run.model);
}

/* Gradients 2x(wx + b - y) and 2(wx + b - y), at w = b = 1. */
static void a_line_has_two_gradients(void) {
    for (int row = 1; row <= 3; row++) {
        double x = row, y = 2 * x, e = x + 1 - y;
        char *text = NULL;
        system_explain(&text, "line/bias.yaml", row, NULL);
        expect_told(text, "backward", "dL/dw[0][0]", 2 * x * e, 0, 0); /* whole numbers are exact */
        expect_told(text, "backward", "dL/db[0]", 2 * e, 0, 0);
        ds_free(text);
    }
    system_gradcheck("line/bias.yaml");
}

static void a_parabola_is_linear_in_its_parameters(void) {
    system_run run;
    static const double x[] = {-1, -0.5, 0, 0.5, 1, 1.5, 2};
    for (int row = 1; row <= 7; row += 3) {
        double at = x[row - 1], y = 2 * at * at - 3 * at + 1, e = at + at * at - y;
        char *text = NULL;
        system_explain(&text, "parabola/parabola.yaml", row, NULL);
        expect_told(text, "backward", "dL/dw[0][0]", 2 * e * at, 0, 0);
        expect_told(text, "backward", "dL/dw[0][1]", 2 * e * at * at, 0, 0);
        expect_told(text, "backward", "dL/db[0]", 2 * e, 0, 0);
        ds_free(text);
    }
    system_train(&run, "parabola/parabola.yaml", NULL);
    /* float32 comes to rest where updates of rate 0.2 are below half an ulp of 3: gradients of
     * 6e-7, and the smallest curvature is about 0.1 */
    expect("w1", parameter(run.model, "0.weight", 0), -3, 1e-13, 1e-5);
    expect("w2", parameter(run.model, "0.weight", 1), 2, 1e-13, 1e-5);
    expect("b", parameter(run.model, "0.bias", 0), 1, 1e-13, 1e-5);
    ds_model_destroy(run.model);
}

/* ---- minima, stop rules ---- */

static double slope_at(double w) {
    double inlier = tanh(w), outlier = tanh(10 * w);
    return (5 * 2 * (inlier - 0.8) * (1 - inlier * inlier) +
            2 * (outlier + 0.8) * (1 - outlier * outlier) * 10) /
           6;
}

static void two_starts_end_in_two_minima(void) {
    static const double start[] = {0.5, -1}, end[] = {1.0986122887, -0.0344774};
    ds_sweep_table table;
    system_sweep(&table, "minima/minima.yaml", NULL);
    assert_int_equal(table.runs, 2);
    for (int i = 0; i < 2; i++) {
        ds_model *model = model_of_run(i);
        double w = parameter(model, "0.weight", 0);
        expect("w at the end", w, end[i], 1e-4, 1e-4);
        expect("the slope there", slope_at(w), 0, 1e-6, 1e-4);
        ds_model_destroy(model);
    }
    expect("the global minimum's loss", table.run[0].result.train.loss, 0.54, 5e-5, 5e-5);
    expect("the local minimum's loss", table.run[1].result.train.loss, 0.6168, 5e-5, 5e-5);
    ds_sweep_clear(&table);

    /* One step is the rate times the slope, against its sign. */
    for (int i = 0; i < 2; i++) {
        system_run run;
        char init[64];
        snprintf(init, sizeof init, "init={values: {0.weight: %g}}", start[i]);
        system_train(&run, "minima/minima.yaml", SETS(init, "epochs=1"));
        double step = parameter(run.model, "0.weight", 0) - start[i];
        expect("the first step", step, -0.05 * slope_at(start[i]), 1e-15, 4 * half_ulp);
        ds_model_destroy(run.model);
    }
}

static void the_curve_over_w_has_two_valleys(void) {
    system_run run;
    double w[MOST_POINTS], loss[MOST_POINTS];
    int valleys = 0;
    system_train(&run, "minima/search.yaml", NULL);
    assert_int_equal(run.result.searched, 501);
    assert_int_equal(read_search(w, loss), 501);
    for (int k = 1; k < 500; k++)
        valleys += loss[k] < loss[k - 1] && loss[k] < loss[k + 1];
    assert_int_equal(valleys, 2);
    expect("the least", parameter(run.model, "0.weight", 0), 1.1, 1e-12, half_ulp * 2);
    ds_model_destroy(run.model);
}

static void rules_stop(void) {
    system_run run;
    system_train(&run, "line/stop.yaml", NULL);
    assert_string_equal(run.result.stopped_by, "gradient");
    expect("updates", (double)run.result.updates, 94, 0, 1);
    ds_model_destroy(run.model);
    /* updates are no epochs: 50 of them end in the 25th epoch of batches of 2 */
    system_train(&run, "line/stop.yaml", SETS("stop={updates: 50}", "batch=2"));
    assert_string_equal(run.result.stopped_by, "updates");
    assert_int_equal(run.result.updates, 50);
    assert_int_equal(run.result.epochs, 25);
    ds_model_destroy(run.model);
    system_train(&run, "line/line.yaml", SETS("stop={seconds: 0.01}", "epochs=100000000"));
    assert_string_equal(run.result.stopped_by, "seconds");
    expect_less("seconds to a stop", run.result.seconds, 10);
    ds_model_destroy(run.model);
}

/* ---- batches ---- */

static void updates_follow_from_rows_and_batch(void) {
    ds_sweep_table table;
    system_sweep(&table, "batches/updates.yaml", NULL);
    assert_int_equal(table.runs, 2);
    assert_int_equal(table.run[0].result.train.rows, 10000);
    assert_int_equal(table.run[0].result.updates, 1000);
    assert_int_equal(table.run[1].result.train.rows, 1000);
    assert_int_equal(table.run[1].result.updates, 10);
    ds_sweep_clear(&table);
}

static void speed_stands_against_noise(void) {
    ds_sweep_table table;
    system_sweep(&table, "batches/noise.yaml", SETS("stop.seconds=0.2"));
    assert_int_equal(table.runs, 3);
    /* Which of them is the fastest is a matter of the machine and of what else it does just then.
     */
    for (int i = 0; i < 3; i++) {
        expect_less("0, samples a second", 0, table.run[i].result.samples_per_second);
        expect_less("0, updates", 0, (double)table.run[i].result.updates);
        assert_string_equal(table.run[i].result.stopped_by, "seconds");
        expect_less("the loss after that time", table.run[i].result.train.loss, 11);
    }
    ds_sweep_clear(&table);
}

static void noise_leaves_a_saddle(void) {
    ds_sweep_table table;
    system_sweep(&table, "batches/saddle.yaml", NULL);
    expect("the loss on the saddle", table.run[0].result.train.loss, 2.25, 0, 0);
    expect_less("the loss away from it", table.run[1].result.train.loss, 0.01);
    ds_sweep_clear(&table);
    /* the full gradient is 0, not only small; a sample's is not */
    system_sweep(&table, "batches/saddle.yaml", SETS("stop={gradient: 0}"));
    assert_string_equal(table.run[0].result.stopped_by, "gradient");
    assert_int_equal(table.run[0].result.updates, 0);
    assert_string_equal(table.run[1].result.stopped_by, "epochs");
    ds_sweep_clear(&table);
    char *text = NULL;
    system_explain(&text, "batches/saddle.yaml", 1, NULL);
    expect_told(text, "parameters", "theta[0]", 3, 0, 0);
    ds_free(text);
}

/* One update on all samples moves w and b by the mean of the samples' gradients. */
static void a_batchs_gradient_is_the_mean(void) {
    system_run run;
    double sum[2] = {0, 0};
    for (int row = 1; row <= 3; row++) {
        char *text = NULL;
        system_explain(&text, "line/bias.yaml", row, NULL);
        sum[0] += explained(text, "backward", "dL/dw[0][0]", 0);
        sum[1] += explained(text, "backward", "dL/db[0]", 0);
        ds_free(text);
    }
    system_train(&run, "line/bias.yaml", SETS("epochs=1"));
    for (int i = 0; i < 2; i++) {
        const char *name = i ? "0.bias" : "0.weight";
        expect(name, parameter(run.model, name, 0), 1 - 0.1 * sum[i] / 3, 4e-16, 4 * half_ulp);
    }
    ds_model_destroy(run.model);
}

/* Losses of the batches of an epoch at the start, w = b = 0, where nothing is learned. */
static void epoch_losses(ds_data *data, int batch, int epochs, double *loss, int count) {
    ds_model *model = NULL;
    ds_trainer *trainer = NULL;
    char options[128];
    snprintf(options, sizeof options,
             "{loss: mse, optimizer: {sgd: {rate: 0}}, batch: %d, epochs: %d}", batch, epochs);
    succeed(ds_model_create(&model, data, "[{dense: 1}]", "zeros", 1));
    succeed(ds_trainer_create(&trainer, model, data, device, options));
    for (int i = 0; i < count; i++) {
        succeed(ds_trainer_forward(trainer, &loss[i]));
        succeed(ds_trainer_backward(trainer));
        succeed(ds_trainer_update(trainer));
    }
    ds_trainer_destroy(trainer);
    ds_model_destroy(model);
}

static void larger_batches_know_the_loss_better(void) {
    static const int sizes[] = {1, 10, 100, 1000};
    ds_data *data = NULL;
    double loss[200], before = INFINITY, whole = 0;
    recipe_now = "batches/samples.csv.gz";
    succeed(ds_data_read(&data, "{train: " SOURCE_DIR "/data/batches/samples.csv.gz, target: y}"));
    epoch_losses(data, 10000, 1, &whole, 1);
    for (int s = 0; s < 4; s++) {
        int count = 10000 / sizes[s] < 200 ? 10000 / sizes[s] : 200;
        double off = 0;
        epoch_losses(data, sizes[s], 1, loss, count);
        for (int i = 0; i < count; i++)
            off += fabs(loss[i] - whole) / count;
        expect_less("how far a larger batch's loss is off", off, before / 2);
        before = off;
    }
    ds_data_destroy(data);
}

/* Every epoch visits every sample once, each in another order. */
static void every_epoch_is_shuffled_anew(void) {
    enum { ROWS = 12, EPOCHS = 4 };
    double x[ROWS], y[ROWS], loss[ROWS * EPOCHS];
    ds_data *data = NULL;
    recipe_now = "(a new shuffle each epoch)";
    for (int i = 0; i < ROWS; i++) {
        x[i] = 1;
        y[i] = i + 1; /* the loss, y^2, tells the row */
    }
    succeed(ds_data_from_arrays(&data, (ds_array){x, DS_ARRAY_FLOAT64, ROWS, 1},
                                (ds_array){y, DS_ARRAY_FLOAT64, ROWS, 1}, 0));
    epoch_losses(data, 1, EPOCHS, loss, ROWS * EPOCHS);
    for (int e = 0; e < EPOCHS; e++) {
        double seen = 0;
        bool same = e > 0;
        for (int i = 0; i < ROWS; i++) {
            seen += exp2(sqrt(loss[e * ROWS + i]) - 1);
            same = same && loss[e * ROWS + i] == loss[(e - 1) * ROWS + i];
        }
        assert_true(seen == (1 << ROWS) - 1);
        assert_false(same);
    }
    ds_data_destroy(data);
}

/* ---- the tests ---- */

static void test_exhaustive_search(void **state) {
    (void)state;
    on_every_device(line_is_searched);
    on_every_device(a_grid_ends_where_descent_does);
    on_every_device(the_curve_over_w_has_two_valleys);
}

static void test_descent_of_a_line(void **state) {
    (void)state;
    on_every_device(line_is_descended);
    on_every_device(samples_move_the_line_one_by_one);
    on_every_device(every_sample_falls);
    on_every_device(batches_of_two_make_two_updates);
}

static void test_gradients_of_linear_models(void **state) {
    (void)state;
    on_every_device(a_line_has_two_gradients);
    on_every_device(a_parabola_is_linear_in_its_parameters);
}

static void test_minima_and_stop_rules(void **state) {
    (void)state;
    on_every_device(two_starts_end_in_two_minima);
    on_every_device(rules_stop);
}

static void test_batches(void **state) {
    (void)state;
    on_every_device(updates_follow_from_rows_and_batch);
    on_every_device(speed_stands_against_noise);
    on_every_device(noise_leaves_a_saddle);
    on_every_device(a_batchs_gradient_is_the_mean);
    on_every_device(larger_batches_know_the_loss_better);
    on_every_device(every_epoch_is_shuffled_anew);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SYSTEM(test_exhaustive_search),
        SYSTEM(test_descent_of_a_line),
        SYSTEM(test_gradients_of_linear_models),
        SYSTEM(test_minima_and_stop_rules),
        SYSTEM(test_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
