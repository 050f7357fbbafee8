/* What the doctor and its helpers, which are other processes, tell each other through a socket. */
#ifndef DS_MESSAGE_H
#define DS_MESSAGE_H

#include "base/status.h"

typedef enum ds_message_kind {
    DS_MESSAGE_PART,      /* to a helper: a ds_part_request and, maybe, the text of `only` */
    DS_MESSAGE_ANNOUNCED, /* from it: what is judged next, a text */
    DS_MESSAGE_BEGUN,     /* a case's name */
    DS_MESSAGE_ENDED,     /* a ds_doctor_case; to a helper: one that failed before */
    DS_MESSAGE_OVER       /* the part's end, a ds_saved_error */
} ds_message_kind;

typedef struct ds_part_request {
    int part;
    ds_doctor_options options; /* but its pointers */
    char device[64];           /* its id */
    char behind[160];          /* as in ds_examination; "" */
} ds_part_request;

/* A head of known size, a text, which may be missing, and those of a case. */
typedef struct ds_message {
    ds_message_kind kind;
    union {
        ds_part_request request;
        ds_doctor_case found;
        ds_saved_error error;
    } head;
    char *text; /* NULL, or to be given back by ds_free */
} ds_message;

/* False where the other end is gone. The kind says how long the head is. */
bool ds_message_send(int socket, const ds_message *message);
bool ds_message_receive(int socket, ds_message *message);

#endif
