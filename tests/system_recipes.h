/* Runs the shipped recipes on the reference and on every OpenCL device, and compares what comes out
 * with figures. A difference names the recipe and the device. Include after cmocka. */
#ifndef DS_TEST_SYSTEM_RECIPES_H
#define DS_TEST_SYSTEM_RECIPES_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent.h"
#include "explain_text.h"
#include "scratch_folder.h"

enum { MOST_EPOCHS = 2048, MOST_DEVICES = 16, MOST_SETS = 8 };

/* Half an ulp of 1 in float32: what one rounding costs, relative to the number. */
static const double half_ulp = 0x1p-24;

typedef struct system_run {
    ds_result result;
    ds_model *model;
    double loss[MOST_EPOCHS]; /* of the training rows, by epoch */
    double validation[MOST_EPOCHS];
} system_run;

/* What is under test, for messages. */
static const char *recipe_now = "", *device_now = "";
static ds_device *device;
static bool exact; /* on the reference, in double */

#define FAIL(format, ...) fail_msg("data/%s on %s: " format, recipe_now, device_now, __VA_ARGS__)

static inline void succeed(ds_status status) {
    if (status != DS_OK)
        FAIL("%s; %s", ds_last_error()->message, ds_last_error()->hint);
}

/* `tolerance` is that of the reference; `device_tolerance` that of float32. */
static inline void expect(const char *what, double got, double wanted, double tolerance,
                          double device_tolerance) {
    double allowed = exact ? tolerance : device_tolerance;
    if (!(fabs(got - wanted) <= allowed))
        FAIL("%s is %.17g, not within %g of %.17g", what, got, allowed, wanted);
}

static inline void expect_less(const char *what, double smaller, double larger) {
    if (!(smaller < larger))
        FAIL("%s: %.17g is not less than %.17g", what, smaller, larger);
}

/* Calls `test` once on the reference and once on every OpenCL device that can train. */
static inline void on_every_device(void (*test)(void)) {
    ds_device_info *list = NULL;
    size_t count = 0;
    succeed(ds_devices(&list, &count));
    for (size_t i = 0; i < count + 1; i++) {
        if (i > 0 && !list[i - 1].available)
            continue;
        device_now = i == 0 ? "reference" : list[i - 1].id;
        exact = i == 0;
        succeed(ds_device_open(&device, device_now));
        test();
        ds_device_close(device);
    }
    ds_free(list);
}

/* A shipped recipe with assignments, a list that ends in NULL, or NULL. */
static inline ds_recipe *system_recipe(const char *name, const char *const *set) {
    char path[256];
    ds_recipe *recipe = NULL;
    recipe_now = name;
    snprintf(path, sizeof path, "%s/data/%s", SOURCE_DIR, name);
    succeed(ds_recipe_read(&recipe, path));
    succeed(ds_recipe_set(recipe, "plots=[]")); /* pictures take their time: see test_pictures */
    for (; set && *set; set++)
        succeed(ds_recipe_set(recipe, *set));
    return recipe;
}

static inline void keep_loss(const ds_epoch *epoch, void *context) {
    system_run *run = context;
    if (epoch->epoch > MOST_EPOCHS)
        return;
    run->loss[epoch->epoch - 1] = epoch->train.loss;
    run->validation[epoch->epoch - 1] = epoch->validation.loss;
}

/* Trains it; the caller gives back the model. */
static inline void system_train(system_run *run, const char *name, const char *const *set) {
    ds_recipe *recipe = system_recipe(name, set);
    ds_train_options options = {.folder = "run", .epoch = keep_loss, .context = run};
    *run = (system_run){.model = NULL};
    succeed(ds_train(recipe, device, &options, &run->result, &run->model));
    ds_recipe_destroy(recipe);
}

static inline void system_sweep(ds_sweep_table *table, const char *name, const char *const *set) {
    ds_recipe *recipe = system_recipe(name, set);
    ds_train_options options = {.folder = "sweep"};
    assert_true(ds_recipe_sweeps(recipe));
    succeed(ds_sweep(recipe, device, &options, table));
    ds_recipe_destroy(recipe);
}

/* The model of a sweep's run, from 0. */
static inline ds_model *model_of_run(int run) {
    char folder[32];
    ds_model *model = NULL;
    snprintf(folder, sizeof folder, "sweep/%d", run + 1);
    succeed(ds_model_load(&model, folder));
    return model;
}

/* `row` 0: the plan. The text is given back by ds_free. */
static inline void system_explain(char **text, const char *name, int64_t row,
                                  const char *const *set) {
    ds_recipe *recipe = system_recipe(name, set);
    succeed(row ? ds_explain_sample(recipe, device, row, text) : ds_explain(recipe, device, text));
    ds_recipe_destroy(recipe);
}

static inline void system_gradcheck(const char *name) {
    ds_recipe *recipe = system_recipe(name, NULL);
    char *text = NULL;
    succeed(ds_gradcheck(recipe, device, &text));
    ds_free(text);
    ds_recipe_destroy(recipe);
}

/* A figure of what is explained, both the device's and the reference's. */
static inline void expect_told(const char *text, const char *after, const char *line, double wanted,
                               double tolerance, double device_tolerance) {
    double reference = explained(text, after, line, 0);
    if (!(fabs(reference - wanted) <= tolerance))
        FAIL("%s: %s is %.17g, not %.17g", after, line, reference, wanted);
    if (exact)
        return;
    double got = explained(text, after, line, 1);
    if (!(fabs(got - wanted) <= device_tolerance))
        FAIL("%s: %s is %.9g, not %.9g", after, line, got, wanted);
}

/* The value of parameter `index` of tensor `name`. */
static inline double parameter(const ds_model *model, const char *name, int64_t index) {
    for (size_t i = 0; i < ds_model_parameters(model); i++) {
        ds_parameter p = ds_model_parameter(model, i);
        if (strcmp(p.name, name) == 0 && index < p.count)
            return p.values[index];
    }
    FAIL("no parameter %s[%lld]", name, (long long)index);
    return NAN;
}

/* The first column of the predictions for a file; how many there are. */
static inline int predicted(const ds_model *model, const char *path, double *values, int room) {
    char *csv = NULL;
    int rows = 0;
    succeed(ds_predict_file(model, device, path, &csv));
    for (const char *line = strchr(csv, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
        assert_true(rows < room);
        values[rows++] = strtod(line + 1, NULL);
    }
    ds_free(csv);
    return rows;
}

/* The same for one row that is written down. */
static inline double predicted_for(const ds_model *model, const char *csv) {
    double value = NAN;
    scratch_write("asked.csv", csv);
    assert_int_equal(predicted(model, "asked.csv", &value, 1), 1);
    return value;
}

/* Every epoch's loss is less than that of the one before. */
static inline void expect_falling(const system_run *run, int epochs) {
    for (int i = 1; i < epochs; i++)
        if (!(run->loss[i] < run->loss[i - 1]))
            FAIL("the loss of epoch %d is %.17g, that of the one before %.17g", i + 1, run->loss[i],
                 run->loss[i - 1]);
}

#define SETS(...)                                                                                  \
    (const char *const[]) {                                                                        \
        __VA_ARGS__, NULL                                                                          \
    }

#define SYSTEM(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

#endif
