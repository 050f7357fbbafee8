/* The products of dense.cl by work-groups of TILE_GROUP x TILE_GROUP work-items side by side.
 *
 * A group computes a square tile of C, each item TILE_ITEM x TILE_ITEM elements in registers, from
 * tiles of A and B in local memory, TILE_DEPTH deep. There are two of each: one is filled while the
 * other is used. The groups of the first column sum the gradient of bias on the way. Every sum goes
 * k upwards with one accumulator.
 *
 * Where there are too few tiles for all compute units, and K is long, the groups of a tile share K, each
 * a part `block` deep: then C is scratch memory, M x N partial sums of each part and behind them M of the
 * gradient of bias of each, and dense_join adds them up, part by part.
 *
 * What two cards can make of it, on paper: no GPU was at hand. With groups of 16x16 items of 4x4 sums,
 * 16 deep and no activation, a step of k takes a tile of 64x64
 *
 *     operations               2 * 64 * 64          = 8192
 *     bytes of global memory   (64 + 64) * 4        =  512   16 operations a byte
 *     bytes of local memory    256 * (4 + 4) * 4    = 8192    1 operation a byte
 *
 *                                                  H100 (sm_90)        RX 6600 (gfx1032)
 *     registers of an item, local memory           99, 17 KiB          72, 17 KiB
 *     groups at a time on a unit                   2 of 8 warps        3 of 8 waves, on two SIMDs
 *     occupancy                                    16 of 64 warps      12 of 16 waves
 *     arithmetic                                   67 TFLOP/s          8.9 TFLOP/s
 *     global memory                                3350 GB/s           224 GB/s
 *     bound by it, nothing coming from a cache     54 TFLOP/s          3.6 TFLOP/s
 *     local memory, 128 bytes a cycle and unit     33 TB/s             8.9 TB/s
 *     bound by it, each item reading for itself    33 TFLOP/s          8.9 TFLOP/s
 *
 * Neighbouring groups share rows and columns through the caches, and items that read the same number of
 * local memory may be served at once, so that the true bounds lie higher. 8x8 sums halve the bytes of
 * local memory; `descent tune` tries them. Registers, local memory and occupancy are what
 * tests/test_gpu_compiles.sh prints, the rest is from data sheets. */

#define TILE (TILE_GROUP * TILE_ITEM)
#define TILE_ITEMS (TILE_GROUP * TILE_GROUP)
#define TILE_LOADS ((TILE * TILE_DEPTH + TILE_ITEMS - 1) / TILE_ITEMS)
#define TILE_SUMS ((TILE + TILE_ITEMS - 1) / TILE_ITEMS)
#define TILE_ROW (TILE + 4) /* of local memory: whole vectors of 4, other banks row by row */

/* What a sum starts with. In portable math the bias, or what C holds, as it does in dense_strip.cl;
 * else 0, and they are added at the end. */
#ifdef PORTABLE
#define TILE_STARTED 1
#define TILE_START(m, n) tile_start(bias + bias0, c + c0, m, n, M, N, flags)
float tile_start(global const float *bias, global const float *c, const uint m, const uint n,
                 const uint M, const uint N, const uint flags) {
    if (m >= M || n >= N)
        return 0.0f;
    return START(flags & DENSE_ADD    ? c[(ulong)m * N + n]
                 : flags & DENSE_BIAS ? bias[n]
                                      : 0.0f);
}
#else
#define TILE_STARTED 0
#define TILE_START(m, n) 0.0f
#endif

/* Element `load` that this item moves: its k, and its place along the other side. Neighbouring
 * items go along the dimension that is contiguous in memory. */
uint tile_k(const uint load, const uint item, const uint stride_k) {
    const uint e = load * TILE_ITEMS + item;
    return stride_k == 1 ? e % TILE_DEPTH : e / TILE;
}

uint tile_side(const uint load, const uint item, const uint stride_k) {
    const uint e = load * TILE_ITEMS + item;
    return stride_k == 1 ? e / TILE_DEPTH : e % TILE;
}

