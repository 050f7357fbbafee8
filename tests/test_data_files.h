/* For the tests of host/data: small files in a folder of their own, and what went wrong. */
#ifndef TEST_DATA_FILES_H
#define TEST_DATA_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "data/dataset.h"

static char folder[64];

static inline int make_folder(void **state) {
    (void)state;
    strcpy(folder, "/tmp/descent-data-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **state) {
    char command[96];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static inline const char *path_of(const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* Not by ds_file_write, which waits for the disk. */
static inline void write_bytes(const char *name, const void *bytes, size_t size) {
    FILE *file = fopen(path_of(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline void write_text(const char *name, const char *text) {
    write_bytes(name, text, strlen(text));
}

/* Reads data from options in YAML; notes are dropped unless `notes` is given. */
static inline ds_status read_data(ds_data **out, const char *options, ds_target_kind kind,
                                  ds_text *notes) {
    ds_node *node = NULL;
    ds_text dropped = {0};
    ds_status status = ds_node_parse(&node, options, "recipe.yaml");
    if (status == DS_OK)
        status = ds_dataset_read(out, node, folder, kind, NULL, 1, notes ? notes : &dropped);
    ds_node_destroy(node);
    ds_text_clear(&dropped);
    return status;
}

static inline ds_data *must_read(const char *options, ds_target_kind kind) {
    ds_data *data = NULL;
    if (read_data(&data, options, kind, NULL) != DS_OK)
        fail_msg("%s: %s", options, ds_last_error()->message);
    return data;
}

/* The message, without the folder's name before the file's. */
static inline void assert_message(const char *wanted) {
    char text[1024];
    const char *from = ds_last_error()->message;
    size_t length = 0, prefix = strlen(folder) + 1;
    while (*from && length + 1 < sizeof text) {
        if (strncmp(from, folder, prefix - 1) == 0 && from[prefix - 1] == '/')
            from += prefix;
        else
            text[length++] = *from++;
    }
    text[length] = '\0';
    assert_string_equal(text, wanted);
}

/* That these options fail with this message, and leak nothing. */
static inline void assert_bad(const char *options, ds_target_kind kind, const char *message) {
    ds_data *data = NULL;
    long held = ds_memory_held();
    ds_status status = read_data(&data, options, kind, NULL);
    if (status == DS_OK)
        fail_msg("no error for %s", options);
    assert_message(message);
    assert_int_equal(status, DS_BAD_INPUT);
    assert_null(data);
    assert_int_equal(ds_memory_held(), held);
}

/* All values of a matrix, within `tolerance` (0: the same). */
static inline void assert_matrix(const ds_matrix *matrix, int64_t rows, int64_t columns,
                                 const double *wanted, double tolerance) {
    assert_int_equal(matrix->rows, rows);
    assert_int_equal(matrix->columns, columns);
    double *row = test_malloc((size_t)columns * sizeof *row);
    for (int64_t i = 0; i < rows; i++) {
        ds_matrix_read(matrix, i, 1, NULL, row);
        for (int64_t j = 0; j < columns; j++)
            if (!(fabs(row[j] - wanted[i * columns + j]) <= tolerance))
                fail_msg("row %d, column %d: got %.17g, expected %.17g", (int)i, (int)j, row[j],
                         wanted[i * columns + j]);
    }
    test_free(row);
}

#define VALUES(...) ((const double[]){__VA_ARGS__})

#endif
