/* Dense layer, defined in host/ops/dense.c: x (N, inputs), W (outputs, inputs), b (outputs),
 * y (N, outputs).
 *
 * Twice: with bounds, element by element, as the formula stands; without, in loops that a compiler
 * vectorizes and that reuse what is in cache, so that networks can be trained on the reference. */
#include <float.h>
#include <math.h>

#include "reference/bounded.h"

enum { TILE = 4 };

/* A walk through a matrix: element k is value[start + k * stride]. */
typedef struct line {
    ds_field field;
    int64_t start, stride;
} line;

static bool may_be_flushed(double v) {
    return v != 0 && fabs(v) < DS_TINY;
}

/* start + sum_k a_k b_k in any order, with fma or without, in float32: the bound is
 * gamma_(K+2) (|start| + sum |a_k b_k|), and what the arguments bring. A sum that is not finite is
 * so on the device, too, unless the finite terms may make an infinity of their own. */
static ds_bounded product(ds_bounded start, line a, line b, int64_t count) {
    double value = start.v, magnitude = isfinite(start.v) ? fabs(start.v) : 0, error = start.e;
    for (int64_t k = 0; k < count; k++) {
        int64_t i = a.start + k * a.stride, j = b.start + k * b.stride;
        double p = a.field.value[i], p_error = a.field.bound ? a.field.bound[i] : 0;
        double q = b.field.value[j], q_error = b.field.bound ? b.field.bound[j] : 0;
        double term = p * q;
        value += term;
        magnitude += isfinite(term) ? fabs(term) : 0;
        if (p_error > 0 || q_error > 0)
            error += fabs(p) * q_error + fabs(q) * p_error + p_error * q_error;
        if (may_be_flushed(p) || may_be_flushed(q))
            error += fabs(term);
    }
    if (magnitude > FLT_MAX)
        error = INFINITY;
    if (magnitude > 0)
        error += ds_gamma((double)count + 2) * magnitude + ((double)count + 1) * DS_TINY;
    ds_sum sum = {value, magnitude, error, 1};
    return ds_sum_total(&sum);
}

/* Puts a product, added to what is there where the op accumulates. */
static void put_product(ds_field f, int64_t index, line a, line b, int64_t count) {
    ds_bounded start = f.accumulates ? ds_get(f, index) : ds_exact(0);
    f.accumulates = false;
    ds_put(f, index, product(start, a, b, count));
}

/* ---- without bounds ---- */

/* out[s] = sum_k x[s][k] w[k] for TILE rows s of x, `stride` apart. */
static void dot_tile(double out[TILE], const double *x, int64_t stride, const double *w,
                     int64_t count) {
    double lane[TILE][TILE] = {{0}};
    int64_t k = 0;
    for (; k + TILE <= count; k += TILE)
        for (int s = 0; s < TILE; s++)
            for (int l = 0; l < TILE; l++)
                lane[s][l] += x[s * stride + k + l] * w[k + l];
    for (; k < count; k++)
        for (int s = 0; s < TILE; s++)
            lane[s][0] += x[s * stride + k] * w[k];
    for (int s = 0; s < TILE; s++)
        out[s] = (lane[s][0] + lane[s][1]) + (lane[s][2] + lane[s][3]);
}

static double dot(const double *x, const double *w, int64_t count) {
    double sum = 0;
    for (int64_t k = 0; k < count; k++)
        sum += x[k] * w[k];
    return sum;
}

/* out[i] += sum_r factor[r * factor_stride] row[r][i] over `rows` rows. */
static void add_rows(double *restrict out, const double *factor, int64_t factor_stride,
                     const double *restrict row, int64_t rows, int64_t columns) {
    int64_t r = 0;
    for (; r + TILE <= rows; r += TILE, row += TILE * columns) {
        double f0 = factor[r * factor_stride], f1 = factor[(r + 1) * factor_stride],
               f2 = factor[(r + 2) * factor_stride], f3 = factor[(r + 3) * factor_stride];
        for (int64_t i = 0; i < columns; i++)
            out[i] += (f0 * row[i] + f1 * row[columns + i]) +
                      (f2 * row[2 * columns + i] + f3 * row[3 * columns + i]);
    }
    for (; r < rows; r++, row += columns)
        for (int64_t i = 0; i < columns; i++)
            out[i] += factor[r * factor_stride] * row[i];
}

