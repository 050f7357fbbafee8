/* What the command says of scores: of one target in any unit, of several, of the epoch that was
 * kept, and of why a run ended. On the OpenCL device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

#include "json_result.h"

#include <math.h>

#include "base/random.h"

static run_result result;

static double noise(uint32_t stream, uint32_t i) {
    return ds_random_uniform(11, DS_STREAM_INIT, stream, i);
}

/* 120 rows, a day each: money in units of `scale`, and a ratio. */
static void write_table(const char *path, double scale) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "day,a,b,money,ratio\n");
    for (uint32_t i = 0; i < 120; i++) {
        double a = noise(0, i), b = noise(1, i);
        fprintf(file, "2021-%02d-%02d,%.17g,%.17g,%.17g,%.17g\n", (int)i / 28 + 1, (int)i % 28 + 1,
                a, b, scale * (1 + a * b + 0.3 * noise(2, i)), a - b + 0.3 * noise(3, i));
    }
    assert_int_equal(fclose(file), 0);
}

static void write_recipe(const char *targets, const char *outputs, const char *data,
                         const char *rest) {
    char text[1024];
    snprintf(text, sizeof text,
             "data: {train: t.csv, target: %s, features: [a, b], normalize_target: standard, "
             "split: {validation: 0.25, by: order}%s}\n"
             "model: [{dense: 5}, tanh, {dense: %s}]\n"
             "loss: mse\noptimizer: {adam: {rate: 0.02}}\n%s\n",
             targets, data, outputs, rest);
    scratch_write("r.yaml", text);
}

static cJSON *run_json(const char *words) {
    run_descent(&result, words);
    run_expect(&result, 0);
    return json_parse(result.out);
}

static void assert_says(const char *words, const char *text) {
    run_descent(&result, words);
    run_expect(&result, 0);
    if (!strstr(result.out, text))
        fail_msg("%s says no \"%s\":\n%s", words, text, result.out);
}

static void assert_does_not_say(const char *text) {
    if (strstr(result.out, text))
        fail_msg("\"%s\" in\n%s", text, result.out);
}

static void assert_times(const cJSON *json, const cJSON *ordinary, const char *what, double times) {
    double got = json_number(json, what), expected = times * json_number(ordinary, what);
    if (!(fabs(got - expected) <= 1e-4 * fabs(expected)))
        fail_msg("%s: %.9g is not %g of %.9g", what, got, times, expected / times);
}

/* ---- one target ---- */

/* Decimal units are others in the last bits, and so are the weights. */
static void test_scores_are_in_the_targets_own_units(void **state) {
    static const double scales[] = {1e-30, 1e-22, 1e19, 1e20, 1e30};
    (void)state;
    write_recipe("money", "1", "", "epochs: 20\nkeep: best");
    write_table("t.csv", 1);
    cJSON *ordinary = run_json("train r.yaml --json");
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        double scale = scales[i];
        char text[128];
        write_table("t.csv", scale);
        cJSON *json = run_json("train r.yaml --json");
        assert_int_equal(json_number(json, "best_epoch"), json_number(ordinary, "best_epoch"));
        static const char *const sets[] = {"train", "validation"};
        for (int s = 0; s < 2; s++) {
            const cJSON *set = json_at(json, sets[s]), *before = json_at(ordinary, sets[s]);
            assert_times(set, before, "loss", scale * scale);
            assert_times(set, before, "mae", scale);
            assert_times(set, before, "rmse", scale);
            assert_times(set, before, "max_error", scale);
            assert_times(set, before, "r2", 1);
            assert_null(cJSON_GetObjectItem(set, "targets"));
        }
        snprintf(text, sizeof text, "train       loss %.9g  mae %.9g  rmse %.9g  r2 ",
                 json_number(json, "train loss"), json_number(json, "train mae"),
                 json_number(json, "train rmse"));
        assert_says("train r.yaml", text);
        cJSON_Delete(json);
    }
    cJSON_Delete(ordinary);
}

/* ---- several ---- */

static void assert_targets(const cJSON *set) {
    static const char *const names[] = {"money", "ratio"};
    double r2 = 0;
    assert_null(cJSON_GetObjectItem(set, "mae"));
    assert_null(cJSON_GetObjectItem(set, "rmse"));
    assert_null(cJSON_GetObjectItem(set, "max_error"));
    for (int k = 0; k < 2; k++) {
        const cJSON *target = json_at(json_at(set, "targets"), names[k]);
        assert_null(cJSON_GetObjectItem(target, "loss"));
        assert_true(json_number(target, "mae") < json_number(target, "rmse"));
        assert_true(json_number(target, "rmse") < json_number(target, "max_error"));
        assert_true((json_number(target, "mae") > 1000) == (k == 0)); /* in its own units */
        r2 += json_number(target, "r2") / 2;
    }
    assert_true(fabs(json_number(set, "r2") - r2) <= 1e-8);
}

