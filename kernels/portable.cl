/* `math: portable`: the same bits on every device. In front of the other files, behind common.cl.
 *
 * OpenCL fixes the bits of +, -, *, of comparisons and of conversions. It leaves open: division and
 * square root (2.5 and 3 ulp), exp, log, tanh and the like, whether a * b + c is one operation, which
 * zero fmax gives, whether denormals are kept, and in whose hands a sum lies. So here
 *
 *     a sum goes from its first term to its last, in one work-item (products: dense.cl);
 *     there is no fma, since a device without it takes a hundred times as long;
 *     division and square root round correctly, by integers where the device does not say that its
 *     own do (HAS_EXACT_DIVISION);
 *     exp, log, tanh and the like are those of functions.cl, as everywhere;
 *     denormals are kept.
 *
 * A device that does not do as OpenCL says, or flushes denormals, is refused: portable_probe. */

/* ---- division and square root ---- */

/* The float nearest to m 2^e, of even m where two are equally near. 2^25 <= m < 2^26, its last bit
 * standing for all that was cut off behind it. */
float nearest(uint m, int e) {
    const int below = -126 - (e + 25); /* bits that a denormal has less */
    const uint cut = below > 24 ? 27u : below > 0 ? 2u + (uint)below : 2u;
    const uint rest = m & ((1u << cut) - 1u), half_way = 1u << (cut - 1u);
    uint bits = m >> cut;
    if (rest > half_way || (rest == half_way && (bits & 1u)))
        bits++;
    /* Without its leading one, which a denormal lacks, and which rounding up may turn into a carry. */
    if (below <= 0)
        bits += (uint)(e + 25 + 126) << 23;
    return as_float(e > 102 ? 0x7f800000u : bits);
}

/* A positive finite number as m 2^(e - 150), 2^23 <= m < 2^24. */
uint parts_of(float x, int *e) {
    const uint bits = as_uint(x);
    const uint fraction = bits & 0x007fffffu;
    if (bits >= 0x00800000u) {
        *e = (int)(bits >> 23);
        return fraction | 0x00800000u;
    }
    const uint shift = clz(fraction) - 8u;
    *e = 1 - (int)shift;
    return fraction << shift;
}

float exact_quotient(float x, float y) {
    const float a = fabs(x), b = fabs(y);
    const uint sign = (as_uint(x) ^ as_uint(y)) & 0x80000000u;
    float quotient;
    if (x != x || y != y || (a == 0.0f && b == 0.0f) || (a == INFINITY && b == INFINITY)) {
        return NAN;
    } else if (a == INFINITY || b == 0.0f) {
        quotient = INFINITY;
    } else if (a == 0.0f || b == INFINITY) {
        quotient = 0.0f;
    } else {
        int e_a, e_b;
        const uint m_a = parts_of(a, &e_a), m_b = parts_of(b, &e_b);
        const uint shift = m_a < m_b ? 26u : 25u;
        const ulong dividend = (ulong)m_a << shift;
        const uint whole = (uint)(dividend / m_b);
        quotient = nearest(whole | ((ulong)whole * m_b != dividend ? 1u : 0u), e_a - e_b - (int)shift);
    }
    return as_float(as_uint(quotient) | sign);
}

float exact_root(float x) {
    int e;
    if (x == 0.0f || x == INFINITY)
        return x;
    if (!(x > 0.0f))
        return NAN;
    const uint m = parts_of(x, &e);
    const uint odd = ~(uint)e & 1u; /* so that the exponent of the square is even */
    const ulong square = (ulong)m << (27u + odd);
    uint root = 0;
    for (uint bit = 1u << 25; bit > 0; bit >>= 1)
        if ((ulong)(root | bit) * (root | bit) <= square)
            root |= bit;
    return nearest(root | ((ulong)root * root != square ? 1u : 0u), (e - 150 - 27 - (int)odd) / 2);
}

#ifdef HAS_EXACT_DIVISION
#define QUOTIENT(x, y) ((x) / (y))
#else
#define QUOTIENT(x, y) exact_quotient(x, y)
#undef sqrt
#define sqrt(x) exact_root(x)
#endif

/* ---- the larger of two ---- */

/* The larger of two, the other one where one is NaN, the first of two zeros. */
REAL portable_fmax(REAL x, REAL y) { return x != x || y > x ? y : x; }
#undef fmax
#define fmax(x, y) portable_fmax(x, y)

/* ---- whether the device keeps the rules ---- */

/* What the host computes, too, and compares: product and sum, a product that is a denormal, sums and
 * products of denormals, quotients, square roots from the number `roots` on, a sum, and what comes of
 * so many rounds of a loop; and of all numbers quotients and roots by integers, which another device
 * may need. in (2, count) and so many terms, out (count + 2 + count). */
kernel void portable_probe(global const float *in, ulong in0, global float *out, ulong out0,
                           uint count, uint roots, uint terms, uint rounds) {
    if (get_global_id(0) > 0)
        return;
    global const float *x = in + in0, *y = x + count;
    for (uint i = 0; i < count; i++) {
        float result = x[i] * y[i];
        if (i == 0)
            result = MULTIPLY_ADD(x[0], x[0], y[0]);
        else if (i >= roots)
            result = sqrt(x[i]);
        else if (i > 3)
            result = QUOTIENT(x[i], y[i]);
        else if (i == 3)
            result = x[i] + y[i];
        out[out0 + i] = result;
        out[out0 + count + 2 + i] = i >= roots ? exact_root(x[i]) : exact_quotient(x[i], y[i]);
    }
    global const float *term = y + count;
    float total = 0.0f;
    IN_ORDER for (uint i = 0; i < terms; i++)
        total += term[i];
    out[out0 + count] = total;
    uint number = 1;
    for (uint i = 0; i < rounds; i++)
        number = number * 1664525u + 1013904223u;
    out[out0 + count + 1] = (float)(number >> 8);
}
