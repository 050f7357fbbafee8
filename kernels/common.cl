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
float larger(float a, float b) { return a != a || a > b ? a : b; }

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

/* Sets an element of a gradient, or adds to it. */
void put(global float *out, uint index, float value, uint accumulate) {
    out[index] = accumulate ? out[index] + value : value;
}
