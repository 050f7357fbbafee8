/* Tuning: what is wrong or does not build is never taken, however fast; what is found is kept, read
 * back and used; what is damaged counts as none. The times are made up, but for one interrupted
 * run.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check/checker.h"
#include "device/kernel_source.h"
#include "launch/network.h"
#include "launch/opencl_executor.h"
#include "measure/tune.h"
#include "outcome.h"
#include "scratch_folder.h"

static ds_device *device;

static int setup(void **state) {
    scratch_setup(state);
    if (setenv("DESCENT_CACHE_DIR", "cache", 1) != 0 || unsetenv("DESCENT_KERNEL_DIR") != 0)
        return -1;
    DONE(ds_device_open(&device, "auto"));
    return 0;
}

static int teardown(void **state) {
    ds_device_close(device);
    assert_int_equal(ds_device_objects(), 0);
    return scratch_teardown(state);
}

/* A kernel file with this in front of it. */
static void plant(const char *file, const char *text) {
    ds_text planted = {0};
    char path[128];
    const ds_kernel_source *source = ds_kernel_sources;
    while (strcmp(source->name, file) != 0)
        source++;
    DONE(ds_text_add(&planted, "%s\n%s", text, source->text));
    snprintf(path, sizeof path, "kernels/%s", file);
    scratch_write(path, planted.characters);
    ds_text_clear(&planted);
    assert_int_equal(setenv("DESCENT_KERNEL_DIR", "kernels", 1), 0);
}

/* The smaller the group, the faster. */
static ds_status prefers_small_groups(const ds_tune_run *run, ds_subject subject, int bucket,
                                      const ds_shaping *shaping, double *seconds) {
    (void)run;
    (void)subject;
    (void)bucket;
    *seconds = 1e-6 * shaping->group;
    return DS_OK;
}

static ds_status finds_all_alike(const ds_tune_run *run, ds_subject subject, int bucket,
                                 const ds_shaping *shaping, double *seconds) {
    (void)run;
    (void)subject;
    (void)bucket;
    *seconds = 1e-6 + 1e-9 / shaping->group;
    return DS_OK;
}

static ds_tune_row tune_rows(ds_tune_run *run, ds_tune_time time) {
    ds_tune_row row;
    ds_bench_options options = {0};
    ds_tune_begin(run, device, &options);
    run->time = time;
    DONE(ds_tune_bucket(run, DS_ROWS, 1, &row));
    return row;
}

static ds_shaping usual(void) {
    return ds_shaping_for(ds_device_about(device));
}

/* ---- candidates ---- */

static void the_fastest_is_taken(void **state) {
    (void)state;
    ds_tune_run run;
    ds_tune_row row = tune_rows(&run, prefers_small_groups);
    assert_true(row.tried >= 2);
    assert_int_equal(row.wrong + row.failed, 0);
    assert_string_equal(row.best, "group=1");
    assert_true(row.usual_seconds == 1e-6 * usual().group && row.best_seconds == 1e-6);
    assert_true(run.tuned.known[DS_ROWS][1]);
    assert_int_equal(run.tuned.shaping[DS_ROWS][1].group, 1);
    ds_tune_end(&run);
}

static void what_gains_nothing_is_not(void **state) {
    (void)state;
    ds_tune_run run;
    ds_tune_row row = tune_rows(&run, finds_all_alike);
    assert_string_equal(row.best, "");
    assert_true(row.best_seconds == row.usual_seconds);
    assert_false(run.tuned.known[DS_ROWS][1]);
    ds_tune_end(&run);
}

/* The fastest is wrong, the next does not build, and the third is right. */
static void what_is_wrong_or_does_not_build_is_left(void **state) {
    (void)state;
    ds_tune_run run;
    plant("softmax.cl", "#if GROUP == 1\n"
                        "#undef ROW_SUM\n"
                        "#define ROW_SUM(value) (1.0001f * group_sum(scratch, value))\n"
                        "#elif GROUP == 4\n"
                        "#error planted\n"
                        "#endif\n");
    ds_tune_row row = tune_rows(&run, prefers_small_groups);
    assert_int_equal(row.wrong, 1);
    assert_int_equal(row.failed, 1);
    assert_string_equal(row.best, "group=8");
    ds_tune_end(&run);
}

