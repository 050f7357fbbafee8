/* A stage for one case of op_cases.h: a plan with the operation in it, and memory filled with
 * numbers of a style, each tensor with what its reader may meet. */
#ifndef OP_STAGE_H
#define OP_STAGE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "check/checker.h"
#include "model/plan_build.h"
#include "op_cases.h"

typedef enum op_style {
    STYLE_ORDINARY, /* within -2 .. 2 */
    STYLE_MIDDLE,   /* within -15 .. 15, every eighth a kink of some operation, or beside it */
    STYLE_LARGE,    /* within -1e4 .. 1e4 */
    STYLE_SMALL,    /* every other one a denormal, or 0 */
    STYLE_SPECIAL,  /* every eighth NaN, infinite or 0 */
    STYLES
} op_style;

typedef struct op_stage {
    const op_case *test;
    const ds_operation *operation;
    ds_plan *plan;
    ds_pass pass;
    ds_check_options options;
} op_stage;

static inline void assert_ok(ds_status status) {
    if (status != DS_OK)
        fail_msg("%s %s", ds_last_error()->message, ds_last_error()->detail);
}

/* The units of a target, no two alike. */
static inline double stage_unit(int64_t column) {
    return 2.5 + (double)column / 64;
}

/* What stands in front of the first tensor of a storage: odd, and ever another number of elements,
 * so that no kernel is right without its offsets. The activations have guards already. */
static inline int64_t stage_lead(ds_storage storage) {
    return storage == DS_ACTIVATIONS ? 0 : 2 * (int64_t)storage + 3;
}

static inline const ds_operation *case_operation(const op_case *test) {
    return ds_operation_find(test->family, test->name);
}

/* Moves every tensor that far up. */
static inline ds_status stage_shift(op_stage *stage) {
    ds_plan *plan = stage->plan;
    int64_t constants = plan->storage_count[DS_CONSTANTS], lead = stage_lead(DS_CONSTANTS);
    for (int t = 0; t < plan->tensors; t++)
        plan->tensor[t].offset += stage_lead(plan->tensor[t].storage);
    for (int s = 0; s < DS_STORAGES; s++) {
        int64_t *count =
            plan->storage_count[s] ? &plan->storage_count[s] : &stage->options.count[s];
        *count += *count ? stage_lead((ds_storage)s) : 0;
    }
    if (constants == 0)
        return DS_OK;
    DS_CHECK(ds_resize(&plan->constants, (size_t)(constants + lead), sizeof(double)));
    memmove(plan->constants + lead, plan->constants, (size_t)constants * sizeof(double));
    for (int64_t i = 0; i < lead; i++)
        plan->constants[i] = stage_unit(2000 + i);
    return DS_OK;
}

static inline ds_status stage_build(op_stage *stage, const op_case *test, op_shape shape) {
    *stage = (op_stage){.test = test, .operation = case_operation(test)};
    ds_layer dense = {.operation = &ds_op_dense, .attribute = {(double)shape.units, 1}};
    ds_layer layer = dense;
    double units[1000];
    ds_plan_request request = {.fuse = true,
                               .sample = ds_shape_flat(shape.inputs),
                               .batch = shape.samples + 2,
                               .units = units,
                               .loss = &ds_op_mse,
                               .optimizer = &ds_op_sgd,
                               .stop_gradient = -1,
                               .separate = true,
                               .input_gradient = true};
    for (int i = 0; i < 1000; i++)
        units[i] = stage_unit(i);
    if (test->family == DS_LAYER || test->family == DS_LOSS) {
        layer.operation = test->family == DS_LAYER ? stage->operation : &ds_op_identity;
        memcpy(layer.attribute, test->attribute, sizeof layer.attribute);
        if (layer.operation == &ds_op_dense)
            layer.attribute[0] = (double)shape.units;
    }
    if (test->family == DS_LOSS) {
        request.loss = stage->operation;
        memcpy(request.loss_attribute, test->attribute, sizeof request.loss_attribute);
    }
    if (test->family == DS_OPTIMIZER) {
        request.optimizer = stage->operation;
        request.clip = test->clip;
        memcpy(request.optimizer_attribute, test->attribute, sizeof request.optimizer_attribute);
    }
    if (stage->operation == &ds_op_gradient_norm)
        request.stop_gradient = test->attribute[0];
    if (stage->operation == &ds_op_gather && test->attribute[0] != 0)
        request.loss = request.optimizer = NULL;
    ds_layer three[] = {dense, layer, dense};
    ds_layer *layers = test->between ? three : &layer;
    three[2].attribute[0] = (double)shape.inputs;
    request.layer = layers;
    request.layers = test->between ? 3 : 1;
    DS_CHECK(ds_layers_shape(layers, request.layers, &request.sample));
    const ds_layer *last = &layers[request.layers - 1];
    request.targets = request.loss == &ds_op_cross_entropy ? 1 : ds_shape_count(&last->out);
    DS_CHECK(ds_plan_build(&stage->plan, &request));
    int64_t rows = 2 * shape.samples + 1;
    stage->options.count[DS_FEATURES] = rows * shape.inputs;
    stage->options.count[DS_TARGETS] = request.loss ? rows * request.targets : 0;
    stage->options.count[DS_INDICES] = 3 * shape.samples;
    stage->options.count[DS_HISTORY] = 4 * DS_RECORD_SIZE;
    stage->pass = (ds_pass){.training = true,
                            .count = shape.samples,
                            .global_count = shape.samples + 5,
                            .position = 17,
                            .first = shape.samples,
                            .slot = 2,
                            .update = 3,
                            .seed = 0x123456789abcdef,
                            .rate = 0.05};
    return stage_shift(stage);
}

