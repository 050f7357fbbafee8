/* What the files of this folder share: from an op to kernel launches. */
#ifndef DS_LAUNCH_H
#define DS_LAUNCH_H

#include "device/device.h"
#include "ops/executor.h"
#include "ops/operation.h"

/* How kernels are shaped for a device: chosen from what it reports, given to the kernels as build
 * options. A tuner may try others within the limits that stand here. */
typedef struct ds_shaping {
    bool portable;       /* the same bits on every device, whatever the rest here is: portable.cl */
    unsigned group;      /* work-items in a group of row and reduction kernels: a power of two */
    unsigned long_group; /* of kernels that take many elements, each by itself */
    unsigned width;  /* elements of a flat buffer that an optimizer's work-item takes: 1 to 16 */
    unsigned rounds; /* that a work-item's loops may make, all together; 0: any number */
    unsigned units;  /* compute units: how many work-groups run at the same time */

    bool strip;           /* dense products by strips (one work-item a group) instead of tiles */
    unsigned strip_lanes; /* of a vector: 4, 8 or 16 */
    unsigned strip_width; /* of a strip: 1 or more vectors */
    unsigned strip_rows;  /* of a tile in registers: rows x vectors of sums, a row of B and an
                             element of A must fit */
    unsigned strip_few;   /* of a tile for the rows that are left over: divides strip_rows */
    unsigned strip_depth; /* of a panel: depth x width x 4 bytes stay in a near cache */
    unsigned strip_most;  /* rows of a work-group: rows x depth x 4 bytes stay in the second cache;
                             a multiple of strip_few */
    unsigned strip_columns; /* elements of dy up to which the gradient of weight takes it by
                               columns, where it is: they stay in the second cache, and to transpose
                               it takes another launch */
    unsigned turn_vectors;  /* columns that a work-item transposes, in vectors: 1 or more */

    unsigned tile_group; /* work-items in each dimension of a group: a power of two */
    unsigned tile_item;  /* elements in each dimension of an item: 4 or 8 */
    unsigned tile_depth; /* 16 (group x item + 4) x depth bytes of local memory are there */
    unsigned tile_part;  /* least depth of a part, where a product is cut into parts */

    /* Of networks in one kernel (network.h), 0: as suits plan and device. */
    unsigned network; /* DS_OP_BY_OP, or DS_WHOLE where it can be */
    unsigned network_blocks, network_group;
    unsigned network_lanes, network_vectors; /* most of them: a batch may be smaller */
    unsigned network_rows, network_across, network_width;
    unsigned network_global; /* 1: all tensors in global memory */
} ds_shaping;

enum { DS_OP_BY_OP = 1, DS_WHOLE = 2 };

typedef struct ds_network ds_network; /* launch/network.h */

ds_shaping ds_shaping_for(const ds_device_info *about);

/* An executor whose kernels are shaped so, whatever the device: for tests of every shape. Passes
 * are run op by op, or, with a shape of the network, whole. */
typedef struct ds_network_shape ds_network_shape; /* launch/network.h */
ds_status ds_shaped_executor_create(ds_executor **out, const ds_plan *plan, ds_device *device,
                                    const ds_shaping *shaping, const ds_network_shape *network);

/* What is launched together, per op of the plan: see groups.c. */
typedef struct ds_group {
    int ops;       /* launched together from this op on; 1: alone */
    bool follower; /* launched with the op before */
} ds_group;

/* Writes of indices that may be on their way: as many as the training loop has chunks in flight,
 * and one. */
enum { DS_INDEX_WRITES = 5 };

typedef struct ds_launcher {
    ds_executor base;
    ds_device *device;
    ds_program *program;
    ds_shaping shaping;
    ds_group *group;    /* per op of the plan */
    ds_buffer *scratch; /* of dense products, or NULL */
    ds_buffer *buffer[DS_STORAGES];
    int64_t room[DS_STORAGES];     /* elements */
    ds_buffer *ahead[DS_STORAGES]; /* features and targets to come, where they are streamed */
    ds_mark *turned;               /* the work that reads what is `ahead` */
    struct ds_departure {          /* of values on their way */
        void *data;
        ds_mark *mark;
        int64_t room;
    } departure[DS_STORAGES], index_departure[DS_INDEX_WRITES];
    int next_index_departure;
    struct ds_arrival { /* of a read_later */
        void *data;
        ds_mark *mark;
        int64_t count;
        bool is_int;
    } arrival[DS_TICKETS];
    ds_network *network; /* the whole network in one kernel; NULL: op by op */
} ds_launcher;

