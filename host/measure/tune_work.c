#include <stdio.h>
#include <string.h>

#include "check/checker.h"
#include "measure/tune.h"

static const int64_t sizes[DS_SUBJECTS][DS_BUCKETS][3] = {
    [DS_ROWS] = {{512, 32}, {512, 1024}},
    [DS_PRODUCT] = {{64, 100, 100}, {8, 1024, 1024}, {128, 784, 256}, {512, 1000, 1000}},
    [DS_NETWORK] = {{1, 2, 2}, {32, 8, 16}, {64, 64, 128}, {128, 784, 256}},
};

/* For the judge: less than a vector, just beyond one, beyond a block of rows, beyond a panel. */
static const int64_t ragged[][3] = {{3, 7, 5}, {37, 61, 67}, {130, 33, 17}, {5, 530, 35}};

const int64_t *ds_tune_work_size(ds_subject subject, int bucket) {
    return sizes[subject][bucket];
}

void ds_tune_work_shape(ds_subject subject, int bucket, char shape[64]) {
    const int64_t *size = ds_tune_work_size(subject, bucket);
    int length = snprintf(shape, 64, "%lldx%lld", (long long)size[0], (long long)size[1]);
    if (size[2])
        snprintf(shape + length, 64 - (size_t)length, "x%lld", (long long)size[2]);
}

static ds_status create_shaped(ds_executor **out, const ds_plan *plan, ds_device *device,
                               const void *context) {
    return ds_shaped_executor_create(out, plan, device, context, NULL);
}

/* A plan of this size. All of a subject have the same kernels, so that a candidate is built once.
 */
static ds_status open_work(ds_stage *stage, ds_device *device, ds_subject subject,
                           const int64_t *size, const ds_shaping *shaping) {
    ds_layer product[] = {{.operation = &ds_op_dense, .attribute = {(double)size[2], 1}},
                          {.operation = &ds_op_relu},
                          {.operation = &ds_op_dense, .attribute = {5, 1}}};
    ds_layer row[] = {{.operation = &ds_op_layer_norm, .attribute = {1e-5}},
                      {.operation = &ds_op_relu},
                      {.operation = &ds_op_softmax}};
    ds_plan_request request = {.layers = 3,
                               .sample = ds_shape_flat(size[1]),
                               .batch = size[0],
                               .targets = 1,
                               .loss = &ds_op_cross_entropy,
                               .optimizer = &ds_op_adam,
                               .optimizer_attribute = {1e-3, 0.9, 0.999, 1e-8},
                               .stop_gradient = -1,
                               .fuse = true,
                               .separate = true,
                               .input_gradient = true};
    return ds_stage_open(stage, device, &request, subject == DS_PRODUCT ? product : row,
                         create_shaped, shaping);
}

/* Other ops would only be built for every candidate. */
static bool is_meant(const ds_op *op, ds_subject subject) {
    return op->in_training && (subject == DS_ROWS || op->operation == &ds_op_dense);
}

/* ---- time ---- */

ds_status ds_tune_work_time(const ds_tune_run *run, ds_subject subject, int bucket,
                            const ds_shaping *shaping, double *seconds) {
    ds_status status = DS_OK;
    ds_stage stage = {0};
    ds_timing timing;
    char kernels[256];
    double sum = 0;
    if (subject == DS_NETWORK)
        return ds_tune_network_time(run, bucket, shaping, seconds);
    DS_TRY(open_work(&stage, run->device, subject, ds_tune_work_size(subject, bucket), shaping));
    for (int i = 0; i < stage.plan->ops; i++) {
        const ds_op *op = &stage.plan->op[i];
        if (!is_meant(op, subject) || (subject == DS_PRODUCT && op->layer != 0))
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

/* Every op that is meant, together with those that are launched with it. */
static ds_status judge(ds_stage *stage, ds_subject subject) {
    ds_status status = DS_OK;
    ds_text text = {0};
    ds_check_report report = {0};
    ds_check_options options = {0};
    memcpy(options.count, stage->count, sizeof options.count);
    for (int i = 0; i < stage->plan->ops && report.fault == DS_FAULT_NONE;
         i += ds_ops_together(stage->executor, i))
        if (is_meant(&stage->plan->op[i], subject))
            DS_TRY(ds_check_together(stage->executor, i, &stage->pass, &options, &report));
    if (report.fault != DS_FAULT_NONE) {
        DS_TRY(ds_check_describe(&report, stage->plan, &text));
        status = ds_fail(DS_WRONG_RESULT, "", "%s", text.characters);
    }

cleanup:
    ds_text_clear(&text);
    return status;
}

ds_status ds_tune_work_judge(ds_device *device, ds_subject subject, const ds_shaping *shaping) {
    if (subject == DS_NETWORK)
        return ds_tune_network_judge(device, shaping);
    for (size_t i = 0; i < sizeof ragged / sizeof *ragged; i++) {
        ds_stage stage = {0};
        ds_status status = open_work(&stage, device, subject, ragged[i], shaping);
        if (status == DS_OK)
            status = judge(&stage, subject);
        ds_stage_close(&stage);
        DS_CHECK(status);
    }
    return DS_OK;
}