void tile_load(float *value, global const float *from, const uint item, const uint sides,
               const uint depth, const uint stride_side, const uint stride_k) {
#pragma unroll
    for (uint i = 0; i < TILE_LOADS; i++) {
        const uint k = tile_k(i, item, stride_k), side = tile_side(i, item, stride_k);
        value[i] = k < depth && side < sides
                       ? from[(ulong)side * stride_side + (ulong)k * stride_k]
                       : 0.0f;
    }
}

void tile_store(local float *to, const float *value, const uint item, const uint stride_k) {
#pragma unroll
    for (uint i = 0; i < TILE_LOADS; i++)
        if (i * TILE_ITEMS + item < TILE * TILE_DEPTH)
            to[tile_k(i, item, stride_k) * TILE_ROW + tile_side(i, item, stride_k)] = value[i];
}

/* TILE_ITEM neighbours of a row of local memory. */
void tile_read(float *value, local const float *from) {
#pragma unroll
    for (uint i = 0; i < TILE_ITEM; i += 4)
        vstore4(*(local const float4 *)(from + i), 0, value + i);
}

/* What becomes of sums: bias, and so on. */
#define RESULT_ARGUMENTS                                                                           \
    global float *bias, const ulong bias0, global float *c, const ulong c0, global float *other,   \
        const ulong other0, const uint M, const uint N, const uint flags, const uint finish,       \
        const float option
#define RESULT bias, bias0, c, c0, other, other0, M, N, flags, finish, option

/* Of TILE_ITEM neighbours of row m, from column n0 on. */
ALWAYS_INLINE void tile_result(float *sum, const uint m, const uint n0, RESULT_ARGUMENTS) {
    const ulong at = (ulong)m * N + n0;
    float z[TILE_ITEM];
#pragma unroll
    for (uint j = 0; j < TILE_ITEM; j++) {
        const uint n = n0 + j;
        const bool inside = m < M && n < N;
        if (!TILE_STARTED && inside && (flags & DENSE_BIAS))
            sum[j] += bias[bias0 + n];
        if (!TILE_STARTED && inside && (flags & DENSE_ADD))
            sum[j] += c[c0 + at + j];
        if (inside && (finish == 0 || (flags & DENSE_KEEP)))
            c[c0 + at + j] = sum[j];
        z[j] = inside && (finish & 1) ? other[other0 + at + j] : 0.0f;
    }
    if (finish == 0)
        return;
    dense_finish(sum, z, finish, option);
#pragma unroll
    for (uint j = 0; j < TILE_ITEM; j++)
        if (m < M && n0 + j < N) {
            if (flags & DENSE_KEEP)
                other[other0 + at + j] = sum[j];
            else
                c[c0 + at + j] = sum[j];
        }
}

/* A row's gradient of bias. */
void tile_row_result(const float sum, global float *to, const uint flags) {
    *to = sum + (!TILE_STARTED && (flags & DENSE_SUM_ADD) ? *to : 0.0f);
}

