/* The choice of a device, among two of PoCL: what is remembered, when it counts, and that a device
 * trains alike whether chosen or named. Which one is faster is not judged. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "device/device.h"
#include "launch/tuned.h"
#include "measure/choice_memory.h"
#include "measure/race.h"
#include "outcome.h"
#include "scratch_folder.h"

static const char recipe_text[] = "data: {train: points.csv, target: y}\n"
                                  "model: [{dense: 2}, tanh, {dense: 1}]\n"
                                  "loss: mse\n"
                                  "optimizer: {sgd: {rate: 0.01}}\n"
                                  "batch: 2\n"
                                  "epochs: 3\n";

static ds_recipe *recipe;

static int setup(void **state) {
    scratch_setup(state);
    scratch_write("points.csv", "x,y\n1,2\n2,4\n3,6\n4,8\n");
    if (setenv("DESCENT_CACHE_DIR", "cache", 1) != 0 || unsetenv("DESCENT_KERNEL_DIR") != 0)
        return -1;
    DONE(ds_recipe_parse(&recipe, recipe_text, NULL));
    return 0;
}

static int teardown(void **state) {
    ds_recipe_destroy(recipe);
    assert_int_equal(ds_device_objects(), 0);
    assert_int_equal(ds_memory_held(), 0);
    return scratch_teardown(state);
}

/* Counts what it is told; goes on for so many calls. */
typedef struct listener {
    int told, most;
} listener;

static bool listen(void *context, const char *what) {
    listener *l = context;
    assert_true(*what);
    return ++l->told <= l->most;
}

/* How many steps a choice took: 0 where none was timed. The id of the device is kept. */
static int choose(ds_choose_options options, ds_choice *choice, char id[16]) {
    listener l = {.most = 1 << 20};
    ds_device *device = NULL;
    options.progress = listen;
    options.context = &l;
    DONE(ds_device_choose(&device, recipe, &options, choice));
    snprintf(id, 16, "%s", ds_device_about(device)->id);
    if (choice->rows)
        assert_string_equal(id, choice->row[choice->chosen].device.id);
    assert_int_equal(choice->remembered, choice->rows && l.told == 0);
    ds_device_close(device);
    return l.told;
}

/* The same with no more than a look at whether devices were timed. */
static bool times_devices(bool again) {
    ds_choice choice;
    char id[16];
    int steps = choose((ds_choose_options){.again = again}, &choice, id);
    assert_true(choice.rows >= 2);
    ds_choice_clear(&choice);
    return steps > 0;
}

static void assert_sound(const ds_choice *choice) {
    int chosen = 0;
    assert_true(choice->rows >= 2);
    for (size_t i = 0; i < choice->rows; i++) {
        const ds_choice_row *row = &choice->row[i];
        assert_true(*row->device.name && *row->device.id);
        assert_int_equal(row->verdict == DS_VERDICT_CHOSEN, i == choice->chosen);
        chosen += row->verdict == DS_VERDICT_CHOSEN;
        assert_int_equal(row->verdict == DS_VERDICT_FAILED, *row->problem != '\0');
        if (row->verdict == DS_VERDICT_FAILED)
            continue;
        assert_true(row->seconds > 0 && isfinite(row->seconds));
        assert_true(row->seconds >= choice->row[choice->chosen].seconds);
        assert_true(fabs(row->samples_per_second * row->seconds / 2 - 1) < 1e-6);
    }
    assert_int_equal(chosen, 1);
    assert_int_equal(choice->row[choice->chosen].basis, DS_BASIS_TIMED);
}

/* ---- memory ---- */

static void a_choice_is_remembered(void **state) {
    (void)state;
    ds_choice timed, remembered;
    char first[16], second[16];
    assert_true(choose((ds_choose_options){0}, &timed, first) > 0);
    assert_sound(&timed);
    assert_int_equal(choose((ds_choose_options){0}, &remembered, second), 0);
    assert_sound(&remembered);
    assert_string_equal(first, second);
    assert_int_equal(timed.rows, remembered.rows);
    for (size_t i = 0; i < timed.rows; i++) {
        const ds_choice_row *a = &timed.row[i], *b = &remembered.row[i];
        assert_string_equal(a->device.id, b->device.id);
        assert_string_equal(a->problem, b->problem);
        assert_int_equal(a->verdict, b->verdict);
        assert_int_equal(a->basis, b->basis);
        if (a->verdict != DS_VERDICT_FAILED)
            assert_true(fabs(a->seconds / b->seconds - 1) < 1e-6);
    }
    ds_choice_clear(&timed);
    ds_choice_clear(&remembered);
    assert_true(times_devices(true));
}

