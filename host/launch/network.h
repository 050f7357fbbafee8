/* A whole network in one kernel; see kernels/network.cl. */
#ifndef DS_NETWORK_H
#define DS_NETWORK_H

#include "launch/launch.h"

/* How a network's kernel is shaped. */
struct ds_network_shape {
    unsigned blocks;       /* of a batch, each by a work-group of one item */
    unsigned group;        /* work-items in the group that has a batch for itself */
    unsigned lanes;        /* samples in a vector */
    unsigned vectors;      /* vectors in a block's tensor, for each number */
    unsigned rows, across; /* of a product's tile in registers; `across` divides `vectors` */
    unsigned width;        /* floats in a vector along inputs and flat buffers */
    enum {
        DS_SPACE_GLOBAL,
        DS_SPACE_LOCAL,  /* all tensors in local memory */
        DS_SPACE_PRIVATE /* all in registers and on the stack of one work-item */
    } space;
    bool portable; /* the same bits as op by op in portable math; by one block */
    /* Looks of a group at a count until it leaves the rest of a dispatch to others; 0: as suits. */
    unsigned patience;
};

/* ---- network_choice.c ---- */

/* The shape that suits a plan on a device, or that the shaping asks for; false where op by op is
 * faster, or asked for. */
bool ds_network_suits(const ds_plan *plan, const ds_device_info *about, const ds_shaping *shaping,
                      ds_network_shape *shape);

/* Floating-point operations of one update; 0: the plan does not train, or cannot be run whole. */
double ds_network_operations(const ds_plan *plan);

/* ---- network.c ---- */

/* The network of the launcher's plan; the launcher must outlive it. */
ds_status ds_network_create(ds_network **out, ds_launcher *launcher, const ds_network_shape *shape);
void ds_network_destroy(ds_network *network);

/* Issues passes; see ds_executor.run_passes. */
ds_status ds_network_run(ds_network *network, const ds_pass *pass, int64_t count);

/* Waits for what was issued, and fails where the device did not hold what it was told of a pass. */
ds_status ds_network_confirm(ds_network *network);

/* One pass; see ds_executor.run_shown. */
ds_status ds_network_show(ds_network *network, const ds_pass *pass, const ds_plan *layout,
                          double *activations, double *gradients);

/* Of the pass that was shown last, while its layout is there: see ds_executor.expect. */
ds_status ds_network_expect(const ds_network *network, ds_storage storage, const double *values,
                            const double *bounds);

ds_status ds_network_describe(const ds_network *network, ds_text *out);
const char *ds_network_hash(const ds_network *network); /* of its program */
ds_program *ds_network_program(const ds_network *network);

/* ---- network_text.c ---- */

/* The plan as definitions in front of network.cl, and the sizes that go with them. `files` receives
 * the kernel files it needs, network.cl last. */
enum { DS_NETWORK_FILES = 16 };

typedef struct ds_network_text {
    ds_text text;
    const char *file[DS_NETWORK_FILES];
    int files;
    int64_t *place; /* per tensor: of an activation, in floats of a block */
    int64_t work;   /* REALs of one block */
    int64_t values; /* parameters */
    int moments;
} ds_network_text;

ds_status ds_network_write(ds_network_text *out, const ds_plan *plan,
                           const ds_network_shape *shape);
void ds_network_text_clear(ds_network_text *text);

#endif
