/* Dense layer, defined in host/ops/dense.c: x (N, inputs), W (outputs, inputs), b (outputs),
 * y (N, outputs).
 *
 * Values come from loops that a compiler vectorizes and that reuse what is in cache, so that
 * networks can be trained on the reference; bounds from norms of rows and columns. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "reference/bounded.h"

enum { TILE = 4 };

/* ---- values ---- */

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

/* ---- bounds ---- */

/* A walk through a matrix, of which element k is value[start + k stride], and what the bound of a
 * product with another depends on. */
typedef struct line {
    ds_field field;
    int64_t start, stride, count;
    double sum, norm, most; /* of its numbers' magnitudes */
    double error;           /* the norm of their errors */
    bool finite;
    ds_terms terms;
} line;

static bool may_be_flushed(double v) {
    return v != 0 && fabs(v) < DS_TINY;
}

static line measure(ds_field field, int64_t start, int64_t stride, int64_t count) {
    line l = {field, start, stride, count, 0, 0, 0, 0, true, {0}};
    for (int64_t k = 0; k < count; k++) {
        double v = field.value[start + k * stride], size = fabs(v);
        double error = field.bound ? field.bound[start + k * stride] : 0;
        error += may_be_flushed(v) ? size : 0;
        l.sum += size;
        l.norm += size * size;
        l.most = size > l.most ? size : l.most;
        l.error += error * error;
        l.finite = l.finite && size <= FLT_MAX && error <= FLT_MAX;
        ds_terms_add(&l.terms, v);
        l.terms.doubtful += v == 0 && error > 0;
    }
    l.norm = sqrt(l.norm);
    l.error = sqrt(l.error);
    return l;
}

/* start + sum_k a_k b_k where some are not finite. A sum that is not so is not on the device, too,
 * unless the finite terms may make an infinity of their own. */
static ds_bounded sum_of_terms(ds_bounded start, const line *a, const line *b) {
    double value = start.v, magnitude = isfinite(start.v) ? fabs(start.v) : 0, error = start.e;
    for (int64_t k = 0; k < a->count; k++) {
        ds_bounded p = ds_get(a->field, a->start + k * a->stride);
        ds_bounded q = ds_get(b->field, b->start + k * b->stride);
        double term = p.v * q.v;
        value += term;
        magnitude += isfinite(term) ? fabs(term) : 0;
        if (p.e > 0 || q.e > 0)
            error += fabs(p.v) * q.e + fabs(q.v) * p.e + p.e * q.e;
        if (may_be_flushed(p.v) || may_be_flushed(q.v))
            error += fabs(term);
    }
    if (magnitude > FLT_MAX)
        error = INFINITY;
    if (magnitude > 0)
        error += ds_gamma((double)a->count + 2) * magnitude + ((double)a->count + 1) * DS_TINY;
    return ds_sum_total(&(ds_sum){value, magnitude, error, {.count = 1}});
}

/* start + sum_k a_k b_k = value, in any order, with fma or without. It has no more terms than both
 * have numbers that are not 0, and each is rounded once more, as a product; its magnitude is bounded
 * by Hölder's inequality. */
static ds_bounded sum_of_products(double value, ds_bounded start, const line *a, const line *b) {
    if (!a->finite || !b->finite || !isfinite(start.v))
        return sum_of_terms(start, a, b);
    double magnitude = fmin(a->norm * b->norm, fmin(a->sum * b->most, a->most * b->sum));
    double roundings = fmin((double)(a->terms.count + a->terms.doubtful),
                            (double)(b->terms.count + b->terms.doubtful)) +
                       2;
    double error = start.e + a->norm * b->error + a->error * (b->norm + b->error);
    ds_sum sum = {value, fmax(magnitude * (1 + 1e-9) + fabs(start.v), fabs(value)), error, {0}};
    ds_terms_add(&sum.terms, start.v);
    int unit = a->terms.unit + b->terms.unit;
    if (start.v == 0 || unit < sum.terms.unit)
        sum.terms.unit = unit;
    if (error == 0 && ds_sum_is_exact(sum.terms.unit, sum.magnitude))
        return ds_exact(value);
    int64_t again[] = {ds_terms_again(&a->terms), ds_terms_again(&b->terms)};
    const double most = sum.magnitude + error;
    const int64_t recur = again[0] < again[1] ? again[0] : again[1];
    sum.error += ds_sum_error(roundings, recur, value, most) + roundings * DS_TINY;
    if (most > FLT_MAX)
        sum.error = INFINITY;
    sum.terms = (ds_terms){.count = 1}; /* all its roundings are counted */
    return ds_sum_total(&sum);
}

/* Which rows of a product, which would take so many multiply-adds, are computed. */
static int64_t stride_of(const ds_reference_call *call, double multiplications) {
    double most = call->memory->most;
    return most > 0 && multiplications > most ? 2 * (int64_t)(multiplications / most / 2) + 1 : 1;
}

static bool is_left_out(int64_t row, int64_t rows, int64_t stride) {
    return row / TILE % stride != 0 && row / TILE != (rows - 1) / TILE;
}

/* A matrix, whose rows or columns are lines. */
typedef struct matrix {
    ds_field field;
    int64_t lines, step, stride, count;
} matrix;

