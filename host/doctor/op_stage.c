#include "doctor/op_stage.h"

#include <math.h>
#include <string.h>

#include "doctor/drawn.h"

enum { LONG = 100000, MANY_ROWS = 1 << 16 };

/* A shape for long sums: no room is wasted on rows that no sample is. */
static bool is_long(ds_op_shape shape) {
    return shape.samples * shape.inputs > LONG;
}

const char *ds_style_name(ds_op_style style) {
    static const char *const name[] = {"ordinary", "middle",  "large",
                                       "small",    "special", "positive"};
    return name[style];
}

int64_t ds_op_stage_lead(ds_storage storage) {
    return storage == DS_ACTIVATIONS ? 0 : 2 * (int64_t)storage + 3;
}

/* Activations the other way round: where an input comes last, reads beyond it leave the buffer,
 * which a simulator sees. */
static void turn_round(ds_plan *plan) {
    for (int t = 0; t < plan->tensors; t++) {
        ds_tensor *tensor = &plan->tensor[t];
        if (tensor->storage == DS_ACTIVATIONS && tensor->first_op != DS_ABSENT)
            tensor->offset = plan->storage_count[DS_ACTIVATIONS] - tensor->offset -
                             ds_tensor_count(tensor, plan->batch);
    }
}

/* Moves every tensor that far up. */
static void stage_shift(ds_op_stage *stage) {
    ds_plan *plan = stage->plan;
    turn_round(plan);
    for (int t = 0; t < plan->tensors; t++)
        plan->tensor[t].offset += ds_op_stage_lead(plan->tensor[t].storage);
    for (int s = 0; s < DS_STORAGES; s++) {
        int64_t *count =
            plan->storage_count[s] ? &plan->storage_count[s] : &stage->options.count[s];
        *count += *count ? ds_op_stage_lead((ds_storage)s) : 0;
    }
}

/* A request with what every case needs; its layers are to come. */
static ds_plan_request request_of(ds_op_shape shape) {
    return (ds_plan_request){.fuse = true,
                             .sample = ds_shape_flat(shape.inputs),
                             .batch = shape.samples + (is_long(shape) ? 0 : 2),
                             .loss = &ds_op_mse,
                             .optimizer = &ds_op_sgd,
                             .stop_gradient = -1,
                             .separate = true,
                             .input_gradient = true};
}

/* The rest of a stage whose layers are shaped. */
static ds_status build_plan(ds_op_stage *stage, ds_plan_request *request, ds_op_shape shape) {
    ds_layer *layer = (ds_layer *)request->layer;
    DS_CHECK(ds_layers_shape(layer, request->layers, &request->sample));
    int64_t outputs = ds_shape_count(&layer[request->layers - 1].out);
    request->targets = request->loss == &ds_op_cross_entropy ? 1 : outputs;
    DS_CHECK(ds_plan_build(&stage->plan, request));
    bool gathers = stage->operation == &ds_op_gather;
    stage->rows = is_long(shape)                 ? shape.samples
                  : gathers && shape.inputs == 1 ? MANY_ROWS + 2 * shape.samples
                                                 : 2 * shape.samples + 1;
    stage->options.count[DS_FEATURES] = stage->rows * shape.inputs;
    stage->options.count[DS_TARGETS] = request->loss ? stage->rows * request->targets : 0;
    const int64_t before = gathers && shape.inputs == 1 ? MANY_ROWS : 0; /* indices of others */
    stage->options.count[DS_INDICES] = before + 3 * shape.samples;
    stage->options.count[DS_HISTORY] = 4 * DS_RECORD_SIZE;
    stage->pass = (ds_pass){.training = true,
                            .count = shape.samples,
                            .global_count = shape.samples + 5,
                            .position = 0x23456789,
                            .first = before + shape.samples,
                            .slot = 2,
                            .update = stage->operation->family == DS_OPTIMIZER ? 3 : 0x12345679,
                            .seed = 0x123456789abcdef,
                            .rate = 0.05};
    stage_shift(stage);
    return DS_OK;
}

