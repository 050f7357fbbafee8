/* What the program says when something goes wrong, and the exit status that follows. */
#ifndef DS_CLI_REPORT_H
#define DS_CLI_REPORT_H

#include <signal.h>
#include <stdbool.h>

#include "descent.h"

enum {
    EXIT_DONE = 0,
    EXIT_RUN_FAILED = 1,
    EXIT_BAD_INPUT = 2,
    EXIT_PIPE_CLOSED = 128 + SIGPIPE /* as of a program that the signal ends */
};

/* Says more: the whole build log of a kernel. --verbose, or DESCENT_VERBOSE in the environment. */
void report_verbosely(bool verbose);

/* `descent: MESSAGE` on one line of standard error. */
void report_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for bad usage; returns EXIT_BAD_INPUT. */
int report_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The library's last error, with its way out; returns its exit status. */
int report_error(ds_status status);

/* For what is made here, not in the library; returns its exit status. */
int report_no_memory(void);

/* Flushes standard output, without which a result on a full disk would be lost in silence. Returns
 * `exit_status` or, where that was EXIT_DONE and the output failed, EXIT_RUN_FAILED with a message;
 * in silence EXIT_PIPE_CLOSED, where who read it has read enough. */
int report_output(int exit_status);

#endif