/* Of the parameters of a product the judge sees a fault that only one value has. */
static void wrong_products_are_seen(void **state) {
    (void)state;
    ds_shaping right = usual(), wrong = usual();
    bool strip = right.strip;
    unsigned *changed = strip ? &wrong.strip_depth : &wrong.tile_depth;
    char text[256];
    *changed /= 2;
    assert_true(ds_shaping_is_possible(&wrong, ds_device_about(device)));
    snprintf(text, sizeof text,
             "#if %s_DEPTH == %u\n"
             "#undef MULTIPLY_ADD\n"
             "#define MULTIPLY_ADD(x, y, z) ((x) * (y) * 1.0001f + (z))\n"
             "#endif\n",
             strip ? "STRIP" : "TILE", *changed);
    plant(strip ? "dense_strip.cl" : "dense_tile.cl", text);
    DONE(ds_tune_work_judge(device, DS_PRODUCT, &right));
    assert_int_equal(ds_tune_work_judge(device, DS_PRODUCT, &wrong), DS_WRONG_RESULT);
}

/* The same of networks in one kernel. */
static void wrong_networks_are_seen(void **state) {
    (void)state;
    ds_shaping right = usual(), wrong = usual();
    char text[256];
    right.network = wrong.network = DS_WHOLE;
    const unsigned other = right.strip ? 12 : 4; /* not the usual of any batch */
    *(right.strip ? &wrong.network_rows : &wrong.network_group) = other;
    assert_true(ds_shaping_is_possible(&wrong, ds_device_about(device)));
    snprintf(text, sizeof text,
             "#if %s == %u\n"
             "#undef MULTIPLY_ADD\n"
             "#define MULTIPLY_ADD(x, y, z) ((x) * (y) * 1.0001f + (z))\n"
             "#endif\n",
             right.strip ? "ROWS" : "GROUP", other);
    plant("network_products.cl", text);
    DONE(ds_tune_work_judge(device, DS_NETWORK, &right));
    assert_int_equal(ds_tune_work_judge(device, DS_NETWORK, &wrong), DS_WRONG_RESULT);
}

/* And of those that go sample by sample. */
static void wrong_networks_of_one_sample_are_seen(void **state) {
    (void)state;
    ds_shaping right = usual(), wrong = usual();
    right.network = wrong.network = DS_WHOLE;
    right.network_global = wrong.network_global = 1;
    wrong.network_width = 4;
    if (!right.strip) /* items have no vectors */
        return;
    plant("network_single.cl", "#if WIDTH == 4\n"
                               "#undef MULTIPLY_ADD\n"
                               "#define MULTIPLY_ADD(x, y, z) ((x) * (y)*1.0001f + (z))\n"
                               "#endif\n");
    DONE(ds_tune_work_judge(device, DS_NETWORK, &right));
    assert_int_equal(ds_tune_work_judge(device, DS_NETWORK, &wrong), DS_WRONG_RESULT);
}

/* Op by op is faster than a whole network as it is, and slower than one in global memory. */
static ds_status prefers_global_memory(const ds_tune_run *run, ds_subject subject, int bucket,
                                       const ds_shaping *shaping, double *seconds) {
    (void)run;
    (void)subject;
    (void)bucket;
    *seconds = shaping->network == DS_OP_BY_OP ? 2e-6 : shaping->network_global ? 1e-6 : 3e-6;
    return DS_OK;
}

static ds_status prefers_single_ops(const ds_tune_run *run, ds_subject subject, int bucket,
                                    const ds_shaping *shaping, double *seconds) {
    DONE(prefers_global_memory(run, subject, bucket, shaping, seconds));
    *seconds += shaping->network == DS_WHOLE ? 5e-6 : 0;
    return DS_OK;
}

