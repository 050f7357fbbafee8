#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/text.h"

static ds_status read_failed(const char *path, const char *reason) {
    return ds_fail(DS_BAD_INPUT, "check the path and that the file is readable", "%s: %s", path,
                   reason);
}

ds_status ds_file_read(ds_bytes *out, const char *path) {
    ds_status status = DS_OK;
    ds_bytes bytes = {0};
    size_t capacity = 0;
    struct stat about;
    bool standard_input = strcmp(path, "-") == 0;
    /* gzopen accepts a folder and fails only at the first read, without saying why. */
    if (!standard_input && stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return read_failed(path, "is a folder");
    errno = 0;
    gzFile file = standard_input ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(path, "rb");
    if (!file)
        return read_failed(path, errno ? strerror(errno) : "cannot be opened");
    gzbuffer(file, 1u << 17);
    for (;;) {
        if (bytes.size + (1u << 16) + 1 > capacity) {
            capacity = capacity ? capacity * 2 : 1u << 17;
            DS_TRY(ds_resize(&bytes.data, capacity, 1));
        }
        size_t room = capacity - bytes.size - 1;
        int got =
            gzread(file, bytes.data + bytes.size, room > 1u << 30 ? 1u << 30 : (unsigned)room);
        if (got < 0) {
            int number;
            (void)gzerror(file, &number);
            status = read_failed(path, number == Z_ERRNO       ? strerror(errno)
                                       : number == Z_BUF_ERROR ? "the compressed file is cut short"
                                                               : "the compressed file is damaged");
            goto cleanup;
        }
        if (got == 0)
            break;
        bytes.size += (size_t)got;
    }
    /* A gzip file cut short reads as its beginning; zlib tells only here. */
    int closed = gzclose_r(file);
    file = NULL;
    if (closed != Z_OK) {
        status = read_failed(path, "the compressed file is cut short");
        goto cleanup;
    }
    bytes.data[bytes.size] = 0;
    *out = bytes;
    bytes.data = NULL;

cleanup:
    if (file)
        gzclose_r(file);
    ds_free(bytes.data);
    return status;
}

static ds_status write_failed(const char *path) {
    return ds_fail(DS_IO_FAILED, "check the folder's rights and free space, or choose another",
                   "%s: cannot be written: %s", path, strerror(errno));
}

ds_status ds_file_write(const char *path, const void *data, size_t size) {
    ds_status status = DS_OK;
    ds_text temporary = {0};
    char *folder = NULL;
    int file = -1, directory = -1;
    bool made = false;
    const char *bytes = data;
    DS_TRY(ds_text_add(&temporary, "%s.%ld.tmp", path, (long)getpid()));
    DS_TRY(ds_path_folder(&folder, path));
    file = open(temporary.characters, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) {
        status = write_failed(path);
        goto cleanup;
    }
    made = true;
    for (size_t done = 0; done < size;) {
        ssize_t wrote = write(file, bytes + done, size - done);
        if (wrote < 0 && errno != EINTR) {
            status = write_failed(path);
            goto cleanup;
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    if (fsync(file) != 0) {
        status = write_failed(path);
        goto cleanup;
    }
    int closed = close(file);
    file = -1;
    if (closed != 0) {
        status = write_failed(path);
        goto cleanup;
    }
    if (rename(temporary.characters, path) != 0) {
        status = write_failed(path);
        goto cleanup;
    }
    made = false;
    /* So that the rename itself outlives a power failure; not every file system can. */
    directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0)
        (void)fsync(directory);

cleanup:
    if (file >= 0)
        close(file);
    if (directory >= 0)
        close(directory);
    if (made)
        unlink(temporary.characters);
    ds_text_clear(&temporary);
    ds_free(folder);
    return status;
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

ds_status ds_folder_make(const char *path) {
    if (!*path)
        return ds_fail(DS_IO_FAILED, "name a folder", "the folder's name is empty");
    char *partial = NULL;
    DS_CHECK(ds_copy_text(&partial, path));
    ds_status status = DS_OK;
    for (char *slash = partial + 1; status == DS_OK; slash++) {
        if (*slash != '/' && *slash != '\0')
            continue;
        char kept = *slash;
        *slash = '\0';
        if (mkdir(partial, 0777) != 0 && !ds_folder_exists(partial))
            status = ds_fail(DS_IO_FAILED, "choose another folder with --out",
                             "%s: the folder cannot be made: %s", partial, strerror(errno));
        *slash = kept;
        if (kept == '\0')
            break;
    }
    ds_free(partial);
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

void ds_sha256(char digest[65], const void *data, size_t size) {
    unsigned char raw[SHA256_DIGEST_LENGTH];
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, data, size);
    SHA256Final(raw, &context);
    for (int i = 0; i < SHA256_DIGEST_LENGTH; i++)
        snprintf(digest + 2 * i, 3, "%02x", raw[i]);
}
