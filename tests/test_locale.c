/* Numbers in a program whose locale writes 1,5 for 1.5: what descent reads and writes stays the
 * same. The locale is made here, in the C library's own format, by localedef (package locales). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/files.h"
#include "base/number.h"
#include "base/yaml.h"
#include "outcome.h"
#include "scratch_folder.h"

static bool comma; /* such a locale is set */

static int setup(void **state) {
    scratch_setup(state);
    scratch_write("comma.txt", "LC_NUMERIC\ndecimal_point \",\"\nthousands_sep \".\"\ngrouping 3\n"
                               "END LC_NUMERIC\n");
    if (system("localedef -c -i comma.txt -f UTF-8 ./comma >/dev/null 2>&1") == -1)
        return -1;
    if (setenv("LOCPATH", scratch_path, 1) != 0)
        return -1;
    comma = setlocale(LC_NUMERIC, "comma") && strtod("1,5", NULL) == 1.5;
    return 0;
}

static int teardown(void **state) {
    setlocale(LC_ALL, "C");
    return scratch_teardown(state);
}

static void need_comma(void) {
    if (!comma)
        fail_msg("no locale with a comma could be made: install locales");
    char text[16];
    snprintf(text, sizeof text, "%g", 1.5);
    assert_string_equal(text, "1,5");
}

static void numbers_keep_their_point(void **state) {
    double value = 0;
    char text[32];
    ds_text out = {0};
    (void)state;
    need_comma();
    assert_true(ds_number_parse("1.5", &value) && value == 1.5);
    assert_true(ds_number_parse("0.1234567890123456789012", &value) &&
                value == 0.1234567890123456789012);
    assert_true(ds_number_parse("4.9e-324", &value) && value == 0x1p-1074);
    assert_false(ds_number_parse("1,5", &value));
    ds_number_print(text, 0.1);
    assert_string_equal(text, "0.1");
    DONE(ds_text_add(&out, "%.3f %g", 1234.5, 0.5));
    assert_string_equal(out.characters, "1234.500 0.5");
    ds_text_clear(&out);
    assert_refused(ds_fail(DS_BAD_INPUT, "", "got %g", 0.5), "got 0.5");
    snprintf(text, sizeof text, "%g", 1.5); /* and the program its own */
    assert_string_equal(text, "1,5");
}

static void yaml_keeps_its_point(void **state) {
    ds_node *root = NULL;
    double value = 0;
    int64_t whole = 0;
    (void)state;
    need_comma();
    DONE(ds_node_parse(&root, "{a: 0.001, b: 2.5e3, c: \"1,5\", d: 1.25}", "r.yaml"));
    DONE(ds_node_number(ds_node_get(root, "a"), "a", &value));
    assert_true(value == 0.001);
    DONE(ds_node_integer(ds_node_get(root, "b"), "b", &whole));
    assert_int_equal(whole, 2500);
    DONE(ds_node_number(ds_node_get(root, "d"), "d", &value));
    assert_true(value == 1.25);
    ds_node_destroy(root);
}

/* ---- a whole run ---- */

static const char recipe_text[] =
    "data: {train: t.csv, target: y, split: {validation: 0.25}, normalize: standard,\n"
    "       normalize_target: standard}\n"
    "model: [{dense: 5}, {leaky_relu: 0.125}, {dropout: 0.1}, {dense: 1}]\n"
    "loss: {huber: {delta: 0.75}}\n"
    "optimizer: {adam: {rate: 0.0123}}\n"
    "schedule: {exponential: {factor: 0.99}}\n"
    "batch: 4\n"
    "epochs: 4\n";

static bool stop_at_once(const ds_progress *progress, void *context) {
    (void)progress;
    (void)context;
    return false;
}

/* Trains, once interrupted and resumed; the bytes of predictions, history and model. */
static void run(const char *folder, ds_text *out) {
    ds_device *device = NULL;
    ds_recipe *recipe = NULL;
    ds_model *model = NULL;
    ds_result result;
    char *csv = NULL, *path = NULL, *described = NULL;
    ds_bytes history = {0};
    ds_train_options options = {.folder = folder, .progress = stop_at_once};
    scratch_write("t.csv", "a,b,y\n0.5,1.25,3.5\n1.5,0.75,2.5\n-0.5,1e-1,1.5\n2.5,3.5,0.1\n"
                           "0.25,0.3,0.7\n1.1,2.2,3.3\n4.5,0.1,0.2\n0.6,0.5,0.4\n");
    DONE(ds_device_open(&device, "reference"));
    DONE(ds_recipe_parse(&recipe, recipe_text, NULL));
    assert_int_equal(ds_train(recipe, device, &options, &result, NULL), DS_INTERRUPTED);
    options.progress = NULL;
    options.resume = true;
    DONE(ds_train(recipe, device, &options, &result, NULL));
    DONE(ds_model_load(&model, folder));
    DONE(ds_model_describe(model, &described));
    DONE(ds_predict_file(model, device, "t.csv", &csv));
    DONE(ds_path_join(&path, folder, "history.csv"));
    DONE(ds_file_read(&history, path));
    /* All but the seconds, the third of a row. */
    for (char *line = strtok((char *)history.data, "\n"); line; line = strtok(NULL, "\n")) {
        char *third = strchr(strchr(line, ',') + 1, ',') + 1;
        DONE(ds_text_add(out, "%.*s%s\n", (int)(third - line), line, strchr(third, ',')));
    }
    DONE(ds_text_add(out, "%s%s%s%s\n", csv, described, result.weights_hash, result.plan_hash));
    ds_free(described);
    ds_free(csv);
    ds_free(path);
    ds_free(history.data);
    ds_model_destroy(model);
    ds_recipe_destroy(recipe);
    ds_device_close(device);
}

static void a_run_is_the_same_in_any_locale(void **state) {
    ds_text with_comma = {0}, with_point = {0};
    (void)state;
    need_comma();
    run("comma-run", &with_comma);
    setlocale(LC_ALL, "C");
    run("point-run", &with_point);
    assert_string_equal(with_comma.characters, with_point.characters);
    ds_text_clear(&with_comma);
    ds_text_clear(&with_point);
}

#define IN_COMMA(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_COMMA(numbers_keep_their_point),
        IN_COMMA(yaml_keeps_its_point),
        IN_COMMA(a_run_is_the_same_in_any_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
