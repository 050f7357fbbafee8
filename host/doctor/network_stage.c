#include "doctor/network_stage.h"

#include <math.h>
#include <string.h>

#include "base/yaml.h"
#include "doctor/drawn.h"

/* ---- plan ---- */

static ds_status parse_operation(const char *text, ds_family family, const char *what,
                                 const ds_operation **operation,
                                 double attribute[DS_MAX_ATTRIBUTES]) {
    ds_node *node = NULL;
    DS_CHECK(ds_node_parse(&node, text, what));
    ds_status status = ds_operation_parse(node, family, what, operation, attribute);
    ds_node_destroy(node);
    return status;
}

static ds_status parse(const ds_network_case *test, ds_plan_request *request, ds_layer **layer) {
    ds_node *node = NULL;
    DS_CHECK(ds_node_parse(&node, test->model, "model"));
    ds_status status = ds_layers_parse(layer, &request->layers, node);
    ds_node_destroy(node);
    DS_CHECK(status);
    request->layer = *layer;
    DS_CHECK(ds_layers_shape(*layer, request->layers, &request->sample));
    DS_CHECK(parse_operation(test->loss, DS_LOSS, "loss", &request->loss, request->loss_attribute));
    return parse_operation(test->optimizer, DS_OPTIMIZER, "optimizer", &request->optimizer,
                           request->optimizer_attribute);
}

/* Elements of a sample in a tensor of the data set; 0 where there is none. */
static int64_t columns_of(const ds_plan *plan, int tensor) {
    return tensor == DS_ABSENT ? 0 : ds_shape_count(&plan->tensor[tensor].shape);
}

void ds_network_stage_take(ds_network_stage *stage, ds_plan *plan, const ds_operation *loss) {
    stage->plan = plan;
    stage->loss = loss;
    int64_t more = plan->batch > DS_STAGE_BATCH ? plan->batch - DS_STAGE_BATCH : 0;
    bool narrow = columns_of(plan, plan->features) <= DS_STAGE_NARROW;
    stage->rows = (narrow ? DS_STAGE_NARROW_ROWS : DS_STAGE_ROWS) + more;
    stage->options.count[DS_FEATURES] = stage->rows * columns_of(plan, plan->features);
    stage->options.count[DS_TARGETS] = loss ? stage->rows * columns_of(plan, plan->targets) : 0;
    stage->options.count[DS_INDICES] = DS_STAGE_INDICES + more;
    stage->options.count[DS_HISTORY] = DS_STAGE_RECORDS * DS_RECORD_SIZE;
}

ds_status ds_network_stage_plan(ds_network_stage *stage, const ds_network_case *test) {
    ds_status status = DS_OK;
    ds_layer *layer = NULL;
    ds_plan *plan = NULL;
    *stage = (ds_network_stage){.test = test};
    ds_plan_request request = {.sample = ds_shape_flat(test->inputs),
                               .batch = DS_STAGE_BATCH,
                               .clip = test->clip,
                               .stop_gradient = test->stop > 0 ? test->stop : -1,
                               .fuse = true,
                               .separate = true};
    DS_TRY(parse(test, &request, &layer));
    int64_t outputs = ds_shape_count(&layer[request.layers - 1].out);
    request.targets = request.loss == &ds_op_cross_entropy ? 1 : outputs;
    DS_TRY(ds_plan_build(&plan, &request));
    ds_network_stage_take(stage, plan, request.loss);

cleanup:
    ds_free(layer);
    return status;
}

ds_status ds_network_stage_open(ds_network_stage *stage, ds_device *device, bool whole) {
    ds_shaping shaping = ds_shaping_for(ds_device_about(device));
    ds_network_shape shape = stage->test->shape;
    shaping.portable = shape.portable;
    DS_CHECK(ds_shaped_executor_create(&stage->executor, stage->plan, device, &shaping,
                                       whole ? &shape : NULL));
    return ds_network_stage_reserve(stage);
}

ds_status ds_network_stage_reserve(const ds_network_stage *stage) {
    for (int s = 0; s < DS_STORAGES; s++)
        if (stage->options.count[s])
            DS_CHECK(
                stage->executor->reserve(stage->executor, (ds_storage)s, stage->options.count[s]));
    return DS_OK;
}

void ds_network_stage_close(ds_network_stage *stage) {
    if (stage->executor)
        stage->executor->destroy(stage->executor);
    ds_twin_close(&stage->options.twin);
    ds_plan_destroy(stage->plan);
    *stage = (ds_network_stage){0};
}

/* ---- memory ---- */

/* A number of -1 .. 1 that belongs to an element of a storage. */
static double number_of(uint64_t seed, int storage, int64_t element) {
    return (double)(float)(2 * ds_drawn(seed, storage, element).size - 1);
}

static void fill_parameters(const ds_network_stage *stage, uint64_t seed, double *values) {
    for (int t = 0; t < stage->plan->tensors; t++) {
        const ds_tensor *tensor = &stage->plan->tensor[t];
        if (tensor->storage != DS_PARAMETERS || strcmp(tensor->name, "parameters") == 0)
            continue;
        bool matrix = tensor->shape.rank == 2;
        double size = matrix ? 1.7 / sqrt((double)tensor->shape.extent[1]) : 0.5;
        double middle = !matrix && strstr(tensor->name, ".weight") ? 1 : 0; /* a gain */
        for (int64_t i = tensor->offset; i < tensor->offset + ds_shape_count(&tensor->shape); i++)
            values[i] = (double)(float)(middle + size * number_of(seed, DS_PARAMETERS, i));
    }
}

