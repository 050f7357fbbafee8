/* Put in front of every program.
 *
 * GROUP (build option): work-items in a group of a kernel that works row by row or reduces; a power
 * of two. 16 suits a CPU, where a compiler makes SIMD lanes of work-items, 64 to 256 a GPU.
 *
 * Buffers come with an offset in elements. Every reduction has a fixed order, so that two runs on
 * one device give the same bits. */

/* a * b + c must not become an fma where a compiler happens to like it: the same source would give
 * other bits in another kernel or on another device. Where an fma is meant, fma() says so. */
#pragma OPENCL FP_CONTRACT OFF

#ifndef GROUP
#define GROUP 16
#endif

#define JOIN_(x, y) x##y
#define JOIN(x, y) JOIN_(x, y)

/* One rounding instead of two where the device has it in hardware. */
#ifdef HAS_FMA
#define MULTIPLY_ADD(x, y, z) fma(x, y, z)
#else
#define MULTIPLY_ADD(x, y, z) ((x) * (y) + (z))
#endif

/* Division, which OpenCL lets be 2.5 ulp off. */
#ifndef PORTABLE
#define QUOTIENT(x, y) ((x) / (y))
#endif

/* A square that is 0 where it would be denormal. Where all denormals are kept, sums of such squares
 * take many processors a hundred times as long. */
#ifdef PORTABLE
#define SQUARE(x) (fabs(x) < 0x1p-63f ? 0.0f : (x) * (x))
#else
#define SQUARE(x) ((x) * (x))
#endif

/* Without this LLVM splits 512-bit vectors in halves. */
#if defined(__has_attribute)
#if __has_attribute(min_vector_width)
#define WIDE_VECTORS __attribute__((min_vector_width(512)))
#endif
#endif
#ifndef WIDE_VECTORS
#define WIDE_VECTORS
#endif

/* Of a function whose arguments shall stay in registers: a call puts what they point to on a stack. */
#if defined(__has_attribute) && !defined(ALWAYS_INLINE)
#if __has_attribute(always_inline)
#define ALWAYS_INLINE __attribute__((always_inline))
#endif
#endif
#ifndef ALWAYS_INLINE
#define ALWAYS_INLINE
#endif

/* Begin to fetch what will be read, or written. OpenCL's own prefetch() does nothing in the runtimes that
 * this is for; the compiler's ends those that go by way of SPIR, all but Intel's. */
#if defined(__has_builtin) && !defined(__SPIR__) && !defined(__SPIR64__)
#if __has_builtin(__builtin_prefetch) && defined(__OPENCL_VERSION__)
#define PREFETCH(address) __builtin_prefetch((const void *)(ulong)(address))
#define PREFETCH_TO_WRITE(address) __builtin_prefetch((const void *)(ulong)(address), 1)
#endif
#endif
#ifndef PREFETCH
#define PREFETCH(address)
#define PREFETCH_TO_WRITE(address)
#endif

/* Formulas are written once for two ways of running. In a program of single ops a REAL is a float,
 * tensors stand in global memory row by row, and the items of a group share a row. In a program that
 * runs a whole network (network.cl) a REAL holds one number of LANES samples, SPACE is where that
 * program keeps its tensors, and a row lies in one item, its elements VECTORS apart. */
#ifndef NETWORK
#define LANES 1
#define SPACE global
#define AT(k) (k)
#else
#define AT(k) ((k) * VECTORS)
#endif

/* In front of a loop that carries something from round to round. Where a work-item is the last of its
 * kind, Intel's compiler makes SIMD lanes of the rounds, which then are summed in another order. */
#if defined(PORTABLE) && defined(__OPENCL_VERSION__)
#define IN_ORDER _Pragma("clang loop vectorize(disable)")
#else
#define IN_ORDER
#endif

/* What a product's sum goes on from. In portable math it is never -0: where all terms are -0 as well
 * that would stay, unless the zeros that fill a tile are added to it. */
#ifdef PORTABLE
#define START(x) ((x) + 0.0f)
#else
#define START(x) (x)
#endif

/* PORTABLE (build option): the same bits on every device, see portable.cl. A row then lies in one item
 * here, too, so that its sums go from left to right whatever the group. */
#if !defined(NETWORK) && !defined(PORTABLE)
#define ROW_FIRST ((uint)get_local_id(0))
#define ROW_STEP GROUP
#define ROW_SCRATCH local float *scratch,
#define ROW_SCRATCH_ARGUMENT scratch,
#define ROW_SUM(value) group_sum(scratch, value)
#define ROW_MAX(value) group_max(scratch, value)
#define ROW_LARGEST(value) group_largest(scratch, value)
#define ROW_IS_MINE(k) ((k) % GROUP == get_local_id(0))
#define ROW_BEGIN(row, rows)                                                                       \
    local float scratch[GROUP];                                                                    \
    const ulong row = get_group_id(0);
