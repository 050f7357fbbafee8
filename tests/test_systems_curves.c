/* From a line to a network that fits a curve: the shipped recipes of data/curve, data/hard_sigmoid,
 * data/sine, data/kink and data/losses, with the figures or the order that must come out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "system_recipes.h"

enum { CURVE = 161, MOST_ROWS = 256 };

/* data/curve/curve.csv at x = i/16 */
static double curve(int i) {
    static const double corner[][2] = {{0, 1}, {3, 4}, {5, 0.5}, {8, 2.5}, {10, 2}};
    double x = i / 16.0;
    int k = 0;
    while (k < 3 && x > corner[k + 1][0])
        k++;
    double share = (x - corner[k][0]) / (corner[k + 1][0] - corner[k][0]);
    return corner[k][1] + share * (corner[k + 1][1] - corner[k][1]);
}

static double loss_of(const ds_sweep_table *table, int run) {
    return table->run[run].result.train.loss;
}

/* ---- built, not trained ---- */

static void pieces_are_hard_sigmoids(void) {
    system_run run;
    double y[CURVE];
    system_train(&run, "curve/hard_sigmoids.yaml", NULL);
    assert_int_equal(predicted(run.model, SOURCE_DIR "/data/curve/curve.csv", y, CURVE), CURVE);
    for (int i = 0; i < CURVE; i++)
        /* z of up to 27 is rounded, and 1/6 of that counts up to 3.5 times: 16 half ulps of 1 */
        expect("the curve", y[i], curve(i), 1e-15, 16 * half_ulp);
    expect("max_error", run.result.train.max_error, 0, 1e-15, 16 * half_ulp);
    assert_int_equal(run.result.updates, 0);
    ds_model_destroy(run.model);
}

/* hard_sigmoid(z) = relu(z/6 + 1/2) - relu(z/6 - 1/2), each times c. */
static void a_hard_sigmoid_is_two_relus(void) {
    static const char path[] = SOURCE_DIR "/data/hard_sigmoid/hard_sigmoid.csv";
    static const char *const model[] = {
        "model=[{dense: 1}, hard_sigmoid, {dense: {units: 1, bias: false}}]",
        "model=[{dense: 2}, relu, {dense: {units: 1, bias: false}}]"};
    static const char *const init[] = {
        "init={values: {0.weight: 3.7, 0.bias: 0, 2.weight: -250}}",
        "init={values: {0.weight: 0.61666666666666667, 0.bias: [0.5, -0.5], "
        "2.weight: [-250, 250]}}"};
    const double eps = exact ? 0x1p-52 : 0x1p-23;
    double value[2][MOST_ROWS];
    ds_sweep_table table;
    system_sweep(&table, "hard_sigmoid/hard_sigmoid.yaml", NULL);
    assert_int_equal(table.runs, 2);
    for (int m = 0; m < 2; m++) /* no scale, and z/6 exact: equal bit by bit */
        expect("max_error", table.run[m].result.train.max_error, 0, 0, 0);
    ds_sweep_clear(&table);

    for (int m = 0; m < 2; m++) { /* z = 3.7 x, c = -250 */
        system_run run;
        system_train(&run, "hard_sigmoid/hard_sigmoid.yaml", SETS(model[m], init[m]));
        assert_int_equal(predicted(run.model, path, value[m], MOST_ROWS), 81);
        ds_model_destroy(run.model);
    }
    for (int i = 0; i < 81; i++) {
        double z = 3.7 * (i - 40) / 32.0, allowed = eps * 250 * (1 + fabs(z));
        expect("two ReLUs, scaled", value[1][i], value[0][i], allowed, allowed);
    }
}

static void more_pieces_follow_a_sine_better(void) {
    static const double largest[] = {0.2105, 0.0704, 0.0188, 0.0048};
    ds_sweep_table table;
    system_sweep(&table, "sine/sine.yaml", NULL);
    assert_int_equal(table.runs, 4);
    for (int i = 0; i < 4; i++)
        expect("max_error", table.run[i].result.train.max_error, largest[i], 5e-5, 5e-5);
    ds_sweep_clear(&table);
}