static void without_a_cache_it_is_not(void **state) {
    (void)state;
    assert_int_equal(setenv("DESCENT_CACHE_DIR", "", 1), 0);
    assert_true(times_devices(false));
    assert_true(times_devices(false));
}

static void what_is_computed_decides(void **state) {
    (void)state;
    assert_true(times_devices(false));
    DONE(ds_recipe_set(recipe, "optimizer.sgd.rate=0.5"));
    DONE(ds_recipe_set(recipe, "epochs=7"));
    DONE(ds_recipe_set(recipe, "clip=1.0"));
    assert_false(times_devices(false));
    static const char *const other[] = {"batch=4", "model=[{dense: 3}, tanh, {dense: 1}]",
                                        "fuse=false", "optimizer=adam"};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        DONE(ds_recipe_set(recipe, other[i]));
        if (!times_devices(false))
            fail_msg("%s: not timed", other[i]);
        assert_false(times_devices(false));
    }
}

static void the_kernels_and_what_tuning_found_decide(void **state) {
    (void)state;
    ds_device *device = NULL;
    ds_tuned tuned = {0};
    assert_true(times_devices(false));
    scratch_write("kernels/unused.cl", "");
    assert_int_equal(setenv("DESCENT_KERNEL_DIR", "kernels", 1), 0);
    assert_false(times_devices(false));
    scratch_write("kernels/peak.cl", "#error planted\n");
    ds_choice choice;
    assert_int_equal(ds_device_choose(&device, recipe, NULL, &choice), DS_DEVICE_FAILED);
    assert_int_equal(unsetenv("DESCENT_KERNEL_DIR"), 0);
    assert_false(times_devices(false));
    DONE(ds_device_open(&device, "auto"));
    tuned.known[DS_ROWS][0] = true;
    tuned.shaping[DS_ROWS][0] = ds_shaping_for(ds_device_about(device));
    DONE(ds_tuned_write(&tuned, device));
    ds_device_close(device);
    assert_true(times_devices(false));
}

/* The only file of the cache's choices. */
static void find_entry(char path[4096]) {
    ds_choice choice;
    char id[16];
    choose((ds_choose_options){0}, &choice, id);
    ds_choice_clear(&choice);
    FILE *list = popen("ls cache/choices/*", "r");
    assert_non_null(list);
    assert_non_null(fgets(path, 4096, list));
    path[strcspn(path, "\n")] = '\0';
    assert_int_equal(pclose(list), 0);
}

static void a_damaged_file_counts_as_none(void **state) {
    (void)state;
    char path[4096];
    find_entry(path);
    assert_false(times_devices(false));
    for (int from_end = 1; from_end < 100; from_end += 49) {
        FILE *file = fopen(path, "r+");
        assert_non_null(file);
        assert_int_equal(fseek(file, -from_end, SEEK_END), 0);
        int byte = fgetc(file);
        assert_int_equal(fseek(file, -from_end, SEEK_END), 0);
        assert_int_equal(fputc(byte ^ 1, file), byte ^ 1);
        assert_int_equal(fclose(file), 0);
        assert_true(times_devices(false));
        assert_false(times_devices(false));
    }
    scratch_write("cache/choices/empty", "");
    assert_int_equal(rename("cache/choices/empty", path), 0);
    assert_true(times_devices(false));
}

static void no_other_text_is_taken(void **state) {
    (void)state;
    static const char *const refused[] = {
        "",
        "descent choice 2\nchosen 1\nslower 2\nfailed x\n",
        "descent choice 1\n",
        "descent choice 1\nchosen 1\nslower 2\n",
        "descent choice 1\nchosen 1\nslower 2\nfailed x\nfailed x\n",
        "descent choice 1\nchosen 1\nchosen 2\nfailed x\n",
        "descent choice 1\nslower 1\nslower 2\nfailed x\n",
        "descent choice 1\nchosen 0\nslower 2\nfailed x\n",
        "descent choice 1\nchosen inf\nslower 2\nfailed x\n",
        "descent choice 1\nchosen about 1\nslower 2\nfailed x\n",
        "descent choice 1\nchosen 1\nslower nearly 2\nfailed x\n",
        "descent choice 1\nchosen 1\nslower 2 \nfailed x\n",
        "descent choice 1\nchosen 1\nbest 2\nfailed x\n",
    };
    ds_choice_row row[3] = {{.device.id = "0:0"}, {.device.id = "0:1"}, {.device.id = "0:2"}};
    ds_choice choice = {.rows = 3, .row = row};
    ds_text text = {0};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (ds_choice_parse(&choice, refused[i]))
            fail_msg("taken: %s", refused[i]);
    assert_true(row[0].seconds == 0 && row[1].verdict == DS_VERDICT_CHOSEN); /* as they were */
    const char good[] = "descent choice 1\nslower about 2\nchosen 0.5\nfailed the driver: no\n";
    assert_true(ds_choice_parse(&choice, good));
    assert_int_equal(choice.chosen, 1);
    assert_int_equal(row[0].basis, DS_BASIS_PEAK);
    assert_true(row[0].seconds == 2 && row[1].seconds == 0.5 && isnan(row[2].seconds));
    assert_string_equal(row[2].problem, "the driver: no");
    assert_string_equal(row[2].device.id, "0:2");
    DONE(ds_choice_print(&choice, &text));
    assert_string_equal(text.characters, good);
    while (text.length > 0) {
        text.characters[--text.length] = '\0';
        assert_false(ds_choice_parse(&choice, text.characters));
    }
    ds_text_clear(&text);
}

