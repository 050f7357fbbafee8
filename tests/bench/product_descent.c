/* descent's products, through the executor, in a plan with one dense layer without a bias. Its
 * backward op makes dW and, where the layer before wants it, dx: the time of dx is that of both
 * less that of dW. */
#include <string.h>

#include "device/device.h"
#include "launch/opencl_executor.h"
#include "model/plan_build.h"
#include "product.h"

typedef struct stage {
    ds_device *device;
    ds_plan *plan;
    ds_executor *executor;
    ds_pass pass;
} stage;

static void check(ds_status status) {
    if (status == DS_OK)
        return;
    fprintf(stderr, "%s; %s\n", ds_last_error()->message, ds_last_error()->hint);
    exit(EXIT_FAILURE);
}

/* Fills what the plan's tensors stand in. */
static void fill(const stage *s, ds_storage storage) {
    size_t count = (size_t)s->plan->storage_count[storage];
    float *floats = malloc(count * sizeof *floats);
    if (!floats)
        exit(EXIT_FAILURE);
    product_fill(floats, count);
    check(s->executor->write_floats(s->executor, storage, 0, (int64_t)count, floats));
    free(floats);
}

static stage open_stage(ds_device *device, const product_size *size, bool input_gradient) {
    stage s = {.device = device};
    ds_layer layer = {.operation = &ds_op_dense, .attribute = {(double)size->units, 0}};
    ds_plan_request request = {.layer = &layer,
                               .layers = 1,
                               .sample = ds_shape_flat((int64_t)size->inputs),
                               .batch = (int64_t)size->batch,
                               .targets = (int64_t)size->units,
                               .loss = &ds_op_mse,
                               .optimizer = &ds_op_sgd,
                               .stop_gradient = -1,
                               .separate = true,
                               .input_gradient = input_gradient};
    check(ds_layers_shape(&layer, 1, &request.sample));
    check(ds_plan_build(&s.plan, &request));
    check(ds_opencl_executor_create(&s.executor, s.plan, device));
    s.pass = (ds_pass){.training = true,
                       .count = request.batch,
                       .global_count = request.batch,
                       .update = 1,
                       .rate = 0.01};
    fill(&s, DS_PARAMETERS);
    fill(&s, DS_ACTIVATIONS);
    return s;
}

static void close_stage(stage *s) {
    s->executor->destroy(s->executor);
    ds_plan_destroy(s->plan);
}

static void run(void *context, product_kind kind, long times) {
    const stage *s = context;
    const ds_op *op = s->plan->op;
    const ds_part part = kind == PRODUCT_FORWARD ? DS_FORWARD : DS_BACKWARD;
    while (op->operation != &ds_op_dense || op->part != part)
        op++;
    for (long i = 0; i < times; i++)
        check(s->executor->run(s->executor, op, &s->pass));
    check(s->executor->finish(s->executor));
}

int main(int count, char **arguments) {
    product_size size = product_arguments(count, arguments);
    ds_device *device = NULL;
    double time[PRODUCTS];
    char version[400];
    check(ds_device_open(&device, "auto"));
    stage weight = open_stage(device, &size, false), both = open_stage(device, &size, true);
    run(&weight, PRODUCT_FORWARD, 1); /* compiles */
    run(&both, PRODUCT_INPUT, 1);
    run(&weight, PRODUCT_WEIGHT, 1);
    double each = size.seconds / PRODUCTS;
    time[PRODUCT_FORWARD] = product_time(run, &weight, PRODUCT_FORWARD, each);
    time[PRODUCT_WEIGHT] = product_time(run, &weight, PRODUCT_WEIGHT, each);
    time[PRODUCT_INPUT] = product_time(run, &both, PRODUCT_INPUT, each) - time[PRODUCT_WEIGHT];
    snprintf(version, sizeof version, "descent " DESCENT_VERSION " on %s", ds_device_name(device));
    product_print(time, version);
    close_stage(&weight);
    close_stage(&both);
    ds_device_close(device);
    return EXIT_SUCCESS;
}