/* c sigmoid(b + w x): slope c w / 4 in the middle, which is at -b/w, and height c. */
static void w_b_and_c_shape_a_sigmoid(void) {
    static const double shape[][3] = {{1, -5, 1}, {2, -10, 1}, {1, -3, 1}, {1, -5, 3}};
    ds_sweep_table table;
    system_sweep(&table, "curve/shapes.yaml", NULL);
    assert_int_equal(table.runs, 4);
    for (int i = 0; i < 4; i++) {
        double y[CURVE], w = shape[i][0], b = shape[i][1], c = shape[i][2];
        int middle = (int)(-b / w * 16);
        ds_model *model = model_of_run(i);
        assert_int_equal(predicted(model, SOURCE_DIR "/data/curve/curve.csv", y, CURVE), CURVE);
        expect("the middle", y[middle], c / 2, 1e-16, 0);
        double slope = (y[middle + 1] - y[middle - 1]) * 8;
        expect("the slope", slope, c * w / 4, 2e-3 * c * w, 2e-3 * c * w); /* a chord's */
        expect("the height", y[160] + (c - y[2 * middle - 160 < 0 ? 0 : 2 * middle - 160]), 2 * c,
               0.1 * c, 0.1 * c);
        ds_model_destroy(model);
    }
    ds_sweep_clear(&table);
}

/* ---- trained ---- */

static void more_sigmoids_fit_better(void) {
    ds_sweep_table table;
    system_sweep(&table, "curve/sigmoids.yaml", NULL);
    assert_int_equal(table.runs, 5);
    for (int i = 1; i < 5; i++)
        expect_less("the loss of more sigmoids", loss_of(&table, i), loss_of(&table, i - 1));
    expect_less("the loss of 16 sigmoids", loss_of(&table, 4), 0.01);
    ds_sweep_clear(&table);
}

