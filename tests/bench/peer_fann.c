/* FANN, which trains one sample at a time. Usage:
 *     peer_fann SECONDS WARM_EPOCHS RATE ACTIVATION OUTPUT ROWS X.npy y.npy WIDTH...
 * FANN 2 has no ReLU; its piecewise linear function costs the same and stands for it. */
#include <fann.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

static void quit(const char *what, const char *name) {
    fprintf(stderr, "%s%s\n", what, name);
    exit(EXIT_FAILURE);
}

/* Version 1 of the format: ten bytes, the last two of which hold the length of the text behind. */
static float *read_npy(const char *path, size_t count) {
    unsigned char head[10];
    float *values = malloc(count * sizeof *values);
    FILE *file = fopen(path, "rb");
    if (!values || !file || fread(head, 1, 10, file) != 10 ||
        fseek(file, head[8] + 256 * head[9], SEEK_CUR) != 0 ||
        fread(values, sizeof *values, count, file) != count)
        quit("cannot be read: ", path);
    fclose(file);
    return values;
}

static enum fann_activationfunc_enum activation(const char *name) {
    return strcmp(name, "sigmoid") == 0 ? FANN_SIGMOID
           : strcmp(name, "tanh") == 0  ? FANN_SIGMOID_SYMMETRIC
           : strcmp(name, "relu") == 0  ? FANN_LINEAR_PIECE
                                        : FANN_LINEAR;
}

/* 1 / (1 + exp(-2 s x)) and tanh(s x) are what FANN computes with steepness s. */
static float steepness(const char *name) {
    return strcmp(name, "sigmoid") == 0 ? 0.5F : 1.0F;
}

typedef struct data {
    size_t rows, inputs, outputs, *order;
    float *x, *y;
} data;

static void train(struct fann *network, const data *d, long epochs) {
    for (; epochs > 0; epochs--) {
        for (size_t i = d->rows - 1; i > 0; i--) {
            size_t other = (size_t)random() % (i + 1), kept = d->order[i];
            d->order[i] = d->order[other];
            d->order[other] = kept;
        }
        for (size_t i = 0; i < d->rows; i++)
            fann_train(network, d->x + d->order[i] * d->inputs, d->y + d->order[i] * d->outputs);
    }
}

static double mean_loss(struct fann *network, const data *d) {
    double sum = 0;
    for (size_t i = 0; i < d->rows; i++) {
        const fann_type *out = fann_run(network, d->x + i * d->inputs);
        for (size_t k = 0; k < d->outputs; k++) {
            double error = (double)out[k] - (double)d->y[i * d->outputs + k];
            sum += error * error;
        }
    }
    return sum / (double)(d->rows * d->outputs);
}

int main(int count, char **arguments) {
    unsigned widths[64];
    int layers = count - 9;
    if (layers < 2 || layers > 64)
        quit("usage: peer_fann SECONDS WARM_EPOCHS RATE ACTIVATION OUTPUT ROWS X.npy y.npy ",
             "WIDTH...");
    for (int i = 0; i < layers; i++)
        widths[i] = (unsigned)strtoul(arguments[9 + i], NULL, 10);
    double seconds = strtod(arguments[1], NULL), took = 0;
    data d = {.rows = strtoul(arguments[6], NULL, 10),
              .inputs = widths[0],
              .outputs = widths[layers - 1]};
    d.x = read_npy(arguments[7], d.rows * d.inputs);
    d.y = read_npy(arguments[8], d.rows * d.outputs);
    d.order = malloc(d.rows * sizeof *d.order);
    struct fann *network = fann_create_standard_array((unsigned)layers, widths);
    if (!network || !d.order)
        quit("no memory", "");
    for (size_t i = 0; i < d.rows; i++)
        d.order[i] = i;
    fann_set_activation_function_hidden(network, activation(arguments[4]));
    fann_set_activation_steepness_hidden(network, steepness(arguments[4]));
    fann_set_activation_function_output(network, activation(arguments[5]));
    fann_set_activation_steepness_output(network, steepness(arguments[5]));
    fann_set_training_algorithm(network, FANN_TRAIN_INCREMENTAL);
    fann_set_learning_rate(network, strtof(arguments[3], NULL));
    srandom(1);
    train(network, &d, strtol(arguments[2], NULL, 10));
    double loss = mean_loss(network, &d);
    long epochs = 1;
    for (; took < seconds; epochs *= took < seconds ? 2 : 1) {
        double begin = clock_now();
        train(network, &d, epochs);
        took = clock_now() - begin;
    }
    printf("{\"samples_per_second\": %.9g, \"loss\": %.9g, \"memory_mib\": %.9g, "
           "\"version\": \"FANN " FANN_VERSION "\"}\n",
           (double)epochs * (double)d.rows / took, loss, peak_memory());
    fann_destroy(network);
    free(d.order);
    free(d.x);
    free(d.y);
    return 0;
}