static void clear(ds_field f) {
    for (int64_t i = 0; i < f.count && !f.accumulates; i++)
        f.value[i] = 0;
}

/* ---- both ---- */

void ds_reference_dense_forward(const ds_reference_call *call) {
    ds_field x = ds_input(call, 0), w = ds_input(call, 1), b = ds_input(call, 2);
    ds_field y = ds_output(call, 0);
    int64_t samples = call->pass->count, outputs = y.count / samples, inputs = x.count / samples;
    if (y.bound) {
        for (int64_t n = 0; n < samples; n++)
            for (int64_t o = 0; o < outputs; o++) {
                ds_bounded start = b.value ? ds_get(b, o) : ds_exact(0);
                ds_put(y, n * outputs + o,
                       product(start, (line){x, n * inputs, 1}, (line){w, o * inputs, 1}, inputs));
            }
        return;
    }
    for (int64_t n = 0; n < samples; n += TILE)
        for (int64_t o = 0; o < outputs; o++) {
            double sum[TILE];
            int64_t rows = samples - n < TILE ? samples - n : TILE;
            if (rows == TILE)
                dot_tile(sum, x.value + n * inputs, inputs, w.value + o * inputs, inputs);
            for (int64_t s = 0; s < rows; s++) {
                if (rows < TILE)
                    sum[s] = dot(x.value + (n + s) * inputs, w.value + o * inputs, inputs);
                y.value[(n + s) * outputs + o] = sum[s] + (b.value ? b.value[o] : 0);
            }
        }
}

static void bounded_backward(ds_field dy, ds_field x, ds_field w, ds_field dx, ds_field dw,
                             ds_field db, int64_t samples) {
    int64_t outputs = dy.count / samples;
    int64_t inputs = (x.value ? x.count : dx.count) / samples;
    for (int64_t n = 0; n < samples && dx.value; n++)
        for (int64_t i = 0; i < inputs; i++)
            put_product(dx, n * inputs + i, (line){dy, n * outputs, 1}, (line){w, i, inputs},
                        outputs);
    for (int64_t o = 0; o < outputs; o++) {
        for (int64_t i = 0; i < inputs && dw.value; i++)
            put_product(dw, o * inputs + i, (line){dy, o, outputs}, (line){x, i, inputs}, samples);
        ds_sum sum = {0};
        for (int64_t n = 0; n < samples; n++)
            ds_sum_add(&sum, ds_get(dy, n * outputs + o));
        ds_put_sum(db, o, sum);
    }
}

void ds_reference_dense_backward(const ds_reference_call *call) {
    ds_field dy = ds_input(call, 0), x = ds_input(call, 1), w = ds_input(call, 4);
    ds_field dx = ds_output(call, 0), dw = ds_output(call, 1), db = ds_output(call, 2);
    int64_t samples = call->pass->count, outputs = dy.count / samples;
    if (dx.bound || dw.bound || db.bound) {
        bounded_backward(dy, x, w, dx, dw, db, samples);
        return;
    }
    if (dx.value) {
        int64_t inputs = dx.count / samples;
        clear(dx);
        for (int64_t o = 0; o < outputs; o += TILE) { /* TILE rows of W stay in cache */
            int64_t rows = outputs - o < TILE ? outputs - o : TILE;
            for (int64_t n = 0; n < samples; n++)
                add_rows(dx.value + n * inputs, dy.value + n * outputs + o, 1, w.value + o * inputs,
                         rows, inputs);
        }
    }
    if (dw.value) {
        int64_t inputs = x.count / samples;
        clear(dw);
        for (int64_t o = 0; o < outputs; o++)
            add_rows(dw.value + o * inputs, dy.value + o, outputs, x.value, samples, inputs);
    }
    if (db.value) {
        clear(db);
        for (int64_t n = 0; n < samples; n++)
            for (int64_t o = 0; o < outputs; o++)
                db.value[o] += dy.value[n * outputs + o];
    }
}