static void test_several_targets_have_scores_of_their_own(void **state) {
    (void)state;
    write_table("t.csv", 1e6);
    write_recipe("[money, ratio]", "2", ", date: day, baselines: [last]", "epochs: 20");
    cJSON *json = run_json("train r.yaml --json");
    assert_targets(json_at(json, "train"));
    assert_targets(json_at(json, "validation"));
    assert_targets(json_at(json, "baselines last train"));
    assert_targets(json_at(json, "baselines last validation"));
    double worse = json_number(json, "baselines last train targets money mae");
    assert_true(json_number(json, "train targets money mae") < worse);
    cJSON_Delete(json);
    json = run_json("eval run t.csv --json");
    assert_targets(json);
    double mae = json_number(json, "targets ratio mae");
    cJSON_Delete(json);
    char line[128];
    snprintf(line, sizeof line, "\n  target    ratio  mae %.9g  rmse ", mae);
    assert_says("eval run t.csv", line);
    assert_non_null(strstr(result.out, " (mean of 2 targets)  ("));
    assert_says("train r.yaml", "\n  target    money  mae ");
    assert_non_null(strstr(result.out, " (mean of 2 targets)"));
    assert_non_null(strstr(result.out, "\n  last        loss "));
}

/* ---- the end ---- */

static void test_the_kept_epoch_is_told_everywhere(void **state) {
    (void)state;
    write_table("t.csv", 1);
    write_recipe("money", "1", "",
                 "epochs: 2000\nkeep: best\nstop: {patience: 5}\nplots: [loss]\nbatch: 8");
    cJSON *json = run_json("train r.yaml --json");
    int best = (int)json_number(json, "best_epoch"), epochs = (int)json_number(json, "epochs");
    double loss = json_number(json, "validation loss");
    assert_int_equal(epochs, best + 5);
    assert_string_equal(json_text(json, "stopped_by"), "patience");
    cJSON_Delete(json);
    char text[160];
    snprintf(text, sizeof text, "\nkept        epoch %d, that of the least validation loss\n",
             best);
    assert_says("train r.yaml", text);
    snprintf(text, sizeof text,
             "\nstopped     by patience: 5 epochs without a better validation loss; the best was "
             "epoch %d\n",
             best);
    assert_non_null(strstr(result.out, text));
    snprintf(text, sizeof text, "\ntrained     %d epochs", epochs);
    assert_non_null(strstr(result.out, text));
    snprintf(text, sizeof text, "\nkept          epoch %d,", best);
    assert_says("info run", text);
    /* The scores are those of the kept parameters: of a run that ends there. */
    snprintf(text, sizeof text, "train r.yaml --json --set epochs=%d --set keep=last", best);
    json = run_json(text);
    assert_true(json_number(json, "validation loss") == loss);
    assert_null(cJSON_GetObjectItem(json, "best_epoch"));
    cJSON_Delete(json);
    assert_says("train r.yaml", "kept");
    assert_says("plot run loss", "loss.svg");
    snprintf(text, sizeof text, "kept: epoch %d", best);
    FILE *script = fopen("run/plots/loss.gp", "r");
    assert_non_null(script);
    run_collect(script, result.out);
    assert_non_null(strstr(result.out, text));
}

static void test_why_a_run_ended_is_told(void **state) {
    (void)state;
    write_table("t.csv", 1);
    write_recipe("money", "1", "", "epochs: 30");
    run_descent(&result, "train r.yaml");
    run_expect(&result, 0);
    assert_does_not_say("stopped");
    assert_does_not_say("kept");
    assert_says("train r.yaml --set stop={updates:~7}", "\nstopped     by updates: 7, as `stop`");
    assert_says("train r.yaml --set epochs=100000000 --set stop={seconds:~0.1}",
                "\nstopped     by seconds: 0.1, as `stop` asks\n");
    static const char *const ways[] = {"fuse=true", "fuse=false"};
    for (int i = 0; i < 2; i++) {
        char words[256], bound[32] = "";
        double norm;
        snprintf(
            words, sizeof words,
            "train r.yaml --set epochs=100000 --set batch=all --set optimizer={sgd:~{rate:~0.2}} "
            "--set stop={gradient:~0.02} --set %s",
            ways[i]);
        assert_says(words, "\nstopped     by gradient: its norm is ");
        const char *said = strstr(result.out, "its norm is ");
        assert_int_equal(sscanf(said, "its norm is %lf, not above %31s", &norm, bound), 2);
        assert_string_equal(bound, "0.02");
        assert_true(norm > 0.01 && norm <= 0.02); /* small steps: it came down to just below */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scores_are_in_the_targets_own_units),
        cmocka_unit_test(test_several_targets_have_scores_of_their_own),
        cmocka_unit_test(test_the_kept_epoch_is_told_everywhere),
        cmocka_unit_test(test_why_a_run_ended_is_told),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