static void only_memory_times_nothing(void **state) {
    (void)state;
    ds_choice choice;
    ds_device *usual = NULL;
    char id[16], chosen[16];
    assert_int_equal(choose((ds_choose_options){.only_remembered = true}, &choice, id), 0);
    assert_int_equal(choice.rows, 0);
    DONE(ds_device_open(&usual, "auto"));
    assert_string_equal(id, ds_device_about(usual)->id);
    ds_device_close(usual);
    assert_true(choose((ds_choose_options){0}, &choice, chosen) > 0);
    ds_choice_clear(&choice);
    assert_int_equal(choose((ds_choose_options){.only_remembered = true}, &choice, id), 0);
    assert_true(choice.remembered);
    assert_string_equal(id, chosen);
    ds_choice_clear(&choice);
}

/* ---- the race ---- */

static void it_can_be_interrupted(void **state) {
    (void)state;
    ds_device *device = NULL;
    ds_choice choice;
    for (int most = 0; most < 12; most += 3) {
        listener l = {.most = most};
        ds_choose_options options = {.progress = listen, .context = &l};
        assert_failed(ds_device_choose(&device, recipe, &options, &choice), DS_INTERRUPTED,
                      "the choice of a device was interrupted");
        assert_int_equal(l.told, most + 1);
    }
    assert_true(times_devices(false));
}

/* Of the network 3-2-1 with a batch of 4. */
static ds_plan *small_plan(void) {
    ds_layer layer[] = {{.operation = &ds_op_dense, .attribute = {2, 1}},
                        {.operation = &ds_op_tanh},
                        {.operation = &ds_op_dense, .attribute = {1, 1}}};
    ds_plan_request request = {.layer = layer,
                               .layers = 3,
                               .sample = ds_shape_flat(3),
                               .batch = 4,
                               .targets = 1,
                               .loss = &ds_op_mse,
                               .optimizer = &ds_op_sgd,
                               .stop_gradient = -1,
                               .fuse = true};
    ds_plan *plan = NULL;
    DONE(ds_layers_shape(layer, 3, &request.sample));
    DONE(ds_plan_build(&plan, &request));
    return plan;
}

/* One device is there, the others are not. */
static void what_fails_is_left(void **state) {
    (void)state;
    ds_choose_options options = {0};
    ds_device *device = NULL;
    ds_choice_row row[3] = {{.device.id = "77:0"}, {.device.id = "0:0"}, {.device.id = "78:0"}};
    ds_choice choice = {.rows = 3, .row = row};
    ds_plan *plan = small_plan();
    ds_race_work work = {.plan = plan, .loss = &ds_op_mse, .batches = 2, .trains = true};
    DONE(ds_race(&choice, &work, &options, &device));
    assert_string_equal(ds_device_about(device)->id, "0:0");
    ds_device_close(device);
    assert_int_equal(choice.chosen, 1);
    assert_int_equal(row[1].verdict, DS_VERDICT_CHOSEN);
    for (int i = 0; i < 3; i += 2) {
        assert_int_equal(row[i].verdict, DS_VERDICT_FAILED);
        assert_true(isnan(row[i].seconds));
        assert_non_null(strstr(row[i].problem, "there is no device"));
        assert_non_null(strstr(row[i].problem, row[i].device.id));
    }
    choice.rows = 1;
    assert_failed(ds_race(&choice, &work, &options, &device), DS_NO_DEVICE,
                  "there is no device \"77:0\"");
    ds_plan_destroy(plan);
}

