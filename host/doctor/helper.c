/* The other end of helpers.c: a process that judges the parts it is asked to. */
#include <stdio.h>
#include <unistd.h>

#include "doctor/message.h"
#include "doctor/parts.h"

enum { SOCKET = STDIN_FILENO };

static ds_status tell(ds_message *message, const char *name) {
    snprintf(message->name, sizeof message->name, "%s", name);
    return ds_message_send(SOCKET, message)
               ? DS_OK
               : ds_fail(DS_INTERRUPTED, "", "the doctor is gone that asked for help");
}

static bool announce(void *context, const char *what) {
    (void)context;
    return tell(&(ds_message){.kind = DS_MESSAGE_ANNOUNCED}, what) == DS_OK;
}

static ds_status tell_case(const char *name, const ds_doctor_case *found) {
    return found ? tell(&(ds_message){.kind = DS_MESSAGE_ENDED, .found = *found}, name)
                 : tell(&(ds_message){.kind = DS_MESSAGE_BEGUN}, name);
}

static ds_status examine(ds_device *device, const ds_message *asked, ds_doctor_table *known) {
    ds_doctor_parts parts;
    ds_examination e = {.device = device,
                        .options = asked->options,
                        .listener = tell_case,
                        .behind = known->cases ? known->list[known->cases - 1].name : NULL,
                        .table = *known};
    e.options.only = asked->text;
    e.options.progress = announce;
    e.options.dump = NULL;
    *known = (ds_doctor_table){0};
    ds_device_optimize(device, !e.options.no_optimizer);
    ds_status status =
        asked->part < ds_doctor_parts_list(&parts, device, e.options.small)
            ? ds_doctor_part_examine(&parts, asked->part, &e)
            : ds_fail(DS_BAD_INPUT, "", "the device's kernels have changed meanwhile");
    ds_examination_clear(&e);
    return status;
}

void ds_doctor_help(void) {
    ds_device *device = NULL;
    ds_doctor_table known = {0}; /* what failed in the part already, before this process */
    ds_message asked;
    bool goes_on = true;
    while (goes_on && ds_message_receive(SOCKET, &asked)) {
        if (asked.kind == DS_MESSAGE_ENDED) {
            goes_on = ds_doctor_table_add(&known, &asked.found) == DS_OK;
            continue;
        }
        ds_message over = {.kind = DS_MESSAGE_OVER};
        if ((!device && ds_device_open(&device, asked.name) != DS_OK) ||
            examine(device, &asked, &known) != DS_OK)
            ds_error_take(&over.error);
        ds_free(asked.text);
        goes_on = ds_message_send(SOCKET, &over);
    }
    ds_doctor_clear(&known);
    ds_device_close(device);
}
