/* What a person sees of a run while it goes on, on standard error: one line that is redrawn on a
 * terminal; elsewhere a line of its own about once a second, and the last. */
#ifndef DS_CLI_PROGRESS_H
#define DS_CLI_PROGRESS_H

#include "descent.h"

typedef struct progress_view {
    bool quiet, terminal;
    bool drawn;           /* the live line stands on the terminal */
    bool begun;           /* `first` holds the first report, `last` the last one */
    double printed_after; /* seconds of training at the last plain line */
    bool printed_last;
    ds_progress first, last;
} progress_view;

void progress_begin(progress_view *view, bool quiet);
void progress_show(progress_view *view, const ds_progress *progress);

/* A line that stays, such as a note. */
void progress_note(progress_view *view, const char *note);

/* Clears the live line, or prints the last plain one. */
void progress_end(progress_view *view);

#endif
