/* A process that this one starts and speaks with through a socket, its standard input. */
#ifndef DS_CHILD_H
#define DS_CHILD_H

#include <sys/types.h>
#include <sys/uio.h>

#include "base/status.h"

typedef struct ds_child {
    pid_t process; /* 0: none */
    int socket;
} ds_child;

/* The program with one word behind its name. What a terminal sends to all is for this process to
 * obey; what it writes to standard output goes to standard error. */
ds_status ds_child_start(ds_child *child, const char *program, const char *word);

/* Waits for its end, which it finds by itself where nobody speaks to it any more; `now`: kills it.
 * Returns how it ended, as waitpid tells it. */
int ds_child_end(ds_child *child, bool now);

/* All of it, or false where the other end is gone. `part` may be changed. */
bool ds_socket_send(int socket, struct iovec *part, size_t parts);
bool ds_socket_receive(int socket, void *data, size_t size);

#endif
