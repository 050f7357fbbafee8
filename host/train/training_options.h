/* The keys of a recipe that say how to train. */
#ifndef DS_TRAINING_OPTIONS_H
#define DS_TRAINING_OPTIONS_H

#include "model/layers.h"
#include "train/schedule.h"

typedef struct ds_training {
    const ds_operation *loss, *optimizer; /* no loss while it is to follow from the data, no
                                             optimizer where `search` takes its place */
    bool search;
    double loss_attribute[DS_MAX_ATTRIBUTES], optimizer_attribute[DS_MAX_ATTRIBUTES];
    ds_schedule schedule;
    double clip;   /* 0: none */
    int64_t batch; /* 0: all */
    bool shuffle;
    bool epochs_given;
    int64_t epochs;
    uint64_t seed;
    int64_t stop_updates;  /* 0: none */
    double stop_gradient;  /* negative: none */
    double stop_seconds;   /* 0: none */
    int64_t stop_patience; /* 0: none */
    bool keep_best;
    enum { DS_STREAM_AUTO, DS_STREAM_ALWAYS, DS_STREAM_NEVER } stream; /* data.stream */
    bool fuse;             /* several ops by one kernel, where that is faster */
    bool portable;         /* math: portable */
    double learning_rate;  /* the optimizer's */
    const char *plan_hash; /* of the run that is resumed: its kernels are taken, where there is a
                              choice; NULL: there is none */
} ds_training;

/* Reads them from the root of a whole recipe, whose other keys (data, model, init, plots) are
 * others' affair, or from a trainer's options, where `stream` stands by itself. */
ds_status ds_training_parse(ds_training *out, const ds_node *root, bool whole);

#endif