/* Groups of the partial sums of gradient_norm. */
enum { DS_PARTIALS = 64 };

/* Elements of a flat buffer that an optimizer's work-item takes; portable math knows no vectors. */
unsigned ds_item_width(const ds_shaping *shaping);

/* The build options that decide the arithmetic: native or portable. */
const char *ds_arithmetic_options(const ds_launcher *launcher);

/* Fails where the device, by this program in portable math, does not compute as that needs. */
ds_status ds_portable_probe(ds_launcher *launcher, ds_program *program);

/* Builds the kernels of single ops, unless that is done. */
ds_status ds_build_kernels(ds_launcher *launcher);

/* Begins a kernel; adds a tensor's buffer and offset, plus `extra` elements. */
ds_status ds_begin(ds_launcher *launcher, const char *kernel, ds_launch *launch);
void ds_add_tensor(ds_launcher *launcher, ds_launch *launch, int tensor, int64_t extra);

/* Enqueues over `items` work-items, rounded up to groups; over so many groups; over rows, one group
 * each or, in portable math, one item. */
ds_status ds_over_items(ds_launcher *launcher, ds_launch *launch, int64_t items);
ds_status ds_over_groups(ds_launcher *launcher, ds_launch *launch, int64_t groups);
ds_status ds_over_rows(ds_launcher *launcher, ds_launch *launch, int64_t rows);

/* The kernel of an op that has one. */
void ds_kernel_name(const ds_op *op, char name[96]);

/* How dropout draws: an element is dropped where its 32 random bits are below the threshold. */
typedef struct ds_dropout {
    uint32_t threshold;
    double scale; /* of the others */
} ds_dropout;
ds_dropout ds_dropout_of(const ds_op *op);

/* The kernels of an op: generic by its space, or its own. `behind`: an activation that is applied
 * to the product, or NULL. */
ds_status ds_launch_op(ds_launcher *launcher, const ds_op *op, const ds_pass *pass);
ds_status ds_launch_dense(ds_launcher *launcher, const ds_op *op, const ds_op *behind,
                          const ds_pass *pass);

/* Elements of scratch memory that the dense products of a plan need. */
int64_t ds_dense_scratch(const ds_plan *plan, const ds_shaping *shaping);

/* ---- devices that end loops early: rounds.c ---- */

/* Most rows of a work-item of dense_strip.cl; how deep the pieces of a product are, by so many rows
 * of which the sums may be wanted: k where the device has no such limit. */
int64_t ds_most_strip_rows(const ds_shaping *shaping);
int64_t ds_piece_depth(const ds_shaping *shaping, int64_t rows, int64_t k, bool sums_rows);

/* Fails where an op takes more rounds than the device makes. */
ds_status ds_rounds_suffice(const ds_plan *plan, const ds_shaping *shaping,
                            const ds_device *device);

/* ---- dense products in parts: dense_parts.c ---- */

/* How deep the parts of a product by tiles are, C (m x n) from k: all of k, or less. `deep`: k is a
 * number of samples, else m is. */
int64_t ds_part_depth(const ds_shaping *shaping, const ds_plan *plan, int64_t m, int64_t n,
                      int64_t k, bool deep);
int64_t ds_parts_scratch(const ds_plan *plan, const ds_shaping *shaping);

/* Kernel and shape of a dense op. */
ds_status ds_dense_describe(const ds_plan *plan, const ds_shaping *shaping, const ds_op *op,
                            ds_text *out);

/* ---- ops launched together ---- */

/* Finds them in a plan; one entry per op. */
ds_status ds_groups_find(ds_group **out, const ds_plan *plan);

/* The ops of the group that begins with this op of the plan. */
ds_status ds_launch_group(ds_launcher *launcher, int first, const ds_pass *pass);

/* The number by which a dense kernel knows an activation's value or slope, even and odd, and its
 * option. */
unsigned ds_finish_of(const ds_op *activation, double *option);

/* Adds a build option for every activation that a group has, with its number. */
ds_status ds_groups_options(const ds_plan *plan, const ds_group *group, ds_text *options);

#endif
