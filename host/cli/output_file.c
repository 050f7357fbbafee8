#include "output_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

/* A pipe that was closed has given its reader enough. */
static int write_failed(const char *path) {
    if (errno == EPIPE)
        return EXIT_PIPE_CLOSED;
    report_line("%s: cannot be written: %s; choose another file", path, strerror(errno));
    return EXIT_RUN_FAILED;
}

static bool write_all(FILE *file, const char *text) {
    bool written = fputs(text, file) != EOF && fflush(file) == 0;
    int reason = errno;
    bool closed = fclose(file) == 0;
    if (!written)
        errno = reason;
    return written && closed;
}

/* Something like /dev/stdout or a named pipe is written to; replacing it would break it. */
static bool is_special(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
}

int output_file_write(const char *path, const char *text) {
    char temporary[4096 + 32];
    bool special = is_special(path);
    int length = snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof temporary) {
        errno = ENAMETOOLONG;
        return write_failed(path);
    }
    const char *target = special ? path : temporary;
    FILE *file = fopen(target, "w");
    if (!file)
        return write_failed(path);
    if (write_all(file, text) && (special || rename(temporary, path) == 0))
        return EXIT_DONE;
    int exit_status = write_failed(path);
    if (!special)
        unlink(temporary);
    return exit_status;
}