/* The best line by the normal equations. */
static double loss_of_best_line(void) {
    double mean = 0, xx = 0, xy = 0, yy = 0;
    for (int i = 0; i < CURVE; i++)
        mean += curve(i) / CURVE;
    for (int i = 0; i < CURVE; i++) {
        double x = (i - 80) / 16.0, y = curve(i) - mean;
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    return (yy - xy * xy / xx) / CURVE;
}

static void the_best_line_keeps_a_floor(void) {
    ds_sweep_table table;
    system_sweep(&table, "curve/bias.yaml", NULL);
    assert_int_equal(table.runs, 2);
    expect("the line's loss", loss_of(&table, 0), loss_of_best_line(), 1e-9, 1e-5);
    expect("the line's loss", loss_of(&table, 0), 0.6847, 5e-5, 6e-5);
    expect_less("the flexible model's loss", loss_of(&table, 1), 0.02);
    ds_sweep_clear(&table);
}

static void choices_are_crossed(void) {
    ds_sweep_table table;
    system_sweep(&table, "curve/choices.yaml", exact ? NULL : SETS("epochs=20"));
    assert_int_equal(table.keys, 3);
    assert_int_equal(table.runs, 12);
    ds_sweep_clear(&table);
    /* and any other on the command line */
    system_sweep(&table, "curve/choices.yaml",
                 SETS("epochs=2", "sweep={batch: [7, all], "
                                  "model: [[{dense: 1}], [{dense: 3}, tanh, {dense: 1}]]}"));
    assert_int_equal(table.runs, 4);
    assert_int_equal(table.run[0].result.updates, 46);
    assert_int_equal(table.run[3].result.updates, 2);
    ds_sweep_clear(&table);
}

/* 2i ReLUs in place of i sigmoids: noise makes 0.0225, a line 0.7. */
static void relus_take_the_place_of_sigmoids(void) {
    ds_sweep_table table;
    system_sweep(&table, "kink/relus.yaml", NULL);
    assert_int_equal(table.runs, 3);
    for (int i = 0; i < 3; i++) {
        expect_less("L", loss_of(&table, i), 0.06);
        expect_less("L'", table.run[i].result.test.loss, 0.06);
    }
    ds_sweep_clear(&table);
}

static void learning_too_much_is_seen(void) {
    system_run run;
    int best = 0;
    system_train(&run, "kink/overfit.yaml", NULL);
    for (int i = 1; i < 1000; i++)
        best = run.validation[i] < run.validation[best] ? i : best;
    expect_less("the best epoch", best, 900);
    expect_less("the loss on the points it learned", run.loss[999], run.loss[best]);
    expect_less("the least loss on the others, and half as much more", 1.2 * run.validation[best],
                run.result.validation.loss);
    expect_less("10 times the loss on its points", 10 * run.result.train.loss,
                run.result.validation.loss);
    ds_model_destroy(run.model);
}

static void depth_fits_its_own_points(void) {
    ds_sweep_table table;
    system_sweep(&table, "kink/depth.yaml", NULL);
    assert_int_equal(table.runs, 4);
    for (int i = 1; i < 4; i++)
        expect_less("L of a deeper network", loss_of(&table, i), loss_of(&table, i - 1));
    const ds_result *deep = &table.run[3].result;
    expect_less("twice L of the deepest", 2 * deep->train.loss, deep->validation.loss);
    ds_sweep_clear(&table);
}

/* ---- losses ---- */

/* abs(e) - 100 has MAE's gradients and weights; its value is 100 lower. */
static void a_constant_has_no_slope(void) {
    enum { MSE, MAE, HUBER, SHIFTED, LOSSES };
    ds_sweep_table table;
    system_sweep(&table, "losses/losses.yaml", NULL);
    assert_int_equal(table.runs, 3 * LOSSES);
    for (int model = 0; model < 3; model++) {
        const ds_sweep_run *run = &table.run[model * LOSSES];
        const ds_scores *mae = &run[MAE].result.train, *shifted = &run[SHIFTED].result.train;
        if (strcmp(run[MAE].result.weights_hash, run[SHIFTED].result.weights_hash) != 0)
            FAIL("model %d: the shifted loss led to other weights", model);
        /* a float32 near 100 is known within 4e-6 */
        expect("the shifted loss", shifted->loss, mae->loss - 100, 1e-13, 8e-6);
        expect("mae as a metric", shifted->mae, mae->mae, 0, 0);
        expect("MAE's loss", mae->loss, mae->mae, 0, 0);
        expect("MSE's loss", run[MSE].result.train.loss, pow(run[MSE].result.train.rmse, 2), 1e-14,
               1e-14);
        expect_less("huber's loss", run[HUBER].result.train.loss, run[HUBER].result.train.mae);
    }
    ds_sweep_clear(&table);
    char *text = NULL;
    system_explain(&text, "losses/losses.yaml", 1, SETS("loss={mae: {shift: -100}}"));
    expect_less("the shifted loss", explained(text, "loss, mae", "L ", 0), -90);
    ds_free(text);
}

static void squares_take_the_mean_and_distances_the_median(void) {
    ds_sweep_table table;
    system_sweep(&table, "losses/outlier.yaml", NULL);
    for (int i = 0; i < 2; i++) {
        ds_model *model = model_of_run(i);
        /* MAE's step is the rate, however near; the last ones are small by the schedule */
        expect(i ? "the median" : "the mean", parameter(model, "0.bias", 0), i ? 3 : 22,
               i ? 0.02 : 1e-9, i ? 0.02 : 1e-4);
        ds_model_destroy(model);
    }
    ds_sweep_clear(&table);
}

/* ---- the tests ---- */

static void test_built_networks(void **state) {
    (void)state;
    on_every_device(pieces_are_hard_sigmoids);
    on_every_device(a_hard_sigmoid_is_two_relus);
    on_every_device(more_pieces_follow_a_sine_better);
    on_every_device(w_b_and_c_shape_a_sigmoid);
}

static void test_trained_curves(void **state) {
    (void)state;
    on_every_device(more_sigmoids_fit_better);
    on_every_device(the_best_line_keeps_a_floor);
    on_every_device(choices_are_crossed);
}

static void test_noisy_curves(void **state) {
    (void)state;
    on_every_device(relus_take_the_place_of_sigmoids);
    on_every_device(learning_too_much_is_seen);
    on_every_device(depth_fits_its_own_points);
}

static void test_losses(void **state) {
    (void)state;
    on_every_device(a_constant_has_no_slope);
    on_every_device(squares_take_the_mean_and_distances_the_median);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SYSTEM(test_built_networks),
        SYSTEM(test_trained_curves),
        SYSTEM(test_noisy_curves),
        SYSTEM(test_losses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