ds_status ds_op_stage_build(ds_op_stage *stage, const ds_op_case *test, ds_op_shape shape) {
    if (test->family ==
        DS_OPTIMIZER) /* it sees parameters alone: the fewer samples, the less to fill */
        shape.samples = 1;
    ds_plan_request request = request_of(shape);
    ds_layer layer = {.operation = &ds_op_dense, .attribute = {(double)shape.units, 1}};
    *stage = (ds_op_stage){.test = test, .operation = ds_case_operation(test)};
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
    request.layer = &layer;
    request.layers = 1;
    return build_plan(stage, &request, shape);
}

/* The so manieth of a chain: their widths take turns, and every third has no bias. */
static ds_layer dense_of(int number, ds_op_shape shape) {
    double width = (double)(number % 2 ? shape.inputs : shape.units);
    return (ds_layer){.operation = &ds_op_dense, .attribute = {width, number % 3 != 2}};
}

static const ds_op_case *next_activation(const ds_op_case *test) {
    while (test->name && (test->family != DS_LAYER ||
                          strcmp(ds_case_operation(test)->program, "activations.cl") != 0))
        test++;
    return test->name ? test : NULL;
}

ds_status ds_op_stage_chain(ds_op_stage *stage, const ds_op_case *from, int links,
                            ds_op_shape shape, const ds_op_case **next) {
    enum { MOST_LAYERS = 32 };
    ds_layer layer[MOST_LAYERS];
    ds_plan_request request = request_of(shape);
    const ds_op_case *test = next_activation(from);
    *stage = (ds_op_stage){.test = test, .operation = ds_case_operation(test)};
    for (; test && request.layers < 2 * links; test = next_activation(test + 1)) {
        layer[request.layers] = dense_of(request.layers / 2, shape);
        layer[request.layers + 1] = (ds_layer){.operation = ds_case_operation(test)};
        memcpy(layer[request.layers + 1].attribute, test->attribute, sizeof layer->attribute);
        request.layers += 2;
    }
    if (next)
        *next = test;
    layer[request.layers] = dense_of(request.layers / 2, shape);
    request.layers++;
    request.layer = layer;
    return build_plan(stage, &request, shape);
}

void ds_op_stage_clear(ds_op_stage *stage) {
    ds_plan_destroy(stage->plan);
    *stage = (ds_op_stage){0};
}

ds_status ds_op_stage_reserve(const ds_op_stage *stage, ds_executor *executor) {
    for (int s = 0; s < DS_STORAGES; s++)
        if (stage->options.count[s])
            DS_CHECK(executor->reserve(executor, (ds_storage)s, stage->options.count[s]));
    return DS_OK;
}

static double styled(ds_op_style style, ds_draw d) {
    static const double special[] = {NAN, INFINITY, -INFINITY, 0};
    /* Where formulas change, or just beside, where an exponential is 1/2, and beyond the smallest
     * that is not 0. */
    static const double kinks[] = {
        0,    -0.0, 3,       -3,       0x1.7ffffep1, -0x1.7ffffep1, 0x1.80001p1,  -0x1.80001p1,
        20,   -20,  0.5,     -0.5,     12.5,         -15.5,         -40,          -87.25,
        -100, -103, 87.25,   -18,      -87.5,        15.625,        0x1.62e43p-1, -0x1.62e43p-1,
        1,    -1,   0x1p-10, -0x1p-10, 0x1p-20,      -0x1p-20,      0x1p-40,      -0x1p-40};
    double u = 2 * d.size - 1;
    if (style == DS_STYLE_POSITIVE)
        return (int)(5 * d.size) / 2.0;
    if (style == DS_STYLE_MIDDLE)
        return d.choice < 0.125 ? kinks[(int)(d.choice * 256)] : 15 * u;
    if (style == DS_STYLE_LARGE)
        return 1e4 * u;
    if (style == DS_STYLE_SMALL && d.choice < 0.5)
        return d.choice < 0.1   ? 0
               : d.choice < 0.2 ? u * 0x1p-126
               : d.choice < 0.3 ? u * 0x1p-102
                                : u * 0x1p-58;
    if (style == DS_STYLE_SPECIAL && d.choice < 0.125)
        return special[(int)(d.choice * 32)];
    return style == DS_STYLE_ORDINARY ? ((int)(33 * d.size) - 16) / 8.0 : 2 * u;
}