#else
#define ROW_FIRST 0u
#define ROW_STEP 1u
#define ROW_SCRATCH
#define ROW_SCRATCH_ARGUMENT
#define ROW_SUM(value) (value)
#define ROW_MAX(value) (value)
#define ROW_LARGEST(value) (value)
#define ROW_IS_MINE(k) 1
#define ROW_BEGIN(row, rows)                                                                       \
    const ulong row = get_global_id(0);                                                            \
    if (row >= rows)                                                                               \
        return;
#endif

/* EACH_COLUMN(k, columns, body): of a row, each item its own, GROUP apart. PoCL makes SIMD lanes of
 * work-items, but only of what lies between barriers: whole groups of columns end with one. It takes
 * longer to build, and is for groups that suit a CPU. */
#if defined(POCL_DEVICE_ADDRESS_BITS) && GROUP > 1 && GROUP <= 64 && !defined(NETWORK) &&           \
    !defined(PORTABLE)
#define EACH_COLUMN(k, columns, body)                                                              \
    {                                                                                              \
        uint k = ROW_FIRST;                                                                        \
        for (uint end = GROUP; end <= (columns); end += GROUP, k += GROUP) {                       \
            body barrier(CLK_LOCAL_MEM_FENCE);                                                     \
        }                                                                                          \
        if (k < (columns)) {                                                                       \
            body                                                                                   \
        }                                                                                          \
    }
#else
#define EACH_COLUMN(k, columns, body)                                                              \
    IN_ORDER for (uint k = ROW_FIRST; k < (columns); k += ROW_STEP) { body }
#endif

#if LANES == 1
#define REAL float
#define LANED(name) name
#else
#define REAL JOIN(float, LANES)
#define LANED(name) JOIN(name, LANES)
#endif

/* WIDTH (build option) elements of a flat buffer, for the formulas of optimizers. */
#ifndef WIDTH
#define WIDTH 1
#endif
#if WIDTH == 1
#define WIDE float
#define WIDE_BITS int
#define AS_WIDE_BITS as_int
#define AS_WIDE as_float
#define WIDE_LOAD(v, p) (p)[v]
#define WIDE_STORE(value, v, p) (p)[v] = (value)
#else
#define WIDE JOIN(float, WIDTH)
#define WIDE_BITS JOIN(int, WIDTH)
#define AS_WIDE_BITS JOIN(as_int, WIDTH)
#define AS_WIDE JOIN(as_float, WIDTH)
#define WIDE_LOAD JOIN(vload, WIDTH)
#define WIDE_STORE JOIN(vstore, WIDTH)
#endif

/* WIDTH elements from the i-th on, or those of them that lie before `end`: behind it another work-item
 * may write. */
ALWAYS_INLINE WIDE wide_get(SPACE const float *from, const uint i, const uint end) {
    float edge[WIDTH];
    if (i + WIDTH <= end)
        return WIDE_LOAD(0, from + i);
    for (uint k = 0; k < WIDTH; k++)
        edge[k] = i + k < end ? from[i + k] : 0.0f;
    return WIDE_LOAD(0, edge);
}

ALWAYS_INLINE void wide_put(const WIDE value, SPACE float *to, const uint i, const uint end) {
    float edge[WIDTH];
    if (i + WIDTH <= end) {
        WIDE_STORE(value, 0, to + i);
        return;
    }
    WIDE_STORE(value, 0, edge);
    for (uint k = 0; i + k < end; k++)
        to[i + k] = edge[k];
}

/* The sum of one value per work-item of the group, in every work-item; a balanced tree. All of the
 * group must come here. `scratch` may be used again at once. */
float group_sum(local float *scratch, float value) {
    const uint item = get_local_id(0);
    scratch[item] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint half_size = GROUP / 2; half_size > 0; half_size /= 2) {
        if (item < half_size)
            scratch[item] += scratch[item + half_size];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    const float total = scratch[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    return total;
}

/* The same for the largest; NaN counts for nothing. */
float group_max(local float *scratch, float value) {
    const uint item = get_local_id(0);
    scratch[item] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint half_size = GROUP / 2; half_size > 0; half_size /= 2) {
        if (item < half_size)
            scratch[item] = fmax(scratch[item], scratch[item + half_size]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    const float largest = scratch[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    return largest;
}

/* The larger of two; NaN stays. */
REAL larger(REAL a, REAL b) { return a != a || a > b ? a : b; }

#ifndef NETWORK
/* group_max in which NaN stays. */
float group_largest(local float *scratch, float value) {
    const uint item = get_local_id(0);
    scratch[item] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint half_size = GROUP / 2; half_size > 0; half_size /= 2) {
        if (item < half_size)
            scratch[item] = larger(scratch[item], scratch[item + half_size]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    const float largest = scratch[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    return largest;
}
#endif

/* Sets an element of a gradient, or adds to it. */
void put(SPACE REAL *out, uint index, REAL value, uint accumulate) {
    out[index] = accumulate ? out[index] + value : value;
}
