/* Networks on tables: many features, many classes, many layers. The shipped recipes of data/days,
 * data/digits, data/go, data/pm25, data/spam, data/speech and data/survey, with what must come out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "system_recipes.h"

/* 3 days, 3 sigmoids: r, a, y, theta of 16 numbers, and g. */
static void three_days_and_three_sigmoids(void) {
    char *text = NULL;
    double theta[16], g[16], x[3], a[3];
    system_explain(&text, "days/days.yaml", 1, NULL);
    for (int i = 0; i < 16; i++) {
        char name[16];
        snprintf(name, sizeof name, "theta[%d] =", i);
        const char *line = strstr(text, name);
        assert_non_null(line);
        theta[i] = strtod(strchr(line + strlen(name) + 1, '=') + 1, NULL);
        g[i] = explained(text, "as one vector", name, 0);
    }
    assert_null(strstr(text, "theta[16]"));
    for (int k = 0; k < 3; k++) {
        static const char *const day[] = {"views[t-1]", "views[t-2]", "views[t-3]"};
        x[k] = explained(text, "sample 1", day[k], 0);
    }
    /* y = b + c sigmoid(b + W x), with theta of 9 digits */
    double y = theta[15], truth = explained(text, "sample 1", "-> views", 0);
    for (int i = 0; i < 3; i++) {
        double r = theta[9 + i];
        char name[8];
        for (int k = 0; k < 3; k++)
            r += theta[3 * i + k] * x[k];
        a[i] = 1 / (1 + exp(-r));
        y += theta[12 + i] * a[i];
        snprintf(name, sizeof name, "z[%d]", i);
        expect_told(text, "layer 0", name, r, 1e-8, 1e-6);
        snprintf(name, sizeof name, "a[%d]", i);
        expect_told(text, "layer 1", name, a[i], 1e-8, 1e-6);
    }
    expect_told(text, "layer 2", "z[0]", y, 1e-8, 1e-6);
    /* e of up to 10 and 2 e before it make an error of 1e-8 one of 1e-6 */
    double dy = 2 * (y - truth);
    expect_told(text, "backward", "dL/dy[0]", dy, 1e-6, 1e-5);
    for (int i = 0; i < 3; i++) {
        double dr = dy * theta[12 + i] * a[i] * (1 - a[i]);
        expect("g of c", g[12 + i], dy * a[i], 1e-6, 1e-6);
        expect("g of b", g[9 + i], dr, 1e-6, 1e-6);
        for (int k = 0; k < 3; k++)
            expect("g of W", g[3 * i + k], dr * x[k], 1e-6, 1e-6);
    }
    expect("g of the last b", g[15], dy, 1e-6, 1e-6);
    ds_free(text);
    system_gradcheck("days/days.yaml");
}

static int64_t count_parameters(const ds_model *model) {
    int64_t count = 0;
    for (size_t i = 0; i < ds_model_parameters(model); i++)
        count += ds_model_parameter(model, i).count;
    return count;
}

static void fat_and_deep_have_equal_parameters(void) {
    ds_sweep_table table;
    system_sweep(&table, "digits/fat_or_deep.yaml", SETS("epochs=5"));
    assert_int_equal(table.runs, 2);
    for (int i = 0; i < 2; i++) {
        ds_model *model = model_of_run(i);
        assert_int_equal(count_parameters(model), 3010);
        expect_less("accuracy", 0.9, table.run[i].result.test.accuracy);
        expect_less("L, beside L'", table.run[i].result.train.loss, table.run[i].result.test.loss);
        ds_model_destroy(model);
    }
    ds_sweep_clear(&table);
}

