#include "base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/input.h"
#include "base/text.h"

ds_status ds_file_read(ds_bytes *out, const char *path) {
    ds_input *input = NULL;
    DS_CHECK(ds_input_open(&input, path));
    ds_status status = ds_input_rest(input, out);
    ds_input_close(input);
    return status;
}

static ds_status write_failed(const char *path) {
    return ds_fail(DS_IO_FAILED, "check the folder's rights and free space, or choose another",
                   "%s: cannot be written: %s", path, strerror(errno));
}

static bool write_all(int file, const char *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t wrote = write(file, bytes + done, size - done);
        if (wrote < 0 && errno != EINTR)
            return false;
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return true;
}

/* So that a rename itself outlives a power failure; not every file system can. */
static void sync_folder_of(char *path) {
    char *slash = strrchr(path, '/');
    if (slash)
        slash[slash == path] = '\0';
    int folder = open(slash ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return;
    (void)fsync(folder);
    close(folder);
}

struct ds_file_draft {
    char path[PATH_MAX], temporary[PATH_MAX];
    int file;
};

static bool open_draft(ds_file_draft *draft, const char *path) {
    int length = snprintf(draft->temporary, PATH_MAX, "%s.%ld.tmp", path, (long)getpid());
    if (length < 0 || length >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    snprintf(draft->path, PATH_MAX, "%s", path);
    draft->file = open(draft->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return draft->file >= 0;
}

/* Leaves errno as it is. */
static void remove_draft(const ds_file_draft *draft) {
    int reason = errno;
    unlink(draft->temporary);
    errno = reason;
}

/* Ends it: renamed if all was `written`, else removed. */
static bool close_draft(ds_file_draft *draft, bool written, bool durable) {
    written = written && (!durable || fsync(draft->file) == 0);
    int reason = errno;
    if (close(draft->file) == 0)
        errno = reason;
    else
        written = false;
    if (!written || rename(draft->temporary, draft->path) != 0) {
        remove_draft(draft);
        return false;
    }
    if (durable)
        sync_folder_of(draft->temporary);
    return true;
}

bool ds_file_replace(const char *path, const void *data, size_t size, bool durable) {
    ds_file_draft draft;
    return open_draft(&draft, path) &&
           close_draft(&draft, write_all(draft.file, data, size), durable);
}

ds_status ds_file_write(const char *path, const void *data, size_t size) {
    return ds_file_replace(path, data, size, true) ? DS_OK : write_failed(path);
}

ds_status ds_file_begin(ds_file_draft **out, const char *path) {
    ds_file_draft *draft = NULL;
    DS_CHECK(ds_new(&draft, 1, sizeof *draft));
    if (!open_draft(draft, path)) {
        ds_status status = write_failed(path);
        ds_free(draft);
        return status;
    }
    *out = draft;
    return DS_OK;
}

ds_status ds_file_append(ds_file_draft *draft, const void *data, size_t size) {
    return write_all(draft->file, data, size) ? DS_OK : write_failed(draft->path);
}

ds_status ds_file_end(ds_file_draft *draft) {
    ds_status status = close_draft(draft, true, true) ? DS_OK : write_failed(draft->path);
    ds_free(draft);
    return status;
}

void ds_file_drop(ds_file_draft *draft) {
    if (!draft)
        return;
    close(draft->file);
    remove_draft(draft);
    ds_free(draft);
}

ds_status ds_folder_check(const char *path) {
    ds_status status = DS_OK;
    ds_text probe = {0};
    DS_TRY(ds_text_add(&probe, "%s/.descent.%ld.tmp", path, (long)getpid()));
    int file = open(probe.characters, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) {
        status = ds_fail(DS_IO_FAILED, "check the folder's rights, or choose another",
                         "%s: no file can be written there: %s", path, strerror(errno));
        goto cleanup;
    }
    close(file);
    unlink(probe.characters);

cleanup:
    ds_text_clear(&probe);
    return status;
}

bool ds_folder_exists(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

bool ds_file_exists(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && !S_ISDIR(about.st_mode);
}

double ds_file_time(const char *path) {
    struct stat about;
    if (stat(path, &about) != 0)
        return -1;
    return (double)about.st_mtim.tv_sec + 1e-9 * (double)about.st_mtim.tv_nsec;
}

bool ds_folder_try(char *path) {
    for (char *end = path + 1;; end++) {
        char kept = *end;
        if (kept != '/' && kept != '\0')
            continue;
        *end = '\0';
        if (mkdir(path, 0777) != 0) {
            int reason = errno;
            if (!ds_folder_exists(path)) {
                errno = reason;
                return false;
            }
        }
        *end = kept;
        if (kept == '\0')
            return true;
    }
}

ds_status ds_folder_make(const char *path) {
    if (!*path)
        return ds_fail(DS_IO_FAILED, "name a folder", "the folder's name is empty");
    char *partial = NULL;
    DS_CHECK(ds_copy_text(&partial, path));
    ds_status status = DS_OK;
    if (!ds_folder_try(partial))
        status = ds_fail(DS_IO_FAILED, "choose another folder", "%s: the folder cannot be made: %s",
                         partial, strerror(errno));
    ds_free(partial);
    return status;
}

bool ds_folder_is_free(const char *path) {
    struct stat about;
    DIR *entries = opendir(path);
    if (!entries)
        return lstat(path, &about) != 0;
    int names = 0;
    while (readdir(entries))
        names++;
    closedir(entries);
    return names <= 2; /* "." and ".." */
}

ds_status ds_folder_begin(char **draft, const char *path) {
    ds_text text = {0};
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    ds_status status = ds_text_add(&text, "%.*s.%ld.tmp", (int)length, path, (long)getpid());
    if (status == DS_OK)
        status = ds_folder_make(text.characters);
    if (status == DS_OK)
        status = ds_text_take(&text, draft);
    ds_text_clear(&text);
    return status;
}

ds_status ds_folder_end(const char *draft, const char *path, bool whole) {
    if (whole && rename(draft, path) == 0)
        return DS_OK;
    ds_status status = whole ? write_failed(path) : DS_OK;
    int folder = ds_folder_open(draft);
    ds_folder_list(folder, ds_folder_remove_file);
    ds_folder_close(folder);
    (void)rmdir(draft);
    return status;
}

ds_status ds_path_join(char **out, const char *folder, const char *name) {
    if (!folder || !*folder || strcmp(folder, ".") == 0 || *name == '/')
        return ds_copy_text(out, name);
    ds_text text = {0};
    ds_status status = ds_text_add(&text, "%s/%s", folder, name);
    if (status == DS_OK)
        *out = text.characters;
    else
        ds_text_clear(&text);
    return status;
}

ds_status ds_path_absolute(char **out, const char *path) {
    char *resolved = realpath(path, NULL);
    ds_status status = ds_copy_text(out, resolved ? resolved : path);
    free(resolved);
    return status;
}

ds_status ds_path_folder(char **out, const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = NULL;
    if (!slash)
        return ds_copy_text(out, ".");
    DS_CHECK(ds_copy_text(&folder, path));
    folder[slash == path ? 1 : slash - path] = '\0';
    *out = folder;
    return DS_OK;
}
