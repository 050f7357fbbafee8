/* What the kernels of network.cl compute with: the items of a group, sums over lanes, samples side by
 * side or one after the other, and the products of dense layers on a block's tensors. Layouts and build
 * options are explained there. */

#define SAMPLES (LANES * VECTORS)
#if GROUP == 1 && LANES * VECTORS == 1 && WIDTH > 1 && !defined(PORTABLE)
#define ONE_SAMPLE /* network_single.cl has the products */
#endif
#define FLIPPED(columns) (((columns) + 2 * WIDTH - 1) / (2 * WIDTH) * (2 * WIDTH))

/* Where all tensors are private the compiler must see through every call, to keep them in registers;
 * on a GPU, to keep a call's arguments off the stack. */
#if defined(COPIED) || GROUP > 1
#define SEEN_THROUGH ALWAYS_INLINE
#else
#define SEEN_THROUGH
#endif

#if GROUP == 1
#define ITEM 0u
#define SYNC
#else
#define ITEM ((uint)get_local_id(0))
#define SYNC barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
#endif
/* A few numbers stay in registers where every loop over them is unrolled; not where IN_ORDER says
 * something else of a loop. */
#if defined(COPIED) && VALUES <= 64 && !defined(PORTABLE)
#define UNROLLED _Pragma("unroll")
#ifdef __clang__ /* of functions that are compiled by themselves, too, and never called so */
#pragma clang diagnostic ignored "-Wpass-failed"
#endif
#define UP_TO_DEPTH(count) (count)
#else
#define UNROLLED
#define UP_TO_DEPTH(count) min((uint)DEPTH, count)
#endif
#define EACH(index, count) UNROLLED for (uint index = ITEM; index < (count); index += GROUP)

/* The five numbers of a record, each in the item that EACH gives it to; an index that is not known
 * beforehand would put them into memory. */
#define RECORD_PART ((5 + GROUP - 1) / GROUP)
#define OWN(w) ((w) / GROUP)

/* A float of a tensor of REALs. */
#define ONE(tensor, number, sample)                                                                \
    (((SPACE float *)(tensor))[(number)*SAMPLES + (sample)])

/* Infinity or NaN: the exponent is all ones. By the bits, since some compilers take every float for
 * finite. And what may become so in a sum of 128: 2^120 or more. */
int is_broken(float x) { return (as_int(x) & 0x7f800000) == 0x7f800000; }
#define HUGE_BITS 0x7b800000
int is_huge(float x) { return (as_int(x) & 0x7f800000) >= HUGE_BITS; }

/* What network_samples found; of a group's items the larger counts, and a broken loss decides. */
#define GRADIENT_IS_HUGE 1
#define LOSS_IS_BROKEN 2

/* What any item of the group found. */
#if GROUP == 1
#define OF_GROUP(found) (found)
#define GROUP_TOTAL(value) (value)
#else
#define OF_GROUP(found) ((int)group_max(scratch, (float)(found)))
#define GROUP_TOTAL(value) group_sum(scratch, value)
#endif

/* The larger of two; NaN stays. */
float larger_one(float a, float b) { return a != a || a > b ? a : b; }

/* ---- sums over lanes, in a fixed tree ---- */

float sum_of_1(float x) { return x; }
float sum_of_2(float2 x) { return x.x + x.y; }
float sum_of_4(float4 x) { return sum_of_2(x.lo + x.hi); }
float sum_of_8(float8 x) { return sum_of_4(x.lo + x.hi); }
float sum_of_16(float16 x) { return sum_of_8(x.lo + x.hi); }
#define lane_sum(x) JOIN(sum_of_, LANES)(x)
#define wide_sum(x) JOIN(sum_of_, WIDTH)(x)

/* Of one number over the samples of a block. */
SEEN_THROUGH float sample_sum(SPACE const REAL *x) {
    REAL sum = x[0];
    for (uint v = 1; v < VECTORS; v++)
        sum += x[v];
    return lane_sum(sum);
}

/* `sum` and the values of the first samples of a block, one number each, from the first to the last,
 * as it must be in portable math. */
SEEN_THROUGH float sum_in_order(float sum, SPACE const REAL *x, const uint samples) {
    SPACE const float *value = (SPACE const float *)x;
    IN_ORDER for (uint s = 0; s < samples; s++)
        sum += value[s];
    return sum;
}

