/* What `descent bench` tells: every kernel that there is, with consistent figures. No time is
 * judged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_folder.h"

#include "run_program.h"

#include "json_result.h"

#include <ctype.h>
#include <math.h>

#include "device/kernel_source.h"
#include "ops/operation.h"

static run_result result;
static cJSON *bench;

static int measure(void **state) {
    (void)state;
    scratch_enter();
    run_descent(&result, "bench --quick --json");
    run_expect(&result, 0);
    bench = json_parse(result.out);
    return 0;
}

static int discard(void **state) {
    (void)state;
    cJSON_Delete(bench);
    scratch_leave();
    return 0;
}

static bool lists(const char *words, const char *word) {
    size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)) != NULL; at++)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

/* Is there a row whose text `key` has this word? */
static bool has_row(const char *list, const char *key, const char *word) {
    const cJSON *row;
    cJSON_ArrayForEach(row, json_at(bench, list)) {
        if (lists(json_text(row, key), word))
            return true;
    }
    return false;
}

static void assert_near(double value, double expected) {
    if (!(fabs(value - expected) <= 1e-4 * fabs(expected)))
        fail_msg("%.9g is not %.9g", value, expected);
}

/* ---- figures ---- */

static void assert_consistent(const cJSON *row) {
    double seconds = json_number(row, "seconds"), operations = json_number(row, "operations");
    const char *of = json_text(row, "of");
    assert_true(json_number(row, "repetitions") >= 3);
    assert_true(json_number(row, "least") > 0 && json_number(row, "least") <= seconds);
    assert_true(operations >= 0 && json_number(row, "share") > 0);
    assert_near(json_number(row, "gflops"), 1e-9 * operations / seconds);
    assert_near(json_number(row, "gbytes"), 1e-9 * json_number(row, "bytes") / seconds);
    assert_true(strcmp(of, "bytes") == 0 || strcmp(of, "operations") == 0);
    if (strcmp(of, "operations") == 0)
        assert_near(json_number(row, "share"),
                    json_number(row, "gflops") / json_number(bench, "peak gflops"));
}

static void test_figures_agree(void **state) {
    const cJSON *row;
    (void)state;
    assert_true(strlen(json_text(bench, "device")) > 0);
    assert_true(json_number(bench, "peak gflops") > 0 && json_number(bench, "peak gbytes") > 0);
    cJSON_ArrayForEach(row, json_at(bench, "kernels")) {
        assert_consistent(row);
        assert_true(json_number(row, "bytes") > 0);
    }
    cJSON_ArrayForEach(row, json_at(bench, "steps")) {
        assert_consistent(row);
        assert_true(json_number(row, "operations") > 0);
    }
}

/* y = x W^T + b: two operations a weight and sample, and one an output. */
static void test_products_of_the_networks_are_there(void **state) {
    static const int shape[][3] = {
        {128, 784, 256}, {128, 256, 128}, {128, 128, 10}, {512, 429, 1000}, {512, 1000, 1000}};
    int found = 0;
    const cJSON *row;
    (void)state;
    cJSON_ArrayForEach(row, json_at(bench, "kernels")) {
        for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
            const int *s = shape[i];
            char text[64];
            snprintf(text, sizeof text, "%dx%dx%d", s[0], s[1], s[2]);
            if (strcmp(json_text(row, "name"), "dense_forward") != 0 ||
                strcmp(json_text(row, "shape"), text) != 0)
                continue;
            assert_near(json_number(row, "operations"), (2.0 * s[1] + 1) * s[0] * s[2]);
            found++;
        }
    }
    assert_int_equal(found, 5);
}

static void test_networks_are_trained(void **state) {
    (void)state;
    assert_int_equal(cJSON_GetArraySize(json_at(bench, "steps")), 4);
    for (int i = 0; i < 4; i++)
        assert_true(has_row("steps", "name", (const char *[]){"W1", "W2", "W3", "W4"}[i]));
}

/* ---- every kernel ---- */

static void test_every_operation_is_there(void **state) {
    (void)state;
    for (int family = DS_LAYER; family <= DS_SERVICE; family++)
        for (const ds_operation *const *list = ds_operations((ds_family)family); *list; list++) {
            char name[2][80];
            bool layer = family == DS_LAYER;
            snprintf(name[0], 80, layer ? "%s_forward" : "%s", (*list)->name);
            snprintf(name[1], 80, layer ? "%s_backward" : "%s", (*list)->name);
            for (int i = 0; (*list)->program && i < 2; i++)
                if (!has_row("kernels", "name", name[i]))
                    fail_msg("%s is not measured", name[i]);
        }
}

/* A file whose kernels are those of a bench, of a whole network, of the question whether a device
 * can do portable math, or of one of the two shapes of a dense product, of which a device has one.
 */
static bool is_of_another_kind(const char *file) {
    return strcmp(file, "peak.cl") == 0 || strcmp(file, "network.cl") == 0 ||
           strcmp(file, "portable.cl") == 0 || strncmp(file, "dense_", 6) == 0;
}

static void test_every_kernel_is_there(void **state) {
    int kernels = 0;
    (void)state;
    for (const ds_kernel_source *source = ds_kernel_sources; source->name; source++) {
        const char *at = source->text;
        while (!is_of_another_kind(source->name) && (at = strstr(at, "\nkernel ")) != NULL) {
            char name[64];
            const char *parenthesis = strstr(at, "void") + strlen("void");
            parenthesis = strchr(parenthesis, '(');
            const char *begin = parenthesis;
            while (isalnum((unsigned char)begin[-1]) || begin[-1] == '_')
                begin--;
            snprintf(name, sizeof name, "%.*s", (int)(parenthesis - begin), begin);
            if (!strstr(name, "##") && !has_row("kernels", "kernels", name))
                fail_msg("kernel %s of %s is not measured", name, source->name);
            kernels++;
            at = parenthesis;
        }
    }
    assert_true(kernels > 10);
    assert_true(has_row("kernels", "kernels", "dense_strip") ||
                has_row("kernels", "kernels", "dense_tile"));
}

/* ---- as text ---- */

static void test_the_table_shows_it_all(void **state) {
    const cJSON *row;
    (void)state;
    run_descent(&result, "bench --quick");
    run_expect(&result, 0);
    cJSON_ArrayForEach(row, json_at(bench, "kernels")) {
        char line[128];
        snprintf(line, sizeof line, "\n%s ", json_text(row, "name"));
        if (!strstr(result.out, line))
            fail_msg("the table lacks %s", json_text(row, "name"));
    }
    assert_non_null(strstr(result.out, "\nW4 "));
    assert_int_equal(run_count_lines(result.out),
                     2 + 4 + cJSON_GetArraySize(json_at(bench, "kernels")) + 4);
}

static void test_the_reference_has_no_kernels(void **state) {
    (void)state;
    run_descent(&result, "bench --device reference");
    run_expect(&result, 2);
    assert_string_equal(result.said,
                        "descent: the reference has no kernels to measure; name an OpenCL device; "
                        "descent devices lists them\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures_agree),
        cmocka_unit_test(test_products_of_the_networks_are_there),
        cmocka_unit_test(test_networks_are_trained),
        cmocka_unit_test(test_every_operation_is_there),
        cmocka_unit_test(test_every_kernel_is_there),
        cmocka_unit_test(test_the_table_shows_it_all),
        cmocka_unit_test(test_the_reference_has_no_kernels),
    };
    return cmocka_run_group_tests(tests, measure, discard);
}
