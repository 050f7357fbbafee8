#include "measure/stage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "launch/opencl_executor.h"

/* ---- memory ---- */

enum { BLOCK = 1 << 14 };

/* Numbers within -1 .. 1, the same for ever. */
static void draw(float block[BLOCK], float scale) {
    uint32_t state = 1;
    for (int i = 0; i < BLOCK; i++) {
        state = state * 1664525u + 1013904223u;
        block[i] = scale * (float)(state * 0x1p-31 - 1);
    }
}

static ds_status fill(const ds_stage *stage, ds_storage storage, int64_t offset, int64_t count,
                      const float block[BLOCK]) {
    for (int64_t done = 0; done < count; done += BLOCK)
        DS_CHECK(stage->executor->write_floats(stage->executor, storage, offset + done,
                                               count - done < BLOCK ? count - done : BLOCK, block));
    return DS_OK;
}

/* Each weight as large as keeps the size of what passes through the layer. */
static ds_status fill_parameters(const ds_stage *stage, float block[BLOCK]) {
    draw(block, 0.1f);
    DS_CHECK(fill(stage, DS_PARAMETERS, 0, stage->plan->storage_count[DS_PARAMETERS], block));
    for (int i = 0; i < stage->plan->tensors; i++) {
        const ds_tensor *tensor = &stage->plan->tensor[i];
        if (tensor->storage != DS_PARAMETERS || tensor->shape.rank != 2)
            continue;
        draw(block, sqrtf(6.0f / (float)tensor->shape.extent[1]));
        DS_CHECK(fill(stage, DS_PARAMETERS, tensor->offset, ds_shape_count(&tensor->shape), block));
    }
    return DS_OK;
}

/* Classes where the loss takes such, else numbers. */
static void draw_targets(float block[BLOCK], const ds_plan *plan, const ds_operation *loss) {
    int64_t outputs = ds_shape_count(&plan->tensor[plan->prediction].shape);
    draw(block, 1);
    for (int i = 0; i < BLOCK; i++)
        if (loss == &ds_op_cross_entropy)
            block[i] = (float)(i % outputs);
        else if (loss == &ds_op_binary_cross_entropy)
            block[i] = block[i] > 0;
}

static ds_status fill_indices(const ds_stage *stage, int64_t rows) {
    ds_status status = DS_OK;
    int32_t *index = NULL;
    DS_TRY(ds_new(&index, (size_t)rows, sizeof *index));
    for (int64_t i = 0; i < rows; i++)
        index[i] = (int32_t)(rows - 1 - i);
    DS_TRY(stage->executor->write_indices(stage->executor, 0, rows, index));

cleanup:
    ds_free(index);
    return status;
}

static ds_status fill_all(const ds_stage *stage, const ds_operation *loss) {
    const ds_plan *plan = stage->plan;
    float block[BLOCK];
    DS_CHECK(fill_parameters(stage, block));
    draw(block, 1);
    DS_CHECK(fill(stage, DS_GRADIENTS, 0, plan->storage_count[DS_GRADIENTS], block));
    DS_CHECK(fill(stage, DS_ACTIVATIONS, 0, plan->storage_count[DS_ACTIVATIONS], block));
    DS_CHECK(fill(stage, DS_FEATURES, 0, stage->count[DS_FEATURES], block));
    draw_targets(block, plan, loss);
    DS_CHECK(fill(stage, DS_TARGETS, 0, stage->count[DS_TARGETS], block));
    for (int i = 0; i < plan->tensors; i++)
        if (strcmp(plan->tensor[i].name, "batch_targets") == 0)
            DS_CHECK(fill(stage, DS_ACTIVATIONS, plan->tensor[i].offset,
                          ds_tensor_count(&plan->tensor[i], plan->batch), block));
    return fill_indices(stage, stage->count[DS_INDICES]);
}

/* ---- stage ---- */

static ds_status create_own(ds_executor **out, const ds_plan *plan, ds_device *device,
                            const void *context) {
    (void)context;
    return ds_opencl_executor_create(out, plan, device);
}

enum { PASSES = 1024 };

static int64_t columns_of(const ds_plan *plan, int tensor) {
    return tensor == DS_ABSENT ? 0 : ds_shape_count(&plan->tensor[tensor].shape);
}

