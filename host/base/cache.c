#include "base/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"

/* An entry begins so; then follow the SHA-256 of what was kept, a line's end, and what was kept. A
 * change of the format changes the number. */
static const char magic[] = "descent cache 1\n";

enum { MAGIC = sizeof magic - 1, DIGEST = 64, HEAD = MAGIC + DIGEST + 1 };

/* A variable that is set and not empty. */
static const char *value_of(const char *variable) {
    const char *value = getenv(variable);
    return value && *value ? value : NULL;
}

bool ds_cache_path(char path[DS_CACHE_PATH], const char *subject, const char *name) {
    const char *own = getenv("DESCENT_CACHE_DIR");
    const char *all = value_of("XDG_CACHE_HOME"), *home = value_of("HOME");
    int length = -1;
    if (own)
        length = *own ? snprintf(path, DS_CACHE_PATH, "%s/%s/%s", own, subject, name) : -1;
    else if (all && *all == '/') /* a relative one is to be ignored, says its specification */
        length = snprintf(path, DS_CACHE_PATH, "%s/descent/%s/%s", all, subject, name);
    else if (home)
        length = snprintf(path, DS_CACHE_PATH, "%s/.cache/descent/%s/%s", home, subject, name);
    return length >= 0 && length < DS_CACHE_PATH;
}

static bool read_all(int file, unsigned char *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t got = read(file, bytes + done, size - done);
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        done += got > 0 ? (size_t)got : 0;
    }
    return true;
}

static bool is_sound(const unsigned char *entry, size_t size) {
    char digest[DIGEST + 1];
    if (memcmp(entry, magic, MAGIC) != 0)
        return false;
    ds_sha256(digest, entry + HEAD, size - HEAD);
    return memcmp(entry + MAGIC, digest, DIGEST) == 0;
}

bool ds_cache_read(ds_bytes *out, const char *subject, const char *name) {
    char path[DS_CACHE_PATH];
    struct stat about;
    unsigned char *entry = NULL;
    if (!ds_cache_path(path, subject, name))
        return false;
    /* Not to wait for the other end of a pipe, should one lie there. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return false;
    bool found = fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size >= HEAD &&
                 ds_new_quietly(&entry, (size_t)about.st_size + 1) &&
                 read_all(file, entry, (size_t)about.st_size) &&
                 is_sound(entry, (size_t)about.st_size);
    if (found) {
        (void)futimens(file, NULL); /* its age counts from here */
        out->size = (size_t)about.st_size - HEAD;
        out->data = memmove(entry, entry + HEAD, out->size);
        out->data[out->size] = 0;
    } else {
        ds_free(entry);
    }
    close(file);
    return found;
}

static bool is_older(const struct stat *a, const struct stat *b) {
    return a->st_mtim.tv_sec < b->st_mtim.tv_sec ||
           (a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec < b->st_mtim.tv_nsec);
}

/* Removes the oldest entry of a folder that holds more than it may; false when there is none. */
static bool remove_oldest(const char *folder) {
    DIR *list = opendir(folder);
    struct stat about, oldest = {0};
    char name[256] = "";
    int count = 0;
    if (!list)
        return false;
    for (struct dirent *at; (at = readdir(list)) != NULL;) {
        if (fstatat(dirfd(list), at->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(about.st_mode))
            continue;
        if (count++ == 0 || is_older(&about, &oldest)) {
            oldest = about;
            snprintf(name, sizeof name, "%s", at->d_name);
        }
    }
    bool removed = count > DS_CACHE_ENTRIES && unlinkat(dirfd(list), name, 0) == 0;
    closedir(list);
    return removed;
}

bool ds_cache_takes(const char *subject) {
    char path[DS_CACHE_PATH];
    return ds_cache_path(path, subject, "") && ds_folder_try(path) && access(path, W_OK) == 0;
}

void ds_cache_write(const char *subject, const char *name, const void *data, size_t size) {
    char path[DS_CACHE_PATH], digest[DIGEST + 1];
    unsigned char *entry = NULL;
    if (!ds_cache_path(path, subject, name) || !ds_new_quietly(&entry, HEAD + size))
        return;
    ds_sha256(digest, data, size);
    memcpy(entry, magic, MAGIC);
    memcpy(entry + MAGIC, digest, DIGEST);
    entry[HEAD - 1] = '\n';
    memcpy(entry + HEAD, data, size);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    if (ds_folder_try(path)) {
        *slash = '/';
        /* Damage is seen at the next reading, so there is no waiting for the disk. */
        bool kept = ds_file_replace(path, entry, HEAD + size, false);
        *slash = '\0';
        while (kept && remove_oldest(path))
            continue;
    }
    ds_free(entry);
}
