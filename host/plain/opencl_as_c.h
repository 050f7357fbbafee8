/* As much of OpenCL C as the portable kernels use, in C: their files can be included behind this
 * one and compiled as they are. Work-items run one after the other, each alone in its work-group,
 * so that a barrier has nobody to wait for. */
#ifndef DS_OPENCL_AS_C_H
#define DS_OPENCL_AS_C_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The same expression must have the same bits everywhere: no wider registers. */
_Static_assert(FLT_EVAL_METHOD == 0, "float expressions must be rounded to float");

typedef uint32_t cl_c_uint;
#define uint cl_c_uint
#define ulong uint64_t

#define kernel static
#define ALWAYS_INLINE static inline
#define global
#define local
#define reqd_work_group_size(x, y, z)
#define CLK_LOCAL_MEM_FENCE 0
#define CLK_GLOBAL_MEM_FENCE 0
#define barrier(fence) ((void)0)

/* ---- the work-item that runs ---- */

__attribute__((unused)) static _Thread_local size_t item_group[2], item_groups[2];
#define get_group_id(d) item_group[d]
#define get_num_groups(d) item_groups[d]
#define get_global_id(d) item_group[d]
#define get_local_id(d) ((size_t)0)
#define get_local_size(d) ((size_t)1)

/* ---- built-in functions ---- */

static inline int as_int(float x) {
    int bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline uint as_uint(float x) {
    uint bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float as_float(uint bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint clz(uint x) {
    uint zeros = 0;
    for (uint bit = 0x80000000u; bit && !(x & bit); bit >>= 1)
        zeros++;
    return zeros;
}

static inline uint min(uint a, uint b) {
    return a < b ? a : b;
}

#undef fabs
#undef fmax
#undef sqrt
#undef trunc
#define fabs(x) fabsf(x)
#define fmax(x, y) fmaxf(x, y)
#define sqrt(x) sqrtf(x)
#define trunc(x) truncf(x)

/* ---- vectors: only moved ---- */

typedef struct float4 {
    float part[4];
} __attribute__((aligned(16), may_alias)) float4;

typedef struct uint4 {
    uint x, y, z, w;
} uint4;

static inline float4 vload4(size_t v, const float *from) {
    float4 value;
    memcpy(&value, from + 4 * v, sizeof value);
    return value;
}

static inline void vstore4(float4 value, size_t v, float *to) {
    memcpy(to + 4 * v, &value, sizeof value);
}

#endif
