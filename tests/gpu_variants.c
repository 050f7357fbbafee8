/* Writes into a folder the program of every kernel variant that a GPU is given by default: the
 * whole source as NAME.cl and the build options as NAME.options. No GPU is needed: the device at
 * hand is described as one, and a program is written down instead of being built (the linker puts
 * __wrap_X in the place of X). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "device/device.h"
#include "device/kernel_source.h"

static ds_device_info gpu; /* what the device is described as */
static const char *folder, *variant;
static bool written;

const ds_device_info *__wrap_ds_device_about(const ds_device *device);
const ds_device_info *__wrap_ds_device_about(const ds_device *device) {
    (void)device;
    return &gpu;
}

static ds_status write_text(const char *kind, const char *text, size_t length) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.%s", folder, variant, kind);
    return ds_file_write(path, text, length);
}

ds_status __wrap_ds_program_build(ds_program **out, ds_device *device, const char *head,
                                  const char *const *files, int count, const char *options);
ds_status __wrap_ds_program_build(ds_program **out, ds_device *device, const char *head,
                                  const char *const *files, int count, const char *options) {
    ds_status status = DS_OK;
    ds_text source = {0};
    (void)out, (void)device;
    DS_TRY(ds_text_add(&source, "%s", head));
    for (int i = 0; i < count; i++)
        for (const ds_kernel_source *kernel = ds_kernel_sources; kernel->name; kernel++)
            if (strcmp(kernel->name, files[i]) == 0)
                DS_TRY(ds_text_add(&source, "#line 1 \"%s\"\n%s\n", files[i], kernel->text));
    DS_TRY(write_text("cl", source.characters, source.length));
    DS_TRY(write_text("options", options, strlen(options)));
    written = true;
    status =
        ds_fail(DS_DEVICE_FAILED, "", "written down, not built"); /* the trainer is not needed */

cleanup:
    ds_text_clear(&source);
    return status;
}

/* ---- what is trained ---- */

typedef struct network {
    const char *name;
    int inputs, outputs;
    int64_t classes; /* 0: numbers */
    const char *model, *training;
} network;

#define EVERY_LAYER                                                                                \
    "[{dense: 40}, sigmoid, {dense: 40}, hard_sigmoid, {dense: 40}, tanh, {dense: 40}, relu, "     \
    "{dense: 40}, leaky_relu, {dense: 40}, elu, {dense: 40}, gelu, {dense: 40}, silu, "            \
    "{dense: 40}, softplus, layer_norm, {dropout: 0.2}, {dense: 3}, softmax]"

/* Every file of kernels op by op, with all activations behind dense layers and with none; networks
 * in local and in global memory, with every loss and optimizer, every layer, and inputs so wide
 * that they decide where the tensors are. */
static const network networks[] = {
    {"ops", 8, 3, 0, EVERY_LAYER, "loss: mse, optimizer: {adam: {}}, clip: 1"},
    {"ops_apart", 8, 1, 3, "[{dense: 3}]",
     "loss: cross_entropy, optimizer: {sgd: {rate: 0.1}}, fuse: false"},
    {"network_smallest", 2, 1, 0, "[{dense: 2}, sigmoid, {dense: 1}, sigmoid]",
     "loss: mse, optimizer: {sgd: {rate: 0.1}}, batch: 1"},
    {"network_norms", 4, 2, 0,
     "[{dense: 8}, layer_norm, gelu, {dropout: 0.1}, {dense: 2}, softmax]",
     "loss: mae, optimizer: {adamw: {}}, clip: 1, batch: 16"},
    {"network_classes", 6, 1, 3, "[{dense: 12}, relu, {dense: 3}]",
     "loss: cross_entropy, optimizer: {rmsprop: {momentum: 0.9}}, batch: 32"},
    {"network_two_classes", 6, 1, 2, "[{dense: 12}, tanh, {dense: 1}, sigmoid]",
     "loss: binary_cross_entropy, optimizer: {adagrad: {}}, batch: 64"},
    {"network_wide", 24, 1, 0, "[{dense: 4}, elu, {dense: 1}]",
     "loss: huber, optimizer: {sgd: {rate: 0.1}}, batch: 64"},
    {"network_deep", 8, 3, 0, /* as many dense layers as a GPU is given in one kernel */
     "[{dense: 40}, hard_sigmoid, {dense: 40}, leaky_relu, {dense: 40}, silu, layer_norm, "
     "{dropout: 0.2}, {dense: 3}, softmax]",
     "loss: mse, optimizer: {adam: {}}, batch: 16"},
    {"network_global", 40, 2, 0, "[{dense: 60}, gelu, {dense: 40}, softplus, {dense: 2}]",
     "loss: mse, optimizer: {sgd: {rate: 0.1, momentum: 0.9}}, batch: 32"},
};

enum { ROWS = 64, COLUMNS = 64 };

static ds_status write_network(const network *n, ds_device *device) {
    static float x[ROWS * COLUMNS], y[ROWS * COLUMNS];
    ds_status status = DS_OK;
    ds_data *data = NULL;
    ds_model *model = NULL;
    ds_trainer *trainer = NULL;
    char training[300];
    for (int i = 0; i < ROWS; i++)
        y[i] = n->classes ? (float)(i % n->classes) : (float)(i % 2);
    variant = n->name;
    written = false;
    snprintf(training, sizeof training, "{%s}", n->training);
    DS_TRY(ds_data_from_arrays(&data, (ds_array){x, DS_ARRAY_FLOAT32, ROWS, n->inputs},
                               (ds_array){y, DS_ARRAY_FLOAT32, ROWS, n->outputs}, n->classes));
    DS_TRY(ds_model_create(&model, data, n->model, NULL, 1));
    status = ds_trainer_create(&trainer, model, data, device, training);
    if (written)
        status = DS_OK;

cleanup:
    ds_trainer_destroy(trainer);
    ds_model_destroy(model);
    ds_data_destroy(data);
    return status;
}

int main(int count, char **arguments) {
    ds_device *device = NULL;
    ds_status status = ds_device_open(&device, "auto");
    if (count != 2 || status != DS_OK) {
        fprintf(stderr, "usage: gpu_variants FOLDER, and any OpenCL device\n");
        return 2;
    }
    folder = arguments[1];
    ds_device_verify(device, false); /* else other kernels would follow those that are not built */
    gpu = (ds_device_info){.type = "gpu",
                           .compute_units = 32,
                           .group_size = 256,
                           .float_vector_width = 1,
                           .memory_bytes = 8ull << 30,
                           .allocation_bytes = 2ull << 30,
                           .local_bytes = 32 << 10, /* the least that OpenCL asks of a GPU */
                           .has_fma = true,
                           .available = true};
    for (size_t i = 0; i < sizeof networks / sizeof *networks && status == DS_OK; i++) {
        status = write_network(&networks[i], device);
        if (status == DS_OK && !written)
            status = ds_fail(DS_DEVICE_FAILED, "", "no program was asked for");
        if (status != DS_OK)
            fprintf(stderr, "%s: %s\n", networks[i].name, ds_last_error()->message);
    }
    ds_device_close(device);
    return status == DS_OK ? 0 : 1;
}