/* ---- samples side by side, and one after the other ---- */

#if GROUP == 1 && LANES == WIDTH && LANES > 1

/* (a0, b0, a1, b1, ...) of the first halves, and of the second. */
#if LANES == 16
#define ROUNDS 4
#define FIRST_HALVES(a, b)                                                                         \
    (float16)(a.s0, b.s0, a.s1, b.s1, a.s2, b.s2, a.s3, b.s3, a.s4, b.s4, a.s5, b.s5, a.s6, b.s6,  \
              a.s7, b.s7)
#define SECOND_HALVES(a, b)                                                                        \
    (float16)(a.s8, b.s8, a.s9, b.s9, a.sa, b.sa, a.sb, b.sb, a.sc, b.sc, a.sd, b.sd, a.se, b.se,  \
              a.sf, b.sf)
#elif LANES == 8
#define ROUNDS 3
#define FIRST_HALVES(a, b) (float8)(a.s0, b.s0, a.s1, b.s1, a.s2, b.s2, a.s3, b.s3)
#define SECOND_HALVES(a, b) (float8)(a.s4, b.s4, a.s5, b.s5, a.s6, b.s6, a.s7, b.s7)
#elif LANES == 4
#define ROUNDS 2
#define FIRST_HALVES(a, b) (float4)(a.s0, b.s0, a.s1, b.s1)
#define SECOND_HALVES(a, b) (float4)(a.s2, b.s2, a.s3, b.s3)
#else
#define ROUNDS 1
#define FIRST_HALVES(a, b) (float2)(a.s0, b.s0)
#define SECOND_HALVES(a, b) (float2)(a.s1, b.s1)
#endif

/* Transposes a square of LANES vectors: each round shuffles rows i and i + LANES / 2 into 2 i and
 * 2 i + 1. */
void transpose(REAL *row) {
    _Pragma("unroll") for (uint round = 0; round < ROUNDS; round++) {
        REAL next[LANES];
        _Pragma("unroll") for (uint i = 0; i < LANES / 2; i++) {
            next[2 * i] = FIRST_HALVES(row[i], row[i + LANES / 2]);
            next[2 * i + 1] = SECOND_HALVES(row[i], row[i + LANES / 2]);
        }
        _Pragma("unroll") for (uint i = 0; i < LANES; i++) row[i] = next[i];
    }
}
#define TRANSPOSES 1
#else
#define TRANSPOSES 0
#endif

/* flipped(s, n) = x(n, s), and 0 behind a row's end: what is there counts for nothing, but a denormal
 * would take time. */
SEEN_THROUGH void flip(SPACE const REAL *x, SPACE float *flipped, const uint columns) {
    const uint step = FLIPPED(columns);
    uint n = 0;
#if TRANSPOSES
    for (; n + LANES <= columns; n += LANES)
        for (uint v = 0; v < VECTORS; v++) {
            REAL row[LANES];
            _Pragma("unroll") for (uint i = 0; i < LANES; i++) row[i] = x[(n + i) * VECTORS + v];
            transpose(row);
            _Pragma("unroll") for (uint i = 0; i < LANES; i++)
                WIDE_STORE(row[i], 0, flipped + (v * LANES + i) * step + n);
        }
#endif
    EACH(s, SAMPLES)
        for (uint k = n; k < step; k++)
            flipped[s * step + k] = k < columns ? ONE(x, k, s) : 0.0f;
}

/* ---- products ---- */

int any_bit(WIDE_BITS x) {
#if WIDTH == 1
    return x;
#else
    return any(x);
#endif
}

#if defined(ONE_SAMPLE)
#elif GROUP == 1

