#include <math.h>
#include <stdio.h>

#include "check/checker.h"
#include "measure/tune.h"

/* Samples, inputs, units; samples, columns. */
static const int64_t products[DS_BUCKETS][3] = {
    {64, 100, 100}, {8, 1024, 1024}, {128, 784, 256}, {512, 1000, 1000}};
static const int64_t rows[DS_BUCKETS][2] = {{512, 32}, {512, 1024}};

/* For the judge: less than a vector, just beyond one, beyond a block of rows, beyond a panel. */
static const int64_t ragged[][3] = {{3, 7, 5}, {37, 61, 67}, {130, 33, 17}, {5, 530, 35}};

void ds_tune_work_shape(ds_subject subject, int bucket, char shape[64]) {
    if (subject == DS_PRODUCT)
        snprintf(shape, 64, "%lldx%lldx%lld", (long long)products[bucket][0],
                 (long long)products[bucket][1], (long long)products[bucket][2]);
    else
        snprintf(shape, 64, "%lldx%lld", (long long)rows[bucket][0], (long long)rows[bucket][1]);
}

static ds_status create_shaped(ds_executor **out, const ds_plan *plan, ds_device *device,
                               const void *context) {
    return ds_shaped_executor_create(out, plan, device, context, NULL);
}

/* ---- time ---- */

/* A dense layer; or what works on rows and on elements, with a loss and an update. */
static ds_status open_work(ds_stage *stage, ds_device *device, ds_subject subject, int bucket,
                           const ds_shaping *shaping) {
    bool product = subject == DS_PRODUCT;
    const int64_t *size = product ? products[bucket] : rows[bucket];
    ds_layer layer[] = {
        {.operation = product ? &ds_op_dense : &ds_op_layer_norm,
         .attribute = {product ? (double)size[2] : 1e-5, 1}},
        {.operation = &ds_op_relu},
        {.operation = &ds_op_softmax},
    };
    ds_plan_request request = {.layers = product ? 1 : 3,
                               .sample = ds_shape_flat(size[1]),
                               .batch = size[0],
                               .targets = 1,
                               .loss = product ? &ds_op_mse : &ds_op_cross_entropy,
                               .optimizer = &ds_op_adam,
                               .optimizer_attribute = {1e-3, 0.9, 0.999, 1e-8},
                               .stop_gradient = -1,
                               .separate = true,
                               .input_gradient = true};
    if (product)
        request.targets = size[2];
    return ds_stage_open(stage, device, &request, layer, create_shaped, shaping);
}

ds_status ds_tune_work_time(const ds_tune_run *run, ds_subject subject, int bucket,
                            const ds_shaping *shaping, double *seconds) {
    ds_status status = DS_OK;
    ds_stage stage = {0};
    ds_timing timing;
    char kernels[256];
    double sum = 0;
    DS_TRY(open_work(&stage, run->device, subject, bucket, shaping));
    for (int i = 0; i < stage.plan->ops; i++) {
        const ds_op *op = &stage.plan->op[i];
        if (!op->in_training || (subject == DS_PRODUCT && op->operation != &ds_op_dense))
            continue;
        DS_TRY(ds_time_op(&stage, op, run->options.seconds, &timing, kernels));
        sum += timing.least;
    }
    *seconds = sum;

cleanup:
    ds_stage_close(&stage);
    return status;
}

/* ---- judgement ---- */

/* Every op of an update, together with those that are launched with it. */
static ds_status judge(ds_stage *stage) {
    ds_status status = DS_OK;
    ds_text text = {0};
    ds_check_report report = {0};
    ds_check_options options;
    for (int s = 0; s < DS_STORAGES; s++)
        options.count[s] = stage->count[s];
    DS_TRY(ds_check_pass(stage->executor, &stage->pass, &options, &report));
    if (report.fault != DS_FAULT_NONE) {
        DS_TRY(ds_check_describe(&report, stage->plan, &text));
        status = ds_fail(DS_WRONG_RESULT, "", "%s", text.characters);
    }

cleanup:
    ds_text_clear(&text);
    return status;
}

ds_status ds_tune_work_judge(ds_device *device, ds_subject subject, const ds_shaping *shaping) {
    for (size_t i = 0; i < sizeof ragged / sizeof *ragged; i++) {
        ds_stage stage = {0};
        double units = (double)ragged[i][2];
        ds_layer layer[] = {
            {.operation = subject == DS_PRODUCT ? &ds_op_dense : &ds_op_layer_norm,
             .attribute = {subject == DS_PRODUCT ? units + 4 : 1e-5, 1}},
            {.operation = subject == DS_PRODUCT ? &ds_op_relu : &ds_op_softmax},
            {.operation = &ds_op_dense, .attribute = {units, 1}},
        };
        ds_plan_request request = {.layers = 3,
                                   .sample = ds_shape_flat(ragged[i][1]),
                                   .batch = ragged[i][0],
                                   .targets = 1,
                                   .loss = &ds_op_cross_entropy,
                                   .optimizer = &ds_op_adam,
                                   .optimizer_attribute = {1e-3, 0.9, 0.999, 1e-8},
                                   .stop_gradient = -1,
                                   .fuse = true,
                                   .separate = true,
                                   .input_gradient = true};
        ds_status status = ds_stage_open(&stage, device, &request, layer, create_shaped, shaping);
        if (status == DS_OK)
            status = judge(&stage);
        ds_stage_close(&stage);
        DS_CHECK(status);
    }
    return DS_OK;
}
