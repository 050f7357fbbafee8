/* Brings samples to the device. Where all sets fit they stay there, and a pass names its rows by
 * index. Else they are streamed: a second thread fills one half of the device's room while the
 * other half is worked on. */
#ifndef DS_FEED_H
#define DS_FEED_H

#include "check/verdict.h"
#include "data/dataset.h"
#include "device/device.h"

typedef struct ds_feed ds_feed;

/* Stretches of updates that may be on their way to the device together: the feed keeps the orders
 * of an epoch for each at least. */
enum { DS_FEED_CHUNKS = 4 };

typedef struct ds_feed_options {
    const ds_set *set[3]; /* the first is trained on; empty ones may be NULL */
    int sets;
    ds_device *device;
    int64_t batch; /* rows that a visit takes at a time, at most */
    bool shuffle;
    int64_t update_rows; /* of an update, where they are shuffled: to name one */
    int64_t epochs;      /* that will be visited; 0: any number */
    uint64_t seed;
    bool stream, keep_resident; /* overrule the choice by size */
    bool once;                  /* each set is gone through once */
} ds_feed_options;

/* The sets must outlive the feed; so must the executor. */
ds_status ds_feed_create(ds_feed **out, ds_executor *executor, const ds_feed_options *options);
void ds_feed_destroy(ds_feed *feed);

bool ds_feed_streams(const ds_feed *feed);

/* Most epochs that ds_feed_prepare takes at once. */
int64_t ds_feed_epochs(const ds_feed *feed);

/* Which row of set 0 stands at an entry of an epoch's order. */
ds_status ds_feed_row(const ds_feed *feed, int64_t epoch, int64_t entry, int64_t *row);

/* Makes the orders of these epochs (first .. last) known to the device, before they are visited.
 * DS_WRONG_RESULT where it loses them; nothing may have been run by them then. */
ds_status ds_feed_prepare(ds_feed *feed, int64_t first_epoch, int64_t last_epoch);

/* Begins to go through a set from row `skip` of its order on, `batch` rows at a time. Set 0 is gone
 * through in the order of `epoch`; with epoch -1, and other sets always, as it is. */
ds_status ds_feed_visit(ds_feed *feed, int set, int64_t epoch, int64_t skip, int64_t batch);

/* The next `count` rows of the visit (its batch, or what is left): what a pass's `first` must be.
 */
ds_status ds_feed_next(ds_feed *feed, int64_t count, int64_t *first);

/* Whether the device holds, of the `count` rows that a visit has just given out from `first` on,
 * what the host gave it: if not, a fault of the report, and the row of the set that it is in. */
ds_status ds_feed_check(const ds_feed *feed, int64_t first, int64_t count, ds_check_report *report,
                        int64_t *row);

/* Whether what was taken so far must be handed to the executor before the feed goes on: where it
 * streams, half of its room is used up. */
bool ds_feed_is_used_up(const ds_feed *feed);

#endif
