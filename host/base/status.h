/* Statuses and the error record behind ds_last_error(). */
#ifndef DS_STATUS_H
#define DS_STATUS_H

#include "descent.h"

/* Records an error and returns its status. `hint` is the way out, "" for none. */
ds_status ds_fail(ds_status status, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds a long text, such as a kernel's build log, to the error just recorded. Copied. */
void ds_fail_detail(const char *detail);

/* Copies this thread's error into another thread: take in one, give in the other. */
typedef struct ds_saved_error {
    ds_status status;
    char message[1024];
    char hint[512];
} ds_saved_error;

void ds_error_take(ds_saved_error *saved);
ds_status ds_error_give(const ds_saved_error *saved);

/* In a function with `ds_status status` and a label `cleanup`. */
#define DS_TRY(call)                                                                               \
    do {                                                                                           \
        status = (call);                                                                           \
        if (status != DS_OK)                                                                       \
            goto cleanup;                                                                          \
    } while (0)

/* In a function that has nothing to clean up. */
#define DS_CHECK(call)                                                                             \
    do {                                                                                           \
        ds_status check_status = (call);                                                           \
        if (check_status != DS_OK)                                                                 \
            return check_status;                                                                   \
    } while (0)

#endif
