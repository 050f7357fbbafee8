/* What is judged as one: an op, ops that run together, or whole passes. Which element of memory
 * belongs to which of its outputs. */
#ifndef DS_JUDGED_H
#define DS_JUDGED_H

#include "check/verdict.h"
#include "reference/reference.h"

typedef struct ds_judged {
    const ds_plan *plan;
    const ds_op *op;
    int ops;
    const ds_pass *pass; /* one of ops; `passes` of whole ones */
    int64_t passes;
    bool whole;
} ds_judged;

/* The elements that a tensor takes in a pass. */
typedef struct ds_span {
    ds_storage storage;
    int64_t offset, count;
} ds_span;

ds_span ds_span_of(const ds_plan *plan, int tensor, const ds_pass *pass);

/* In place of a tensor that is written, as the owner of an element: nothing may change it; what
 * stands there afterwards is nobody's business. */
enum { DS_NO_OUTPUT = -1, DS_SCRATCH = -2 };

/* Tells of every output's elements whose they are; `owner` holds DS_NO_OUTPUT before. `count`:
 * elements of each storage, with the padding. */
void ds_judged_own(const ds_judged *judged, const int64_t count[DS_STORAGES],
                   int *const owner[DS_STORAGES]);

/* The op that writes a tensor, and as which output; NULL: none does. */
const ds_op *ds_judged_writer(const ds_judged *judged, int tensor, int *output);

/* Computes it on the reference, one op after the other; what the first rounds is in the bounds of
 * the next. */
void ds_judged_compute(const ds_judged *judged, const ds_reference_memory *memory);

ds_status ds_judged_run(const ds_judged *judged, ds_executor *executor);

/* Fills in the report's op and tensor, and makes of its element of a storage one of the tensor. */
void ds_judged_locate(const ds_judged *judged, int owner, ds_check_report *report);

#endif
