/* What a comparison with the reference ends in: right or wrong, and where. */
#ifndef DS_VERDICT_H
#define DS_VERDICT_H

#include "base/places.h"
#include "ops/executor.h"

typedef enum ds_fault {
    DS_FAULT_NONE,
    DS_FAULT_WRONG,          /* an output lies outside the reference's bound */
    DS_FAULT_UNWRITTEN,      /* an output was left as it was */
    DS_FAULT_CHANGED,        /* something that is no output was changed */
    DS_FAULT_NOT_REPEATABLE, /* the same op on the same memory gave other bits */
    DS_FAULT_OTHER_BITS,     /* right, but not the bits that every device must give */
    DS_FAULT_TOGETHER,       /* passes that ran together left other bits than one after the other */
    DS_FAULT_LOST,           /* memory that nothing was run on did not keep its bits */
    DS_FAULT_UNLIKELY        /* within the bound, but further off than roundings are likely to be:
                              * a fault where it is so again (see host/reference/bounded.h) */
} ds_fault;

const char *ds_fault_name(ds_fault fault);

/* Of the checks so far: start from zero, add op after op. */
typedef struct ds_check_report {
    int64_t compared;   /* output elements */
    int64_t undecided;  /* of them, with an infinite bound: anything passed but NaN for a number */
    double worst_share; /* of an error in its bound, at most 1 where all is right */

    ds_fault fault;  /* the first, and its place: */
    const ds_op *op; /* NULL: of whole passes */
    ds_storage storage;
    int tensor;      /* DS_ABSENT: between tensors */
    int64_t element; /* of the tensor, else of the storage */
    double got, expected, bound;
    ds_places wrong;   /* those of its storage that are at fault */
    int64_t elsewhere; /* others that are */
    int64_t all;       /* elements of its tensor; 0: it is in none */
} ds_check_report;

/* Adds what was compared to what was before; of two faults the first stays, unless it is merely
 * unlikely and the second is not. */
void ds_check_add(ds_check_report *report, const ds_check_report *more);

/* Notes an element at fault. True of the first, whose place this sets: in its storage, and what is
 * wrong there is to be filled in. */
bool ds_report_fault(ds_check_report *report, ds_fault fault, ds_storage storage, int64_t element);

/* The part of memory with a name of its own in which the element lies, and its number there; NULL:
 * it is in none. */
const ds_tensor *ds_report_tensor(const ds_check_report *report, const ds_plan *plan,
                                  int64_t *element);

/* "every 64th from 63 on", "rows 3 to 5", "from element 1024 on", ...; "" where at most one is at
 * fault. */
void ds_report_pattern(const ds_check_report *report, const ds_plan *plan, char text[96]);

/* One line about the fault: "wrong value in relu_backward: 1.input.gradient[5] is 0.5, ...". */
ds_status ds_check_describe(const ds_check_report *report, const ds_plan *plan, ds_text *out);

/* Whether a device's number is right: |got - expected| <= bound, in a way that NaN fails. A bound
 * that reaches beyond float32's range admits the infinity of that side. `share` receives the
 * error's part of the bound. */
bool ds_is_within(double got, double expected, double bound, double *share);

/* Whether nothing is at fault, or merely unlikely. Where all bits are right that is the numbers': then
 * this forgets it. */
bool ds_is_doubt(ds_check_report *report);

/* The same number, or NaN both. */
bool ds_same_bits(double a, double b);

#endif
