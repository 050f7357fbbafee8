/* What a person should know of layers that train, but hardly as they were meant. */
#ifndef DS_LAYER_NOTES_H
#define DS_LAYER_NOTES_H

#include "train/trained_model.h"
#include "train/training_options.h"

/* A recipe that was opened. */
typedef struct ds_noted {
    const ds_node *recipe; /* its root */
    const ds_training *training;
    const ds_data *data;
    const ds_model *model;
    bool for_table; /* nobody wrote it: it was made from --data, --target and --layers */
    bool adds_last; /* and the last layer is not one of these layers */
} ds_noted;

/* Dense layers with no activation between them; a softmax of one value, or in the middle; a last
 * layer that cannot give what is asked of it. */
ds_status ds_layer_notes(const ds_noted *noted, ds_text *notes);

/* A target of few whole numbers, which may be classes. */
ds_status ds_target_note(const ds_noted *noted, ds_text *notes);

#endif