static inline ds_status stage_reserve(const op_stage *stage, ds_executor *executor) {
    for (int s = 0; s < DS_STORAGES; s++)
        if (stage->options.count[s])
            DS_CHECK(executor->reserve(executor, (ds_storage)s, stage->options.count[s]));
    return DS_OK;
}

/* Three numbers in [0, 1) that belong to an element of a storage. */
typedef struct op_draw {
    double size, choice, share;
} op_draw;

static inline op_draw draw(uint64_t seed, int storage, int64_t element) {
    uint32_t bits[4];
    ds_philox(bits, seed, DS_STREAM_INIT, (uint32_t)element, (uint32_t)storage, 0);
    return (op_draw){bits[0] * 0x1p-32, bits[1] * 0x1p-32, bits[2] * 0x1p-32};
}

static inline double styled(op_style style, op_draw d) {
    static const double special[] = {NAN, INFINITY, -INFINITY, 0};
    static const double below_3 = 0x1.7ffffep1; /* the next float */
    const double kinks[] = {0, -0.0, 3, -3, below_3, -below_3, 20, -20};
    double u = 2 * d.size - 1;
    if (style == STYLE_MIDDLE)
        return d.choice < 0.125 ? kinks[(int)(d.choice * 64)] : 15 * u;
    if (style == STYLE_LARGE)
        return 1e4 * u;
    if (style == STYLE_SMALL && d.choice < 0.5)
        return d.choice < 0.1 ? 0 : u * 0x1p-126;
    if (style == STYLE_SPECIAL && d.choice < 0.125)
        return special[(int)(d.choice * 32)];
    return 2 * u;
}

/* Targets: class numbers for cross_entropy, some of no class among the special ones; shares of 1
 * for binary_cross_entropy. */
static inline double target_value(const op_stage *stage, op_style style, double value,
                                  double share) {
    const ds_tensor *prediction = &stage->plan->tensor[stage->plan->prediction];
    double columns = (double)ds_shape_count(&prediction->shape);
    if (stage->operation == &ds_op_cross_entropy && style == STYLE_SPECIAL && !isfinite(value))
        return isnan(value) ? NAN : value > 0 ? columns : -1;
    if (stage->operation == &ds_op_cross_entropy)
        return floor(share * columns);
    if (stage->operation == &ds_op_binary_cross_entropy)
        return share < 0.4 ? 0 : share < 0.7 ? 1 : share < 0.8 ? 0.5 : share;
    return style == STYLE_SPECIAL && !isfinite(value) ? share : value;
}

static inline bool is_second_moment(const op_stage *stage, int64_t element) {
    int64_t count = stage->plan->storage_count[DS_PARAMETERS] - stage_lead(DS_PARAMETERS);
    bool adam = stage->operation == &ds_op_adam || stage->operation == &ds_op_adamw;
    element -= stage_lead(DS_MOMENTS);
    return stage->operation != &ds_op_sgd && (adam ? element >= count : element < count);
}

static inline ds_status stage_fill(const op_stage *stage, ds_executor *executor, op_style style,
                                   uint64_t seed) {
    const ds_plan *plan = stage->plan;
    ds_status status = DS_OK;
    double *values = NULL;
    for (int s = 0; s < DS_STORAGES; s++) {
        int64_t count = plan->storage_count[s] ? plan->storage_count[s] : stage->options.count[s];
        if (s == DS_CONSTANTS || count == 0)
            continue;
        DS_TRY(ds_new(&values, (size_t)count, sizeof *values));
        for (int64_t i = 0; i < count; i++) {
            op_draw d = draw(seed, s, i);
            double value = styled(style, d);
            if (s == DS_MOMENTS && is_second_moment(stage, i))
                value = fabs(value);
            if (s == DS_INDICES)
                value = floor(d.share * (double)(2 * stage->pass.count + 1));
            if (s == DS_STATUS)
                value = i < stage_lead((ds_storage)s) ? 7 : 0;
            values[i] = (double)(float)value;
        }
        for (int t = 0; s == DS_ACTIVATIONS && t < plan->tensors; t++) {
            const ds_tensor *tensor = &plan->tensor[t];
            double *first = values + tensor->offset;
            int64_t size = ds_tensor_count(tensor, plan->batch);
            if (strcmp(tensor->name, "batch_targets") == 0)
                for (int64_t i = 0; i < size; i++)
                    first[i] = (double)(float)target_value(stage, style, first[i],
                                                           draw(seed, s, tensor->offset + i).share);
            if (strcmp(tensor->name, "norm") == 0)
                *first = fabs(*first);
        }
        DS_TRY(executor->write(executor, (ds_storage)s, 0, count, values));
        ds_free(values);
        values = NULL;
    }

cleanup:
    ds_free(values);
    return status;
}

#endif
