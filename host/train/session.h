/* A trained model on a device, for predictions and evaluation of sets of rows. Its plan is the same
 * for every set, so that a row has the same prediction in each. */
#ifndef DS_SESSION_H
#define DS_SESSION_H

#include "train/feed.h"
#include "train/trained_model.h"

typedef struct ds_session {
    const ds_model *model;
    ds_plan *plan;
    ds_executor *executor;
    ds_feed *feed;
    ds_layer *layer;
    const ds_set *set[3];
} ds_session;

/* With a loss the plan evaluates; without, it ends in what `predict` gives. Where `stream`, the
 * sets are never on the device as a whole. On failure, too, ds_session_close. */
ds_status ds_session_open(ds_session *session, const ds_model *model, ds_device *device,
                          const ds_operation *loss, const ds_set *const *set, int sets,
                          bool stream);
void ds_session_close(ds_session *session);

/* Told the outputs of rows first .. first + count - 1 of a set, numbers in the targets' own units.
 */
typedef void (*ds_outputs_callback)(void *context, int64_t first, int64_t count,
                                    const double *outputs);

/* Those of all rows of a set, pass by pass. */
ds_status ds_session_outputs(ds_session *session, int set, ds_outputs_callback callback,
                             void *context);

/* The scores of numbers on a set of the session, as those of one of a result's three sets. */
ds_status ds_session_score(ds_session *session, int which, int set, ds_result *result);

#endif
