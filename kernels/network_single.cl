/* The products of network_products.cl for one sample at a time, of which no lanes can be made: vectors
 * lie along what is contiguous in memory, the rows of a weight. Where a row does not end with a whole
 * vector, its last one begins within the one before; it is computed first and stored last, since
 * both give the numbers that they share from what was there before. What is shorter than a vector goes
 * number by number. */

#ifdef ONE_SAMPLE

/* ---- y(m) += sum_k A(m, k) x(k), k contiguous ---- */

/* What a mask is loaded from: nothing, then everything. */
constant int NONE_THEN_ALL[32] = {0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
                                  -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

/* The last of `depth` numbers, with 0 in place of those that whole vectors have. */
WIDE left_over(SPACE const float *x, const uint depth) {
    const WIDE_BITS mask = WIDE_LOAD(0, NONE_THEN_ALL + 16 - WIDTH + depth % WIDTH);
    return AS_WIDE(AS_WIDE_BITS(WIDE_LOAD(0, x + depth - WIDTH)) & mask);
}

#define DOTS(name, rows)                                                                           \
    void dots_##name(SPACE const float *a, const ulong a_m, SPACE const float *x, SPACE float *y,  \
                     const uint depth) {                                                           \
        WIDE sum[rows];                                                                            \
        const WIDE last = left_over(x, depth);                                                     \
        _Pragma("unroll") for (uint r = 0; r < rows; r++) sum[r] =                                 \
            left_over(a + r * a_m, depth) * last;                                                  \
        for (uint k = 0; k + WIDTH <= depth; k += WIDTH) {                                         \
            const WIDE right = WIDE_LOAD(0, x + k);                                                \
            _Pragma("unroll") for (uint r = 0; r < rows; r++) sum[r] =                             \
                MULTIPLY_ADD(WIDE_LOAD(0, a + r * a_m + k), right, sum[r]);                        \
        }                                                                                          \
        _Pragma("unroll") for (uint r = 0; r < rows; r++) y[r] += wide_sum(sum[r]);                \
    }
DOTS(eight, 8)
DOTS(one, 1)

void product_of_rows(SPACE const float *a, const ulong a_m, SPACE const float *x, SPACE float *y,
                     const uint rows, const uint depth) {
    uint m = 0;
    if (depth >= WIDTH) {
        for (; m + 8 <= rows; m += 8)
            dots_eight(a + m * a_m, a_m, x, y + m, depth);
        for (; m < rows; m++)
            dots_one(a + m * a_m, a_m, x, y + m, depth);
    }
    for (; m < rows; m++)
        for (uint k = 0; k < depth; k++)
            y[m] = MULTIPLY_ADD(a[m * a_m + k], x[k], y[m]);
}

/* ---- the same, m contiguous ---- */

#define COLUMN_SUMS(name, vectors)                                                                     \
    void columns_##name(WIDE *sum, SPACE const float *a, const ulong a_k, SPACE const float *x,    \
                        const uint depth) {                                                        \
        WIDE part[vectors];                                                                        \
        _Pragma("unroll") for (uint v = 0; v < vectors; v++) part[v] = sum[v];                     \
        for (uint k = 0; k < depth; k++)                                                           \
            _Pragma("unroll") for (uint v = 0; v < vectors; v++) part[v] =                         \
                MULTIPLY_ADD(WIDE_LOAD(v, a + k * a_k), (WIDE)(x[k]), part[v]);                    \
        _Pragma("unroll") for (uint v = 0; v < vectors; v++) sum[v] = part[v];                     \
    }
COLUMN_SUMS(four, 4)
COLUMN_SUMS(one, 1)

void product_of_columns(SPACE const float *a, const ulong a_k, SPACE const float *x,
                        SPACE float *y, const uint rows, const uint depth) {
    uint m = 0;
    if (rows < WIDTH) {
        for (uint k = 0; k < depth; k++)
            for (m = 0; m < rows; m++)
                y[m] = MULTIPLY_ADD(a[k * a_k + m], x[k], y[m]);
        return;
    }
    WIDE sum[4], last = WIDE_LOAD(0, y + rows - WIDTH);
    columns_one(&last, a + rows - WIDTH, a_k, x, depth);
    for (; m + 4 * WIDTH <= rows; m += 4 * WIDTH) {
        _Pragma("unroll") for (uint v = 0; v < 4; v++) sum[v] = WIDE_LOAD(v, y + m);
        columns_four(sum, a + m, a_k, x, depth);
        _Pragma("unroll") for (uint v = 0; v < 4; v++) WIDE_STORE(sum[v], v, y + m);
    }
    for (; m + WIDTH <= rows; m += WIDTH) {
        sum[0] = WIDE_LOAD(0, y + m);
        columns_one(sum, a + m, a_k, x, depth);
        WIDE_STORE(sum[0], 0, y + m);
    }
    WIDE_STORE(last, 0, y + rows - WIDTH);
}

SEEN_THROUGH void product(SPACE const float *a, const ulong a_m, const ulong a_k,
                          SPACE const float *x, SPACE float *y, const uint rows, const uint depth) {
    if (a_k == 1)
        product_of_rows(a, a_m, x, y, rows, depth);
    else
        product_of_columns(a, a_k, x, y, rows, depth);
}

/* ---- g(m, n) = (g(m, n)) + dy(m) x(n) ---- */

WIDE outer(const float left, SPACE const float *x, SPACE const float *g, const int add) {
    return MULTIPLY_ADD((WIDE)(left), WIDE_LOAD(0, x), add ? WIDE_LOAD(0, g) : (WIDE)(0.0f));
}

SEEN_THROUGH int weight_gradient(SPACE const float *dy, SPACE const float *x, SPACE float *g,
                                 const uint units, const uint inputs, const uint samples,
                                 const int add) {
    WIDE_BITS huge = 0;
    int some = 0;
    for (uint m = 0; m < units; m++, g += inputs) {
        if (inputs < WIDTH) {
            for (uint n = 0; n < inputs; n++) {
                g[n] = MULTIPLY_ADD(dy[m], x[n], add ? g[n] : 0.0f);
                some |= is_huge(g[n]);
            }
            continue;
        }
        const uint end = inputs - WIDTH;
        const WIDE last = outer(dy[m], x + end, g + end, add);
        for (uint n = 0; n <= end; n += WIDTH) {
            const WIDE now = outer(dy[m], x + n, g + n, add);
            huge |= (AS_WIDE_BITS(now) & 0x7f800000) >= HUGE_BITS;
            WIDE_STORE(now, 0, g + n);
        }
        huge |= (AS_WIDE_BITS(last) & 0x7f800000) >= HUGE_BITS;
        WIDE_STORE(last, 0, g + end);
    }
    return any_bit(huge) | some;
}

#endif
