/* A stage for ops: a plan with the operation of a case in it, and memory filled with numbers of a
 * style, each tensor with what its reader may meet. */
#ifndef DS_OP_STAGE_H
#define DS_OP_STAGE_H

#include "check/checker.h"
#include "doctor/op_cases.h"
#include "model/plan_build.h"

typedef enum ds_op_style {
    DS_STYLE_ORDINARY, /* eighths within -2 .. 2: float32 adds up thousands without rounding */
    DS_STYLE_MIDDLE,   /* within -15 .. 15, every eighth a kink of some operation, or beside it */
    DS_STYLE_LARGE,    /* within -1e4 .. 1e4 */
    DS_STYLE_SMALL,   /* every other one a denormal or just none, of a denormal square or just none,
                       * or 0 */
    DS_STYLE_SPECIAL, /* every eighth NaN, infinite or 0 */
    DS_STYLES,
    DS_STYLE_POSITIVE = DS_STYLES /* halves within 0 .. 2: what a long sum loses cannot cancel */
} ds_op_style;

const char *ds_style_name(ds_op_style style);

typedef struct ds_op_stage {
    const ds_op_case *test;
    const ds_operation *operation;
    ds_plan *plan;
    int64_t rows; /* of the data set */
    ds_pass pass;
    ds_check_options options;
} ds_op_stage;

ds_status ds_op_stage_build(ds_op_stage *stage, const ds_op_case *test, ds_op_shape shape);

/* The next `links` activations of the list from this case on, each between two dense layers; `next`
 * (may be NULL) receives the case behind them, NULL at the end. */
ds_status ds_op_stage_chain(ds_op_stage *stage, const ds_op_case *from, int links,
                            ds_op_shape shape, const ds_op_case **next);

void ds_op_stage_clear(ds_op_stage *stage);

/* Room for what the data decides. */
ds_status ds_op_stage_reserve(const ds_op_stage *stage, ds_executor *executor);

ds_status ds_op_stage_fill(const ds_op_stage *stage, ds_executor *executor, ds_op_style style,
                           uint64_t seed);

/* What stands in front of the first tensor of a storage: odd, and ever another number of elements,
 * so that no kernel is right without its offsets. The activations have guards already. */
int64_t ds_op_stage_lead(ds_storage storage);

#endif
