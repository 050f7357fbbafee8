#include "doctor/helpers.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "doctor/examination.h"
#include "doctor/message.h"

enum { MOST = 4, NONE = -1 };

typedef struct helper {
    ds_child child;
    int part;     /* at work on it, or NONE */
    char at[160]; /* the case under way, or the last one; "": none since it was asked */
} helper;

typedef struct work {
    helper helper[MOST];
    int helpers, parts, next; /* the first part that nobody has taken */
    bool ended;               /* at the first fault */
    const ds_device *device;
    const ds_doctor_options *options;
    ds_doctor_table *found; /* of each part */
} work;

int ds_helpers_for(const ds_doctor_options *options) {
    /* Simulators keep a log for a process, and a recording is this one's. */
    if (!options->helper || options->small || options->dump)
        return 0;
    long cores = options->first ? 1 : sysconf(_SC_NPROCESSORS_ONLN); /* else in order */
    return cores < 1 ? 1 : cores < MOST ? (int)cores : MOST;
}

/* ---- parts ---- */

/* To begin its part, or to go on behind what failed in it last, but for the rows that have failed.
 * Whether the helper hears it is seen when it answers. */
static ds_status ask(work *w, helper *h) {
    const ds_doctor_table *found = &w->found[h->part];
    ds_message message = {.kind = DS_MESSAGE_PART,
                          .part = h->part,
                          .options = *w->options,
                          .text = (char *)w->options->only};
    snprintf(message.name, sizeof message.name, "%s", ds_device_about(w->device)->id);
    h->at[0] = '\0';
    if (!h->child.process)
        DS_CHECK(ds_child_start(&h->child, w->options->helper, DS_DOCTOR_HELPER));
    for (size_t i = 0; i < found->cases; i++)
        if (found->list[i].verdict == DS_FAILED)
            (void)ds_message_send(h->child.socket,
                                  &(ds_message){.kind = DS_MESSAGE_ENDED, .found = found->list[i]});
    (void)ds_message_send(h->child.socket, &message);
    return DS_OK;
}

static ds_status ask_next(work *w, helper *h) {
    h->part = w->next < w->parts && !w->ended ? w->next++ : NONE;
    return h->part == NONE ? DS_OK : ask(w, h);
}

static ds_status add_case(work *w, int part, ds_doctor_case *c) {
    ds_status status = ds_doctor_table_add(&w->found[part], c);
    w->ended |= w->options->first && c->verdict != DS_RIGHT;
    return status;
}

/* The case under way has failed, or the last one, which left something behind; another process goes
 * on with the next. */
static ds_status replace(work *w, helper *h) {
    ds_doctor_case c = {.verdict = DS_FAILED, .seed = w->options->seed};
    char words[128];
    int how = ds_child_end(&h->child, false);
    if (WIFSIGNALED(how))
        snprintf(words, sizeof words, "the driver crashed: %s", strsignal(WTERMSIG(how)));
    else
        snprintf(words, sizeof words, "the driver ended the process with status %d",
                 WIFEXITED(how) ? WEXITSTATUS(how) : 0);
    if (!h->at[0])
        return ds_fail(DS_DEVICE_FAILED, "choose another device", "device \"%s\": %s",
                       ds_device_name(w->device), words);
    memcpy(c.name, h->at, sizeof c.name);
    DS_CHECK(ds_copy_text(&c.words, words));
    DS_CHECK(add_case(w, h->part, &c));
    return w->ended ? ask_next(w, h) : ask(w, h);
}

/* ---- what they say ---- */

static ds_status hear(work *w, helper *h) {
    ds_message said;
    if (!ds_message_receive(h->child.socket, &said))
        return replace(w, h);
    switch (said.kind) {
    case DS_MESSAGE_ANNOUNCED:
        return ds_doctor_announce(w->options, said.name);
    case DS_MESSAGE_BEGUN:
        memcpy(h->at, said.name, sizeof h->at);
        return DS_OK;
    case DS_MESSAGE_ENDED:
        return add_case(w, h->part, &said.found);
    default:
        return said.error.status == DS_OK ? ask_next(w, h) : ds_error_give(&said.error);
    }
}

/* Until none is at work; a signal may ask for the end. */
static ds_status hear_all(work *w) {
    for (;;) {
        struct pollfd wait[MOST];
        bool at_work = false;
        for (int i = 0; i < w->helpers; i++) {
            const helper *h = &w->helper[i];
            at_work |= h->part != NONE;
            wait[i] =
                (struct pollfd){.fd = h->part == NONE ? -1 : h->child.socket, .events = POLLIN};
        }
        if (!at_work)
            return DS_OK;
        int ready = poll(wait, (nfds_t)w->helpers, -1);
        if (ready < 0 && errno != EINTR)
            return ds_fail(DS_IO_FAILED, "", "poll: %s", strerror(errno));
        if (ready < 0)
            DS_CHECK(ds_doctor_announce(w->options, ""));
        for (int i = 0; i < w->helpers && ready > 0; i++)
            if (wait[i].revents)
                DS_CHECK(hear(w, &w->helper[i]));
    }
}

ds_status ds_helpers_examine(int helpers, int parts, ds_doctor_table *found,
                             const ds_device *device, const ds_doctor_options *options) {
    ds_status status = DS_OK;
    work w = {
        .helpers = helpers, .parts = parts, .device = device, .options = options, .found = found};
    for (int i = 0; i < helpers; i++)
        w.helper[i].part = NONE;
    for (int i = 0; i < helpers; i++)
        DS_TRY(ask_next(&w, &w.helper[i]));
    DS_TRY(hear_all(&w));

cleanup:
    for (int i = 0; i < helpers; i++)
        if (w.helper[i].child.process)
            (void)ds_child_end(&w.helper[i].child, status != DS_OK);
    return status;
}
