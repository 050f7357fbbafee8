/* Matrix products of a dense layer (see host/ops/dense.c):
 *
 *     C[m][n] = (bias[n]) + (C[m][n]) + sum_k A(m, k) B(k, n)        m < M, n < N, k < K
 *
 *     forward             C = y  (samples, units)    A = x     B = W^T
 *     gradient of input   C = dx (samples, inputs)   A = dy    B = W
 *     gradient of weight  C = dW (units, inputs)     A = dy^T  B = x
 *
 * C is row-major with N columns. A(m, k) stands at a[a0 + m * a_m + k * a_k] and B(k, n) at
 * b[b0 + k * b_k + n * b_n], so that one kernel serves the three, transposed or not. Flags: 1 adds
 * the bias, 2 adds to what C holds. The order of every sum is fixed: k upwards, one accumulator an
 * element.
 *
 * Two shapes of the same computation, chosen by host/launch/dense_launch.c:
 *
 *   dense_strip  for processors that run a work-item as one thread with vector registers (CPUs).
 *                A work-group is one work-item. It packs a strip of B, STRIP_DEPTH x STRIP_WIDTH,
 *                once and multiplies STRIP_BLOCK rows of A with it, STRIP_ROWS at a time in
 *                registers.
 *   dense_tile   for processors that run work-items side by side (GPUs). A work-group of
 *                TILE_GROUP x TILE_GROUP items computes a square tile of C, each item
 *                TILE_ITEM x TILE_ITEM elements in registers, from tiles of A and B in local memory.
 */

#define DENSE_BIAS 1u
#define DENSE_ADD 2u

#define DENSE_ARGUMENTS                                                                            \
    global const float *a, const ulong a0, global const float *b, const ulong b0,                  \
        global const float *bias, const ulong bias0, global float *c, const ulong c0,              \
        const uint M, const uint N, const uint K, const uint a_m, const uint a_k, const uint b_k,  \
        const uint b_n, const uint flags

/* What an element's sum starts with. */
float dense_start(global const float *bias, const ulong bias0, global const float *c,
                  const ulong index, const uint n, const uint flags) {
    float start = (flags & DENSE_ADD) ? c[index] : 0.0f;
    return (flags & DENSE_BIAS) ? start + bias[bias0 + n] : start;
}

#ifdef DENSE_STRIP

#define STRIP_VECTORS (STRIP_WIDTH / STRIP_LANES)
#define STRIP_VECTOR JOIN(float, STRIP_LANES)
#define LOAD JOIN(vload, STRIP_LANES)
#define STORE JOIN(vstore, STRIP_LANES)

/* panel[k][n] = B(k0 + k, n0 + n), 0 beyond N. */
void dense_pack(float *panel, global const float *b, const uint depth, const uint width,
                const uint b_k, const uint b_n) {
    if (b_n == 1 && width == STRIP_WIDTH) {
        for (uint k = 0; k < depth; k++)
            for (uint v = 0; v < STRIP_VECTORS; v++)
                STORE(LOAD(v, b + (ulong)k * b_k), k * STRIP_VECTORS + v, panel);
        return;
    }
    for (uint k = 0; k < depth; k++)
        for (uint n = 0; n < STRIP_WIDTH; n++)
            panel[k * STRIP_WIDTH + n] = n < width ? b[(ulong)k * b_k + (ulong)n * b_n] : 0.0f;
}

kernel WIDE_VECTORS __attribute__((reqd_work_group_size(1, 1, 1))) void
dense_strip(DENSE_ARGUMENTS) {
    float panel[STRIP_DEPTH * STRIP_WIDTH];
    const uint n0 = (uint)get_group_id(0) * STRIP_WIDTH;
    const uint first = (uint)get_group_id(1) * STRIP_BLOCK;
    const uint last = min(first + STRIP_BLOCK, M);
    const uint width = min((uint)STRIP_WIDTH, N - n0);
    /* At least once, so that K = 0 gives the start values. */
    for (uint k0 = 0; k0 == 0 || k0 < K; k0 += STRIP_DEPTH) {
        const uint depth = min((uint)STRIP_DEPTH, K - k0);
        dense_pack(panel, b + b0 + (ulong)k0 * b_k + (ulong)n0 * b_n, depth, width, b_k, b_n);
        for (uint m = first; m < last; m += STRIP_ROWS) {
            STRIP_VECTOR sum[STRIP_ROWS][STRIP_VECTORS];
            global const float *row[STRIP_ROWS];
            float edge[STRIP_WIDTH];
#pragma unroll
            for (uint r = 0; r < STRIP_ROWS; r++) {
                /* Rows beyond the last compute it again and are not stored. */
                const uint i = min(m + r, last - 1);
                const ulong at = c0 + (ulong)i * N + n0;
                row[r] = a + a0 + (ulong)i * a_m + (ulong)k0 * a_k;
                if (k0 == 0 && flags == 0) {
#pragma unroll
                    for (uint v = 0; v < STRIP_VECTORS; v++)
                        sum[r][v] = (STRIP_VECTOR)(0.0f);
                    continue;
                }
                for (uint n = 0; n < width; n++)
                    edge[n] =
                        k0 ? c[at + n] : dense_start(bias, bias0, c, at + n, n0 + n, flags);
#pragma unroll
                for (uint v = 0; v < STRIP_VECTORS; v++)
                    sum[r][v] = LOAD(v, edge);
            }
            for (uint k = 0; k < depth; k++) {
                STRIP_VECTOR right[STRIP_VECTORS];
#pragma unroll
                for (uint v = 0; v < STRIP_VECTORS; v++)
                    right[v] = LOAD(k * STRIP_VECTORS + v, panel);
#pragma unroll
                for (uint r = 0; r < STRIP_ROWS; r++) {
                    const STRIP_VECTOR left = (STRIP_VECTOR)(row[r][(ulong)k * a_k]);
#pragma unroll
                    for (uint v = 0; v < STRIP_VECTORS; v++)
                        sum[r][v] = MULTIPLY_ADD(left, right[v], sum[r][v]);
                }
            }
#pragma unroll
            for (uint r = 0; r < STRIP_ROWS; r++) {
                if (m + r >= last)
                    continue;
                global float *to = c + c0 + (ulong)(m + r) * N + n0;
                if (width == STRIP_WIDTH) {
#pragma unroll
                    for (uint v = 0; v < STRIP_VECTORS; v++)
                        STORE(sum[r][v], v, to);
                    continue;
                }
#pragma unroll
                for (uint v = 0; v < STRIP_VECTORS; v++)
                    STORE(sum[r][v], v, edge);
                for (uint n = 0; n < width; n++)
                    to[n] = edge[n];
            }
        }
    }
}

