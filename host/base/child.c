#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int spawn(pid_t *process, const char *program, const char *word, int socket) {
    char *words[] = {(char *)program, (char *)word, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGHUP);
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed)
        return failed;
    failed = posix_spawnattr_init(&attributes);
    if (!failed) {
        failed = posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
        if (!failed)
            failed = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
        if (!failed)
            failed = posix_spawnattr_setsigmask(&attributes, &blocked);
        if (!failed)
            failed = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        if (!failed)
            failed = posix_spawn(process, program, &actions, &attributes, words, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

ds_status ds_child_start(ds_child *child, const char *program, const char *word) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return ds_fail(DS_IO_FAILED, "", "no socket: %s", strerror(errno));
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    int failed = spawn(&child->process, program, word, ends[1]);
    close(ends[1]);
    if (failed) {
        close(ends[0]);
        child->process = 0;
        return ds_fail(DS_IO_FAILED, "", "\"%s\" cannot be started: %s", program, strerror(failed));
    }
    child->socket = ends[0];
    return DS_OK;
}

int ds_child_end(ds_child *child, bool now) {
    int how = 0;
    if (now)
        kill(child->process, SIGKILL);
    close(child->socket);
    while (waitpid(child->process, &how, 0) < 0 && errno == EINTR)
        continue;
    child->process = 0;
    return how;
}

/* In one piece, but for what a full socket or a signal leaves over. */
bool ds_socket_send(int socket, struct iovec *part, size_t parts) {
    struct msghdr rest = {.msg_iov = part, .msg_iovlen = parts};
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

bool ds_socket_receive(int socket, void *data, size_t size) {
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
