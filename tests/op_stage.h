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

static const double stage_units = 2.5; /* of every target */

static inline const ds_operation *case_operation(const op_case *test) {
    return ds_operation_find(test->family, test->name);
}

static inline ds_status stage_build(op_stage *stage, const op_case *test, op_shape shape) {
    *stage = (op_stage){.test = test, .operation = case_operation(test)};
    ds_layer layer = {.operation = &ds_op_dense, .attribute = {(double)shape.units, 1}};
    double units[1000];
    ds_plan_request request = {.layer = &layer,
                               .layers = 1,
                               .sample = ds_shape_flat(shape.inputs),
                               .batch = shape.samples + 2,
                               .units = units,
                               .loss = &ds_op_mse,
                               .optimizer = &ds_op_sgd,
                               .stop_gradient = -1,
                               .separate = true,
                               .input_gradient = true};
    for (int i = 0; i < 1000; i++)
        units[i] = stage_units;
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
    DS_CHECK(ds_layers_shape(&layer, 1, &request.sample));
    request.targets = request.loss == &ds_op_cross_entropy ? 1 : ds_shape_count(&layer.out);
    DS_CHECK(ds_plan_build(&stage->plan, &request));
    int64_t rows = 2 * shape.samples + 1;
    stage->options.count[DS_FEATURES] = rows * shape.inputs;
    stage->options.count[DS_TARGETS] = rows * request.targets;
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
    return DS_OK;
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
    double u = 2 * d.size - 1;
    if (style == STYLE_LARGE)
        return 1e4 * u;
    if (style == STYLE_SMALL && d.choice < 0.5)
        return d.choice < 0.1 ? 0 : u * 0x1p-126;
    if (style == STYLE_SPECIAL && d.choice < 0.125)
        return special[(int)(d.choice * 32)];
    return 2 * u;
}

/* Targets: class numbers for cross_entropy, shares of 1 for binary_cross_entropy. */
static inline double target_value(const op_stage *stage, op_style style, double value,
                                  double share) {
    const ds_tensor *prediction = &stage->plan->tensor[stage->plan->prediction];
    if (stage->operation == &ds_op_cross_entropy)
        return floor(share * (double)ds_shape_count(&prediction->shape));
    if (stage->operation == &ds_op_binary_cross_entropy)
        return share < 0.4 ? 0 : share < 0.7 ? 1 : share < 0.8 ? 0.5 : share;
    return style == STYLE_SPECIAL && !isfinite(value) ? share : value;
}

static inline bool is_second_moment(const op_stage *stage, int64_t element) {
    int64_t count = stage->plan->storage_count[DS_PARAMETERS];
    bool adam = stage->operation == &ds_op_adam || stage->operation == &ds_op_adamw;
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
                value = 0;
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
