#include "doctor/message.h"

#include <string.h>

#include "base/child.h"
#include "base/memory.h"

enum { TEXTS = 4 };

/* What comes first. */
typedef struct envelope {
    ds_message_kind kind;
    size_t length[TEXTS]; /* of the texts, with their ends; 0: none */
} envelope;

/* Where they are; those of a case are in others no texts. */
static int texts_of(const ds_message *message, char **text[TEXTS]) {
    ds_message *m = (ds_message *)message;
    text[0] = &m->text;
    text[1] = &m->head.found.words;
    text[2] = &m->head.found.options;
    text[3] = &m->head.found.work;
    return m->kind == DS_MESSAGE_ENDED ? TEXTS : 1;
}

static size_t head_size(ds_message_kind kind) {
    static const size_t size[] = {sizeof(ds_part_request), 0, 0, sizeof(ds_doctor_case),
                                  sizeof(ds_saved_error)};
    return size[kind];
}

bool ds_message_send(int socket, const ds_message *message) {
    char **text[TEXTS];
    envelope about = {message->kind, {0}};
    struct iovec part[2 + TEXTS] = {{&about, sizeof about},
                                    {(void *)&message->head, head_size(message->kind)}};
    int texts = texts_of(message, text);
    for (int i = 0; i < texts; i++) {
        about.length[i] = *text[i] ? strlen(*text[i]) + 1 : 0;
        part[2 + i] = (struct iovec){*text[i], about.length[i]};
    }
    return ds_socket_send(socket, part, 2 + (size_t)texts);
}

bool ds_message_receive(int socket, ds_message *message) {
    envelope about;
    message->text = NULL;
    if (!ds_socket_receive(socket, &about, sizeof about) ||
        !ds_socket_receive(socket, &message->head, head_size(about.kind)))
        return false;
    message->kind = about.kind;
    char **text[TEXTS];
    int texts = texts_of(message, text);
    bool whole = true;
    for (int i = 0; i < texts; i++) {
        *text[i] = NULL;
        whole = whole &&
                (about.length[i] == 0 || (ds_new_quietly(text[i], about.length[i]) &&
                                          ds_socket_receive(socket, *text[i], about.length[i])));
    }
    for (int i = 0; i < texts && !whole; i++)
        ds_free(*text[i]);
    return whole;
}