static void networks_run_as_is_fastest(void **state) {
    (void)state;
    static const char *const best[] = {"network_global=1 network=whole", "network=op by op"};
    for (int i = 0; i < 2; i++) {
        ds_tune_run run;
        ds_tune_row row;
        ds_bench_options options = {0};
        ds_tune_begin(&run, device, &options);
        run.time = i ? prefers_single_ops : prefers_global_memory;
        DONE(ds_tune_bucket(&run, DS_NETWORK, 0, &row));
        assert_string_equal(row.best, best[i]);
        assert_int_equal(row.wrong + row.failed, 0);
        assert_true(run.tuned.known[DS_NETWORK][0]);
        ds_tune_end(&run);
    }
}

/* ---- what is kept ---- */

/* Two buckets with values that are not the usual. */
static ds_tuned made_up(void) {
    ds_tuned tuned = {0};
    for (int s = 0; s < DS_SUBJECTS; s++) {
        tuned.known[s][1] = true;
        tuned.shaping[s][1] = usual();
    }
    tuned.shaping[DS_ROWS][1].group = 4;
    tuned.shaping[DS_PRODUCT][1].strip_depth = 128;
    tuned.shaping[DS_PRODUCT][1].tile_depth = 4;
    tuned.shaping[DS_NETWORK][1].network_vectors = 8;
    return tuned;
}

static void assert_same(const ds_tuned *a, const ds_tuned *b) {
    for (int s = 0; s < DS_SUBJECTS; s++)
        for (int k = 0; k < DS_BUCKETS; k++) {
            assert_int_equal(a->known[s][k], b->known[s][k]);
            for (int i = 0; a->known[s][k] && i < DS_TUNABLES; i++)
                if (ds_tunable_applies(&ds_tunables[i], (ds_subject)s, &a->shaping[s][k]))
                    assert_int_equal(ds_tunable_get(&ds_tunables[i], &a->shaping[s][k]),
                                     ds_tunable_get(&ds_tunables[i], &b->shaping[s][k]));
        }
}

static void what_is_found_is_read_back(void **state) {
    (void)state;
    ds_tuned tuned = made_up(), nothing = {0}, read = ds_tuned_read(device);
    assert_same(&nothing, &read);
    DONE(ds_tuned_write(&tuned, device));
    read = ds_tuned_read(device);
    assert_same(&tuned, &read);
    plant("activations.cl", "/* another kernel text */");
    read = ds_tuned_read(device);
    assert_same(&nothing, &read);
}

static void what_is_damaged_counts_as_none(void **state) {
    (void)state;
    const ds_device_info *about = ds_device_about(device);
    static const char *const refused[] = {
        "",
        "descent tuning 2\n",
        "descent tuning 1\nrows wide group=5\n",
        "descent tuning 1\nrows wide group=0\n",
        "descent tuning 1\nrows wide group=-4\n",
        "descent tuning 1\nrows wide group=4294967300\n",
        "descent tuning 1\nrows wide group=4",
        "descent tuning 1\nrows wide\n",
        "descent tuning 1\nrows wide group=4 group=4\n",
        "descent tuning 1\nrows broad group=4\n",
        "descent tuning 1\nrows wide groups=4\n",
        "descent tuning 1\nproduct large\n",
        "descent tuning 1\nnetwork tiny network=3\n",
        "descent tuning 1\nnetwork tiny network=2\n",
        "descent tuning 1\n\n",
    };
    ds_tuned out, tuned = made_up(), nothing = {0};
    ds_text text = {0};
    assert_true(ds_tuned_parse(&out, "descent tuning 1\nrows wide group=4\n", about));
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (ds_tuned_parse(&out, refused[i], about))
            fail_msg("taken: %s", refused[i]);

    /* Every beginning of a text that does not end with a line. */
    DONE(ds_tuned_print(&tuned, &text));
    assert_true(ds_tuned_parse(&out, text.characters, about));
    assert_same(&tuned, &out);
    while (text.length > 0) {
        text.characters[--text.length] = '\0';
        bool whole = text.length > 0 && text.characters[text.length - 1] == '\n';
        assert_int_equal(ds_tuned_parse(&out, text.characters, about), whole);
    }
    ds_text_clear(&text);

    /* A flipped bit in the file. */
    char path[4096];
    DONE(ds_tuned_write(&tuned, device));
    assert_true(ds_tuned_path(path, device));
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, -2, SEEK_END), 0);
    int last = fgetc(file);
    assert_int_equal(fseek(file, -2, SEEK_END), 0);
    assert_int_equal(fputc(last ^ 1, file), last ^ 1);
    assert_int_equal(fclose(file), 0);
    out = ds_tuned_read(device);
    assert_same(&nothing, &out);
}

