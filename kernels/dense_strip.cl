/* The products of dense.cl by one work-item a work-group, which has vector registers.
 *
 * It copies a panel of B, STRIP_DEPTH x STRIP_WIDTH, that stays in a near cache, and multiplies
 * `block` rows of A with it, STRIP_ROWS at a time in registers. A's rows or columns must be
 * contiguous (a_k = 1 or a_m = 1). Columns, dy of the gradient of weight, are taken as they are where
 * they are few; else dense_transpose turns them. Either sums the gradient of bias on the way. Every
 * sum goes k upwards with one accumulator. */

#define STRIP_VECTORS (STRIP_WIDTH / STRIP_LANES)
#define STRIP_VECTOR JOIN(float, STRIP_LANES)
#define LOAD JOIN(vload, STRIP_LANES)
#define STORE JOIN(vstore, STRIP_LANES)

/* ---- copies ---- */

/* Transposes a square of vectors: log2 times, the first half is interleaved with the second. */
void transpose(STRIP_VECTOR square[STRIP_LANES]) {
#pragma unroll
    for (uint step = 1; step < STRIP_LANES; step *= 2) {
        STRIP_VECTOR next[STRIP_LANES];
#pragma unroll
        for (uint i = 0; i < STRIP_LANES / 2; i++) {
            const STRIP_VECTOR x = square[i], y = square[i + STRIP_LANES / 2];
            next[2 * i].even = x.lo;
            next[2 * i].odd = y.lo;
            next[2 * i + 1].even = x.hi;
            next[2 * i + 1].odd = y.hi;
        }
#pragma unroll
        for (uint i = 0; i < STRIP_LANES; i++)
            square[i] = next[i];
    }
}

/* panel[k][n] = B(k, n) for n < width, 0 beyond. */
void strip_pack(float *panel, global const float *b, const uint depth, const uint width,
                const uint b_k, const uint b_n) {
    for (uint done = 0; done < STRIP_WIDTH; done += STRIP_LANES) {
        const uint there = done < width ? min((uint)STRIP_LANES, width - done) : 0u;
        global const float *from = b + (ulong)done * b_n;
        float *to = panel + done;
        uint k = 0;
        for (; there == 0 && k < depth; k++)
            STORE((STRIP_VECTOR)(0.0f), 0, to + k * STRIP_WIDTH);
        for (; b_n == 1 && there == STRIP_LANES && k < depth; k++)
            STORE(LOAD(0, from + (ulong)k * b_k), 0, to + k * STRIP_WIDTH);
        for (; b_k == 1 && k + STRIP_LANES <= depth; k += STRIP_LANES) {
            STRIP_VECTOR square[STRIP_LANES];
#pragma unroll
            for (uint i = 0; i < STRIP_LANES; i++)
                square[i] = i < there ? LOAD(0, from + (ulong)i * b_n + k) : (STRIP_VECTOR)(0.0f);
            transpose(square);
#pragma unroll
            for (uint i = 0; i < STRIP_LANES; i++)
                STORE(square[i], 0, to + (k + i) * STRIP_WIDTH);
        }
        for (; k < depth; k++)
            for (uint n = 0; n < STRIP_LANES; n++)
                to[k * STRIP_WIDTH + n] =
                    n < there ? from[(ulong)k * b_k + (ulong)n * b_n] : 0.0f;
    }
}

/* `rows` rows of C, `width` elements each, to and from a tile. */
void strip_read(float *tile, global const float *c, const uint N, const uint rows,
                const uint width) {
    for (uint r = 0; r < rows; r++, c += N, tile += STRIP_WIDTH)
        if (width == STRIP_WIDTH)
#pragma unroll
            for (uint v = 0; v < STRIP_VECTORS; v++)
                STORE(LOAD(v, c), v, tile);
        else
            for (uint n = 0; n < width; n++)
                tile[n] = c[n];
}

