/* What the command prints when all is well: the keys of the JSON, the columns of the CSV, the files
 * of a run, on the reference, where the figures are exact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

#include "json_result.h"
#include "picture_files.h"

#include <math.h>

static run_result result;

static cJSON *run_json(const char *words) {
    run_descent(&result, words);
    run_expect(&result, 0);
    return json_parse(result.out);
}

static void assert_near(double value, double expected, double bound) {
    if (!(fabs(value - expected) <= bound))
        fail_msg("%.17g is not within %g of %.17g", value, bound, expected);
}

static void test_train_says_all_of_it(void **state) {
    (void)state;
    cJSON *json = run_json("train " SOURCE_DIR "/data/line/line.yaml --device reference --json");
    assert_string_equal(json_text(json, "device"), "reference");
    assert_int_equal(json_number(json, "epochs"), 100);
    assert_int_equal(json_number(json, "updates"), 100);
    assert_true(json_number(json, "seconds") > 0);
    assert_true(json_number(json, "samples_per_second") > 0);
    assert_near(json_number(json, "train loss"), 1.4406e-8, 1e-12);
    assert_true(json_number(json, "train mae") > 0);
    assert_true(json_number(json, "train rmse") > 0);
    assert_near(json_number(json, "train r2"), 1, 1e-6);
    assert_null(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "train"), "accuracy"));
    assert_null(cJSON_GetObjectItem(json, "validation"));
    assert_null(cJSON_GetObjectItem(json, "test"));
    assert_null(cJSON_GetObjectItem(json, "error"));
    assert_string_equal(json_text(json, "stopped_by"), "epochs");
    const cJSON *weight = json_at(json, "parameters 0.weight");
    assert_int_equal(cJSON_GetArraySize(weight), 1);
    assert_int_equal(cJSON_GetArraySize(weight->child), 1);
    assert_near(weight->child->child->valuedouble, 1.9999444397, 1e-10);
    assert_int_equal(strlen(json_text(json, "weights_hash")), 64);
    assert_int_equal(strlen(json_text(json, "plan_hash")), 64);
    assert_string_equal(json_text(json, "model"), "run/model.safetensors");
    cJSON_Delete(json);
    assert_int_equal(access("run/model.safetensors", R_OK), 0);
    assert_int_equal(access("run/history.csv", R_OK), 0);
    assert_int_equal(access("run/checkpoint.safetensors", R_OK), 0);
}

/* The four people, by the shipped recipe: the outputs that double precision gives. */
static void test_people_are_told_apart(void **state) {
    (void)state;
    cJSON *json =
        run_json("train " SOURCE_DIR "/data/people/people.yaml --device reference --json");
    assert_near(json_number(json, "train loss"), 0.00239, 5e-6);
    assert_int_equal(cJSON_GetArraySize(json_at(json, "parameters 0.weight")), 2);
    cJSON_Delete(json);
    scratch_write("two.csv", "height,weight\n63,128\n68,155\n");
    run_descent(&result, "predict run two.csv --device reference");
    run_expect(&result, 0);
    double first = 0, second = 0;
    assert_int_equal(sscanf(result.out, "gender,nearest gender\n%lf,F\n%lf,M\n", &first, &second),
                     2);
    assert_near(first, 0.94679, 5e-6);
    assert_near(second, 0.03976, 5e-6);
    assert_string_equal(result.said, "");
}

static void test_predict_writes_a_file_whole(void **state) {
    static char text[MOST_OUTPUT];
    (void)state;
    run_descent(&result, "predict run " SOURCE_DIR "/data/people/people.csv --device reference");
    run_expect(&result, 0);
    memcpy(text, result.out, sizeof text);
    assert_int_equal(run_count_lines(text), 5);
    run_descent(&result,
                "predict run " SOURCE_DIR "/data/people/people.csv --device reference -o p.csv");
    run_expect(&result, 0);
    assert_string_equal(result.out, "");
    FILE *file = fopen("p.csv", "r");
    assert_non_null(file);
    run_collect(file, result.out);
    assert_string_equal(result.out, text);
}