/* Targets: class numbers, shares of 1, or numbers. */
static double target_of(const ds_network_stage *stage, double number) {
    const ds_tensor *prediction = &stage->plan->tensor[stage->plan->prediction];
    double share = (number + 1) / 2;
    if (stage->loss == &ds_op_cross_entropy)
        return floor(share * 0.999999 * (double)ds_shape_count(&prediction->shape));
    return stage->loss == &ds_op_binary_cross_entropy ? share > 0.5 : (double)(float)(3 * number);
}

/* In the last row, which no index names. */
static bool is_outside(const ds_network_stage *stage, ds_storage storage, int64_t element) {
    return element >= stage->options.count[storage] / stage->rows * (stage->rows - 1);
}

static double value_of(const ds_network_stage *stage, uint64_t seed, int storage, int64_t element) {
    double number = number_of(seed, storage, element);
    switch (storage) {
    case DS_FEATURES:
        return is_outside(stage, DS_FEATURES, element) ? NAN : 2 * number;
    case DS_TARGETS:
        return is_outside(stage, DS_TARGETS, element) ? NAN : target_of(stage, number);
    case DS_MOMENTS:
        return (double)(float)(0.05 + 0.04 * number);
    case DS_INDICES:
        return floor((number + 1) / 2.0001 * (double)(stage->rows - 1));
    case DS_STATUS:
        return 0;
    default:
        return NAN;
    }
}

ds_status ds_network_stage_bound(const ds_network_stage *stage, const ds_pass *pass) {
    double outside[DS_STAGE_BATCH];
    int64_t first = pass->first + pass->count, count = DS_STAGE_INDICES - first;
    count = count < DS_STAGE_BATCH ? count : DS_STAGE_BATCH;
    for (int64_t i = 0; i < count; i++)
        outside[i] = (double)stage->rows - 1;
    return stage->executor->write(stage->executor, DS_INDICES, first, count, outside);
}

int64_t ds_network_stage_count(const ds_network_stage *stage, ds_storage storage) {
    int64_t planned = stage->plan->storage_count[storage];
    return planned ? planned : stage->options.count[storage];
}

ds_status ds_network_stage_fill(const ds_network_stage *stage, uint64_t seed, bool fresh) {
    for (int s = 0; s < DS_STORAGES; s++) {
        int64_t count = ds_network_stage_count(stage, (ds_storage)s);
        double *values = NULL;
        if (count == 0)
            continue;
        DS_CHECK(ds_new(&values, (size_t)count, sizeof *values));
        for (int64_t i = 0; i < count && !(fresh && s == DS_MOMENTS); i++)
            values[i] = value_of(stage, seed + stage->seed, s, i);
        if (s == DS_PARAMETERS)
            fill_parameters(stage, seed + stage->seed, values);
        ds_status status = stage->executor->write(stage->executor, (ds_storage)s, 0, count, values);
        ds_free(values);
        DS_CHECK(status);
    }
    return DS_OK;
}

ds_status ds_network_stage_write(const ds_network_stage *stage, ds_storage storage, int64_t offset,
                                 double value) {
    return stage->executor->write(stage->executor, storage, offset, 1, &value);
}

ds_status ds_network_stage_values(double **out, const ds_network_stage *stage, ds_storage storage) {
    double *values = NULL;
    int64_t count = ds_network_stage_count(stage, storage);
    DS_CHECK(ds_new(&values, (size_t)count, sizeof *values));
    ds_status status = stage->executor->read(stage->executor, storage, 0, count, values);
    if (status == DS_OK)
        *out = values;
    else
        ds_free(values);
    return status;
}

/* ---- passes ---- */

ds_pass ds_network_stage_pass(bool training, int64_t count, uint64_t update) {
    return (ds_pass){.training = training,
                     .count = count,
                     .global_count = count + 3,
                     .position = 0x23456789 + 1000 * (int64_t)(update % 64),
                     .first = (int64_t)(update * 32749) % (DS_STAGE_INDICES - DS_STAGE_BATCH),
                     .slot = (int64_t)(update * 521) % DS_STAGE_RECORDS,
                     .update = update,
                     .seed = 0x123456789abcdef,
                     .rate = 0.05 / (double)(1 + update % 3)};
}

typedef struct trial {
    const ds_network_stage *stage;
    const ds_pass *pass;
} trial;

static ds_status fill(void *context, uint64_t seed) {
    const trial *t = context;
    DS_CHECK(ds_network_stage_fill(t->stage, seed, t->pass->update == 1));
    return t->stage->test ? ds_network_stage_bound(t->stage, t->pass) : DS_OK;
}

static ds_status check(void *context, ds_check_report *report) {
    const trial *t = context;
    return ds_check_pass(t->stage->executor, t->pass, &t->stage->options, report);
}

ds_status ds_network_stage_judge(const ds_network_stage *stage, const ds_pass *pass, uint64_t seed,
                                 ds_check_report *report) {
    return ds_check_twice(&(ds_trial_run){fill, check, &(trial){stage, pass}}, seed, report);
}

/* ---- words ---- */

ds_status ds_network_case_print(const ds_network_case *test, ds_text *out) {
    const ds_network_shape *s = &test->shape;
    return ds_text_add(out,
                       "%u blocks, group %u, %ux%u samples, %u rows, across %u, width %u, space "
                       "%d: %lld inputs, %s, %s, %s, clip %g, stop %g",
                       s->blocks, s->group, s->vectors, s->lanes, s->rows, s->across, s->width,
                       (int)s->space, (long long)test->inputs, test->model, test->loss,
                       test->optimizer, test->clip, test->stop);
}
