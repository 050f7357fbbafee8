#include "report.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"

static bool verbosely;

void report_verbosely(bool verbose) {
    const char *set = getenv("DESCENT_VERBOSE");
    verbosely = verbose || (set && *set && strcmp(set, "0") != 0);
}

/* One line whatever a file's name or a cell holds: no line break or escape sequence gets through.
 */
static void print_line(const char *format, va_list arguments) {
    char line[4096];
    vsnprintf(line, sizeof line, format, arguments);
    for (char *c = line; *c; c++)
        if (iscntrl((unsigned char)*c))
            *c = ' ';
    fprintf(stderr, "descent: %s\n", line);
}

void report_line(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments);
    va_end(arguments);
}

int report_usage(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments);
    va_end(arguments);
    return EXIT_BAD_INPUT;
}

static int exit_status_of(ds_status status) {
    switch (status) {
    case DS_OK:
        return EXIT_DONE;
    case DS_BAD_INPUT:
        return EXIT_BAD_INPUT;
    case DS_INTERRUPTED:
        return 128 + interrupt_signal();
    case DS_NO_DEVICE:
    case DS_DEVICE_FAILED:
    case DS_IO_FAILED:
    case DS_OUT_OF_MEMORY:
    case DS_DIVERGED:
    case DS_WRONG_RESULT:
        break;
    }
    return EXIT_RUN_FAILED;
}

int report_error(ds_status status) {
    const ds_error *error = ds_last_error();
    report_line("%s%s%s", error->message, *error->hint ? "; " : "", error->hint);
    if (*error->detail && verbosely)
        fprintf(stderr, "%s\n", error->detail);
    return exit_status_of(status);
}

int report_no_memory(void) {
    report_line("out of memory");
    return EXIT_RUN_FAILED;
}

/* The error may be older than what errno holds; that nobody reads any more is still to be seen. */
static bool is_closed_pipe(int descriptor) {
    struct pollfd stream = {.fd = descriptor, .events = POLLOUT};
    return poll(&stream, 1, 0) > 0 && (stream.revents & POLLERR);
}

int report_output(int exit_status) {
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit_status;
    int reason = errno, failed = EXIT_PIPE_CLOSED;
    if (reason != EPIPE && !is_closed_pipe(STDOUT_FILENO)) {
        report_line("standard output: %s; send it elsewhere",
                    reason ? strerror(reason) : "could not be written");
        failed = EXIT_RUN_FAILED;
    }
    return exit_status == EXIT_DONE ? failed : exit_status;
}