/* ---- what is kept is used ---- */

enum { BATCH = 7, INPUTS = 101, UNITS = 211 };

static void open_network(ds_stage *stage, ds_layer layer[3]) {
    layer[0] = (ds_layer){.operation = &ds_op_dense, .attribute = {UNITS, 1}};
    layer[1] = (ds_layer){.operation = &ds_op_layer_norm, .attribute = {1e-5}};
    layer[2] = (ds_layer){.operation = &ds_op_softmax};
    ds_plan_request request = {.layers = 3,
                               .sample = ds_shape_flat(INPUTS),
                               .batch = BATCH,
                               .targets = 1,
                               .loss = &ds_op_cross_entropy,
                               .optimizer = &ds_op_sgd,
                               .stop_gradient = -1,
                               .separate = true,
                               .input_gradient = true};
    DONE(ds_stage_open(stage, device, &request, layer, NULL, NULL));
}

static void training_with_it_is_right_and_says_so(void **state) {
    (void)state;
    ds_stage stage = {0};
    ds_layer layer[3];
    char before[65], after[65];
    ds_tuned tuned = {0};
    int bucket = ds_product_bucket(BATCH, INPUTS, UNITS);
    open_network(&stage, layer);
    DONE(ds_plan_hash(stage.executor, before));
    ds_stage_close(&stage);

    tuned.known[DS_ROWS][1] = tuned.known[DS_PRODUCT][bucket] = true;
    tuned.shaping[DS_ROWS][1] = tuned.shaping[DS_PRODUCT][bucket] = usual();
    tuned.shaping[DS_ROWS][1].group = 4;
    tuned.shaping[DS_PRODUCT][bucket].strip_depth = 16; /* several panels */
    tuned.shaping[DS_PRODUCT][bucket].tile_depth = 8;
    DONE(ds_tuned_write(&tuned, device));
    open_network(&stage, layer);
    const ds_shaping *used = &((ds_launcher *)stage.executor)->shaping;
    assert_int_equal(used->group, 4);
    assert_int_equal(used->strip ? used->strip_depth : used->tile_depth, used->strip ? 16 : 8);
    DONE(ds_plan_hash(stage.executor, after));
    assert_string_not_equal(before, after);

    ds_check_options options = {0};
    ds_check_report report = {0};
    memcpy(options.count, stage.count, sizeof options.count);
    DONE(ds_check_pass(stage.executor, &stage.pass, &options, &report));
    assert_int_equal(report.fault, DS_FAULT_NONE);
    assert_true(report.compared > BATCH * UNITS);
    ds_stage_close(&stage);
}

static void open_small_network(ds_stage *stage, ds_layer layer[3], char hash[65]) {
    layer[0] = (ds_layer){.operation = &ds_op_dense, .attribute = {9, 1}};
    layer[1] = (ds_layer){.operation = &ds_op_relu};
    layer[2] = (ds_layer){.operation = &ds_op_dense, .attribute = {3, 1}};
    ds_plan_request request = {.layers = 3,
                               .sample = ds_shape_flat(5),
                               .batch = 40,
                               .targets = 1,
                               .loss = &ds_op_cross_entropy,
                               .optimizer = &ds_op_sgd,
                               .stop_gradient = -1,
                               .fuse = true};
    DONE(ds_stage_open(stage, device, &request, layer, NULL, NULL));
    DONE(ds_plan_hash(stage->executor, hash));
}