void strip_write(global float *c, const float *tile, const uint N, const uint rows,
                 const uint width) {
    for (uint r = 0; r < rows; r++, c += N, tile += STRIP_WIDTH)
        if (width == STRIP_WIDTH)
#pragma unroll
            for (uint v = 0; v < STRIP_VECTORS; v++)
                STORE(LOAD(v, tile), v, c);
        else
            for (uint n = 0; n < width; n++)
                c[n] = tile[n];
}

/* Begins to fetch them, while something else is computed. */
void strip_fetch(global const float *c, const uint N, const uint rows) {
    for (uint r = 0; r < rows; r++)
        for (uint n = 0; n < STRIP_WIDTH; n += 16)
            PREFETCH(c + (ulong)r * N + n);
}

/* ---- products ---- */

/* One k: a row of the panel, and an element of A for each row of the sums. */
#define STRIP_STEP(ROWS, VECTORS, ELEMENT, k)                                                      \
    {                                                                                              \
        STRIP_VECTOR right[VECTORS];                                                               \
        _Pragma("unroll") for (uint v = 0; v < VECTORS; v++) right[v] =                            \
            LOAD(v, panel + (k)*STRIP_WIDTH);                                                      \
        _Pragma("unroll") for (uint r = 0; r < ROWS; r++) {                                        \
            const STRIP_VECTOR left = ELEMENT(r, k);                                               \
            _Pragma("unroll") for (uint v = 0; v < VECTORS; v++) sum[r][v] =                       \
                MULTIPLY_ADD(left, right[v], sum[r][v]);                                           \
        }                                                                                          \
    }

/* A's element of a row of the sums, where its rows are contiguous, its columns, or either. Every row
 * has a pointer of its own: LLVM would otherwise step from one to the next, 24 additions in a row. */
#define IN_ROW(r, k) row[r][k]
#define IN_COLUMN(r, k) row[0][(k)*a_k + r]
#define IN_EITHER(r, k) row[r][(k)*a_k]

/* c[r][n] = (start[n] or c[r][n]) + sum_k A(m + r, k) panel[k][n]. The sums, ROWS x VECTORS vectors,
 * stay in registers; where c has fewer rows or columns they pass through memory. Rows from `last` on
 * compute the one before it again. */
#define STRIP_MULTIPLY(name, ROWS, VECTORS, ELEMENT)                                               \
    void name(global float *c, const uint N, const uint rows, const uint width,                    \
              const float *start, const bool add, global const float *a, const ulong a_m,          \
              const ulong a_k, const uint m, const uint last, const float *panel,                  \
              const uint depth) {                                                                  \
        const bool whole = rows == ROWS && width == VECTORS * STRIP_LANES;                         \
        float tile[ROWS * STRIP_WIDTH];                                                            \
        STRIP_VECTOR sum[ROWS][VECTORS];                                                           \
        global const float *row[ROWS];                                                             \
        _Pragma("unroll") for (uint r = 0; r < ROWS; r++) {                                        \
            row[r] = a + min(m + r, last - 1) * a_m;                                               \
            _Pragma("unroll") for (uint v = 0; v < VECTORS; v++) sum[r][v] = LOAD(v, start);       \
        }                                                                                          \
        if (add && whole) {                                                                        \
            _Pragma("unroll") for (uint r = 0; r < ROWS; r++)                                      \
                _Pragma("unroll") for (uint v = 0; v < VECTORS; v++) sum[r][v] =                   \
                    START(LOAD(v, c + (ulong)r * N));                                              \
        } else if (add) {                                                                          \
            strip_read(tile, c, N, rows, width);                                                   \
            _Pragma("unroll") for (uint r = 0; r < ROWS; r++)                                      \
                _Pragma("unroll") for (uint v = 0; v < VECTORS; v++) sum[r][v] =                   \
                    START(LOAD(v, tile + r * STRIP_WIDTH));                                        \
        }                                                                                          \
        ulong k = 0;                                                                               \
        IN_ORDER for (; k + 2 <= depth; k += 2) {                                                  \
            STRIP_STEP(ROWS, VECTORS, ELEMENT, k)                                                  \
            STRIP_STEP(ROWS, VECTORS, ELEMENT, k + 1)                                              \
        }                                                                                          \
        if (k < depth)                                                                             \
            STRIP_STEP(ROWS, VECTORS, ELEMENT, k)                                                  \
        if (whole) {                                                                               \
            _Pragma("unroll") for (uint r = 0; r < ROWS; r++)                                      \
                _Pragma("unroll") for (uint v = 0; v < VECTORS; v++)                               \
                    STORE(sum[r][v], v, c + (ulong)r * N);                                         \
            return;                                                                                \
        }                                                                                          \
        _Pragma("unroll") for (uint r = 0; r < ROWS; r++)                                          \
            _Pragma("unroll") for (uint v = 0; v < VECTORS; v++)                                   \
                STORE(sum[r][v], v, tile + r * STRIP_WIDTH);                                       \
        strip_write(c, tile, N, rows, width);                                                      \
    }

