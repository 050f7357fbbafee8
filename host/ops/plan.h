/* What a plan is: a flat list of ops over tensors, as plain data. One plan serves the OpenCL
 * executor, the reference executor, the checker and `explain`. */
#ifndef DS_PLAN_H
#define DS_PLAN_H

#include "base/text.h"

enum {
    DS_MAX_RANK = 5,
    DS_MAX_INPUTS = 6,
    DS_MAX_OUTPUTS = 4,
    DS_MAX_ATTRIBUTES = 8,
    DS_ABSENT = -1 /* in place of a tensor's index */
};

/* A parameter's shape, or a sample's (without the batch). */
typedef struct ds_shape {
    int rank;
    int64_t extent[DS_MAX_RANK];
} ds_shape;

ds_shape ds_shape_flat(int64_t extent);
int64_t ds_shape_count(const ds_shape *shape);

/* Writes "28x28" into `text` of 64 characters and returns it. */
char *ds_shape_print(const ds_shape *shape, char text[64]);

/* The flat buffers a device holds. Every tensor is an offset into one of them. Parameters,
 * gradients and each moment are unpadded, row-major, in layer order: the canonical layout. */
typedef enum ds_storage {
    DS_PARAMETERS,
    DS_GRADIENTS,
    DS_MOMENTS,
    DS_ACTIVATIONS, /* of one batch, with scratch; lifetimes that do not overlap share memory */
    DS_FEATURES,    /* the data set, or the part of it that streaming holds */
    DS_TARGETS,
    DS_INDICES, /* int: rows of the data set in the order of training */
    DS_HISTORY, /* a record of DS_RECORD_SIZE numbers per pass */
    DS_STATUS,  /* int: see ds_status_word */
    DS_STORAGES
} ds_storage;

const char *ds_storage_name(ds_storage storage);

typedef enum ds_element { DS_FLOAT32, DS_INT32 } ds_element;

ds_element ds_storage_element(ds_storage storage);

typedef enum ds_layout { DS_ROW_MAJOR } ds_layout;

typedef struct ds_tensor {
    char name[64];
    ds_element element;
    ds_layout layout;
    ds_storage storage;
    bool per_sample; /* one `shape` per sample: the batch is the leading, run-time dimension */
    ds_shape shape;
    int64_t offset;        /* in elements of its storage */
    int first_op, last_op; /* lifetime, for DS_ACTIVATIONS */
} ds_tensor;

/* Elements that `count` samples take. */
int64_t ds_tensor_count(const ds_tensor *tensor, int64_t count);

typedef enum ds_phase {
    DS_PHASE_FORWARD,
    DS_PHASE_LOSS,
    DS_PHASE_BACKWARD,
    DS_PHASE_REDUCE, /* of the gradient over devices: empty on one */
    DS_PHASE_UPDATE
} ds_phase;

const char *ds_phase_name(ds_phase phase);

typedef enum ds_part { DS_FORWARD, DS_BACKWARD } ds_part;

struct ds_operation;

typedef struct ds_op {
    const struct ds_operation *operation;
    ds_part part;
    ds_phase phase;
    int layer; /* position in the recipe's model; keys the layer's random numbers */
    bool in_training, in_evaluation;
    int inputs, outputs;
    int input[DS_MAX_INPUTS], output[DS_MAX_OUTPUTS]; /* tensors, or DS_ABSENT */
    int scratch;                                      /* a tensor, or DS_ABSENT */
    bool accumulate; /* add to the outputs instead of setting them; backward only */
    double attribute[DS_MAX_ATTRIBUTES];
} ds_op;

typedef struct ds_plan {
    ds_tensor *tensor;
    ds_op *op;
    int tensors, ops;
    int64_t batch;                      /* most samples in one pass */
    int64_t training_batch;             /* in one that trains */
    int64_t storage_count[DS_STORAGES]; /* elements; 0 for those the data decides */
    int features, targets;              /* the tensors of the data set */
    int prediction; /* the network's output, before a folded softmax or sigmoid */
    int moments;    /* per parameter */
    bool fuse;      /* an executor may run several ops by one kernel */
    bool untuned;   /* and by kernels as they are without what `descent tune` found */
    bool portable;  /* the same bits on every device */
} ds_plan;

void ds_plan_destroy(ds_plan *plan);

/* What varies from one pass over the ops to the next. */
typedef struct ds_pass {
    bool training;
    int64_t count;        /* samples in this batch */
    int64_t global_count; /* samples the loss is averaged over: all shards and micro-batches */
    int64_t position;     /* of the first sample in the global batch */
    int64_t first;        /* entry of DS_INDICES that names the first sample's row */
    int64_t slot;         /* record of DS_HISTORY that this pass writes */
    uint64_t update;      /* number of the update, from 1 */
    uint64_t seed;
    double rate;     /* learning rate */
    bool accumulate; /* add to the parameters' gradients: micro-batches after the first */
} ds_pass;

/* A record of the history, in the units that are trained: sums over the batch's samples, and after
 * them the largest of something. */
enum {
    DS_RECORD_LOSS,
    DS_RECORD_ABSOLUTE, /* mean over outputs of |error|; 0 for classes */
    DS_RECORD_SQUARE,   /* mean over outputs of error^2; 0 for classes */
    DS_RECORD_CORRECT,  /* share of outputs whose class is right; 0 for numbers */
    DS_RECORD_SUMS,
    DS_RECORD_LARGEST = DS_RECORD_SUMS, /* largest |error| of all outputs; 0 for classes */
    DS_RECORD_SIZE
};

/* The number of an update as kernels have it, in 32 bits: 1 .. 2^32 - 1, then again from 1. */
uint32_t ds_update_number(uint64_t update);

/* Words of DS_STATUS, int32. Each holds the number of an update, 0 for none, and is never
 * overwritten: once one is set, updates change nothing. */
enum ds_status_word {
    DS_STATUS_NOT_FINITE,   /* first loss or gradient that was not finite */
    DS_STATUS_SMALL_ENOUGH, /* first gradient whose norm reached the stop rule */
    DS_STATUS_WORDS
};

/* What stands in a word for an update; and the first update from `first` on that it stands for. */
double ds_status_word(uint64_t update);
uint64_t ds_status_update(double word, uint64_t first);

/* Whether an op runs in this pass. */
bool ds_op_runs(const ds_op *op, const ds_pass *pass);

/* Whether this output is added to rather than set. */
bool ds_op_accumulates(const ds_plan *plan, const ds_op *op, int output, const ds_pass *pass);

/* Whether something besides these ops of the plan reads a tensor: another op, or, of the
 * prediction, whoever runs the plan. */
bool ds_tensor_is_read_outside(const ds_plan *plan, int tensor, const ds_op *first, int ops);

#endif