static void test_classes_have_probabilities(void **state) {
    (void)state;
    scratch_write("colours.csv", "x,colour\n0,red\n1,green\n2,blue\n0,red\n1,green\n2,blue\n");
    run_descent(&result, "train --data colours.csv --target colour --layers 4~tanh --set epochs=3 "
                         "--device reference --out colours --quiet");
    run_expect(&result, 0);
    assert_non_null(strstr(result.out, "loss: cross_entropy")); /* the recipe that was used */
    assert_non_null(strstr(result.out, "accuracy"));
    assert_string_equal(result.said, "");
    run_descent(&result, "predict colours/model.safetensors colours.csv --device reference");
    run_expect(&result, 0);
    static const char header[] = "colour,colour=blue,colour=green,colour=red\n";
    assert_int_equal(strncmp(result.out, header, strlen(header)), 0);
    assert_int_equal(run_count_lines(result.out), 7);
    cJSON *json = run_json("eval colours colours.csv --device reference --json");
    assert_int_equal(json_number(json, "rows"), 6);
    assert_int_equal(json_number(json, "seed"), 1);
    assert_true(json_number(json, "loss") > 0);
    assert_true(json_number(json, "accuracy") >= 0);
    cJSON_Delete(json);
}

/* A forecast, with naive ones beside it: in the text, the JSON and the history. */
static void test_a_forecast_stands_beside_naive_ones(void **state) {
    static const char *const sets[] = {"train", "test"};
    static char text[MOST_OUTPUT];
    (void)state;
    cJSON *json =
        run_json("train " SOURCE_DIR "/data/views/views.yaml --device reference --json --quiet "
                 "--set data.lags.steps=7 --set epochs=40 --out views");
    const cJSON *baselines = json_at(json, "baselines");
    assert_int_equal(cJSON_GetArraySize(baselines), 2);
    for (int set = 0; set < 2; set++) {
        double loss = json_number(json_at(json, sets[set]), "loss");
        double rows = json_number(json_at(json, sets[set]), "rows");
        const cJSON *entry;
        cJSON_ArrayForEach(entry, baselines) {
            assert_int_equal(json_number(json_at(entry, sets[set]), "rows"), rows);
            assert_true(loss < json_number(json_at(entry, sets[set]), "loss"));
        }
    }
    assert_int_equal(json_number(json, "train rows"), 1461 - 7);
    assert_int_equal(json_number(json, "test rows"), 365 - 7);
    cJSON_Delete(json);
    FILE *file = fopen("views/history.csv", "r");
    assert_non_null(file);
    run_collect(file, text);
    assert_non_null(strstr(text, ",train_loss_last,test_loss_last,train_loss_seasonal_7,"
                                 "test_loss_seasonal_7\n"));
    /* Rows in any order get their predictions in that order. */
    scratch_write("week.csv", "views,date\n9,2022-01-08\n1,2022-01-01\n2,2022-01-02\n"
                              "3,2022-01-03\n4,2022-01-04\n5,2022-01-05\n6,2022-01-06\n"
                              "7,2022-01-07\n");
    run_descent(&result, "predict views week.csv --device reference");
    run_expect(&result, 0);
    double first = 0;
    assert_int_equal(sscanf(result.out, "views\n%lf\n\"\"\n", &first), 1);
    assert_true(first > 3 && first < 9);
    assert_int_equal(run_count_lines(result.out), 9);
}

static void test_data_are_generated(void **state) {
    (void)state;
    run_descent(&result, "generate");
    run_expect(&result, 0);
    assert_non_null(strstr(result.out, "views    daily views"));
    run_descent(&result, "generate views --seed 4 --from 2021-02-11 --to 2021-02-12");
    run_expect(&result, 0);
    assert_int_equal(run_count_lines(result.out), 3);
    run_descent(&result, "generate kink --rows 10 -o kink.csv");
    run_expect(&result, 0);
    assert_string_equal(result.out, "");
    assert_int_equal(access("kink.csv", R_OK), 0);
    run_descent(&result, "generate kink --rows ten");
    run_expect(&result, 2);
    run_descent(&result, "generate knik");
    run_expect(&result, 2);
    assert_non_null(strstr(result.said, "did you mean kink?"));
}

/* The recipe that a run without one prints can be saved and run, and gives the same. */
static void test_the_printed_recipe_runs(void **state) {
    char hash[65];
    (void)state;
    scratch_write("line.csv", "x,y\n1,2\n2,4\n3,6\n4,8\n");
    cJSON *json = run_json("train --data line.csv --target y --layers 3~tanh --set epochs=5 "
                           "--device reference --json --quiet --out printed");
    snprintf(hash, sizeof hash, "%s", json_text(json, "weights_hash"));
    scratch_write("printed.yaml", json_text(json, "recipe"));
    cJSON_Delete(json);
    json = run_json("train printed.yaml --device reference --json --quiet --out printed");
    assert_string_equal(json_text(json, "weights_hash"), hash);
    cJSON_Delete(json);
}