STRIP_MULTIPLY(strip_multiply, STRIP_ROWS, STRIP_VECTORS, IN_ROW)
STRIP_MULTIPLY(strip_multiply_narrow, STRIP_ROWS, 1, IN_ROW)
STRIP_MULTIPLY(strip_multiply_columns, STRIP_ROWS, STRIP_VECTORS, IN_COLUMN)
STRIP_MULTIPLY(strip_multiply_few, STRIP_FEW, STRIP_VECTORS, IN_EITHER)

/* Applies the activation to rows of C. */
void strip_finish(global float *c, global float *other, const uint N, const uint rows,
                  const uint width, const uint flags, const uint finish, const float option) {
    float number[STRIP_WIDTH], z[STRIP_WIDTH];
    for (uint n = 0; n < STRIP_WIDTH; n++)
        number[n] = z[n] = 0.0f;
    for (uint r = 0; r < rows; r++, c += N, other += N) {
        strip_read(number, c, N, 1, width);
        if (finish & 1)
            strip_read(z, other, N, 1, width);
        dense_finish(number, z, finish, option);
        strip_write((flags & DENSE_KEEP) ? other : c, number, N, 1, width);
    }
}

/* db[m] = (db[m]) + sum_k A(m, k), first <= m < last, where A's columns are contiguous. */
void strip_sum_rows(global float *db, global const float *a, const uint a_k, const uint first,
                    const uint last, const uint K, const uint flags) {
    for (uint m = first; m < last; m += STRIP_LANES) {
        const uint width = min((uint)STRIP_LANES, last - m);
        float sum[STRIP_LANES];
        for (uint i = 0; i < STRIP_LANES; i++)
            sum[i] = (flags & DENSE_SUM_ADD) && i < width ? START(db[m + i]) : 0.0f;
        IN_ORDER for (uint k = 0; k < K; k++)
            if (width == STRIP_LANES)
                STORE(LOAD(0, sum) + LOAD(0, a + (ulong)k * a_k + m), 0, sum);
            else
                for (uint i = 0; i < width; i++)
                    sum[i] += a[(ulong)k * a_k + m + i];
        for (uint i = 0; i < width; i++)
            db[m + i] = sum[i];
    }
}

