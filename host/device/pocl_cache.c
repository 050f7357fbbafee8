#include "device/pocl_cache.h"

#include <ftw.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cache.h"
#include "base/text.h"

/* The note of the folder's files is an entry of the user's cache. A line for each: bytes, when it
 * was written, and the path below the folder. */
static const char subject[] = "drivers", name[] = "pocl";

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows; nftw has no context */
static char folder[DS_CACHE_PATH];                       /* "": PoCL's folder is not descent's */
static ds_text files;
static bool complete;

enum { DEPTH = 8 };

/* PoCL writes the time of the last use into a file of its own, and its drafts beside the others. */
static bool is_kept(const char *path) {
    const char *last = strrchr(path, '/') + 1;
    return strcmp(last, "last_accessed") != 0 && strncmp(last, "tempfile", 8) != 0;
}

static int note_file(const char *path, const struct stat *about, int kind, struct FTW *where) {
    (void)where;
    if (kind == FTW_F && is_kept(path) &&
        ds_text_add(&files, "%jd %jd.%09ld %s\n", (intmax_t)about->st_size,
                    (intmax_t)about->st_mtim.tv_sec, about->st_mtim.tv_nsec,
                    path + strlen(folder) + 1) != DS_OK)
        complete = false;
    return 0;
}

static int remove_file(const char *path, const struct stat *about, int kind, struct FTW *where) {
    (void)about, (void)kind, (void)where;
    (void)remove(path);
    return 0;
}

static void remove_all(const char *path) {
    (void)nftw(path, remove_file, DEPTH, FTW_DEPTH | FTW_PHYS);
}

/* What PoCL built for a program: the first two folders of a file's path. */
static void remove_program(const char *file) {
    char path[2 * DS_CACHE_PATH];
    const char *slash = strchr(file, '/');
    slash = slash ? strchr(slash + 1, '/') : NULL;
    if (slash)
        snprintf(path, sizeof path, "%s/%.*s", folder, (int)(slash - file), file);
    else
        snprintf(path, sizeof path, "%s/%s", folder, file);
    remove_all(path);
}

/* A file that is not there any more is built anew. */
static bool is_as_noted(const char *file, intmax_t size, intmax_t seconds, long nanoseconds) {
    char path[2 * DS_CACHE_PATH];
    struct stat about;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    return lstat(path, &about) != 0 || (about.st_size == size && about.st_mtim.tv_sec == seconds &&
                                        about.st_mtim.tv_nsec == nanoseconds);
}

/* Says whether there was any. */
static bool remove_damaged(char *lines) {
    char *rest = NULL;
    bool some = false;
    for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        intmax_t size, seconds;
        long nanoseconds;
        int length = 0;
        if (sscanf(line, "%jd %jd.%ld %n", &size, &seconds, &nanoseconds, &length) == 3 && length &&
            !is_as_noted(line + length, size, seconds, nanoseconds)) {
            remove_program(line + length);
            some = true;
        }
    }
    return some;
}

/* Whether files can be made in a folder, which is made where it is missing. */
static bool takes_files(char *path) {
    return ds_folder_try(path) && access(path, W_OK) == 0;
}

/* The folder that PoCL takes by itself, and without which it offers no device. */
static bool pocl_has_its_own(void) {
    const char *all = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char path[DS_CACHE_PATH];
    int length = all && *all ? snprintf(path, sizeof path, "%s/pocl/kcache", all)
                 : home      ? snprintf(path, sizeof path, "%s/.cache/pocl/kcache", home)
                             : -1;
    return length >= 0 && length < DS_CACHE_PATH && takes_files(path);
}

/* A folder for temporary files that nobody else may write to, the same for every run. */
static void take_temporary(void) {
    const char *all = getenv("TMPDIR");
    char path[DS_CACHE_PATH];
    struct stat about;
    int length = snprintf(path, sizeof path, "%s/descent-pocl-%ju", all && *all ? all : "/tmp",
                          (uintmax_t)geteuid());
    if (length < 0 || length >= DS_CACHE_PATH)
        return;
    (void)mkdir(path, S_IRWXU);
    if (lstat(path, &about) == 0 && S_ISDIR(about.st_mode) && about.st_uid == geteuid() &&
        (about.st_mode & (S_IWGRP | S_IWOTH)) == 0)
        (void)setenv("POCL_CACHE_DIR", path, 0);
}

static void begin(void) {
    char note[DS_CACHE_PATH], path[DS_CACHE_PATH], *absolute;
    ds_bytes noted;
    if (getenv("POCL_CACHE_DIR"))
        return;
    if (!ds_cache_path(path, "pocl", "") || !ds_cache_path(note, subject, name) ||
        !ds_cache_takes("pocl")) {
        if (!pocl_has_its_own())
            take_temporary();
        return;
    }
    if (ds_path_absolute(&absolute, path) != DS_OK)
        return;
    if (strlen(absolute) < sizeof folder && setenv("POCL_CACHE_DIR", absolute, 0) == 0)
        memcpy(folder, absolute, strlen(absolute) + 1);
    ds_free(absolute);
    if (!*folder)
        return;
    if (ds_cache_read(&noted, subject, name)) {
        if (remove_damaged((char *)noted.data))
            ds_pocl_cache_note(); /* lest another program remove what is built anew */
        ds_free(noted.data);
    } else if (ds_file_exists(note)) { /* damaged itself: who knows what else is */
        remove_all(folder);
        ds_pocl_cache_note();
    }
}

void ds_pocl_cache_begin(void) {
    pthread_once(&once, begin);
}

void ds_pocl_cache_note(void) {
    ds_bytes noted = {0};
    if (!*folder)
        return;
    pthread_mutex_lock(&lock);
    complete = true;
    (void)nftw(folder, note_file, DEPTH, FTW_PHYS);
    bool known = ds_cache_read(&noted, subject, name) && noted.size == files.length &&
                 (files.length == 0 || memcmp(noted.data, files.characters, noted.size) == 0);
    if (complete && !known)
        ds_cache_write(subject, name, files.length ? files.characters : "", files.length);
    ds_text_clear(&files);
    pthread_mutex_unlock(&lock);
    ds_free(noted.data);
}
