/* What a picture left in its folder. Include after scratch_folder.h. */
#ifndef DS_TEST_PICTURE_FILES_H
#define DS_TEST_PICTURE_FILES_H

#include <stdbool.h>

enum { MOST_PICTURE_TEXT = 1 << 16 };

/* A file's text, valid until the next call. */
static inline const char *picture_text(const char *path) {
    static char text[MOST_PICTURE_TEXT];
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s is not there", path);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static inline void picture_says(const char *path, const char *what) {
    if (!strstr(picture_text(path), what))
        fail_msg("%s lacks %s:\n%s", path, what, picture_text(path));
}

static inline bool picture_there(const char *path) {
    return access(path, F_OK) == 0;
}

/* Is there a gnuplot on PATH? */
static inline bool picture_gnuplot(void) {
    char path[4096], *rest = path;
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    for (char *folder = strtok_r(path, ":", &rest); folder; folder = strtok_r(NULL, ":", &rest)) {
        char file[4200];
        snprintf(file, sizeof file, "%s/gnuplot", folder);
        if (access(file, X_OK) == 0)
            return true;
    }
    return false;
}

/* Both are there, and more than an empty frame. */
static inline void picture_drawn(const char *name) {
    char path[256];
    struct stat about;
    if (!picture_gnuplot())
        return;
    snprintf(path, sizeof path, "%s.svg", name);
    assert_non_null(strstr(picture_text(path), "<svg"));
    assert_int_equal(stat(path, &about), 0);
    assert_true(about.st_size > 3000);
    snprintf(path, sizeof path, "%s.png", name);
    assert_memory_equal(picture_text(path), "\x89PNG\r\n\x1a\n", 8);
    assert_int_equal(stat(path, &about), 0);
    assert_true(about.st_size > 5000);
}

/* PATH without gnuplot, and as it was. */
static char picture_path[4096];

static inline void picture_hide_gnuplot(void) {
    snprintf(picture_path, sizeof picture_path, "%s", getenv("PATH"));
    assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
}

static inline void picture_show_gnuplot(void) {
    assert_int_equal(setenv("PATH", picture_path, 1), 0);
}

#endif
