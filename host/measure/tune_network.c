/* Networks for the tuner: run whole in one kernel of some shape, or op by op. */
#include <string.h>

#include "check/checker.h"
#include "launch/network.h"
#include "measure/tune.h"

/* For the judge: one sample, less than a vector of them, and more than several; the last pass is
 * smaller. Alone, a sample's vectors lie along its numbers: fewer than one, a rest, none. */
static const int64_t ragged[][3] = {{1, 7, 5}, {1, 33, 21},  {1, 32, 16},
                                    {3, 7, 5}, {37, 19, 21}, {130, 33, 9}};

enum { PASSES = 3 };

static ds_status create_asked(ds_executor **out, const ds_plan *plan, ds_device *device,
                              const void *context) {
    const ds_shaping *shaping = context;
    ds_network_shape shape;
    bool whole = ds_network_suits(plan, ds_device_about(device), shaping, &shape);
    return ds_shaped_executor_create(out, plan, device, shaping, whole ? &shape : NULL);
}

/* dense, relu, dense */
enum { LAYERS = 3 };

static ds_plan_request request_of(const int64_t size[3], ds_layer layer[LAYERS]) {
    layer[0] = (ds_layer){.operation = &ds_op_dense, .attribute = {(double)size[2], 1}};
    layer[1] = (ds_layer){.operation = &ds_op_relu};
    layer[2] = (ds_layer){.operation = &ds_op_dense, .attribute = {5, 1}};
    return (ds_plan_request){.layer = layer,
                             .layers = LAYERS,
                             .sample = ds_shape_flat(size[1]),
                             .batch = size[0],
                             .targets = 1,
                             .loss = &ds_op_cross_entropy,
                             .optimizer = &ds_op_adam,
                             .optimizer_attribute = {1e-3, 0.9, 0.999, 1e-8},
                             .stop_gradient = -1,
                             .fuse = true};
}

/* To be judged: op by op each tensor is looked at behind the pass. */
static ds_status open_network(ds_stage *stage, ds_device *device, const int64_t size[3],
                              const ds_shaping *shaping, bool judged) {
    ds_layer layer[LAYERS];
    ds_plan_request request = request_of(size, layer);
    request.separate = judged;
    return ds_stage_open(stage, device, &request, layer, create_asked, shaping);
}

ds_status ds_tune_network_same(const ds_tune_run *run, int bucket, const ds_shaping *a,
                               const ds_shaping *b, bool *same) {
    const ds_device_info *about = ds_device_about(run->device);
    ds_status status = DS_OK;
    ds_plan *plan = NULL;
    ds_layer layer[LAYERS];
    ds_network_shape first = {0}, second = {0};
    ds_plan_request request = request_of(ds_tune_work_size(DS_NETWORK, bucket), layer);
    DS_TRY(ds_layers_shape(layer, LAYERS, &request.sample));
    DS_TRY(ds_plan_build(&plan, &request));
    bool whole = ds_network_suits(plan, about, a, &first);
    *same = whole == ds_network_suits(plan, about, b, &second) &&
            memcmp(&first, &second, sizeof first) == 0;

cleanup:
    ds_plan_destroy(plan);
    return status;
}

ds_status ds_tune_network_time(const ds_tune_run *run, int bucket, const ds_shaping *shaping,
                               double *seconds) {
    ds_status status = DS_OK;
    ds_stage stage = {0};
    ds_timing timing;
    DS_TRY(ds_device_profile(run->device, false)); /* it would take time of the host */
    DS_TRY(
        open_network(&stage, run->device, ds_tune_work_size(DS_NETWORK, bucket), shaping, false));
    DS_TRY(
        ds_time_steps(&stage, ds_bucket_name(DS_NETWORK, bucket), run->options.seconds, &timing));
    *seconds = timing.least;

cleanup:
    ds_stage_close(&stage);
    ds_status after = ds_device_profile(run->device, true);
    return status != DS_OK ? status : after;
}

static ds_status judge(const ds_stage *stage) {
    ds_status status = DS_OK;
    ds_text text = {0};
    ds_check_report report = {0};
    ds_check_options options = {0};
    ds_pass pass[PASSES];
    memcpy(options.count, stage->count, sizeof options.count);
    for (int i = 0; i < PASSES; i++) {
        pass[i] = stage->pass;
        pass[i].first = i * stage->plan->batch;
        pass[i].slot = i;
        pass[i].update = (uint64_t)i + 1;
    }
    pass[PASSES - 1].count = pass[PASSES - 1].global_count = stage->plan->batch / 2 + 1;
    for (int i = 0; i < PASSES && report.fault == DS_FAULT_NONE; i++)
        DS_TRY(ds_check_pass(stage->executor, &pass[i], &options, &report));
    if (report.fault != DS_FAULT_NONE) {
        DS_TRY(ds_check_describe(&report, stage->plan, &text));
        status = ds_fail(DS_WRONG_RESULT, "", "%s", text.characters);
    }

cleanup:
    ds_text_clear(&text);
    return status;
}

ds_status ds_tune_network_judge(ds_device *device, const ds_shaping *shaping) {
    for (size_t i = 0; i < sizeof ragged / sizeof *ragged; i++) {
        ds_stage stage = {0};
        ds_status status = open_network(&stage, device, ragged[i], shaping, true);
        if (status == DS_OK)
            status = judge(&stage);
        ds_stage_close(&stage);
        DS_CHECK(status);
    }
    return DS_OK;
}
