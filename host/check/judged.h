/* What is judged as one: an op, ops that run together, or a whole pass. Computes it on the
 * reference, op after op from the device's own numbers, and compares. */
#ifndef DS_JUDGED_H
#define DS_JUDGED_H

#include "check/verdict.h"
#include "reference/reference.h"

typedef struct ds_judged {
    const ds_plan *plan;
    const ds_op *op;
    int ops;
    const ds_pass *pass;
    const bool *hidden; /* per tensor of the plan: nobody can see what is written to it; or NULL */
    bool whole;   /* all ops of the plan that run in the pass, whose outputs share no memory */
    double most;  /* multiply-adds of a product: see ds_reference_memory */
    bool lenient; /* terms that may be infinite, of either sign, may have NaN for a sum */
} ds_judged;

/* What an executor does not show of a plan's tensors, of passes that it runs whole or op by op: what
 * stands between ops that run together and
 * nothing else reads need not be written, and of whole passes the norm of the gradient is not told.
 * The caller frees the list with ds_free. */
ds_status ds_judged_hide(bool **hidden, ds_executor *executor, bool whole);

/* The elements that a tensor takes in a pass. */
typedef struct ds_span {
    ds_storage storage;
    int64_t offset, count;
} ds_span;

ds_span ds_span_of(const ds_plan *plan, int tensor, const ds_pass *pass);

/* In place of a tensor that is written, as the owner of an element: nothing may change it; what
 * stands there afterwards is nobody's business. */
enum { DS_NO_OUTPUT = -1, DS_SCRATCH = -2 };

/* A device's memory as it was, and behind the ops that are judged. */
typedef struct ds_image {
    int64_t count[DS_STORAGES]; /* elements, with the padding where all of a storage is held */
    double *value[DS_STORAGES]; /* what it held; behind an op that was judged, what it holds */
    double *bound[DS_STORAGES]; /* of what the reference alone knows; else 0 */
    double *got[DS_STORAGES];   /* what it holds behind all ops */
    int *owner[DS_STORAGES];
    double *held[DS_STORAGES]; /* room for what outputs were */
    /* What outputs should be, and how exactly; NULL where nobody wants to know. */
    double *expected[DS_STORAGES], *margin[DS_STORAGES];
} ds_image;

ds_status ds_image_create(ds_image *image, const int64_t count[DS_STORAGES], bool expected);
void ds_image_clear(ds_image *image);

/* Tells of every output's elements whose they are. */
void ds_judged_own(const ds_judged *judged, const ds_image *image);

/* Who is told behind each op; `got` is then in the image where it can be seen. */
typedef struct ds_judged_listener {
    void (*behind)(void *context, const ds_op *op);
    void *context;
} ds_judged_listener;

/* Compares every output that can be seen with what the reference makes of the op's inputs; then it
 * is what the next op begins with. What cannot be seen, such as what stands between ops that run
 * together, is in the bounds of the next. `listener` may be NULL. */
void ds_judged_outputs(const ds_judged *judged, const ds_image *image,
                       const ds_judged_listener *listener, ds_check_report *report);

/* Compares what is no output with what it was in the image before. */
void ds_judged_rest(const ds_judged *judged, const ds_image *image, ds_storage storage,
                    const double *before, const double *behind, ds_check_report *report);

/* The op that writes a tensor, and as which output; NULL: none does. */
const ds_op *ds_judged_writer(const ds_judged *judged, int tensor, int *output);

ds_status ds_judged_run(const ds_judged *judged, ds_executor *executor);

/* Fills in the report's op and tensor, and makes of its element of a storage one of the tensor. */
void ds_judged_locate(const ds_judged *judged, int owner, ds_check_report *report);

#endif
