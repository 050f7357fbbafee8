/* Whole training steps of four networks, by the host's clock, as the training loop issues them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "measure/bench.h"

enum { MOST_WIDTHS = 9, MOST_LAYERS = 2 * MOST_WIDTHS };

typedef struct work {
    const char *name, *shape;
    int widths[MOST_WIDTHS]; /* of the input and every dense layer; 0 ends them */
    const ds_operation *activation, *last, *loss, *optimizer; /* last: NULL for none */
    double option[DS_MAX_ATTRIBUTES]; /* of the optimizer, behind the rate */
    int64_t batch;
} work;

static const work works[] = {
    {"W1",
     "2-2-1 sigmoid, mse, sgd, batch 1",
     {2, 2, 1},
     &ds_op_sigmoid,
     &ds_op_sigmoid,
     &ds_op_mse,
     &ds_op_sgd,
     {0},
     1},
    {"W2",
     "56-100x3-1 relu, mse, adam, batch 64",
     {56, 100, 100, 100, 1},
     &ds_op_relu,
     NULL,
     &ds_op_mse,
     &ds_op_adam,
     {0.9, 0.999, 1e-8},
     64},
    {"W3",
     "784-256-128-10 relu, cross_entropy, adam, batch 128",
     {784, 256, 128, 10},
     &ds_op_relu,
     NULL,
     &ds_op_cross_entropy,
     &ds_op_adam,
     {0.9, 0.999, 1e-8},
     128},
    {"W4",
     "429-1000x8 relu, cross_entropy, momentum, batch 512",
     {429, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000},
     &ds_op_relu,
     NULL,
     &ds_op_cross_entropy,
     &ds_op_sgd,
     {0.9},
     512},
};

static int list_layers(const work *w, ds_layer layer[MOST_LAYERS]) {
    int count = 0;
    for (int i = 1; i < MOST_WIDTHS && w->widths[i]; i++) {
        bool last = i + 1 == MOST_WIDTHS || !w->widths[i + 1];
        layer[count++] = (ds_layer){.operation = &ds_op_dense, .attribute = {w->widths[i], 1}};
        const ds_operation *activation = last ? w->last : w->activation;
        if (activation)
            layer[count++] = (ds_layer){.operation = activation};
    }
    return count;
}

static ds_status measure(ds_bench_run *run, const work *w) {
    ds_status status = DS_OK;
    ds_stage stage = {0};
    ds_text how = {0};
    ds_timing timing;
    ds_layer layer[MOST_LAYERS];
    int layers = list_layers(w, layer);
    ds_bench_row row = {0};
    ds_plan_request request = {.layers = layers,
                               .sample = ds_shape_flat(w->widths[0]),
                               .batch = w->batch,
                               .targets = 1,
                               .loss = w->loss,
                               .optimizer = w->optimizer,
                               .stop_gradient = -1,
                               .fuse = true};
    memcpy(request.optimizer_attribute + 1, w->option,
           sizeof request.optimizer_attribute - sizeof *w->option);
    DS_TRY(ds_bench_announce(run, w->name));
    DS_TRY(ds_stage_open(&stage, run->device, &request, layer, NULL, NULL));
    DS_TRY(ds_time_steps(&stage, w->name, run->options.seconds, &timing));
    DS_TRY(stage.executor->summarize(stage.executor, &how));
    snprintf(row.name, sizeof row.name, "%s", w->name);
    snprintf(row.shape, sizeof row.shape, "%s", w->shape);
    snprintf(row.kernels, sizeof row.kernels, "%s", how.characters);
    row.repetitions = timing.repetitions;
    row.seconds = timing.median;
    row.least = timing.least;
    row.operations = ds_stage_operations(stage.plan, &stage.pass);
    run->table.step[run->table.steps++] = row;

cleanup:
    ds_text_clear(&how);
    ds_stage_close(&stage);
    return status;
}

ds_status ds_bench_steps(ds_bench_run *run) {
    size_t count = sizeof works / sizeof *works;
    DS_CHECK(ds_new(&run->table.step, count, sizeof *run->table.step));
    for (size_t i = 0; i < count; i++)
        DS_CHECK(measure(run, &works[i]));
    return DS_OK;
}
