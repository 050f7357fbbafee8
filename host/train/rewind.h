/* Going back to an update within a chunk that the device has left behind: parameters and moments as
 * they were before the chunk, and its updates once more. The same updates give the same bits. */
#ifndef DS_REWIND_H
#define DS_REWIND_H

#include "train/trainer.h"

typedef struct ds_rewind {
    double *values; /* parameters, then moments */
    int64_t update; /* in front of which they stood */
} ds_rewind;

/* Whether it can be done: not where the feed streams, nor where updates are watched one by one. */
bool ds_rewind_is_possible(const ds_trainer *trainer);

/* Notes where the run is, in front of this update. */
ds_status ds_rewind_mark(ds_rewind *rewind, ds_trainer *trainer, int64_t update);

/* Back to behind update `last` - 1, from the mark on; and forth, from `first` on. Records of the
 * history are lost, the status stays as it is. */
ds_status ds_rewind_to(const ds_rewind *rewind, ds_trainer *trainer, int64_t last);
ds_status ds_rewind_forth(ds_trainer *trainer, int64_t first, int64_t last);

void ds_rewind_clear(ds_rewind *rewind);

#endif
