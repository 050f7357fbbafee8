/* data/views/table.yaml, as shipped and on a series and a start of other seeds: what more days,
 * more neurons and more layers bring, on the years that were trained on and on the one that was
 * not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

#include "json_result.h"

#include <math.h>

enum { RUNS = 10 };

/* In the order of the recipe. */
enum { DAY, WEEK, MONTH, LINE, RELU_10, RELU_100, RELU_1000, LAYERS_2, LAYERS_3, LAYERS_4 };

static run_result result;

static void assert_below(double a, double b, const char *what, const char *where) {
    if (!(a < b))
        fail_msg("%s: %s: %g is not below %g", where, what, a, b);
}

/* The losses of every run on a set: none is worse than the naive forecasts that it should beat, and
 * all are of the same days. */
static void read_losses(double loss[RUNS], const cJSON *runs, const char *set, int rows,
                        const char *where) {
    int i = 0;
    const cJSON *run;
    assert_int_equal(cJSON_GetArraySize(runs), RUNS);
    cJSON_ArrayForEach(run, runs) {
        const cJSON *baselines = json_at(run, "baselines");
        const cJSON *last = json_at(json_at(baselines, "last"), set);
        const cJSON *week = json_at(cJSON_GetObjectItem(baselines, "seasonal 7"), set);
        loss[i] = json_number(json_at(run, set), "loss");
        assert_int_equal(json_number(json_at(run, set), "rows"), rows);
        assert_int_equal(json_number(last, "rows"), rows);
        assert_below(loss[i], json_number(last, "loss"), "better than the day before", where);
        if (i > DAY)
            assert_below(loss[i], json_number(week, "loss"), "better than a week ago", where);
        i++;
    }
}

static void judge_table(const char *words, const char *where) {
    double seen[RUNS], unseen[RUNS];
    run_descent(&result, words);
    run_expect(&result, 0);
    cJSON *json = json_parse(result.out);
    read_losses(seen, json_at(json, "runs"), "train", 1405 - 56, where);
    read_losses(unseen, json_at(json, "runs"), "test", 365, where);
    for (int days = WEEK; days <= MONTH; days++) {
        assert_below(seen[days], seen[days - 1], "more days, trained on", where);
        assert_below(unseen[days], unseen[days - 1], "more days, unseen", where);
    }
    assert_below(seen[LINE], seen[MONTH], "56 days, trained on", where);
    assert_below(unseen[LINE], unseen[MONTH] + 0.02, "56 days, unseen", where);
    assert_below(seen[RELU_100], seen[RELU_10], "100 and 10 ReLU", where);
    assert_below(seen[RELU_10], seen[LINE], "10 ReLU and a line, trained on", where);
    assert_below(unseen[RELU_100], unseen[LINE], "100 ReLU and a line, unseen", where);
    assert_below(fabs(unseen[RELU_1000] - unseen[RELU_100]), 0.05, "1000 and 100 ReLU", where);
    assert_below(seen[LAYERS_2], seen[RELU_100], "2 layers, trained on", where);
    assert_below(seen[LAYERS_3], seen[LAYERS_2], "3 layers, trained on", where);
    assert_below(seen[LAYERS_4], seen[LAYERS_3], "4 layers, trained on", where);
    assert_below(unseen[LAYERS_2], unseen[RELU_100], "2 layers, unseen", where);
    assert_below(unseen[LAYERS_2], unseen[LAYERS_4], "overfitting of 4 layers", where);
    cJSON_Delete(json);
}

static void test_the_table_is_in_order(void **state) {
    (void)state;
    judge_table("train " SOURCE_DIR "/data/views/table.yaml --json --quiet --set plots=[]",
                "as shipped");
}

static void test_other_seeds_give_the_same_order(void **state) {
    (void)state;
    run_descent(&result, "generate views --seed 4 -o other.csv");
    run_expect(&result, 0);
    char folder[512], words[900];
    assert_non_null(getcwd(folder, sizeof folder));
    snprintf(words, sizeof words,
             "train " SOURCE_DIR "/data/views/table.yaml --json --quiet --set plots=[] "
             "--set data.train=%s/other.csv --set seed=2",
             folder);
    judge_table(words, "series of seed 4, training of seed 2");
}

/* What data/README.md says, which was seen in float32. */
static void test_the_reference_agrees_on_lines(void **state) {
    static const int days[] = {7, 28, 56};
    static const double seen[] = {0.497, 0.448, 0.439}, unseen[] = {0.533, 0.503, 0.492};
    (void)state;
    run_descent(&result, "train " SOURCE_DIR "/data/views/table.yaml --device reference --json "
                         "--quiet --set plots=[] --set sweep={optimizer.adam.rate:~[0.005],~"
                         "data.lags.steps:~[7,~28,~56]}");
    run_expect(&result, 0);
    cJSON *json = json_parse(result.out);
    const cJSON *runs = json_at(json, "runs");
    assert_int_equal(cJSON_GetArraySize(runs), 3);
    for (int i = 0; i < 3; i++) {
        double train = json_number(cJSON_GetArrayItem(runs, i), "train loss");
        double test = json_number(cJSON_GetArrayItem(runs, i), "test loss");
        if (!(fabs(train - seen[i]) < 0.005 && fabs(test - unseen[i]) < 0.005))
            fail_msg("%d days: %g, %g", days[i], train, test);
    }
    cJSON_Delete(json);
}

/* What data/README.md says; a straight line's loss has one minimum, whatever the seed. */
static void test_one_day_has_its_w_and_b(void **state) {
    (void)state;
    run_descent(&result, "train " SOURCE_DIR "/data/views/table.yaml --device reference --json "
                         "--quiet --set sweep=none --set plots=[] --set data.lags.steps=1 "
                         "--set data.normalize=none --set data.normalize_target=none "
                         "--set optimizer.adam.rate=0.02 --out one");
    run_expect(&result, 0);
    cJSON *json = json_parse(result.out);
    double w = json_at(json, "parameters 0.weight")->child->child->valuedouble;
    double b = json_at(json, "parameters 0.bias")->child->valuedouble;
    if (!(fabs(w - 0.76) < 0.01 && fabs(b - 1.07) < 0.05))
        fail_msg("w %g, b %g", w, b);
    cJSON_Delete(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_is_in_order),
        cmocka_unit_test(test_other_seeds_give_the_same_order),
        cmocka_unit_test(test_the_reference_agrees_on_lines),
        cmocka_unit_test(test_one_day_has_its_w_and_b),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
