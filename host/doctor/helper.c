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
    return tell((ds_message){.kind = DS_MESSAGE_ENDED, .head.found = *c, .text = c->words});
}

static const ds_case_listener listener = {begin_case, end_case, NULL};

static ds_status examine(ds_device *device, const ds_message *asked) {
    const ds_part_request *r = &asked->head.request;
    ds_doctor_parts parts;
    ds_examination e = {
        .device = device,
        .options = {.only = asked->text, .small = r->small, .first = r->first},
        .listener = &listener,
        .behind = r->behind[0] ? r->behind : NULL,
    };
    e.options.progress = announce;
    ds_doctor_parts_list(&parts, device, r->small);
    if (r->part < 0 || r->part >= parts.count)
        return ds_fail(DS_BAD_INPUT, "", "the device's kernels have changed meanwhile");
    ds_status status = ds_doctor_part_examine(&parts, r->part, &e);
    ds_free(e.begun);
    ds_doctor_clear(&e.table);
    return status;
}

void ds_doctor_help(void) {
    ds_device *device = NULL;
    ds_message asked, over = {.kind = DS_MESSAGE_OVER};
    bool goes_on = true;
    while (goes_on && ds_message_receive(SOCKET, &asked)) {
        ds_status status = DS_OK;
        if (!device)
            status = ds_device_open(&device, asked.head.request.device);
        if (status == DS_OK)
            status = examine(device, &asked);
        if (status == DS_OK)
            over.head.error.status = DS_OK;
        else
            ds_error_take(&over.head.error);
        ds_free(asked.text);
        goes_on = ds_message_send(SOCKET, &over);
    }
    ds_device_close(device);
}