static void a_network_runs_as_was_found(void **state) {
    (void)state;
    ds_layer layer[3];
    char hash[3][65];
    for (int i = 0; i < 3; i++) { /* as it is, op by op, whole with fewer samples at a time */
        ds_stage stage = {0};
        ds_tuned tuned = {0};
        tuned.known[DS_NETWORK][1] = i > 0;
        tuned.shaping[DS_NETWORK][1] = usual();
        tuned.shaping[DS_NETWORK][1].network = (unsigned)i;
        tuned.shaping[DS_NETWORK][1].network_vectors = i == 2 ? 1 : 0;
        DONE(ds_tuned_write(&tuned, device));
        open_small_network(&stage, layer, hash[i]);
        assert_int_equal(((ds_launcher *)stage.executor)->network == NULL, i == 1);
        assert_int_equal(ds_network_bucket(ds_network_operations(stage.plan)), 1);
        ds_stage_close(&stage);
    }
    assert_string_not_equal(hash[0], hash[1]);
    assert_string_not_equal(hash[0], hash[2]);
    assert_string_not_equal(hash[1], hash[2]);
}

/* Ctrl-C in the second bucket. */
static bool stop_behind_narrow_rows(void *context, const char *what) {
    bool *seen = context;
    bool first = strncmp(what, "rows narrow ", 12) == 0;
    *seen |= first;
    return first;
}

static void an_interrupted_search_keeps_what_it_has(void **state) {
    (void)state;
    bool seen = false;
    ds_bench_options options = {
        .seconds = 1e-9, .progress = stop_behind_narrow_rows, .context = &seen};
    ds_tune_table table = {0};
    char path[4096];
    ds_tuned before = made_up();
    DONE(ds_tuned_write(&before, device));
    assert_int_equal(ds_tune(device, &options, &table), DS_INTERRUPTED);
    assert_true(seen);
    assert_int_equal(table.rows, 1);
    assert_string_equal(table.row[0].kernel, "rows");
    assert_string_equal(table.row[0].bucket, "narrow");
    assert_true(table.row[0].best_seconds > 0 &&
                table.row[0].best_seconds <= table.row[0].usual_seconds);
    assert_true(ds_tuned_path(path, device));
    assert_string_equal(table.file, path);
    ds_tuned after = ds_tuned_read(device);
    assert_int_equal(after.known[DS_ROWS][0], table.row[0].best[0] != '\0');
    after.known[DS_ROWS][0] = false;
    assert_same(&before, &after); /* the other buckets are as they were */
    ds_tune_clear(&table);
}

static void without_a_cache_it_is_refused(void **state) {
    (void)state;
    ds_tune_table table = {0};
    ds_bench_options options = {0};
    assert_int_equal(setenv("DESCENT_CACHE_DIR", "", 1), 0);
    assert_failed(ds_tune(device, &options, &table), DS_IO_FAILED,
                  "there is no cache to keep what was found in");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_fastest_is_taken),
        TEST(what_gains_nothing_is_not),
        TEST(what_is_wrong_or_does_not_build_is_left),
        TEST(wrong_products_are_seen),
        TEST(wrong_networks_are_seen),
        TEST(wrong_networks_of_one_sample_are_seen),
        TEST(networks_run_as_is_fastest),
        TEST(what_is_found_is_read_back),
        TEST(what_is_damaged_counts_as_none),
        TEST(training_with_it_is_right_and_says_so),
        TEST(a_network_runs_as_was_found),
        TEST(an_interrupted_search_keeps_what_it_has),
        TEST(without_a_cache_it_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
