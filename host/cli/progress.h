/* What a person sees of a run while it goes on, on standard error: on a terminal one line that is
 * redrawn, and anywhere the epochs that are to be listed, and notes. */
#ifndef DS_CLI_PROGRESS_H
#define DS_CLI_PROGRESS_H

#include "descent.h"

typedef struct progress_view {
    bool quiet, terminal;
    int64_t every; /* epochs between two that are listed; 0: none is */
    bool drawn;    /* the live line stands on the terminal */
    bool begun;    /* `first` holds the first report, `last` the last one */
    ds_progress first, last;
} progress_view;

/* `every` N: every Nth epoch has a line that stays; 0: none has. */
void progress_begin(progress_view *view, bool quiet, int64_t every);
void progress_show(progress_view *view, const ds_progress *progress);

/* Lists an epoch, if it is one of those to be listed. */
void progress_epoch(progress_view *view, const ds_epoch *epoch);

/* A line that stays, such as a note. */
void progress_note(progress_view *view, const char *note);

/* Clears the live line. */
void progress_end(progress_view *view);

#endif