/* y(m, s) += sum_k A(m, k) x(k, s), for a tile of rows and ACROSS vectors of samples, in registers. */
#define PRODUCT(name, rows)                                                                        \
    SEEN_THROUGH void product_##name(SPACE const float *a, const ulong a_m, const ulong a_k,       \
                        SPACE const REAL *x, SPACE REAL *y, const ulong depth) {                   \
        REAL sum[rows][ACROSS];                                                                    \
        SPACE const float *row[rows];                                                              \
        _Pragma("unroll") for (uint r = 0; r < rows; r++) {                                        \
            row[r] = a + r * a_m;                                                                  \
            _Pragma("unroll") for (uint c = 0; c < ACROSS; c++) sum[r][c] = y[r * VECTORS + c];    \
        }                                                                                          \
        IN_ORDER UNROLLED for (ulong k = 0; k < depth; k++) {                                      \
            REAL right[ACROSS];                                                                    \
            _Pragma("unroll") for (uint c = 0; c < ACROSS; c++) right[c] = x[k * VECTORS + c];     \
            _Pragma("unroll") for (uint r = 0; r < rows; r++) {                                    \
                const REAL left = row[r][k * a_k];                                                 \
                _Pragma("unroll") for (uint c = 0; c < ACROSS; c++)                                \
                    sum[r][c] = MULTIPLY_ADD(left, right[c], sum[r][c]);                           \
            }                                                                                      \
        }                                                                                          \
        _Pragma("unroll") for (uint r = 0; r < rows; r++)                                          \
            _Pragma("unroll") for (uint c = 0; c < ACROSS; c++) y[r * VECTORS + c] = sum[r][c];    \
    }

/* g(m, n) = (g(m, n)) + sum_s dy(m, s) x(s, n), for a tile of rows and `wide` vectors along n, of
 * which `columns` numbers are there. Says whether one is huge. */
#define WEIGHT_GRADIENT(name, rows, wide)                                                          \
    SEEN_THROUGH int weight_gradient_##name(                                                       \
        SPACE const float *dy, SPACE const float *x, const uint x_step, SPACE float *g,            \
        const uint g_step, const uint columns, const uint samples, const int add) {                \
        WIDE sum[rows][wide];                                                                      \
        WIDE_BITS huge = 0;                                                                        \
        _Pragma("unroll") for (uint r = 0; r < rows; r++) {                                        \
            PREFETCH_TO_WRITE(g + r * g_step);                                                     \
            PREFETCH_TO_WRITE(g + r * g_step + WIDTH);                                             \
        }                                                                                          \
        _Pragma("unroll") for (uint r = 0; r < rows; r++)                                          \
            _Pragma("unroll") for (uint c = 0; c < wide; c++)                                      \
                sum[r][c] = add ? WIDE_LOAD(c, g + r * g_step) : (WIDE)(0.0f);                     \
        IN_ORDER for (uint s = 0; s < samples; s++) {                                              \
            WIDE right[wide];                                                                      \
            _Pragma("unroll") for (uint c = 0; c < wide; c++)                                      \
                right[c] = WIDE_LOAD(c, x + s * x_step);                                           \
            _Pragma("unroll") for (uint r = 0; r < rows; r++) {                                    \
                const WIDE left = dy[r * SAMPLES + s];                                             \
                _Pragma("unroll") for (uint c = 0; c < wide; c++)                                  \
                    sum[r][c] = MULTIPLY_ADD(left, right[c], sum[r][c]);                           \
            }                                                                                      \
        }                                                                                          \
        if (columns >= wide * WIDTH) {                                                             \
            _Pragma("unroll") for (uint r = 0; r < rows; r++)                                      \
                _Pragma("unroll") for (uint c = 0; c < wide; c++) {                                \
                WIDE_STORE(sum[r][c], c, g + r * g_step);                                          \
                huge |= (AS_WIDE_BITS(sum[r][c]) & 0x7f800000) >= HUGE_BITS;                       \
            }                                                                                      \
            return any_bit(huge);                                                                  \
        }                                                                                          \
        int some = 0;                                                                              \
        for (uint r = 0; r < rows; r++) {                                                          \
            float edge[wide * WIDTH];                                                              \
            _Pragma("unroll") for (uint c = 0; c < wide; c++) WIDE_STORE(sum[r][c], c, edge);      \
            for (uint n = 0; n < columns; n++) {                                                   \
                g[r * g_step + n] = edge[n];                                                       \
                some |= is_huge(edge[n]);                                                          \
            }                                                                                      \
        }                                                                                          \
        return some;                                                                               \
    }

