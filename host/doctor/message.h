/* What the doctor and its helpers, which are other processes, tell each other through a socket. */
#ifndef DS_MESSAGE_H
#define DS_MESSAGE_H

#include "base/status.h"

typedef struct ds_message {
    enum {
        DS_MESSAGE_PART,      /* to a helper: `name` is the device's id, `text` maybe `only` */
        DS_MESSAGE_ANNOUNCED, /* from it: what is judged next, a name */
        DS_MESSAGE_BEGUN,     /* a case's name */
        DS_MESSAGE_ENDED,     /* a case; to a helper: one of its part that failed before */
        DS_MESSAGE_OVER       /* the part's end, an error or none */
    } kind;
    int part;
    ds_doctor_options options; /* but its pointers */
    char name[160];
    ds_doctor_case found;
    ds_saved_error error;
    char *text; /* NULL, or to be given back by ds_free */
} ds_message;

/* False where the other end is gone. What a kind does not need is 0. */
bool ds_message_send(int socket, const ds_message *message);
bool ds_message_receive(int socket, ds_message *message);

#endif
