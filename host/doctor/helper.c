/* The other end of helpers.c: a process that judges the parts it is asked to. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor/message.h"
#include "doctor/parts.h"

enum { SOCKET = STDIN_FILENO };

static ds_status tell(ds_message message) {
    return ds_message_send(SOCKET, &message)
               ? DS_OK
               : ds_fail(DS_INTERRUPTED, "", "the doctor is gone that asked for help");
}

static bool announce(void *context, const char *what) {
    (void)context;
    return tell((ds_message){.kind = DS_MESSAGE_ANNOUNCED, .text = (char *)what}) == DS_OK;
}

static ds_status begin_case(void *context, const char *name) {
    (void)context;
    return tell((ds_message){.kind = DS_MESSAGE_BEGUN, .text = (char *)name});
}

static ds_status end_case(void *context, const ds_doctor_case *c) {
    (void)context;
    return tell((ds_message){.kind = DS_MESSAGE_ENDED, .head.found = *c});
}

static const ds_case_listener listener = {begin_case, end_case, NULL};

static ds_status examine(ds_device *device, const ds_message *asked, ds_doctor_table *known) {
    const ds_part_request *r = &asked->head.request;
    ds_doctor_parts parts;
    ds_examination e = {
        .device = device,
        .options = r->options,
        .listener = &listener,
        .behind = r->behind[0] ? r->behind : NULL,
        .table = *known,
    };
    e.options.only = asked->text;
    e.options.progress = announce;
    e.options.dump = NULL;
    *known = (ds_doctor_table){0};
    ds_device_optimize(device, !r->options.no_optimizer);
    ds_doctor_parts_list(&parts, device, r->options.small);
    ds_status status =
        r->part < parts.count
            ? ds_doctor_part_examine(&parts, r->part, &e)
            : ds_fail(DS_BAD_INPUT, "", "the device's kernels have changed meanwhile");
    ds_examination_clear(&e);
    return status;
}

/* What it came to. */
static ds_saved_error do_part(ds_device **device, const ds_message *asked, ds_doctor_table *known) {
    ds_saved_error outcome = {.status = DS_OK};
    ds_status status = *device ? DS_OK : ds_device_open(device, asked->head.request.device);
    if (status == DS_OK)
        status = examine(*device, asked, known);
    if (status != DS_OK)
        ds_error_take(&outcome);
    return outcome;
}

void ds_doctor_help(void) {
    ds_device *device = NULL;
    ds_doctor_table known = {0}; /* what failed in the part already, before this process */
    ds_message asked;
    bool goes_on = true;
    while (goes_on && ds_message_receive(SOCKET, &asked)) {
        if (asked.kind == DS_MESSAGE_ENDED) {
            goes_on = ds_doctor_table_add(&known, &asked.head.found) == DS_OK;
            continue;
        }
        ds_message over = {.kind = DS_MESSAGE_OVER, .head.error = do_part(&device, &asked, &known)};
        ds_free(asked.text);
        goes_on = ds_message_send(SOCKET, &over);
    }
    ds_doctor_clear(&known);
    ds_device_close(device);
}