/* 429-1000x8: millions of parameters; on the reference, which takes its time, the plan alone. */
static void eight_layers_of_a_thousand(void) {
    const double parameters = 430 * 1000. + 7 * 1001 * 1000. + 1001 * 40.;
    system_run run;
    char *text = NULL, memory[64];
    system_explain(&text, "speech/speech.yaml", 0, NULL);
    snprintf(memory, sizeof memory, "parameters %.0f bytes", 4 * parameters);
    if (!strstr(text, memory))
        FAIL("the plan does not say \"%s\"", memory);
    ds_free(text);
    if (exact)
        return;
    system_train(&run, "speech/speech.yaml", SETS("stop={updates: 1}"));
    assert_int_equal(count_parameters(run.model), (int64_t)parameters);
    assert_int_equal(run.result.updates, 1);
    expect_less("the loss", run.result.train.loss, 10);
    ds_model_destroy(run.model);
}

static void one_of_361_moves(void) {
    system_run run;
    system_train(&run, "go/go.yaml", SETS("epochs=2"));
    assert_int_equal(ds_model_outputs(run.model), 361);
    expect("the loss at the start, log(361)", run.loss[0], log(361), 0.5, 0.5);
    expect_falling(&run, 2);
    expect_less("the loss after 2 epochs", run.result.train.loss, 5.5);
    expect_less("ten times chance", 10 / 361., run.result.train.accuracy);
    ds_model_destroy(run.model);
}

static void spam_is_told_from_letters(void) {
    system_run run;
    double p[9];
    system_train(&run, "spam/spam.yaml", NULL);
    expect_less("accuracy", 0.9, run.result.test.accuracy);
    ds_model_destroy(run.model);

    system_train(&run, "spam/one_word.yaml", NULL);
    expect_less("accuracy", 0.7, run.result.test.accuracy);
    char *csv = NULL; /* spam, P(no), P(yes) */
    succeed(ds_predict_file(run.model, device, SOURCE_DIR "/data/spam/one_word.csv", &csv));
    const char *line = csv;
    double w = parameter(run.model, "0.weight", 0), b = parameter(run.model, "0.bias", 0);
    for (int k = 0; k < 9; k++) {
        line = strchr(line, '\n') + 1;
        p[k] = strtod(strchr(strchr(line, ',') + 1, ',') + 1, NULL);
        expect("the probability", p[k], 1 / (1 + exp(-(w * k + b))), 1e-15, 8 * half_ulp);
        if (k > 0)
            expect_less("the probability of fewer words", p[k - 1], p[k]);
    }
    ds_free(csv);
    ds_model_destroy(run.model);
}

static void a_survey_tells_who_tests_positive(void) {
    system_run run;
    system_train(&run, "survey/survey.yaml", SETS("epochs=12"));
    expect_less("r2 on rows held out", 0.8, run.result.test.r2);
    ds_model_destroy(run.model);
}

static void tomorrows_dust_follows_from_three_columns(void) {
    system_run run;
    system_train(&run, "pm25/pm25.yaml", SETS("epochs=20"));
    /* 16 units over 3 columns of 3 days */
    assert_int_equal(ds_model_parameter(run.model, 0).count, 16 * 3 * 3);
    assert_int_equal(run.result.baselines, 1);
    const ds_scores *judged = run.result.test.rows ? &run.result.test : &run.result.validation;
    const ds_baseline *last = &run.result.baseline[0];
    expect_less("the loss, beside tomorrow as today", judged->loss,
                judged == &run.result.test ? last->test.loss : last->validation.loss);
    ds_model_destroy(run.model);
}

/* ---- the tests ---- */

static void test_many_features(void **state) {
    (void)state;
    on_every_device(three_days_and_three_sigmoids);
    on_every_device(a_survey_tells_who_tests_positive);
    on_every_device(tomorrows_dust_follows_from_three_columns);
}

static void test_classes(void **state) {
    (void)state;
    on_every_device(spam_is_told_from_letters);
    on_every_device(one_of_361_moves);
}

static void test_wide_and_deep(void **state) {
    (void)state;
    on_every_device(fat_and_deep_have_equal_parameters);
    on_every_device(eight_layers_of_a_thousand);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SYSTEM(test_many_features),
        SYSTEM(test_classes),
        SYSTEM(test_wide_and_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
