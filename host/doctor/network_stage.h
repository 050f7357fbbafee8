/* A stage for whole networks in one kernel: a network as a recipe writes it and a shape of its
 * kernel, with data, parameters and moments to begin from. */
#ifndef DS_NETWORK_STAGE_H
#define DS_NETWORK_STAGE_H

#include "check/checker.h"
#include "launch/network.h"
#include "model/layers.h"

typedef struct ds_network_case {
    ds_network_shape shape;
    int64_t inputs;
    const char *model, *loss, *optimizer; /* as in a recipe */
    double clip, stop;                    /* 0: none */
} ds_network_case;

/* One work-item a block, as on a CPU; many that share it, as on a GPU. */
#define DS_OF_VECTORS(blocks, lanes, vectors, rows, across, width, space)                          \
    { blocks, 1, lanes, vectors, rows, across, width, DS_SPACE_##space, false, 0 }
/* By groups that leave the rest to each other instead of waiting. */
#define DS_IMPATIENT(blocks, lanes, vectors, rows, across, width)                                  \
    { blocks, 1, lanes, vectors, rows, across, width, DS_SPACE_GLOBAL, false, 1 }
#define DS_OF_ITEMS(group, samples, space)                                                         \
    { 1, group, 1, samples, 1, 1, 1, DS_SPACE_##space, false, 0 }
/* In portable math, which is one block's. */
#define DS_PORTABLE_VECTORS(lanes, vectors, rows, across, width, space)                            \
    { 1, 1, lanes, vectors, rows, across, width, DS_SPACE_##space, true, 0 }
#define DS_PORTABLE_ITEMS(group, samples, space)                                                   \
    { 1, group, 1, samples, 1, 1, 1, DS_SPACE_##space, true, 0 }

/* Every layer, loss, optimizer and way of using it; every number of lanes, vectors, blocks and
 * items, every space. Ends with a model that is NULL. */
extern const ds_network_case ds_network_cases[];

/* Rows of a set that is narrow take more than 16 bits. */
enum {
    DS_STAGE_ROWS = 310,
    DS_STAGE_NARROW = 3, /* columns */
    DS_STAGE_NARROW_ROWS = 70000,
    DS_STAGE_INDICES = 70000,
    DS_STAGE_RECORDS = 1100,
    DS_STAGE_BATCH = 300
};

typedef struct ds_network_stage {
    const ds_network_case *test;
    const ds_operation *loss;
    ds_plan *plan;
    ds_executor *executor;
    ds_check_options options;
    int64_t rows;  /* of the data, the last of which no index names */
    uint64_t seed; /* is added to that of its memory */
} ds_network_stage;

/* The plan alone; `whole`: with the network's kernel, else op by op. */
ds_status ds_network_stage_plan(ds_network_stage *stage, const ds_network_case *test);
ds_status ds_network_stage_open(ds_network_stage *stage, ds_device *device, bool whole);

/* A stage for a plan of its own, taken over, instead of a case; its executor is to come, and then
 * room for what the data decides. */
void ds_network_stage_take(ds_network_stage *stage, ds_plan *plan, const ds_operation *loss);
ds_status ds_network_stage_reserve(const ds_network_stage *stage);

void ds_network_stage_close(ds_network_stage *stage);

/* Everything an update starts from, the first of a run, whose moments are 0, or another; gradients
 * and activations hold NaN, which none may read, and so does the last row of the data, which no
 * index names. */
ds_status ds_network_stage_fill(const ds_network_stage *stage, uint64_t seed, bool fresh);

/* Indices behind those of the pass name that row: no lane may take one. */
ds_status ds_network_stage_bound(const ds_network_stage *stage, const ds_pass *pass);

/* A pass, from memory so filled; in a stage of a case, so bounded. */
ds_status ds_network_stage_judge(const ds_network_stage *stage, const ds_pass *pass, uint64_t seed,
                                 ds_check_report *report);

ds_pass ds_network_stage_pass(bool training, int64_t count, uint64_t update);

ds_status ds_network_stage_write(const ds_network_stage *stage, ds_storage storage, int64_t offset,
                                 double value);

/* The numbers of a storage, to be given back by ds_free; their count. */
int64_t ds_network_stage_count(const ds_network_stage *stage, ds_storage storage);
ds_status ds_network_stage_values(double **out, const ds_network_stage *stage, ds_storage storage);

/* "3 blocks, group 1, ..." for a person. */
ds_status ds_network_case_print(const ds_network_case *test, ds_text *out);

#endif
