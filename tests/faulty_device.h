/* Puts the layer of layers/faulty_layer.c between the command and its device; and a small training
 * for it. Include after run_program.h and json_result.h. */
#ifndef FAULTY_DEVICE_H
#define FAULTY_DEVICE_H

/* Settings of the layer, such as "FAULTY_TYPE=gpu FAULTY_GROUP=64"; "": none, and no layer. */
static inline void faulty_set(const char *settings) {
    static const char *const names[] = {
        "FAULTY_TYPE",    "FAULTY_NO_DOUBLE", "FAULTY_NO_DIVISION", "FAULTY_GROUP", "FAULTY_LOCAL",
        "FAULTY_ADDRESS", "FAULTY_SILENT",    "FAULTY_ENQUEUE",     "FAULTY_FLIP",  "FAULTY_READ",
        "FAULTY_WRITE",   "FAULTY_STALE",     "FAULTY_UNMAP"};
    char text[256], *rest = text;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(unsetenv(names[i]), 0);
    snprintf(text, sizeof text, "%s", settings);
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        assert_non_null(value);
        *value = '\0';
        assert_int_equal(setenv(word, value + 1, 1), 0);
    }
    if (*settings)
        assert_int_equal(setenv("OPENCL_LAYERS", FAULTY_LAYER, 1), 0);
    else
        assert_int_equal(unsetenv("OPENCL_LAYERS"), 0);
}

/* 60 rows of 40 features, and a network whose tensors are more than 16 KiB, less than 64. */
static inline void faulty_write_recipe(void) {
    FILE *file = fopen("data.csv", "w");
    assert_non_null(file);
    for (int column = 0; column < 40; column++)
        fprintf(file, "x%d,", column);
    fprintf(file, "y\n");
    for (int row = 0; row < 60; row++) {
        for (int column = 0; column < 40; column++)
            fprintf(file, "%d,", (row * 37 + column * 101 + row * column) % 19 - 9);
        fprintf(file, "%d\n", row * 29 % 23);
    }
    assert_int_equal(fclose(file), 0);
    scratch_write("run.yaml", "data: {train: data.csv, target: y, normalize: standard,\n"
                              "       normalize_target: standard, split: {validation: 0.2}}\n"
                              "model: [{dense: 24}, tanh, {dense: 7}, gelu, {dense: 1}]\n"
                              "loss: mse\n"
                              "optimizer: adam\n"
                              "batch: 16\n"
                              "epochs: 4\n");
}

#endif