kernel WIDE_VECTORS __attribute__((reqd_work_group_size(1, 1, 1))) void
dense_strip(DENSE_ARGUMENTS) {
    float panel[STRIP_DEPTH * STRIP_WIDTH] __attribute__((aligned(64)));
    float start[STRIP_WIDTH];
    const uint n0 = (uint)get_group_id(0) * STRIP_WIDTH;
    const uint first = (uint)get_group_id(1) * block;
    const uint last = min(first + block, M);
    const uint width = min((uint)STRIP_WIDTH, N - n0);
    for (uint n = 0; n < STRIP_WIDTH; n++)
        start[n] = (flags & DENSE_BIAS) && n < width ? START(bias[bias0 + n0 + n]) : 0.0f;
    a += a0;
    b += b0 + (ulong)n0 * b_n;
    c += c0 + n0;
    other += other0 + n0;
    if ((flags & DENSE_SUM_ROWS) && n0 == 0)
        strip_sum_rows(bias + bias0, a, a_k, first, last, K, flags);
    /* At least once, so that K = 0 gives the start values. */
    for (uint k0 = 0; k0 == 0 || k0 < K; k0 += STRIP_DEPTH) {
        const uint depth = min((uint)STRIP_DEPTH, K - k0);
        global const float *left = a + (ulong)k0 * a_k;
        const bool add = k0 || (flags & DENSE_ADD);
        const bool finished = finish && k0 + depth == K;
        strip_pack(panel, b + (ulong)k0 * b_k, depth, width, b_k, b_n);
        for (uint m = first, rows; m < last; m += rows) {
            const ulong at = (ulong)m * N;
            rows = min(last - m, (uint)(last - m < STRIP_ROWS ? STRIP_FEW : STRIP_ROWS));
            if (finished && (finish & 1))
                strip_fetch(other + at, N, rows);
            if (rows != STRIP_ROWS)
                strip_multiply_few(c + at, N, rows, width, start, add, left, a_m, a_k, m, last,
                                   panel, depth);
            else if (a_k != 1)
                strip_multiply_columns(c + at, N, rows, width, start, add, left, a_m, a_k, m, last,
                                       panel, depth);
            else if (width > STRIP_LANES)
                strip_multiply(c + at, N, rows, width, start, add, left, a_m, a_k, m, last, panel,
                               depth);
            else
                strip_multiply_narrow(c + at, N, rows, width, start, add, left, a_m, a_k, m, last,
                                      panel, depth);
            if (finished)
                strip_finish(c + at, other + at, N, rows, width, flags, finish, option);
        }
    }
}

/* to[j][i] = dy[i][j], rows of `to` `stride` apart, 0 beyond the last i up to whole vectors;
 * db[j] = (db[j]) + sum_i dy[i][j]. A work-item turns TURN_VECTORS vectors of columns: memory is
 * read in runs. */
kernel WIDE_VECTORS __attribute__((reqd_work_group_size(1, 1, 1))) void
dense_transpose(global const float *dy, const ulong dy0, global float *to, const ulong to0,
                global float *db, const ulong db0, const uint rows, const uint columns,
                const uint stride, const uint flags) {
    STRIP_VECTOR sum[TURN_VECTORS];
    const uint first = (uint)get_group_id(0) * (TURN_VECTORS * STRIP_LANES);
    const bool add = (flags & DENSE_SUM_ROWS) && (flags & DENSE_SUM_ADD);
    for (uint v = 0; v < TURN_VECTORS; v++) {
        float part[STRIP_LANES];
        for (uint n = 0, j = first + v * STRIP_LANES; n < STRIP_LANES; n++, j++)
            part[n] = add && j < columns ? START(db[db0 + j]) : 0.0f;
        sum[v] = LOAD(0, part);
    }
    for (uint i = 0; i < rows; i += STRIP_LANES)
        for (uint v = 0, j = first; v < TURN_VECTORS && j < columns; v++, j += STRIP_LANES) {
            const uint width = min((uint)STRIP_LANES, columns - j);
            STRIP_VECTOR square[STRIP_LANES];
#pragma unroll
            for (uint s = 0; s < STRIP_LANES; s++) {
                float part[STRIP_LANES] = {0};
                global const float *from = dy + dy0 + (ulong)(i + s) * columns + j;
                square[s] = 0.0f;
                if (i + s < rows && width == STRIP_LANES) {
                    square[s] = LOAD(0, from);
                } else if (i + s < rows) {
                    for (uint n = 0; n < width; n++)
                        part[n] = from[n];
                    square[s] = LOAD(0, part);
                }
                sum[v] += square[s];
            }
            transpose(square);
#pragma unroll
            for (uint s = 0; s < STRIP_LANES; s++)
                if (s < width)
                    STORE(square[s], 0, to + to0 + (ulong)(j + s) * stride + i);
        }
    if (!(flags & DENSE_SUM_ROWS))
        return;
    for (uint v = 0; v < TURN_VECTORS; v++) {
        float part[STRIP_LANES];
        STORE(sum[v], 0, part);
        for (uint n = 0, j = first + v * STRIP_LANES; n < STRIP_LANES && j < columns; n++, j++)
            db[db0 + j] = part[n];
    }
}
