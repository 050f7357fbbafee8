#include "base/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int ds_folder_open(const char *path) {
    return open(*path ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int ds_folder_within(int folder, const char *name) {
    return folder < 0 ? -1 : openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

void ds_folder_close(int folder) {
    if (folder >= 0)
        close(folder);
}

/* -1 for anything but a regular file. */
static int open_file(int folder, const char *name) {
    struct stat about;
    if (folder < 0)
        return -1;
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file >= 0 && (fstat(file, &about) != 0 || !S_ISREG(about.st_mode))) {
        close(file);
        return -1;
    }
    return file;
}

void ds_folder_read(int folder, const char *name, size_t skip, char *text, size_t room) {
    int file = open_file(folder, name);
    ssize_t got = file < 0 ? 0 : pread(file, text, room - 1, (off_t)skip);
    text[got > 0 ? got : 0] = '\0';
    ds_folder_close(file);
}

int ds_folder_lines(int folder, const char *name) {
    char piece[1 << 14];
    bool quoted = false;
    int lines = 0, file = open_file(folder, name);
    for (ssize_t got; file >= 0 && (got = read(file, piece, sizeof piece)) > 0;)
        for (ssize_t i = 0; i < got; i++) {
            quoted ^= piece[i] == '"';
            lines += piece[i] == '\n' && !quoted;
        }
    ds_folder_close(file);
    return lines;
}

void ds_folder_list(int folder, void (*each)(int folder, const char *name)) {
    int again = ds_folder_within(folder, ".");
    DIR *entries = again < 0 ? NULL : fdopendir(again);
    if (!entries) {
        ds_folder_close(again);
        return;
    }
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        each(folder, entry->d_name);
    closedir(entries);
}

bool ds_folder_names(int folder, const char *name, const char *path) {
    struct stat here, there;
    return path && folder >= 0 && fstatat(folder, name, &here, AT_SYMLINK_NOFOLLOW) == 0 &&
           stat(path, &there) == 0 && here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

void ds_folder_remove_file(int folder, const char *name) {
    struct stat about;
    if (folder >= 0 && fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(about.st_mode))
        (void)unlinkat(folder, name, 0);
}

void ds_folder_remove_empty(int folder, const char *name) {
    if (folder >= 0)
        (void)unlinkat(folder, name, AT_REMOVEDIR);
}
