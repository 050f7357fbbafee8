/* A scratch folder that a test works in. Include after cmocka.
 */
#ifndef DS_TEST_SCRATCH_FOLDER_H
#define DS_TEST_SCRATCH_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_path[] = "/tmp/descent-test-XXXXXX";

/* Makes the folder and goes into it. */
static inline void scratch_enter(void) {
    memcpy(scratch_path + sizeof scratch_path - 7, "XXXXXX", 6);
    assert_non_null(mkdtemp(scratch_path));
    assert_int_equal(chdir(scratch_path), 0);
}

static inline int scratch_remove_entry(const char *path, const struct stat *about, int kind,
                                       struct FTW *where) {
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

/* Goes out of it and removes it with all that is in it. */
static inline void scratch_leave(void) {
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(nftw(scratch_path, scratch_remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* The two as cmocka's setup and teardown. */
static inline int scratch_setup(void **state) {
    (void)state;
    scratch_enter();
    return 0;
}

static inline int scratch_teardown(void **state) {
    (void)state;
    scratch_leave();
    return 0;
}

/* Writes a text file, making the folders above it. */
static inline void scratch_write(const char *path, const char *text) {
    char folder[256];
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
        (void)mkdir(folder, 0777);
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) != EOF);
    assert_int_equal(fclose(file), 0);
}

#endif