#else

#define TILE (TILE_GROUP * TILE_ITEM)
#define TILE_ITEMS (TILE_GROUP * TILE_GROUP)

kernel __attribute__((reqd_work_group_size(TILE_GROUP, TILE_GROUP, 1))) void
dense_tile(DENSE_ARGUMENTS) {
    local float left[TILE_DEPTH][TILE + 1], right[TILE_DEPTH][TILE + 1];
    const uint n0 = (uint)get_group_id(0) * TILE, m0 = (uint)get_group_id(1) * TILE;
    const uint x = (uint)get_local_id(0), y = (uint)get_local_id(1);
    const uint item = y * TILE_GROUP + x;
    float sum[TILE_ITEM][TILE_ITEM];
#pragma unroll
    for (uint i = 0; i < TILE_ITEM; i++)
#pragma unroll
        for (uint j = 0; j < TILE_ITEM; j++) {
            const uint m = m0 + y + i * TILE_GROUP, n = n0 + x + j * TILE_GROUP;
            sum[i][j] = m < M && n < N
                            ? dense_start(bias, bias0, c, c0 + (ulong)m * N + n, n, flags)
                            : 0.0f;
        }
    for (uint k0 = 0; k0 < K; k0 += TILE_DEPTH) {
        /* Neighbouring items load along the dimension that is contiguous in memory. */
        for (uint e = item; e < TILE_DEPTH * TILE; e += TILE_ITEMS) {
            const uint ka = a_k == 1 ? e % TILE_DEPTH : e / TILE;
            const uint ma = a_k == 1 ? e / TILE_DEPTH : e % TILE;
            left[ka][ma] = m0 + ma < M && k0 + ka < K
                               ? a[a0 + (ulong)(m0 + ma) * a_m + (ulong)(k0 + ka) * a_k]
                               : 0.0f;
            const uint kb = b_k == 1 ? e % TILE_DEPTH : e / TILE;
            const uint nb = b_k == 1 ? e / TILE_DEPTH : e % TILE;
            right[kb][nb] = n0 + nb < N && k0 + kb < K
                                ? b[b0 + (ulong)(k0 + kb) * b_k + (ulong)(n0 + nb) * b_n]
                                : 0.0f;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (uint k = 0; k < TILE_DEPTH && k0 + k < K; k++) {
            float l[TILE_ITEM], r[TILE_ITEM];
#pragma unroll
            for (uint i = 0; i < TILE_ITEM; i++) {
                l[i] = left[k][y + i * TILE_GROUP];
                r[i] = right[k][x + i * TILE_GROUP];
            }
#pragma unroll
            for (uint i = 0; i < TILE_ITEM; i++)
#pragma unroll
                for (uint j = 0; j < TILE_ITEM; j++)
                    sum[i][j] = MULTIPLY_ADD(l[i], r[j], sum[i][j]);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
#pragma unroll
    for (uint i = 0; i < TILE_ITEM; i++)
#pragma unroll
        for (uint j = 0; j < TILE_ITEM; j++) {
            const uint m = m0 + y + i * TILE_GROUP, n = n0 + x + j * TILE_GROUP;
            if (m < M && n < N)
                c[c0 + (ulong)m * N + n] = sum[i][j];
        }
}

#endif

/* db[j] = (db[j]) + sum_i dy[i][j]; dy (rows, columns); one work-item a column. */
kernel void dense_bias_gradient(global const float *dy, const ulong dy0, global float *db,
                                const ulong db0, const uint rows, const uint columns,
                                const uint accumulate) {
    const uint j = (uint)get_global_id(0);
    if (j >= columns)
        return;
    float sum = accumulate ? db[db0 + j] : 0.0f;
    for (uint i = 0; i < rows; i++)
        sum += dy[dy0 + (ulong)i * columns + j];
    db[db0 + j] = sum;
}
