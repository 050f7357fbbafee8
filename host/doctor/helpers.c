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
    int part;              /* at work on it, or NONE */
    char at[160];          /* the case under way, or the last one; "": none yet */
    char went_behind[160]; /* which case the process was to go on behind */
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

static void send_failures(const helper *h, const ds_doctor_table *found) {
    for (size_t i = 0; i < found->cases; i++)
        if (found->list[i].verdict == DS_FAILED)
            (void)ds_message_send(h->child.socket, &(ds_message){.kind = DS_MESSAGE_ENDED,
                                                                 .head.found = found->list[i]});
}

/* Whether the helper hears it is seen when it answers. */
static ds_status ask(work *w, helper *h, int part, const char *behind) {
    const ds_doctor_options *options = w->options;
    ds_message message = {.kind = DS_MESSAGE_PART, .text = (char *)options->only};
    ds_part_request *r = &message.head.request;
    *r = (ds_part_request){.part = part, .options = *options};
    snprintf(r->device, sizeof r->device, "%s", ds_device_about(w->device)->id);
    snprintf(r->behind, sizeof r->behind, "%s", behind);
    snprintf(h->went_behind, sizeof h->went_behind, "%s", behind);
    h->part = part;
    if (!h->child.process)
        DS_CHECK(ds_child_start(&h->child, options->helper, DS_DOCTOR_HELPER));
    send_failures(h, &w->found[part]); /* the rest of their rows is left out */
    (void)ds_message_send(h->child.socket, &message);
    return DS_OK;
}

static ds_status ask_next(work *w, helper *h) {
    h->part = NONE;
    h->at[0] = '\0';
    return w->next < w->parts && !w->ended ? ask(w, h, w->next++, "") : DS_OK;
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
    if (!h->at[0] || strcmp(h->at, h->went_behind) == 0)
        return ds_fail(DS_DEVICE_FAILED, "choose another device", "device \"%s\": %s",
                       ds_device_name(w->device), words);
    memcpy(c.name, h->at, sizeof c.name);
    DS_CHECK(ds_copy_text(&c.words, words));
    DS_CHECK(add_case(w, h->part, &c));
    char behind[sizeof h->at];
    memcpy(behind, h->at, sizeof behind);
    return w->ended ? ask_next(w, h) : ask(w, h, h->part, behind);
}

/* ---- what they say ---- */

static ds_status progress(const work *w, const char *what) {
    const ds_doctor_options *options = w->options;
    return !options->progress || options->progress(options->context, what)
               ? DS_OK
               : ds_fail(DS_INTERRUPTED, "", "the examination was interrupted");
}

static ds_status hear(work *w, helper *h) {
    ds_message said;
    ds_status status = DS_OK;
    if (!ds_message_receive(h->child.socket, &said))
        return replace(w, h);
    switch (said.kind) {
    case DS_MESSAGE_ANNOUNCED:
        status = progress(w, said.text);
        break;
    case DS_MESSAGE_BEGUN:
        snprintf(h->at, sizeof h->at, "%s", said.text);
        break;
    case DS_MESSAGE_ENDED:
        return add_case(w, h->part, &said.head.found);
    default:
        status = said.head.error.status == DS_OK ? ask_next(w, h) : ds_error_give(&said.head.error);
    }
    ds_free(said.text);
    return status;
}

/* Until one says something; a signal may ask for the end. */
static ds_status hear_any(work *w) {
    struct pollfd wait[MOST];
    for (int i = 0; i < w->helpers; i++)
        wait[i] = (struct pollfd){.fd = w->helper[i].part == NONE ? -1 : w->helper[i].child.socket,
                                  .events = POLLIN};
    int ready = poll(wait, (nfds_t)w->helpers, -1);
    if (ready < 0 && errno == EINTR)
        return progress(w, "");
    if (ready < 0)
        return ds_fail(DS_IO_FAILED, "", "poll: %s", strerror(errno));
    for (int i = 0; i < w->helpers; i++)
        if (wait[i].fd >= 0 && wait[i].revents)
            DS_CHECK(hear(w, &w->helper[i]));
    return DS_OK;
}

static bool is_at_work(const work *w) {
    for (int i = 0; i < w->helpers; i++)
        if (w->helper[i].part != NONE)
            return true;
    return false;
}

ds_status ds_helpers_examine(int helpers, int parts, ds_doctor_table *found,
                             const ds_device *device, const ds_doctor_options *options) {
    ds_status status = DS_OK;
    work w = {.helpers = helpers < MOST ? helpers : MOST,
              .parts = parts,
              .device = device,
              .options = options,
              .found = found};
    for (int i = 0; i < w.helpers; i++)
        w.helper[i].part = NONE;
    for (int i = 0; i < w.helpers; i++)
        DS_TRY(ask_next(&w, &w.helper[i]));
    while (is_at_work(&w))
        DS_TRY(hear_any(&w));

cleanup:
    for (int i = 0; i < w.helpers; i++)
        if (w.helper[i].child.process)
            (void)ds_child_end(&w.helper[i].child, status != DS_OK);
    return status;
}
