/* The linear rows of data/views/table.yaml, by the shipped recipe: what more days bring. The deep
 * ones take longer than a test may; they are a command away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

#include "json_result.h"

#include <math.h>

static run_result result;

static void test_more_days_bring_smaller_errors(void **state) {
    static const int days[] = {1, 7, 28, 56};
    /* What data/README.md says, which was seen in float32. */
    static const double seen[] = {0.486, 0.372, 0.338, 0.328},
                        unseen[] = {0.620, 0.443, 0.395, 0.380};
    (void)state;
    run_descent(&result, "train " SOURCE_DIR "/data/views/table.yaml --device reference --json "
                         "--quiet --set sweep={optimizer.adam.rate:~[0.005],~data.lags.steps:~"
                         "[1,~7,~28,~56]}");
    run_expect(&result, 0);
    cJSON *json = json_parse(result.out);
    const cJSON *runs = json_at(json, "runs");
    assert_int_equal(cJSON_GetArraySize(runs), 4);
    for (int i = 0; i < 4; i++) {
        const cJSON *run = cJSON_GetArrayItem(runs, i);
        double train = json_number(run, "train loss"), test = json_number(run, "test loss");
        if (!(fabs(train - seen[i]) < 0.005 && fabs(test - unseen[i]) < 0.01))
            fail_msg("%d days: %g, %g", days[i], train, test);
        const cJSON *last = json_at(json_at(run, "baselines"), "last");
        const cJSON *week = cJSON_GetObjectItem(json_at(run, "baselines"), "seasonal 7");
        assert_true(train < json_number(last, "train loss"));
        assert_true(test < json_number(last, "test loss"));
        assert_true(days[i] < 7 || test < json_number(week, "test loss"));
        int history = days[i] < 7 ? 7 : days[i];
        assert_int_equal(json_number(run, "train rows"), 1461 - history);
        assert_int_equal(json_number(run, "test rows"), 365 - history);
    }
    cJSON_Delete(json);
}

static void test_one_day_has_its_w_and_b(void **state) {
    (void)state;
    run_descent(&result, "train " SOURCE_DIR "/data/views/views.yaml --device reference --json "
                         "--quiet --set data.lags.steps=1 --set data.normalize=none --set "
                         "data.normalize_target=none --out one");
    run_expect(&result, 0);
    cJSON *json = json_parse(result.out);
    double w = json_at(json, "parameters 0.weight")->child->child->valuedouble;
    double b = json_at(json, "parameters 0.bias")->child->valuedouble;
    if (!(fabs(w - 0.957) < 0.01 && fabs(b - 0.095) < 0.03))
        fail_msg("w %g, b %g", w, b);
    cJSON_Delete(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_days_bring_smaller_errors),
        cmocka_unit_test(test_one_day_has_its_w_and_b),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