/* ---- training ---- */

static void train_on(ds_device *device, ds_result *result) {
    ds_train_options options = {0};
    DONE(ds_train(recipe, device, &options, result, NULL));
}

static void a_device_trains_alike_chosen_or_named(void **state) {
    (void)state;
    ds_device *device = NULL;
    char id[16];
    ds_result chosen, remembered, named;
    DONE(ds_device_choose(&device, recipe, NULL, NULL));
    train_on(device, &chosen);
    snprintf(id, sizeof id, "%s", ds_device_about(device)->id);
    ds_device_close(device);
    DONE(ds_device_choose(&device, recipe, NULL, NULL));
    assert_string_equal(ds_device_about(device)->id, id);
    train_on(device, &remembered);
    ds_device_close(device);
    DONE(ds_device_open(&device, id));
    train_on(device, &named);
    ds_device_close(device);
    assert_int_equal(chosen.updates, 6);
    assert_string_equal(chosen.plan_hash, named.plan_hash);
    assert_string_equal(chosen.weights_hash, named.weights_hash);
    assert_string_equal(remembered.weights_hash, named.weights_hash);
}

/* What was read for the choice is used once, and not after a change of the recipe. */
static void the_data_is_read_once(void **state) {
    (void)state;
    ds_device *device = NULL;
    ds_result result;
    DONE(ds_device_choose(&device, recipe, NULL, NULL));
    assert_int_equal(rename("points.csv", "away.csv"), 0);
    train_on(device, &result);
    assert_int_equal(result.train.rows, 4);
    assert_int_equal(ds_train(recipe, device, &(ds_train_options){0}, NULL, NULL), DS_BAD_INPUT);
    ds_device_close(device);
    scratch_write("points.csv", "x,y\n1,2\n2,4\n");
    DONE(ds_device_choose(&device, recipe, NULL, NULL));
    DONE(ds_recipe_set(recipe, "data.train=away.csv"));
    train_on(device, &result);
    assert_int_equal(result.train.rows, 4);
    ds_device_close(device);
}

/* What else a recipe may be: a sweep, by its first run; a search, which has no optimizer. */
static void sweeps_and_searches_choose_too(void **state) {
    (void)state;
    ds_device *device = NULL;
    ds_sweep_table table;
    assert_true(times_devices(false));
    DONE(ds_recipe_set(recipe, "sweep={batch: [2, all]}"));
    assert_false(times_devices(false));
    DONE(ds_device_choose(&device, recipe, NULL, NULL));
    DONE(ds_sweep(recipe, device, &(ds_train_options){0}, &table));
    assert_int_equal(table.runs, 2);
    ds_sweep_clear(&table);
    ds_device_close(device);
    DONE(ds_recipe_set(recipe, "sweep=none"));
    DONE(ds_recipe_set(recipe, "search={0.bias.0: [0, 1]}"));
    assert_false(times_devices(false)); /* there is an optimizer, still */
    ds_recipe_destroy(recipe);
    DONE(ds_recipe_parse(&recipe,
                         "{data: {train: points.csv, target: y}, model: [{dense: 1}], loss: mse, "
                         "search: {0.bias: [0, 1]}}",
                         NULL));
    ds_choice choice;
    char id[16];
    assert_true(choose((ds_choose_options){0}, &choice, id) > 0);
    ds_choice_clear(&choice);
}

static void a_mistake_is_told_as_training_tells_it(void **state) {
    (void)state;
    ds_device *device = NULL;
    DONE(ds_recipe_set(recipe, "model=[{dense: 2}]"));
    assert_int_equal(ds_device_choose(&device, recipe, NULL, NULL), DS_BAD_INPUT);
    assert_non_null(strstr(ds_last_error()->message,
                           "model: its last layer gives 2 values, the target has 1 column"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_choice_is_remembered),
        TEST(without_a_cache_it_is_not),
        TEST(what_is_computed_decides),
        TEST(the_kernels_and_what_tuning_found_decide),
        TEST(a_damaged_file_counts_as_none),
        TEST(no_other_text_is_taken),
        TEST(only_memory_times_nothing),
        TEST(it_can_be_interrupted),
        TEST(what_fails_is_left),
        TEST(a_device_trains_alike_chosen_or_named),
        TEST(the_data_is_read_once),
        TEST(sweeps_and_searches_choose_too),
        TEST(a_mistake_is_told_as_training_tells_it),
    };
    if (setenv("POCL_DEVICES", "basic pthread", 1) != 0)
        return 1;
    ds_race_enough(1e-4);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