PRODUCT(many, ROWS)
PRODUCT(four, 4)
PRODUCT(one, 1)
WEIGHT_GRADIENT(many, ROWS, 2)
WEIGHT_GRADIENT(four, 4, 2)
WEIGHT_GRADIENT(one, 1, 2)
WEIGHT_GRADIENT(many_narrow, ROWS, 1)
WEIGHT_GRADIENT(four_narrow, 4, 1)
WEIGHT_GRADIENT(one_narrow, 1, 1)

SEEN_THROUGH void product(SPACE const float *a, const ulong a_m, const ulong a_k, SPACE const REAL *x,
             SPACE REAL *y, const uint rows, const uint depth) {
    UNROLLED for (uint k = 0, now; k < depth; k += now) {
        now = UP_TO_DEPTH(depth - k);
        UNROLLED for (uint v = 0; v < VECTORS; v += ACROSS) {
            uint m = 0;
            UNROLLED for (; m + ROWS <= rows; m += ROWS)
                product_many(a + m * a_m + k * a_k, a_m, a_k, x + k * VECTORS + v,
                                        y + m * VECTORS + v, now);
            UNROLLED for (; m + 4 <= rows; m += 4)
                product_four(a + m * a_m + k * a_k, a_m, a_k, x + k * VECTORS + v,
                          y + m * VECTORS + v, now);
            UNROLLED for (; m < rows; m++)
                product_one(a + m * a_m + k * a_k, a_m, a_k, x + k * VECTORS + v,
                          y + m * VECTORS + v, now);
        }
    }
}

/* All rows of a column of tiles, by the tile functions of a width. */
#define COLUMN_OF_TILES(many, four, one)                                                           \
    {                                                                                              \
        uint m = 0;                                                                                \
        UNROLLED for (; m + ROWS <= units; m += ROWS)                                              \
            huge |= many(d + m * SAMPLES, flipped + n, step, g + m * inputs + n, inputs,           \
                         inputs - n, samples, add);                                                \
        UNROLLED for (; m + 4 <= units; m += 4)                                                    \
            huge |= four(d + m * SAMPLES, flipped + n, step, g + m * inputs + n, inputs,           \
                         inputs - n, samples, add);                                                \
        UNROLLED for (; m < units; m++)                                                            \
            huge |= one(d + m * SAMPLES, flipped + n, step, g + m * inputs + n, inputs,            \
                        inputs - n, samples, add);                                                 \
    }

SEEN_THROUGH int weight_gradient(SPACE const REAL *dy, SPACE const float *flipped, SPACE float *g,
                                 const uint units, const uint inputs, const uint samples,
                                 const int add) {
    SPACE const float *d = (SPACE const float *)dy;
    const uint step = FLIPPED(inputs);
    int huge = 0;
    uint n = 0;
    UNROLLED for (; n + WIDTH < inputs; n += 2 * WIDTH)
        COLUMN_OF_TILES(weight_gradient_many, weight_gradient_four, weight_gradient_one)
    if (n < inputs) /* a vector at most */
        COLUMN_OF_TILES(weight_gradient_many_narrow, weight_gradient_four_narrow,
                        weight_gradient_one_narrow)
    return huge;
}

#else

SEEN_THROUGH void product(SPACE const float *a, const ulong a_m, const ulong a_k, SPACE const REAL *x,
             SPACE REAL *y, const uint rows, const uint depth) {
    EACH(e, rows * VECTORS) {
        const uint m = e / VECTORS, s = e % VECTORS;
        float sum = y[e];
        IN_ORDER for (uint k = 0; k < depth; k++)
            sum = MULTIPLY_ADD(a[m * a_m + k * a_k], x[k * VECTORS + s], sum);
        y[e] = sum;
    }
}

SEEN_THROUGH int weight_gradient(SPACE const REAL *dy, SPACE const float *flipped, SPACE float *g,
                                 const uint units, const uint inputs, const uint samples,
                                 const int add) {
    int huge = 0;
    EACH(e, units * inputs) {
        const uint m = e / inputs, n = e % inputs;
        float sum = add ? g[e] : 0.0f;
        IN_ORDER for (uint s = 0; s < samples; s++)
            sum = MULTIPLY_ADD(dy[m * SAMPLES + s], flipped[s * FLIPPED(inputs) + n], sum);
        g[e] = sum;
        huge |= is_huge(sum);
    }
    return huge;
}

#endif
