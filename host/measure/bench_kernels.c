/* Every kernel, by the device's clock. */
#include <stdio.h>
#include <string.h>

#include "measure/bench.h"

/* Tensors of half a million numbers: more than a core's own cache holds. */
enum { SAMPLES = 512, COLUMNS = 1024, FEW_SAMPLES = 8 };

/* One plan, and which of its ops are meant. */
typedef struct subject {
    const ds_operation *operation;
    ds_layer layer;
    ds_plan_request request;
    char shape[64];
} subject;

static void set_defaults(const ds_operation *operation, double attribute[DS_MAX_ATTRIBUTES]) {
    for (int i = 0; i < DS_MAX_ATTRIBUTES; i++)
        attribute[i] = i < ds_operation_options(operation) ? operation->option[i].value : 0;
}

static subject subject_of(const ds_operation *operation, const ds_operation *layer, int64_t samples,
                          int64_t inputs, int64_t units) {
    subject s = {.operation = operation,
                 .layer = {.operation = layer},
                 .request = {.layers = 1,
                             .sample = ds_shape_flat(inputs),
                             .batch = samples,
                             .targets = units,
                             .loss = &ds_op_mse,
                             .optimizer = &ds_op_sgd,
                             .stop_gradient = -1,
                             .separate = true,
                             .input_gradient = true}};
    set_defaults(layer, s.layer.attribute);
    if (layer == &ds_op_dense)
        s.layer.attribute[0] = (double)units;
    snprintf(s.shape, sizeof s.shape, "%lldx%lld", (long long)samples, (long long)inputs);
    return s;
}

/* ---- rows ---- */

static bool is_known(const ds_bench_table *table, const char *name, const char *shape) {
    for (size_t i = 0; i < table->kernels; i++)
        if (strcmp(table->kernel[i].name, name) == 0 && strcmp(table->kernel[i].shape, shape) == 0)
            return true;
    return false;
}

static ds_status add_row(ds_bench_run *run, ds_stage *stage, const subject *s, const ds_op *op) {
    ds_bench_row row = {0};
    ds_timing timing;
    char name[96];
    ds_kernel_name(op, name);
    DS_CHECK(ds_time_op(stage, op, run->options.seconds, &timing, row.kernels));
    if (timing.repetitions == 0)
        return DS_OK; /* it launches nothing */
    /* A service's kernel says more than the service: gather_features. */
    bool alone = op->operation->family == DS_SERVICE && !strchr(row.kernels, ' ');
    snprintf(row.name, sizeof row.name, "%.63s", alone ? row.kernels : name);
    snprintf(row.shape, sizeof row.shape, "%s", s->shape);
    if (is_known(&run->table, row.name, row.shape))
        return DS_OK;
    ds_cost cost = ds_op_cost(stage->plan, op, stage->pass.count);
    row.repetitions = timing.repetitions;
    row.seconds = timing.median;
    row.least = timing.least;
    row.operations = cost.operations;
    row.bytes = cost.bytes;
    DS_CHECK(ds_resize(&run->table.kernel, run->table.kernels + 1, sizeof row));
    run->table.kernel[run->table.kernels++] = row;
    return DS_OK;
}

static ds_status measure(ds_bench_run *run, subject *s) {
    ds_status status = DS_OK;
    ds_stage stage = {0};
    DS_TRY(ds_bench_announce(run, s->operation->name));
    DS_TRY(ds_stage_open(&stage, run->device, &s->request, &s->layer, NULL, NULL));
    for (int i = 0; i < stage.plan->ops; i++)
        if (stage.plan->op[i].operation == s->operation)
            DS_TRY(add_row(run, &stage, s, &stage.plan->op[i]));

cleanup:
    ds_stage_close(&stage);
    return status;
}

/* ---- by family ---- */

/* The dense layers of W3 and W4; nothing needs the gradient of a network's input. */
static ds_status measure_products(ds_bench_run *run) {
    static const struct {
        int64_t samples, inputs, units;
        bool first;
    } product[] = {
        {128, 784, 256, true},  {128, 256, 128, false},   {128, 128, 10, false},
        {512, 429, 1000, true}, {512, 1000, 1000, false},
    };
    for (size_t i = 0; i < sizeof product / sizeof *product; i++) {
        subject s = subject_of(&ds_op_dense, &ds_op_dense, product[i].samples, product[i].inputs,
                               product[i].units);
        s.request.input_gradient = !product[i].first;
        snprintf(s.shape, sizeof s.shape, "%lldx%lldx%lld", (long long)product[i].samples,
                 (long long)product[i].inputs, (long long)product[i].units);
        DS_CHECK(measure(run, &s));
    }
    return DS_OK;
}

static ds_status measure_layers(ds_bench_run *run) {
    for (const ds_operation *const *list = ds_operations(DS_LAYER); *list; list++) {
        subject s = subject_of(*list, *list, SAMPLES, COLUMNS, COLUMNS);
        if (*list != &ds_op_dense)
            DS_CHECK(measure(run, &s));
    }
    return DS_OK;
}

static ds_status measure_losses(ds_bench_run *run) {
    for (const ds_operation *const *list = ds_operations(DS_LOSS); *list; list++) {
        subject s = subject_of(*list, &ds_op_identity, SAMPLES, COLUMNS, COLUMNS);
        s.request.loss = *list;
        set_defaults(*list, s.request.loss_attribute);
        if (*list == &ds_op_cross_entropy)
            s.request.targets = 1;
        DS_CHECK(measure(run, &s));
    }
    return DS_OK;
}

/* Of a dense layer's parameters, without and, where there is such an option, with a momentum. */
static ds_status measure_optimizers(ds_bench_run *run) {
    for (const ds_operation *const *list = ds_operations(DS_OPTIMIZER); *list; list++) {
        subject s = subject_of(*list, &ds_op_dense, FEW_SAMPLES, COLUMNS, SAMPLES);
        s.layer.attribute[1] = 0; /* no bias */
        s.request.optimizer = *list;
        set_defaults(*list, s.request.optimizer_attribute);
        snprintf(s.shape, sizeof s.shape, "%d", SAMPLES * COLUMNS);
        DS_CHECK(measure(run, &s));
        for (int i = 0; i < ds_operation_options(*list); i++)
            if (strcmp((*list)->option[i].name, "momentum") == 0) {
                s.request.optimizer_attribute[i] = 0.9;
                DS_CHECK(measure(run, &s));
            }
    }
    return DS_OK;
}

static ds_status measure_services(ds_bench_run *run) {
    for (const ds_operation *const *list = ds_operations(DS_SERVICE); *list; list++) {
        bool of_parameters = *list == &ds_op_gradient_norm;
        subject s = of_parameters ? subject_of(*list, &ds_op_dense, FEW_SAMPLES, COLUMNS, SAMPLES)
                                  : subject_of(*list, &ds_op_identity, SAMPLES, COLUMNS, COLUMNS);
        if (of_parameters)
            snprintf(s.shape, sizeof s.shape, "%d", SAMPLES * COLUMNS);
        DS_CHECK(measure(run, &s));
        s.request.loss = s.request.optimizer = NULL;
        DS_CHECK(measure(run, &s));
    }
    return DS_OK;
}

ds_status ds_bench_kernels(ds_bench_run *run) {
    DS_CHECK(measure_products(run));
    DS_CHECK(measure_layers(run));
    DS_CHECK(measure_losses(run));
    DS_CHECK(measure_optimizers(run));
    return measure_services(run);
}
