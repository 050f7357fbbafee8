/* A stage for whole networks in one kernel: a network as a recipe writes it and a shape of its
 * kernel, with data, parameters and moments to begin from. */
#ifndef NETWORK_STAGE_H
#define NETWORK_STAGE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "check/checker.h"
#include "launch/network.h"
#include "model/layers.h"

typedef struct network_case {
    ds_network_shape shape;
    int64_t inputs;
    const char *model, *loss, *optimizer; /* as in a recipe */
    double clip, stop;                    /* 0: none */
} network_case;

/* One work-item a block, as on a CPU; many that share it, as on a GPU. */
#define OF_VECTORS(blocks, lanes, vectors, rows, across, width, space)                             \
    { blocks, 1, lanes, vectors, rows, across, width, DS_SPACE_##space }
#define OF_ITEMS(blocks, group, samples, space)                                                    \
    { blocks, group, 1, samples, 1, 1, 1, DS_SPACE_##space }

enum { STAGE_ROWS = 150, STAGE_INDICES = 400, STAGE_RECORDS = 128, STAGE_BATCH = 130 };

typedef struct network_stage {
    const network_case *test;
    const ds_operation *loss;
    ds_plan *plan;
    ds_executor *executor;
    ds_check_options options;
} network_stage;

static inline void assert_ok(ds_status status) {
    if (status != DS_OK)
        fail_msg("%s %s", ds_last_error()->message, ds_last_error()->detail);
}

static inline void network_print(const network_case *test) {
    const ds_network_shape *s = &test->shape;
    printf("  %u blocks, group %u, %ux%u samples, %u rows, across %u, width %u, space %d: %lld "
           "inputs, %s, %s, %s, clip %g, stop %g\n",
           s->blocks, s->group, s->vectors, s->lanes, s->rows, s->across, s->width, (int)s->space,
           (long long)test->inputs, test->model, test->loss, test->optimizer, test->clip,
           test->stop);
}

static inline ds_device *network_device(void) {
    ds_device *device = NULL;
    assert_ok(ds_device_open(&device, "auto"));
    return device;
}

static inline void parse_network(const network_case *test, ds_plan_request *request,
                                 ds_layer **layer) {
    ds_node *node = NULL;
    assert_ok(ds_node_parse(&node, test->model, "model"));
    assert_ok(ds_layers_parse(layer, &request->layers, node));
    ds_node_destroy(node);
    request->layer = *layer;
    assert_ok(ds_layers_shape(*layer, request->layers, &request->sample));
    assert_ok(ds_node_parse(&node, test->loss, "loss"));
    assert_ok(ds_operation_parse(node, DS_LOSS, "loss", &request->loss, request->loss_attribute));
    ds_node_destroy(node);
    assert_ok(ds_node_parse(&node, test->optimizer, "optimizer"));
    assert_ok(ds_operation_parse(node, DS_OPTIMIZER, "optimizer", &request->optimizer,
                                 request->optimizer_attribute));
    ds_node_destroy(node);
}

static inline void network_plan(network_stage *stage, const network_case *test) {
    double units[128];
    ds_layer *layer = NULL;
    *stage = (network_stage){.test = test};
    for (int i = 0; i < 128; i++)
        units[i] = 1.5 + i / 64.0;
    ds_plan_request request = {.sample = ds_shape_flat(test->inputs),
                               .batch = STAGE_BATCH,
                               .units = units,
                               .clip = test->clip,
                               .stop_gradient = test->stop > 0 ? test->stop : -1,
                               .fuse = true};
    parse_network(test, &request, &layer);
    stage->loss = request.loss;
    int64_t outputs = ds_shape_count(&layer[request.layers - 1].out);
    request.targets = request.loss == &ds_op_cross_entropy ? 1 : outputs;
    assert_true(outputs <= 128);
    assert_ok(ds_plan_build(&stage->plan, &request));
    ds_free(layer);
    stage->options.count[DS_FEATURES] = STAGE_ROWS * test->inputs;
    stage->options.count[DS_TARGETS] = STAGE_ROWS * request.targets;
    stage->options.count[DS_INDICES] = STAGE_INDICES;
    stage->options.count[DS_HISTORY] = STAGE_RECORDS * DS_RECORD_SIZE;
}

/* A number of -1 .. 1 that belongs to an element of a storage. */
static inline double network_number(uint64_t seed, int storage, int64_t element) {
    return (double)(float)(2 * ds_random_uniform(seed, DS_STREAM_INIT, (uint32_t)storage,
                                                 (uint32_t)element) -
                           1);
}

static inline void fill_parameters(const network_stage *stage, uint64_t seed, double *values) {
    for (int t = 0; t < stage->plan->tensors; t++) {
        const ds_tensor *tensor = &stage->plan->tensor[t];
        if (tensor->storage != DS_PARAMETERS || strcmp(tensor->name, "parameters") == 0)
            continue;
        bool matrix = tensor->shape.rank == 2;
        double size = matrix ? 1.7 / sqrt((double)tensor->shape.extent[1]) : 0.5;
        double middle = !matrix && strstr(tensor->name, ".weight") ? 1 : 0; /* a gain */
        for (int64_t i = tensor->offset; i < tensor->offset + ds_shape_count(&tensor->shape); i++)
            values[i] = (double)(float)(middle + size * network_number(seed, DS_PARAMETERS, i));
    }
}

/* Targets: class numbers, shares of 1, or numbers. */
static inline double network_target(const network_stage *stage, double value) {
    const ds_tensor *prediction = &stage->plan->tensor[stage->plan->prediction];
    double share = (value + 1) / 2;
    if (stage->loss == &ds_op_cross_entropy)
        return floor(share * 0.999999 * (double)ds_shape_count(&prediction->shape));
    return stage->loss == &ds_op_binary_cross_entropy ? share > 0.5 : (double)(float)(3 * value);
}

static inline void network_write(const network_stage *stage, ds_storage storage, int64_t offset,
                                 double value) {
    assert_ok(stage->executor->write(stage->executor, storage, offset, 1, &value));
}

static inline double network_read(const network_stage *stage, ds_storage storage, int64_t offset) {
    double value;
    assert_ok(stage->executor->read(stage->executor, storage, offset, 1, &value));
    return value;
}

/* Everything an update starts from; gradients and activations hold NaN, which none may read. */
static inline void network_fill(const network_stage *stage, uint64_t seed) {
    const ds_plan *plan = stage->plan;
    for (int s = 0; s < DS_STORAGES; s++) {
        int64_t count = plan->storage_count[s] ? plan->storage_count[s] : stage->options.count[s];
        double *values = NULL;
        if (s == DS_CONSTANTS || count == 0)
            continue;
        assert_ok(ds_new(&values, (size_t)count, sizeof *values));
        for (int64_t i = 0; i < count; i++) {
            double number = network_number(seed, s, i);
            values[i] = s == DS_FEATURES  ? 2 * number
                        : s == DS_TARGETS ? network_target(stage, number)
                        : s == DS_MOMENTS ? (double)(float)(0.05 + 0.04 * number)
                        : s == DS_INDICES ? floor((number + 1) / 2.0001 * STAGE_ROWS)
                        : s == DS_STATUS  ? 0
                                          : NAN;
        }
        if (s == DS_PARAMETERS)
            fill_parameters(stage, seed, values);
        assert_ok(stage->executor->write(stage->executor, (ds_storage)s, 0, count, values));
        ds_free(values);
    }
}

/* With an executor for the shape, or the one that runs op by op. */
static inline void network_open(network_stage *stage, ds_device *device, const network_case *test,
                                bool whole) {
    ds_shaping shaping = ds_shaping_for(ds_device_about(device));
    network_plan(stage, test);
    assert_ok(ds_shaped_executor_create(&stage->executor, stage->plan, device, &shaping,
                                        whole ? &test->shape : NULL));
    for (int s = 0; s < DS_STORAGES; s++)
        if (stage->options.count[s])
            assert_ok(
                stage->executor->reserve(stage->executor, (ds_storage)s, stage->options.count[s]));
}

static inline void network_close(network_stage *stage) {
    stage->executor->destroy(stage->executor);
    ds_plan_destroy(stage->plan);
}

static inline ds_pass network_pass(bool training, int64_t count, uint64_t update) {
    return (ds_pass){.training = training,
                     .count = count,
                     .global_count = count + 3,
                     .position = 17,
                     .first = (int64_t)(update * 37) % (STAGE_INDICES - STAGE_BATCH),
                     .slot = (int64_t)(update * 5) % STAGE_RECORDS,
                     .update = update,
                     .seed = 0x123456789abcdef,
                     .rate = 0.05};
}

/* The numbers of a storage that hold a result, to be given back by ds_free. */
static inline double *network_values(const network_stage *stage, ds_storage storage,
                                     int64_t *count) {
    double *values = NULL;
    *count = stage->plan->storage_count[storage] ? stage->plan->storage_count[storage]
                                                 : stage->options.count[storage];
    assert_ok(ds_new(&values, (size_t)*count + 1, sizeof *values));
    assert_ok(stage->executor->read(stage->executor, storage, 0, *count, values));
    return values;
}

#endif
