/* softmax over the columns of a row; x, y, dy, dx (rows, columns).
 *
 *     y_j = exp(x_j - m) / sum_k exp(x_k - m), m = max_k x_k       (so that no exponential overflows)
 *     dx_j = y_j (dy_j - sum_k dy_k y_k)
 *
 * Definition: torch.nn.Softmax over the last dimension. */

void softmax_forward_row(ROW_SCRATCH SPACE const REAL *x, SPACE REAL *y, uint columns) {
    REAL largest = -INFINITY;
    EACH_COLUMN(j, columns, largest = fmax(largest, x[AT(j)]);)
    largest = ROW_MAX(largest);

    REAL sum = 0.0f;
    EACH_COLUMN(j, columns, {
        const REAL power = exp_of_negative(x[AT(j)] - largest);
        y[AT(j)] = power;
        sum += power;
    })
    sum = ROW_SUM(sum);

    EACH_COLUMN(j, columns, y[AT(j)] = QUOTIENT(y[AT(j)], sum);)
}

void softmax_backward_row(ROW_SCRATCH SPACE const REAL *dy, SPACE const REAL *y, SPACE REAL *dx,
                          uint columns, uint accumulate) {
    REAL sum = 0.0f;
    EACH_COLUMN(j, columns, sum += dy[AT(j)] * y[AT(j)];)
    sum = ROW_SUM(sum);

    EACH_COLUMN(j, columns, put(dx, AT(j), y[AT(j)] * (dy[AT(j)] - sum), accumulate);)
}

#ifndef NETWORK

/* One group a row, or one item. */
kernel void softmax_forward(global const float *x, ulong x0, global float *y, ulong y0, uint rows,
                            uint columns) {
    ROW_BEGIN(row, rows)
    softmax_forward_row(ROW_SCRATCH_ARGUMENT x + x0 + row * columns, y + y0 + row * columns, columns);
}

kernel void softmax_backward(global const float *dy, ulong dy0, global const float *y, ulong y0,
                             global float *dx, ulong dx0, uint rows, uint columns,
                             uint accumulate) {
    ROW_BEGIN(row, rows)
    softmax_backward_row(ROW_SCRATCH_ARGUMENT dy + dy0 + row * columns, y + y0 + row * columns,
                         dx + dx0 + row * columns, columns, accumulate);
}

#endif
