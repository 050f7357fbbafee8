/* softmax over the columns of a row, one group a row; x, y, dy, dx (rows, columns).
 *
 *     y_j = exp(x_j - m) / sum_k exp(x_k - m), m = max_k x_k       (so that no exponential overflows)
 *     dx_j = y_j (dy_j - sum_k dy_k y_k)
 *
 * Definition: torch.nn.Softmax over the last dimension. */

kernel void softmax_forward(global const float *x, ulong x0, global float *y, ulong y0, uint rows,
                            uint columns) {
    local float scratch[GROUP];
    const uint item = get_local_id(0);
    const ulong row = (ulong)get_group_id(0) * columns;
    x += x0 + row;
    y += y0 + row;

    float largest = -INFINITY;
    for (uint j = item; j < columns; j += GROUP)
        largest = fmax(largest, x[j]);
    largest = group_max(scratch, largest);

    float sum = 0.0f;
    for (uint j = item; j < columns; j += GROUP) {
        const float power = exp(x[j] - largest);
        y[j] = power;
        sum += power;
    }
    sum = group_sum(scratch, sum);

    for (uint j = item; j < columns; j += GROUP)
        y[j] /= sum;
}

kernel void softmax_backward(global const float *dy, ulong dy0, global const float *y, ulong y0,
                             global float *dx, ulong dx0, uint rows, uint columns,
                             uint accumulate) {
    local float scratch[GROUP];
    const uint item = get_local_id(0);
    const ulong row = (ulong)get_group_id(0) * columns;
    dy += dy0 + row;
    y += y0 + row;
    dx += dx0 + row;

    float sum = 0.0f;
    for (uint j = item; j < columns; j += GROUP)
        sum += dy[j] * y[j];
    sum = group_sum(scratch, sum);

    for (uint j = item; j < columns; j += GROUP)
        put(dx, j, y[j] * (dy[j] - sum), accumulate);
}
