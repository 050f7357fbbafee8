/* Matrix products of a dense layer (see host/ops/dense.c):
 *
 *     C[m][n] = (bias[n]) + (C[m][n]) + sum_k A(m, k) B(k, n)        m < M, n < N, k < K
 *
 *     forward             C = y  (samples, units)    A = x     B = W^T
 *     gradient of input   C = dx (samples, inputs)   A = dy    B = W
 *     gradient of weight  C = dW (units, inputs)     A = dy^T  B = x
 *
 * C is row-major with N columns. A(m, k) stands at a[a0 + m * a_m + k * a_k] and B(k, n) at
 * b[b0 + k * b_k + n * b_n], so that one kernel serves the three, transposed or not. The order of
 * every sum is fixed.
 *
 * An activation next to the layer may be applied to what is finished (host/launch/groups.c): where
 * FINISH_relu is defined, `finish` FINISH_relu stands for its value and FINISH_relu + 1 for its
 * slope. `other` is then the tensor that receives the values where C keeps the sums (flag 4), or
 * the one that the slope is taken of.
 *
 * Two shapes of the same computation, chosen by host/launch/shaping.c: dense_strip.cl for
 * processors that run a work-item as one thread with vector registers (CPUs), dense_tile.cl for
 * those that run work-items side by side (GPUs); there stands, on paper, what two GPUs can make of
 * it. */

/* Flags. */
#define DENSE_BIAS 1u     /* C starts with the bias */
#define DENSE_ADD 2u      /* and with what it holds */
#define DENSE_KEEP 4u     /* the sums stay in C, the activation's values go to `other` */
#define DENSE_SUM_ROWS 8u /* the gradient of bias is wanted, sum_k A(m, k) */
#define DENSE_SUM_ADD 16u /* and added to what is there */

#define DENSE_ARGUMENTS                                                                            \
    global const float *a, const ulong a0, global const float *b, const ulong b0,                  \
        global float *bias, const ulong bias0, global float *c, const ulong c0,                    \
        global float *other, const ulong other0, const uint M, const uint N, const uint K,         \
        const uint a_m, const uint a_k, const uint b_k, const uint b_n, const uint block,          \
        const uint flags, const uint finish, const float option

/* ---- activations, on DENSE_FINISH finished numbers at a time ---- */

/* A GPU has the numbers in registers, which a call or a loop would put on a stack; on a CPU a call costs
 * little, and a copy of all this for every row of a tile takes long to build. */
#if defined(TILE_GROUP) && !defined(CPU)
#define FINISH_INLINE ALWAYS_INLINE
#define FINISH_UNROLLED _Pragma("unroll")
#else
#define FINISH_INLINE
#define FINISH_UNROLLED
#endif

#define FINISH(code, value, slope)                                                                 \
    if (finish == code)                                                                            \
        FINISH_UNROLLED for (uint i = 0; i < DENSE_FINISH; i++) number[i] = value;                 \
    if (finish == code + 1)                                                                        \
        FINISH_UNROLLED for (uint i = 0; i < DENSE_FINISH; i++) number[i] *= slope;

/* number = f(number), or number f'(z). */
FINISH_INLINE void dense_finish(float *number, const float *z, const uint finish, const float option) {
#ifdef FINISH_identity
    FINISH(FINISH_identity, identity_value(number[i]), identity_slope(z[i]))
#endif
#ifdef FINISH_sigmoid
    FINISH(FINISH_sigmoid, sigmoid_value(number[i]), sigmoid_slope(z[i]))
#endif
#ifdef FINISH_hard_sigmoid
    FINISH(FINISH_hard_sigmoid, hard_sigmoid_value(number[i]), hard_sigmoid_slope(z[i]))
#endif
#ifdef FINISH_tanh
    FINISH(FINISH_tanh, tanh_value(number[i]), tanh_slope(z[i]))
#endif
#ifdef FINISH_relu
    FINISH(FINISH_relu, relu_value(number[i]), relu_slope(z[i]))
#endif
#ifdef FINISH_leaky_relu
    FINISH(FINISH_leaky_relu, leaky_relu_value(number[i], option), leaky_relu_slope(z[i], option))
#endif
#ifdef FINISH_elu
    FINISH(FINISH_elu, elu_value(number[i], option), elu_slope(z[i], option))
#endif
#ifdef FINISH_gelu
    FINISH(FINISH_gelu, gelu_value(number[i]), gelu_slope(z[i]))
#endif
#ifdef FINISH_silu
    FINISH(FINISH_silu, silu_value(number[i]), silu_slope(z[i]))
#endif
#ifdef FINISH_softplus
    FINISH(FINISH_softplus, softplus_value(number[i]), softplus_slope(z[i]))
#endif
}
