#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

static _Thread_local ds_saved_error last;
static _Thread_local char *last_detail;
static _Thread_local ds_error public_error;

/* Whatever a file holds that a message quotes. */
static void keep_one_line(char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            *text = ' ';
}

ds_status ds_fail(ds_status status, const char *hint, const char *format, ...) {
    char message[sizeof last.message];
    va_list arguments;
    va_start(arguments, format);
    ds_format_list(message, sizeof message, format, arguments);
    va_end(arguments);
    last.status = status;
    memcpy(last.message, message, sizeof message);
    snprintf(last.hint, sizeof last.hint, "%s", hint);
    keep_one_line(last.message);
    keep_one_line(last.hint);
    ds_free(last_detail);
    last_detail = NULL;
    return status;
}

void ds_fail_detail(const char *detail) {
    size_t size = strlen(detail) + 1;
    void *copy = NULL;
    ds_free(last_detail);
    last_detail = NULL;
    if (ds_new_quietly(&copy, size))
        last_detail = memcpy(copy, detail, size);
}

void ds_error_take(ds_saved_error *saved) {
    *saved = last;
}

ds_status ds_error_give(const ds_saved_error *saved) {
    return ds_fail(saved->status, saved->hint, "%s", saved->message);
}

const ds_error *ds_last_error(void) {
    public_error = (ds_error){last.status, last.message, last.hint, last_detail ? last_detail : ""};
    return &public_error;
}
