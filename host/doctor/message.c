#include "doctor/message.h"

#include <string.h>

#include "base/child.h"
#include "base/memory.h"

enum { TEXTS = 4 };

static char **text_of(ds_message *m, int i) {
    char **text[TEXTS] = {&m->text, &m->found.words, &m->found.options, &m->found.work};
    return text[i];
}

/* The message, the texts' lengths with their ends (0: none), and then they. */
bool ds_message_send(int socket, const ds_message *message) {
    ds_message m = *message;
    size_t length[TEXTS];
    struct iovec part[2 + TEXTS] = {{&m, sizeof m}, {length, sizeof length}};
    for (int i = 0; i < TEXTS; i++) {
        char *text = *text_of(&m, i);
        length[i] = text ? strlen(text) + 1 : 0;
        part[2 + i] = (struct iovec){text, length[i]};
    }
    return ds_socket_send(socket, part, 2 + TEXTS);
}

bool ds_message_receive(int socket, ds_message *m) {
    size_t length[TEXTS] = {0};
    bool whole =
        ds_socket_receive(socket, m, sizeof *m) && ds_socket_receive(socket, length, sizeof length);
    for (int i = 0; i < TEXTS; i++) {
        char **text = text_of(m, i);
        *text = NULL;
        whole = whole && (length[i] == 0 || (ds_new_quietly(text, length[i]) &&
                                             ds_socket_receive(socket, *text, length[i])));
    }
    for (int i = 0; i < TEXTS && !whole; i++)
        ds_free(*text_of(m, i));
    return whole;
}
