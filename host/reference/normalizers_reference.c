/* softmax, dropout and layer_norm, defined in host/ops/normalizers.c. */
#include <math.h>

#include "base/random.h"
#include "reference/bounded.h"

/* ---- softmax ---- */

void ds_reference_softmax_forward(const ds_reference_call *call) {
    ds_field x = ds_input(call, 0), y = ds_output(call, 0);
    int64_t columns = y.count / call->pass->count;
    for (int64_t row = 0; row < y.count; row += columns) {
        ds_bounded largest = ds_exact(-INFINITY);
        for (int64_t j = row; j < row + columns; j++)
            if (!isnan(ds_get(x, j).v))
                largest = ds_max(largest, ds_get(x, j));
        ds_sum sum = {0};
        for (int64_t j = row; j < row + columns; j++) {
            ds_bounded power = ds_exp(ds_sub(ds_get(x, j), largest));
            ds_sum_add(&sum, power);
            ds_put(y, j, power);
        }
        for (int64_t j = row; j < row + columns; j++)
            ds_put(y, j, ds_div(ds_get(y, j), ds_sum_total(&sum)));
    }
}

void ds_reference_softmax_backward(const ds_reference_call *call) {
    ds_field dy = ds_input(call, 0), y = ds_input(call, 2), dx = ds_output(call, 0);
    int64_t columns = dy.count / call->pass->count;
    for (int64_t row = 0; row < dy.count; row += columns) {
        ds_sum sum = {0};
        for (int64_t j = row; j < row + columns; j++)
            ds_sum_add(&sum, ds_mul(ds_get(dy, j), ds_get(y, j)));
        ds_bounded mean = ds_sum_total(&sum);
        for (int64_t j = row; j < row + columns; j++)
            ds_put(dx, j, ds_mul(ds_get(y, j), ds_sub(ds_get(dy, j), mean)));
    }
}

/* ---- dropout ---- */

static bool dropped(const ds_reference_call *call, int64_t sample, int64_t unit) {
    const ds_pass *pass = call->pass;
    uint32_t bits[4];
    ds_philox(bits, pass->seed, (uint32_t)(DS_STREAM_DROPOUT + 256 * call->op->layer),
              (uint32_t)(unit / 4), (uint32_t)(pass->position + sample),
              ds_update_number(pass->update));
    return bits[unit % 4] < call->op->attribute[0] * 0x1p32;
}

/* Forward and backward are the same: every element is dropped or scaled. */
static void drop(const ds_reference_call *call) {
    ds_field in = ds_input(call, 0), out = ds_output(call, 0);
    int64_t units = in.count / call->pass->count;
    double probability = call->op->attribute[0];
    ds_bounded scale = ds_rounded(1 / (1 - probability));
    for (int64_t i = 0; i < in.count; i++) {
        if (!call->pass->training)
            ds_put(out, i, ds_get(in, i));
        else if (dropped(call, i / units, i % units))
            ds_put(out, i, ds_exact(0));
        else
            ds_put(out, i, ds_mul(ds_get(in, i), scale));
    }
}

void ds_reference_dropout_forward(const ds_reference_call *call) {
    drop(call);
}

void ds_reference_dropout_backward(const ds_reference_call *call) {
    drop(call);
}

/* ---- layer_norm ---- */

enum { MEAN, INVERSE, SAVED };

static ds_bounded divided(const ds_sum *sum, int64_t count) {
    ds_bounded total = ds_sum_total(sum);
    return count == 1 ? total : ds_div(total, ds_exact((double)count));
}

static ds_bounded normalized(ds_bounded x, ds_field saved, int64_t n) {
    ds_bounded mean = ds_get(saved, SAVED * n + MEAN);
    return ds_mul(ds_sub(x, mean), ds_get(saved, SAVED * n + INVERSE));
}

void ds_reference_layer_norm_forward(const ds_reference_call *call) {
    ds_field x = ds_input(call, 0), w = ds_input(call, 1), b = ds_input(call, 2);
    ds_field y = ds_output(call, 0), saved = ds_output(call, 1);
    int64_t columns = y.count / call->pass->count;
    for (int64_t n = 0; n < call->pass->count; n++) {
        ds_sum sum = {0}, squares = {0};
        for (int64_t j = 0; j < columns; j++)
            ds_sum_add(&sum, ds_get(x, n * columns + j));
        ds_bounded mean = divided(&sum, columns);
        for (int64_t j = 0; j < columns; j++) {
            ds_bounded distance = ds_sub(ds_get(x, n * columns + j), mean);
            ds_sum_add(&squares, ds_mul(distance, distance));
        }
        ds_bounded variance = divided(&squares, columns);
        ds_bounded inverse =
            ds_div(ds_exact(1), ds_sqrt(ds_add(variance, ds_rounded(call->op->attribute[0]))));
        ds_put(saved, SAVED * n + MEAN, mean);
        ds_put(saved, SAVED * n + INVERSE, inverse);
        for (int64_t j = 0; j < columns; j++) {
            int64_t i = n * columns + j;
            ds_bounded hat = ds_mul(ds_sub(ds_get(x, i), mean), inverse);
            ds_put(y, i, ds_add(ds_mul(hat, ds_get(w, j)), ds_get(b, j)));
        }
    }
}

static void input_gradient(ds_field dy, ds_field x, ds_field saved, ds_field w, ds_field dx,
                           int64_t rows, int64_t columns) {
    for (int64_t n = 0; n < rows; n++) {
        ds_sum sum = {0}, product = {0};
        for (int64_t j = 0; j < columns; j++) {
            ds_bounded g = ds_mul(ds_get(dy, n * columns + j), ds_get(w, j));
            ds_sum_add(&sum, g);
            ds_sum_add(&product, ds_mul(g, normalized(ds_get(x, n * columns + j), saved, n)));
        }
        ds_bounded mean = divided(&sum, columns), slope = divided(&product, columns);
        for (int64_t j = 0; j < columns; j++) {
            int64_t i = n * columns + j;
            ds_bounded g = ds_mul(ds_get(dy, i), ds_get(w, j));
            ds_bounded along = ds_mul(normalized(ds_get(x, i), saved, n), slope);
            ds_put(dx, i,
                   ds_mul(ds_get(saved, SAVED * n + INVERSE), ds_sub(ds_sub(g, mean), along)));
        }
    }
}

void ds_reference_layer_norm_backward(const ds_reference_call *call) {
    ds_field dy = ds_input(call, 0), x = ds_input(call, 1), saved = ds_input(call, 3);
    ds_field w = ds_input(call, 4);
    ds_field dx = ds_output(call, 0), dw = ds_output(call, 1), db = ds_output(call, 2);
    int64_t rows = call->pass->count, columns = dy.count / rows;
    if (dx.value)
        input_gradient(dy, x, saved, w, dx, rows, columns);
    for (int64_t j = 0; j < columns; j++) {
        ds_sum gain = {0}, shift = {0};
        for (int64_t n = 0; n < rows; n++) {
            ds_bounded g = ds_get(dy, n * columns + j);
            ds_sum_add(&gain, ds_mul(g, normalized(ds_get(x, n * columns + j), saved, n)));
            ds_sum_add(&shift, g);
        }
        ds_put_sum(dw, j, gain);
        ds_put_sum(db, j, shift);
    }
}
