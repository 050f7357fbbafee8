#include "doctor/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/memory.h"

static size_t head_size(ds_message_kind kind) {
    static const size_t size[] = {sizeof(ds_part_request), 0, 0, sizeof(ds_doctor_case),
                                  sizeof(ds_saved_error)};
    return size[kind];
}

static bool send_all(int socket, const void *data, size_t size) {
    const char *at = data;
    while (size > 0) {
        ssize_t sent = send(socket, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
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

bool ds_message_send(int socket, const ds_message *message) {
    size_t length = message->text ? strlen(message->text) + 1 : 0;
    return send_all(socket, &message->kind, sizeof message->kind) &&
           send_all(socket, &length, sizeof length) &&
           send_all(socket, &message->head, head_size(message->kind)) &&
           send_all(socket, message->text, length);
}

bool ds_message_receive(int socket, ds_message *message) {
    size_t length;
    message->text = NULL;
    if (!receive_all(socket, &message->kind, sizeof message->kind) ||
        !receive_all(socket, &length, sizeof length) ||
        !receive_all(socket, &message->head, head_size(message->kind)))
        return false;
    if (length == 0)
        return true;
    if (!ds_new_quietly(&message->text, length))
        return false;
    if (receive_all(socket, message->text, length))
        return true;
    ds_free(message->text);
    return false;
}