static ds_status measure_all(line **out, const matrix *m) {
    DS_CHECK(ds_new(out, (size_t)m->lines, sizeof **out));
    for (int64_t i = 0; i < m->lines; i++)
        (*out)[i] = measure(m->field, i * m->step, m->stride, m->count);
    return DS_OK;
}

/* The bounds of c = start + a b^T, of which the values are there; without memory for that none but
 * infinite ones. `before`: what c held, where it was added to; else it began with `bias`, if there
 * is one. */
static void bound_product(ds_field c, const double *before, ds_field bias, matrix a, matrix b,
                          int64_t stride) {
    line *row = NULL, *column = NULL;
    bool measured = measure_all(&row, &a) == DS_OK && measure_all(&column, &b) == DS_OK &&
                    (before || !c.accumulates);
    for (int64_t i = 0; i < c.count; i++) {
        ds_bounded start = bias.value ? ds_get(bias, i % b.lines) : ds_exact(0), product;
        if (c.accumulates && before)
            start = (ds_bounded){before[i], c.bound[i]};
        if (is_left_out(i / b.lines, a.lines, stride)) {
            c.value[i] = 0;
            c.bound[i] = INFINITY;
            continue;
        }
        product = measured
                      ? sum_of_products(c.value[i], start, &row[i / b.lines], &column[i % b.lines])
                      : (ds_bounded){c.value[i], INFINITY};
        c.value[i] = product.v;
        c.bound[i] = product.e;
    }
    ds_free(row);
    ds_free(column);
}

/* A copy of a field before it is added to; the caller frees it with ds_free. */
static double *held(ds_field f) {
    double *copy = NULL;
    if (f.value && f.bound && f.accumulates &&
        ds_new(&copy, (size_t)f.count, sizeof *copy) == DS_OK)
        memcpy(copy, f.value, (size_t)f.count * sizeof *copy);
    return copy;
}

/* ---- the operation ---- */

void ds_reference_dense_forward(const ds_reference_call *call) {
    ds_field x = ds_input(call, 0), w = ds_input(call, 1), b = ds_input(call, 2);
    ds_field y = ds_output(call, 0);
    int64_t samples = call->pass->count, outputs = y.count / samples, inputs = x.count / samples;
    int64_t stride = stride_of(call, (double)y.count * (double)inputs);
    for (int64_t n = 0; n < samples; n += TILE)
        for (int64_t o = 0; o < outputs && !is_left_out(n, samples, stride); o++) {
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
    if (y.bound)
        bound_product(y, NULL, b, (matrix){x, samples, inputs, 1, inputs},
                      (matrix){w, outputs, inputs, 1, inputs}, stride);
}

static void sum_samples(ds_field dy, ds_field db, int64_t samples) {
    int64_t outputs = dy.count / samples;
    for (int64_t o = 0; o < outputs && db.bound; o++) {
        ds_sum sum = {0};
        for (int64_t n = 0; n < samples; n++)
            ds_sum_add(&sum, ds_get(dy, n * outputs + o));
        ds_put_sum(db, o, sum);
    }
    if (db.bound)
        return;
    clear(db);
    for (int64_t n = 0; n < samples; n++)
        for (int64_t o = 0; o < outputs; o++)
            db.value[o] += dy.value[n * outputs + o];
}

void ds_reference_dense_backward(const ds_reference_call *call) {
    const ds_field none = {NULL, NULL, 0, false};
    ds_field dy = ds_input(call, 0), x = ds_input(call, 1), w = ds_input(call, 4);
    ds_field dx = ds_output(call, 0), dw = ds_output(call, 1), db = ds_output(call, 2);
    int64_t samples = call->pass->count, outputs = dy.count / samples;
    int64_t inputs = (x.value ? x.count : dx.count) / samples;
    int64_t stride = stride_of(call, (double)dy.count * (double)inputs);
    double *dx_before = held(dx), *dw_before = held(dw);
    if (dx.value) {
        clear(dx);
        for (int64_t o = 0; o < outputs; o += TILE) { /* TILE rows of W stay in cache */
            int64_t rows = outputs - o < TILE ? outputs - o : TILE;
            for (int64_t n = 0; n < samples; n++)
                if (!is_left_out(n, samples, stride))
                    add_rows(dx.value + n * inputs, dy.value + n * outputs + o, 1,
                             w.value + o * inputs, rows, inputs);
        }
    }
    if (dx.bound)
        bound_product(dx, dx_before, none, (matrix){dy, samples, outputs, 1, outputs},
                      (matrix){w, inputs, 1, inputs, outputs}, stride);
    if (dw.value) {
        clear(dw);
        for (int64_t o = 0; o < outputs; o++)
            if (!is_left_out(o, outputs, stride))
                add_rows(dw.value + o * inputs, dy.value + o, outputs, x.value, samples, inputs);
    }
    if (dw.bound)
        bound_product(dw, dw_before, none, (matrix){dy, outputs, 1, outputs, samples},
                      (matrix){x, inputs, 1, inputs, samples}, stride);
    if (db.value)
        sum_samples(dy, db, samples);
    ds_free(dx_before);
    ds_free(dw_before);
}
