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

kernel void layer_norm_forward(global const float *x, ulong x0, global const float *w, ulong w0,
                               global const float *b, ulong b0, global float *y, ulong y0,
                               global float *saved, ulong saved0, uint rows, uint columns,
                               float epsilon) {
    local float scratch[GROUP];
    const uint item = get_local_id(0);
    const uint n = get_group_id(0);
    x += x0 + (ulong)n * columns;
    y += y0 + (ulong)n * columns;
    w += w0;
    b += b0;

    float sum = 0.0f;
    for (uint j = item; j < columns; j += GROUP)
        sum += x[j];
    const float mean = group_sum(scratch, sum) / (float)columns;

    float squares = 0.0f;
    for (uint j = item; j < columns; j += GROUP)
        squares += (x[j] - mean) * (x[j] - mean);
    const float variance = group_sum(scratch, squares) / (float)columns;
    const float inverse = 1.0f / sqrt(variance + epsilon);

    for (uint j = item; j < columns; j += GROUP)
        y[j] = (x[j] - mean) * inverse * w[j] + b[j];
    if (item == 0) {
        saved[saved0 + 2 * n] = mean;
        saved[saved0 + 2 * n + 1] = inverse;
    }
}

kernel void layer_norm_backward(global const float *dy, ulong dy0, global const float *x, ulong x0,
                                global const float *saved, ulong saved0, global const float *w,
                                ulong w0, global float *dx, ulong dx0, uint rows, uint columns,
                                uint accumulate) {
    local float scratch[GROUP];
    const uint item = get_local_id(0);
    const uint n = get_group_id(0);
    dy += dy0 + (ulong)n * columns;
    x += x0 + (ulong)n * columns;
    dx += dx0 + (ulong)n * columns;
    w += w0;
    const float mean = saved[saved0 + 2 * n], inverse = saved[saved0 + 2 * n + 1];

    float sum = 0.0f, product = 0.0f;
    for (uint j = item; j < columns; j += GROUP) {
        const float g = dy[j] * w[j];
        sum += g;
        product += g * ((x[j] - mean) * inverse);
    }
    const float g_mean = group_sum(scratch, sum) / (float)columns;
    const float g_slope = group_sum(scratch, product) / (float)columns;

    for (uint j = item; j < columns; j += GROUP) {
        const float hat = (x[j] - mean) * inverse;
        put(dx, j, inverse * (dy[j] * w[j] - g_mean - hat * g_slope), accumulate);
    }
}

/* One work-item a column: neighbours read neighbours. */
kernel void layer_norm_backward_parameters(global const float *dy, ulong dy0, global const float *x,
                                           ulong x0, global const float *saved, ulong saved0,
                                           global float *dw, ulong dw0, global float *db, ulong db0,
                                           uint rows, uint columns, uint accumulate) {
    const uint j = get_global_id(0);
    if (j >= columns)
        return;
    dy += dy0 + j;
    x += x0 + j;
    saved += saved0;
    float gain = 0.0f, shift = 0.0f;
    for (uint n = 0; n < rows; n++) {
        const float g = dy[(ulong)n * columns];
        gain += g * ((x[(ulong)n * columns] - saved[2 * n]) * saved[2 * n + 1]);
        shift += g;
    }
    put(dw + dw0, j, gain, accumulate);
    put(db + db0, j, shift, accumulate);
}
