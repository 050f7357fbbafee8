/* Layer normalization of a row (Ba, Kiros, Hinton, "Layer Normalization", 2016; torch.nn.LayerNorm
 * over all of a sample): x, y, dy, dx (rows, columns), w, b, dw, db (columns), saved (rows, 2).
 *
 *     mean = sum_j x_j / K, r = 1 / sqrt(sum_j (x_j - mean)^2 / K + epsilon); saved = (mean, r)
 *     xhat_j = (x_j - mean) r, y_j = w_j xhat_j + b_j
 *     g_j = dy_j w_j, dx_j = r (g_j - mean_k g_k - xhat_j mean_k g_k xhat_k)
 *     dw_j = sum_n dy_j xhat_j, db_j = sum_n dy_j
 *
 * The variance takes a second pass over the row: the mean of squares less the square of the mean
 * loses everything where the mean is large. */

void layer_norm_forward_row(ROW_SCRATCH SPACE const REAL *x, SPACE const float *w,
                            SPACE const float *b, SPACE REAL *y, SPACE REAL *saved, uint columns,
                            float epsilon) {
    REAL sum = 0.0f;
    EACH_COLUMN(j, columns, sum += x[AT(j)];)
    const REAL mean = QUOTIENT(ROW_SUM(sum), (float)columns);

    REAL squares = 0.0f;
    EACH_COLUMN(j, columns, squares += (x[AT(j)] - mean) * (x[AT(j)] - mean);)
    const REAL variance = QUOTIENT(ROW_SUM(squares), (float)columns);
    const REAL inverse = QUOTIENT(1.0f, sqrt(variance + epsilon));

    EACH_COLUMN(j, columns, y[AT(j)] = (x[AT(j)] - mean) * inverse * w[j] + b[j];)
    if (ROW_IS_MINE(0)) {
        saved[AT(0)] = mean;
        saved[AT(1)] = inverse;
    }
}

void layer_norm_backward_row(ROW_SCRATCH SPACE const REAL *dy, SPACE const REAL *x,
                             SPACE const REAL *saved, SPACE const float *w, SPACE REAL *dx,
                             uint columns, uint accumulate) {
    const REAL mean = saved[AT(0)], inverse = saved[AT(1)];
    REAL sum = 0.0f, product = 0.0f;
    EACH_COLUMN(j, columns, {
        const REAL g = dy[AT(j)] * w[j];
        sum += g;
        product += g * ((x[AT(j)] - mean) * inverse);
    })
    const REAL g_mean = QUOTIENT(ROW_SUM(sum), (float)columns);
    const REAL g_slope = QUOTIENT(ROW_SUM(product), (float)columns);

    EACH_COLUMN(j, columns, {
        const REAL hat = (x[AT(j)] - mean) * inverse;
        put(dx, AT(j), inverse * (dy[AT(j)] * w[j] - g_mean - hat * g_slope), accumulate);
    })
}

#ifndef NETWORK

/* One group a row, or one item. */
kernel void layer_norm_forward(global const float *x, ulong x0, global const float *w, ulong w0,
                               global const float *b, ulong b0, global float *y, ulong y0,
                               global float *saved, ulong saved0, uint rows, uint columns,
                               float epsilon) {
    ROW_BEGIN(n, rows)
    layer_norm_forward_row(ROW_SCRATCH_ARGUMENT x + x0 + n * columns, w + w0, b + b0,
                           y + y0 + n * columns, saved + saved0 + 2 * n, columns, epsilon);
}

kernel void layer_norm_backward(global const float *dy, ulong dy0, global const float *x, ulong x0,
                                global const float *saved, ulong saved0, global const float *w,
                                ulong w0, global float *dx, ulong dx0, uint rows, uint columns,
                                uint accumulate) {
    ROW_BEGIN(n, rows)
    layer_norm_backward_row(ROW_SCRATCH_ARGUMENT dy + dy0 + n * columns, x + x0 + n * columns,
                            saved + saved0 + 2 * n, w + w0, dx + dx0 + n * columns, columns,
                            accumulate);
}

/* One work-item for WIDTH columns: neighbours read neighbours. */
kernel void layer_norm_backward_parameters(global const float *dy, ulong dy0, global const float *x,
                                           ulong x0, global const float *saved, ulong saved0,
                                           global float *dw, ulong dw0, global float *db, ulong db0,
                                           uint rows, uint columns, uint accumulate) {
    const uint j = get_global_id(0) * WIDTH;
    if (j >= columns)
        return;
    dy += dy0;
    x += x0;
    saved += saved0;
    dw += dw0;
    db += db0;
    WIDE gain = 0.0f, shift = 0.0f;
    IN_ORDER for (uint n = 0; n < rows; n++, dy += columns, x += columns, saved += 2) {
        const WIDE g = wide_get(dy, j, columns);
        gain += g * ((wide_get(x, j, columns) - saved[0]) * saved[1]);
        shift += g;
    }
    wide_put(accumulate ? wide_get(dw, j, columns) + gain : gain, dw, j, columns);
    wide_put(accumulate ? wide_get(db, j, columns) + shift : shift, db, j, columns);
}

#endif