kernel __attribute__((reqd_work_group_size(TILE_GROUP, TILE_GROUP, 1))) void
dense_tile(DENSE_ARGUMENTS) {
    local float left[2][TILE_DEPTH * TILE_ROW] __attribute__((aligned(16)));
    local float right[2][TILE_DEPTH * TILE_ROW] __attribute__((aligned(16)));
    const uint across = (N + TILE - 1) / TILE, part = (uint)get_group_id(0) / across;
    const uint n0 = ((uint)get_group_id(0) - part * across) * TILE;
    const uint m0 = (uint)get_group_id(1) * TILE;
    const uint first = part * block, depth = min(block, K - first);
    const uint x = (uint)get_local_id(0) * TILE_ITEM, y = (uint)get_local_id(1) * TILE_ITEM;
    const uint item = (uint)get_local_id(1) * TILE_GROUP + (uint)get_local_id(0);
    const bool sum_rows = (flags & DENSE_SUM_ROWS) && n0 == 0;
    global const float *from_a = a + a0 + (ulong)m0 * a_m + (ulong)first * a_k;
    global const float *from_b = b + b0 + (ulong)n0 * b_n + (ulong)first * b_k;
    c += (ulong)part * M * N;
    bias += part * M;
    float next_left[TILE_LOADS], next_right[TILE_LOADS];
    float sum[TILE_ITEM][TILE_ITEM], row_sum[TILE_SUMS];
#pragma unroll
    for (uint i = 0; i < TILE_SUMS; i++) {
        const uint m = m0 + i * TILE_ITEMS + item;
        row_sum[i] = TILE_STARTED && sum_rows && (flags & DENSE_SUM_ADD) && m < M
                         ? START(bias[bias0 + m])
                         : 0.0f;
    }
#pragma unroll
    for (uint i = 0; i < TILE_ITEM; i++)
#pragma unroll
        for (uint j = 0; j < TILE_ITEM; j++)
            sum[i][j] = TILE_START(m0 + y + i, n0 + x + j);
    tile_load(next_left, from_a, item, M - m0, depth, a_m, a_k);
    tile_load(next_right, from_b, item, N - n0, depth, b_n, b_k);
    for (uint k0 = 0, now = 0; k0 < depth; k0 += TILE_DEPTH, now ^= 1) {
        const uint next = k0 + TILE_DEPTH;
        tile_store(left[now], next_left, item, a_k);
        tile_store(right[now], next_right, item, b_k);
        barrier(CLK_LOCAL_MEM_FENCE);
        if (next < depth) {
            tile_load(next_left, from_a + (ulong)next * a_k, item, M - m0, depth - next, a_m, a_k);
            tile_load(next_right, from_b + (ulong)next * b_k, item, N - n0, depth - next, b_n, b_k);
        }
        /* Beyond the depth stand zeros on both sides. */
        IN_ORDER
#pragma unroll 4
        for (uint k = 0; k < TILE_DEPTH; k++) {
            float l[TILE_ITEM], r[TILE_ITEM];
            tile_read(l, left[now] + k * TILE_ROW + y);
            tile_read(r, right[now] + k * TILE_ROW + x);
#pragma unroll
            for (uint i = 0; i < TILE_ITEM; i++)
#pragma unroll
                for (uint j = 0; j < TILE_ITEM; j++)
                    sum[i][j] = MULTIPLY_ADD(l[i], r[j], sum[i][j]);
        }
        if (sum_rows)
#pragma unroll
            for (uint i = 0; i < TILE_SUMS; i++)
                if (i * TILE_ITEMS + item < TILE)
                    IN_ORDER for (uint k = 0; k < TILE_DEPTH; k++)
                        row_sum[i] += left[now][k * TILE_ROW + i * TILE_ITEMS + item];
    }
#pragma unroll
    for (uint i = 0; i < TILE_ITEM; i++)
        tile_result(sum[i], m0 + y + i, n0 + x, RESULT);
    if (sum_rows)
#pragma unroll
        for (uint i = 0; i < TILE_SUMS; i++) {
            const uint m = m0 + i * TILE_ITEMS + item;
            if (i * TILE_ITEMS + item < TILE && m < M)
                tile_row_result(row_sum[i], bias + bias0 + m, flags);
        }
}

#ifndef PORTABLE /* there a sum has one order, whatever the device */

/* Adds up what the parts have left: an item TILE_ITEM neighbours, the first of a row its gradient of
 * bias, too. */
kernel void dense_join(global const float *sums, const uint parts, RESULT_ARGUMENTS) {
    const uint across = (N + TILE_ITEM - 1) / TILE_ITEM, m = (uint)get_global_id(0) / across;
    const uint n0 = ((uint)get_global_id(0) - m * across) * TILE_ITEM;
    if (m >= M)
        return;
    const ulong step = (ulong)M * N, at = (ulong)m * N + n0;
    float sum[TILE_ITEM];
#pragma unroll
    for (uint j = 0; j < TILE_ITEM; j++)
        sum[j] = 0.0f;
#pragma unroll 4
    for (uint p = 0; p < parts; p++)
#pragma unroll
        for (uint j = 0; j < TILE_ITEM; j++)
            if (n0 + j < N)
                sum[j] += sums[p * step + at + j];
    tile_result(sum, m, n0, RESULT);
    if (!(flags & DENSE_SUM_ROWS) || n0 > 0)
        return;
    float row_sum = 0.0f;
    for (uint p = 0; p < parts; p++)
        row_sum += sums[parts * step + p * M + m];
    tile_row_result(row_sum, bias + bias0 + m, flags);
}

#endif