/* The chart stands behind the summary, and out of the way of JSON. */
static void test_the_loss_as_a_chart_of_text(void **state) {
    static const char legend[] = "loss (log scale)   * training\n";
    (void)state;
    run_descent(&result, "train " SOURCE_DIR "/data/line/line.yaml --device reference --plot "
                         "--quiet --out charted");
    run_expect(&result, 0);
    assert_string_equal(result.said, "");
    const char *chart = strstr(result.out, legend);
    assert_non_null(chart);
    assert_true(chart > strstr(result.out, "history.csv"));
    assert_int_equal(run_count_lines(chart), 20);
    cJSON *json = run_json("train " SOURCE_DIR "/data/line/line.yaml --device reference --plot "
                           "--quiet --json --set plots=[] --out charted");
    assert_null(cJSON_GetObjectItem(json, "plots"));
    cJSON_Delete(json);
    assert_int_equal(strncmp(result.said, legend, strlen(legend)), 0);
}

/* Of a sweep the loss of its runs, of a search that over its values. */
static void test_a_sweep_and_a_search_as_charts_of_text(void **state) {
    (void)state;
    run_descent(&result, "train " SOURCE_DIR "/data/line/line.yaml --device reference --plot "
                         "--quiet --set sweep.epochs=[1,10,100] --out swept_chart");
    run_expect(&result, 0);
    const char *chart = strstr(result.out, "loss (log scale)   * training\n");
    assert_non_null(chart);
    assert_non_null(strstr(chart, " epochs (set)\n"));
    run_descent(&result, "train " SOURCE_DIR "/data/line/line.yaml --device reference --plot "
                         "--quiet --set sweep.loss=[mse,mae] --out swept_chart");
    run_expect(&result, 0);
    assert_non_null(strstr(result.out, " * training\n"));
    assert_non_null(strstr(result.out, "  run\n")); /* as the table lists them */
    run_descent(&result, "train " SOURCE_DIR "/data/line/search.yaml --device reference --plot "
                         "--quiet --out searched_chart");
    run_expect(&result, 0);
    assert_non_null(strstr(result.out, "  0.weight\n"));
    run_descent(&result, "train " SOURCE_DIR "/data/line/grid.yaml --device reference --plot "
                         "--quiet --set plots=[] --out searched_chart");
    run_expect(&result, 0);
    assert_non_null(strstr(result.out, "a search over 2 parameters is no curve"));
}

/* Pictures a recipe asks for, and one more of the run that has ended. Without gnuplot a note says
 * so, and all else is as it should be. */
static void test_pictures_are_drawn(void **state) {
    (void)state;
    cJSON *json = run_json("train " SOURCE_DIR "/data/line/line.yaml --device reference --quiet "
                           "--json --out drawn --set plots=[loss,surface]");
    assert_string_equal(json_text(json, "plots"), "drawn/plots");
    cJSON_Delete(json);
    assert_int_equal(access("drawn/plots/loss.gp", R_OK), 0);
    assert_int_equal(access("drawn/plots/surface.csv", R_OK), 0);
    assert_int_equal(access("drawn/path.csv", R_OK), 0);
    run_descent(&result, "plot drawn fit --device reference");
    run_expect(&result, picture_gnuplot() ? 0 : 1);
    assert_string_equal(result.out, picture_gnuplot() ? "drawn/plots/fit.svg\n" : "");
    assert_int_equal(access("drawn/plots/fit.gp", R_OK), 0);
    char path[4096];
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
    run_descent(&result, "plot drawn activation:~{elu:~0.5} --device reference");
    assert_int_equal(setenv("PATH", path, 1), 0);
    run_expect(&result, 1);
    assert_string_equal(result.out, "");
    assert_string_equal(result.said,
                        "descent: gnuplot is not installed; "
                        "drawn/plots/activation_elu.gp is kept: apt-get install gnuplot-nox\n");
}

static void test_a_diverged_run_fails(void **state) {
    (void)state;
    run_descent(&result, "train " SOURCE_DIR "/data/line/line.yaml --device reference --json "
                         "--quiet --set optimizer.sgd.rate=1e30 --out diverged");
    run_expect(&result, 1);
    assert_int_equal(run_count_lines(result.said), 1);
    cJSON *json = json_parse(result.out);
    assert_true(strlen(json_text(json, "error")) > 0);
    cJSON_Delete(json);
}

/* The curve of a run that diverged says most. */
static void test_a_diverged_run_is_drawn_and_fails_all_the_same(void **state) {
    (void)state;
    run_descent(&result,
                "train " SOURCE_DIR "/data/line/line.yaml --device reference --plot "
                "--quiet --set optimizer.sgd.rate=0.3 --set plots=[loss] --out drawn_diverged");
    run_expect(&result, 1);
    assert_non_null(strstr(result.said,
                           "diverged at update 75 (epoch 75): mse gave 5.43e+38, which float32 "
                           "cannot hold, for training row 3 ("));
    assert_non_null(strstr(result.said, "/data/line/line.csv, line 4); the parameters before it"));
    assert_non_null(strstr(result.said, "try a smaller learning rate than 0.3, "));
    assert_non_null(strstr(result.out, "loss (log scale)"));
    assert_int_equal(access("drawn_diverged/plots/loss.gp", R_OK), 0);
}

