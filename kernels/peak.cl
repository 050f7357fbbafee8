/* What a device can do at most: multiply-adds in registers, and memory read and written. Measured
 * by `descent bench` in the same run as the kernels it is compared with.
 *
 * PEAK_LANES (build option): floats in a vector. */

#define PEAK_CHAINS 16 /* multiply-adds that do not wait for each other */
#define PEAK_VECTOR JOIN(float, PEAK_LANES)
#define PEAK_LOAD JOIN(vload, PEAK_LANES)
#define PEAK_STORE JOIN(vstore, PEAK_LANES)

/* 2 * PEAK_LANES * PEAK_CHAINS * rounds operations a work-item. x = a x + b stays in range for
 * |a| < 1. */
kernel WIDE_VECTORS void peak_multiply_add(global float *out, const uint rounds, const float a,
                                           const float b) {
    const uint item = (uint)get_global_id(0);
    PEAK_VECTOR x[PEAK_CHAINS];
#pragma unroll
    for (uint i = 0; i < PEAK_CHAINS; i++)
        x[i] = (PEAK_VECTOR)((float)(item + i));
    for (uint round = 0; round < rounds; round++)
#pragma unroll
        for (uint i = 0; i < PEAK_CHAINS; i++)
            x[i] = MULTIPLY_ADD(x[i], (PEAK_VECTOR)(a), (PEAK_VECTOR)(b));
#pragma unroll
    for (uint i = 1; i < PEAK_CHAINS; i++)
        x[0] += x[i];
    PEAK_STORE(x[0], item, out);
}

/* c = a + s b, so many vectors, a run of them a group: 3 * 4 * PEAK_LANES bytes a vector. */
kernel WIDE_VECTORS void peak_triad(global const float *a, global const float *b, global float *c,
                                    const float s, const uint vectors, const uint run) {
    const uint first = (uint)get_group_id(0) * run + (uint)get_local_id(0);
    const uint last = min(((uint)get_group_id(0) + 1) * run, vectors);
    for (uint v = first; v < last; v += (uint)get_local_size(0))
        PEAK_STORE(MULTIPLY_ADD(PEAK_LOAD(v, b), (PEAK_VECTOR)(s), PEAK_LOAD(v, a)), v, c);
}