/* Targets: class numbers for cross_entropy, some of no class among the special ones; shares of 1
 * for binary_cross_entropy. */
static double target_value(const ds_op_stage *stage, ds_op_style style, double value,
                           double share) {
    const ds_tensor *prediction = &stage->plan->tensor[stage->plan->prediction];
    double columns = (double)ds_shape_count(&prediction->shape);
    if (stage->operation == &ds_op_cross_entropy && style == DS_STYLE_SPECIAL && !isfinite(value))
        return isnan(value) ? NAN : value > 0 ? columns : share < 0.5 ? -0.5 : -1;
    if (stage->operation == &ds_op_cross_entropy)
        return floor(share * columns) + (style == DS_STYLE_MIDDLE ? 0.75 : 0);
    if (stage->operation == &ds_op_binary_cross_entropy) /* 1/2, and just above it, too */
        return share < 0.4    ? 0
               : share < 0.7  ? 1
               : share < 0.75 ? 0.5
               : share < 0.8  ? 0x1.000002p-1
                              : share;
    return style == DS_STYLE_SPECIAL && !isfinite(value) ? share : value;
}

static bool is_second_moment(const ds_op_stage *stage, int64_t element) {
    int64_t count = stage->plan->storage_count[DS_PARAMETERS] - ds_op_stage_lead(DS_PARAMETERS);
    bool adam = stage->operation == &ds_op_adam || stage->operation == &ds_op_adamw;
    element -= ds_op_stage_lead(DS_MOMENTS);
    return stage->operation != &ds_op_sgd && (adam ? element >= count : element < count);
}

/* Where gradients are clipped, also at the clip, and just below: nothing may be scaled up there. */
static double norm_value(const ds_op_stage *stage, ds_op_style style, double value) {
    double clip = stage->test->clip, below = clip * (1 - 1e-5) - 1e-6;
    if (clip > 0 && style == DS_STYLE_SMALL)
        return clip;
    return style == DS_STYLE_MIDDLE && below > 0 ? below : fabs(value);
}

ds_status ds_op_stage_fill(const ds_op_stage *stage, ds_executor *executor, ds_op_style style,
                           uint64_t seed) {
    const ds_plan *plan = stage->plan;
    const int64_t last = ds_op_stage_lead(DS_INDICES) + stage->pass.first; /* of the data set */
    ds_status status = DS_OK;
    double *values = NULL;
    for (int s = 0; s < DS_STORAGES; s++) {
        int64_t count = plan->storage_count[s] ? plan->storage_count[s] : stage->options.count[s];
        if (count == 0)
            continue;
        DS_TRY(ds_new(&values, (size_t)count, sizeof *values));
        for (int64_t i = 0; i < count; i++) {
            ds_draw d = ds_drawn(seed, s, i);
            double value = styled(style, d);
            if (s == DS_MOMENTS && is_second_moment(stage, i))
                value = fabs(value);
            if (s == DS_INDICES)
                value = i == last ? (double)stage->rows - 1 : floor(d.share * (double)stage->rows);
            if (s == DS_STATUS)
                value = i < ds_op_stage_lead((ds_storage)s) ? 7 : 0;
            values[i] = (double)(float)value;
        }
        for (int t = 0; s == DS_ACTIVATIONS && t < plan->tensors; t++) {
            const ds_tensor *tensor = &plan->tensor[t];
            double *first = values + tensor->offset;
            int64_t size = ds_tensor_count(tensor, plan->batch);
            if (strcmp(tensor->name, "batch_targets") == 0)
                for (int64_t i = 0; i < size; i++)
                    first[i] = (double)(float)target_value(
                        stage, style, first[i], ds_drawn(seed, s, tensor->offset + i).share);
            if (strcmp(tensor->name, "norm") == 0)
                *first = (double)(float)norm_value(stage, style, *first);
        }
        DS_TRY(executor->write(executor, (ds_storage)s, 0, count, values));
        ds_free(values);
        values = NULL;
    }

cleanup:
    ds_free(values);
    return status;
}
