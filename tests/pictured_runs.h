/* Small recipes whose pictures are drawn and looked into, on the device that users have. Include
 * after scratch_folder.h and picture_files.h. */
#ifndef DS_TEST_PICTURED_RUNS_H
#define DS_TEST_PICTURED_RUNS_H

__attribute__((unused)) static const char line[] = "data: {train: line.csv, target: y}\n"
                                                   "model: [{dense: 1}]\n"
                                                   "loss: mse\n"
                                                   "optimizer: {sgd: {rate: 0.05}}\n"
                                                   "batch: 2\n"
                                                   "epochs: 10\n"
                                                   "init: zeros\n";
__attribute__((unused)) static const char curve[] =
    "data: {train: line.csv, target: y, normalize_target: standard}\n"
    "model: [{dense: 3}, sigmoid, {dense: 1}]\n"
    "loss: mse\n"
    "optimizer: {adam: {rate: 0.05}}\n"
    "epochs: 20\n";
__attribute__((unused)) static const char wide[] =
    "data: {train: line.csv, target: y, normalize_target: standard}\n"
    "model: [{dense: 8}, sigmoid, {dense: 1}]\n" /* 25 parameters */
    "loss: mse\n"
    "optimizer: {adam: {rate: 0.05}}\n"
    "epochs: 20\n";
__attribute__((unused)) static const char border[] =
    "data: {train: border.csv, target: side, test: border.csv}\n"
    "model: [{dense: 1}]\n"
    "loss: binary_cross_entropy\n"
    "optimizer: {adam: {rate: 0.5}}\n"
    "epochs: 20\n";

static char noted[1000]; /* the last note */

static inline void take_note(const char *note, void *context) {
    (void)context;
    snprintf(noted, sizeof noted, "%s", note);
}

static inline void assert_ok(ds_status status) {
    if (status != DS_OK)
        fail_msg("%s; %s", ds_last_error()->message, ds_last_error()->hint);
}

static inline bool stop_at_once(const ds_progress *progress, void *context) {
    (void)progress;
    (void)context;
    return false;
}

static ds_progress_callback watch; /* of the next runs; NULL: none */

/* Trains a recipe with `plots` in the folder "run". */
static inline ds_status train(const char *text, const char *plots, bool resume, ds_result *result) {
    ds_recipe *recipe = NULL;
    ds_device *device = NULL;
    ds_train_options options = {
        .folder = "run", .resume = resume, .progress = watch, .note = take_note};
    char assignment[200];
    snprintf(assignment, sizeof assignment, "plots=%s", plots);
    noted[0] = '\0';
    assert_ok(ds_device_open(&device, "auto"));
    assert_ok(ds_recipe_parse(&recipe, text, NULL));
    assert_ok(ds_recipe_set(recipe, assignment));
    ds_status status = ds_train(recipe, device, &options, result, NULL);
    ds_recipe_destroy(recipe);
    ds_device_close(device);
    return status;
}

/* A picture of a finished run; without gnuplot, an error. */
static inline void plot(const char *folder, const char *picture, const char *expected) {
    char *files = NULL;
    ds_status status = ds_plot(folder, picture, "auto", take_note, NULL, &files);
    if (!picture_gnuplot()) {
        assert_int_equal(status, DS_IO_FAILED);
        return;
    }
    assert_ok(status);
    assert_string_equal(files, expected);
    ds_free(files);
}

static inline void fails(const char *folder, const char *picture, const char *message,
                         const char *hint) {
    assert_int_equal(ds_plot(folder, picture, "auto", NULL, NULL, NULL), DS_BAD_INPUT);
    if (!strstr(ds_last_error()->message, message) || !strstr(ds_last_error()->hint, hint))
        fail_msg("%s; %s", ds_last_error()->message, ds_last_error()->hint);
}

static inline int count_rows(const char *path) {
    int rows = -1;
    for (const char *c = picture_text(path); *c; c++)
        rows += *c == '\n';
    return rows;
}

static inline int enter(void **state) {
    char text[2000] = "x,y\n";
    scratch_setup(state);
    for (int i = 0; i < 30; i++)
        sprintf(text + strlen(text), "%g,%d\n", i / 30.0, 2 * i);
    scratch_write("line.csv", text);
    scratch_write("border.csv",
                  "x,side\n1,left\n2,left\n3,left\n4,right\n5,left\n6,right\n7,right\n");
    return 0;
}

static inline int leave(void **state) {
    assert_int_equal(ds_memory_held(), 0);
    return scratch_teardown(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

#endif
