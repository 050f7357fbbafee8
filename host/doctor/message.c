#include "doctor/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/memory.h"

/* What comes first. */
typedef struct envelope {
    ds_message_kind kind;
    size_t length; /* of the text, with its end; 0: none */
} envelope;

static size_t head_size(ds_message_kind kind) {
    static const size_t size[] = {sizeof(ds_part_request), 0, 0, sizeof(ds_doctor_case),
                                  sizeof(ds_saved_error)};
    return size[kind];
}

static bool receive_all(int socket, void *data, size_t size) {
    char *at = data;
    while (size > 0) {
        ssize_t got = recv(socket, at, size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

/* In one piece, but for what a full socket or a signal leaves over. */
bool ds_message_send(int socket, const ds_message *message) {
    size_t length = message->text ? strlen(message->text) + 1 : 0;
    envelope about = {message->kind, length};
    struct iovec part[] = {{&about, sizeof about},
                           {(void *)&message->head, head_size(message->kind)},
                           {message->text, length}};
    struct msghdr rest = {.msg_iov = part, .msg_iovlen = 3};
    for (;;) {
        ssize_t sent = sendmsg(socket, &rest, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        for (; rest.msg_iovlen > 0 && (size_t)sent >= rest.msg_iov->iov_len; rest.msg_iovlen--)
            sent -= (ssize_t)(rest.msg_iov++)->iov_len;
        if (rest.msg_iovlen == 0)
            return true;
        rest.msg_iov->iov_base = (char *)rest.msg_iov->iov_base + sent;
        rest.msg_iov->iov_len -= (size_t)sent;
    }
}

bool ds_message_receive(int socket, ds_message *message) {
    envelope about;
    message->text = NULL;
    if (!receive_all(socket, &about, sizeof about) ||
        !receive_all(socket, &message->head, head_size(about.kind)))
        return false;
    message->kind = about.kind;
    if (about.length == 0)
        return true;
    if (!ds_new_quietly(&message->text, about.length))
        return false;
    if (receive_all(socket, message->text, about.length))
        return true;
    ds_free(message->text);
    return false;
}