static void test_a_loss_that_rose_is_noted(void **state) {
    (void)state;
    run_descent(&result, "train " SOURCE_DIR "/data/line/line.yaml --device reference "
                         "--set optimizer.sgd.rate=0.22 --out rose");
    run_expect(&result, 0);
    assert_non_null(strstr(result.said, "the training loss rose from 4.667"));
    run_descent(&result, "train " SOURCE_DIR "/data/line/line.yaml --device reference --out fell");
    run_expect(&result, 0);
    assert_null(strstr(result.said, "rose"));
    run_descent(&result, "train " SOURCE_DIR "/data/views/views.yaml --device reference "
                         "--set optimizer.adam.rate=1e30 --set epochs=2 --out blown");
    run_expect(&result, 0);
    assert_non_null(strstr(result.said, "note: the training loss rose from "));
    assert_non_null(strstr(result.said, "try a smaller learning rate than 1e+30\n"));
    /* not a quarter more, as noise makes it, too */
    run_descent(&result, "train " SOURCE_DIR "/data/line/line.yaml --device reference "
                         "--set optimizer.sgd.rate=0.2144 --out level");
    run_expect(&result, 0);
    assert_non_null(strstr(result.out, "loss 5."));
    assert_null(strstr(result.said, "rose"));
}

/* A search has no epochs: nothing to draw, and no crash. */
static void test_a_loss_that_is_not_there_cannot_be_drawn(void **state) {
    (void)state;
    run_descent(&result, "train " SOURCE_DIR "/data/line/search.yaml --device reference --quiet "
                         "--out searched");
    run_expect(&result, 0);
    run_descent(&result, "plot searched loss");
    run_expect(&result, 0);
    assert_non_null(strstr(result.said, "no loss to draw"));
}

static void test_the_other_commands(void **state) {
    static const struct {
        const char *words, *says;
    } commands[] = {
        {"info run", "0.weight"},
        {"explain " SOURCE_DIR "/data/people/people.yaml --device reference", "sigmoid"},
        {"gradcheck " SOURCE_DIR "/data/people/people.yaml --device reference", "0.weight"},
        {"eval run " SOURCE_DIR "/data/people/people.csv --device reference", "loss "},
        {"eval run " SOURCE_DIR "/data/people/people.csv --device reference",
         "device      reference, trained with seed 1\n"},
        {"--help", "gradcheck"},
        {"plot --help", "probability"},
        {"--version", "descent 0."},
        {"train --help", "--resume"},
        {"devices", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        run_descent(&result, commands[i].words);
        run_expect(&result, 0);
        if (!strstr(result.out, commands[i].says))
            fail_msg("%s: no \"%s\" in\n%s", commands[i].words, commands[i].says, result.out);
    }
    run_descent(&result, "explain " SOURCE_DIR "/data/batches/noise.yaml --device reference");
    assert_non_null(strstr(result.said, "note: explains the recipe without its sweep"));
    run_descent(&result, "explain " SOURCE_DIR "/data/batches/noise.yaml --device reference "
                         "--set sweep=none");
    assert_string_equal(result.said, "");
    cJSON *json = run_json("devices --json");
    assert_true(cJSON_IsArray(json));
    cJSON_Delete(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_train_says_all_of_it),
        cmocka_unit_test(test_people_are_told_apart),
        cmocka_unit_test(test_predict_writes_a_file_whole),
        cmocka_unit_test(test_classes_have_probabilities),
        cmocka_unit_test(test_a_forecast_stands_beside_naive_ones),
        cmocka_unit_test(test_data_are_generated),
        cmocka_unit_test(test_the_printed_recipe_runs),
        cmocka_unit_test(test_the_loss_as_a_chart_of_text),
        cmocka_unit_test(test_a_sweep_and_a_search_as_charts_of_text),
        cmocka_unit_test(test_pictures_are_drawn),
        cmocka_unit_test(test_a_diverged_run_fails),
        cmocka_unit_test(test_a_diverged_run_is_drawn_and_fails_all_the_same),
        cmocka_unit_test(test_a_loss_that_rose_is_noted),
        cmocka_unit_test(test_a_loss_that_is_not_there_cannot_be_drawn),
        cmocka_unit_test(test_the_other_commands),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