ds_status ds_stage_set(ds_stage *stage, ds_device *device, const ds_plan *plan,
                       const ds_operation *loss, int64_t batches, ds_stage_create create,
                       const void *context) {
    int64_t batch = plan->training_batch, rows = batches * batch;
    stage->device = device;
    stage->plan = plan;
    stage->batches = batches;
    stage->pass = (ds_pass){.training = true,
                            .count = batch,
                            .global_count = batch,
                            .update = 1,
                            .seed = 1,
                            .rate = 1e-3};
    DS_CHECK(ds_new(&stage->issued, PASSES, sizeof *stage->issued));
    DS_CHECK((create ? create : create_own)(&stage->executor, plan, device, context));
    stage->count[DS_FEATURES] = rows * columns_of(plan, plan->features);
    stage->count[DS_TARGETS] = rows * columns_of(plan, plan->targets);
    stage->count[DS_INDICES] = rows;
    stage->count[DS_HISTORY] = batches * DS_RECORD_SIZE;
    for (int s = 0; s < DS_STORAGES; s++)
        if (stage->count[s])
            DS_CHECK(stage->executor->reserve(stage->executor, (ds_storage)s, stage->count[s]));
    return fill_all(stage, loss);
}

ds_status ds_stage_open(ds_stage *stage, ds_device *device, const ds_plan_request *request,
                        ds_layer *layer, ds_stage_create create, const void *context) {
    ds_plan_request shaped = *request;
    *stage = (ds_stage){0};
    shaped.layer = layer;
    DS_CHECK(ds_layers_shape(layer, shaped.layers, &shaped.sample));
    DS_CHECK(ds_plan_build(&stage->built, &shaped));
    return ds_stage_set(stage, device, stage->built, request->loss, DS_STAGE_BATCHES, create,
                        context);
}

void ds_stage_close(ds_stage *stage) {
    if (stage->executor)
        stage->executor->destroy(stage->executor);
    ds_plan_destroy(stage->built);
    ds_free(stage->issued);
    *stage = (ds_stage){0};
}

/* ---- passes ---- */

ds_status ds_stage_run(ds_stage *stage, int64_t passes, int64_t samples) {
    for (int64_t done = 0; done < passes;) {
        int64_t now = passes - done < PASSES ? passes - done : PASSES;
        for (int64_t i = 0; i < now; i++) {
            ds_pass *pass = &stage->issued[i];
            *pass = stage->pass;
            pass->slot = (int64_t)(stage->updates % (uint64_t)stage->batches);
            pass->first = pass->slot * stage->pass.count;
            pass->count = pass->global_count = samples;
            pass->update = ++stage->updates;
        }
        DS_CHECK(stage->executor->run_passes(stage->executor, stage->issued, now));
        done += now;
    }
    return stage->executor->finish(stage->executor);
}

double ds_stage_operations(const ds_plan *plan, const ds_pass *pass) {
    double operations = 0;
    for (int i = 0; i < plan->ops; i++)
        if (ds_op_runs(&plan->op[i], pass))
            operations += ds_op_cost(plan, &plan->op[i], pass->count).operations;
    return operations;
}

/* ---- time ---- */

double ds_stage_clock(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void ds_timing_of(ds_timing *timing, double *seconds, int count) {
    qsort(seconds, (size_t)count, sizeof *seconds, by_size);
    *timing = (ds_timing){seconds[count / 2], seconds[0], count};
}

static void list_kernels(char kernels[256], const ds_launch_time *time, size_t count) {
    size_t length = 0;
    kernels[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size_t more = strlen(time[i].kernel);
        if (strstr(kernels, time[i].kernel) || length + more + 2 > 256)
            continue;
        if (length)
            kernels[length++] = ' ';
        memcpy(kernels + length, time[i].kernel, more + 1);
        length += more;
    }
}

static double sum_of(const ds_launch_time *time, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += time[i].seconds;
    return sum;
}

ds_status ds_time_op(ds_stage *stage, const ds_op *op, double seconds, ds_timing *timing,
                     char kernels[256]) {
    double each[DS_REPETITIONS];
    const ds_launch_time *time;
    size_t launches, count;
    ds_pass pass = stage->pass;
    pass.training = op->in_training;
    *timing = (ds_timing){0};
    for (int warm = 0; warm < 2; warm++) {
        DS_CHECK(stage->executor->run(stage->executor, op, &pass));
        DS_CHECK(ds_device_launch_times(stage->device, &time, &launches));
    }
    list_kernels(kernels, time, launches);
    if (launches == 0)
        return DS_OK;
    double once = sum_of(time, launches);
    int repetitions = once * DS_REPETITIONS <= seconds ? DS_REPETITIONS : (int)(seconds / once);
    if (repetitions < 3)
        repetitions = 3;
    for (int i = 0; i < repetitions; i++)
        DS_CHECK(stage->executor->run(stage->executor, op, &pass));
    DS_CHECK(ds_device_launch_times(stage->device, &time, &count));
    for (int i = 0; i < repetitions; i++)
        each[i] = sum_of(time + (size_t)i * launches, launches);
    ds_timing_of(timing, each, repetitions);
    return DS_OK;
}
