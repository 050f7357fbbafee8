/* The Euclidean norm of the flat gradient, and the status words that it and the loss decide.
 *
 *     gradient_norm_partial  gradients (count) -> partial (PARTIALS, 2): per group, the sum of
 *                            squares and 1 if an element is not finite; PARTIALS groups, or items
 *     gradient_norm_total    partial, record (rows, 5) -> norm (1), status (2)
 *                            (uint rows, float least, int update); one group
 *
 * status[0] becomes `update` where a gradient or a sample's loss is not finite, status[1] where all
 * is finite and norm <= least; neither once one of them is set. The norm itself may be infinite
 * though every element is finite. */

#ifndef PARTIALS
#define PARTIALS 64
#endif

#ifdef PORTABLE

/* An item a partial sum, PARTIALS elements apart. */
kernel void gradient_norm_partial(global const float *gradients, ulong gradients0,
                                  global float *partial, ulong partial0, ulong count) {
    ROW_BEGIN(p, PARTIALS)
    float squares = 0.0f, mark = 0.0f;
    IN_ORDER for (ulong i = p; i < count; i += PARTIALS) {
        const float g = gradients[gradients0 + i];
        squares += SQUARE(g);
        mark = (as_int(g) & 0x7f800000) == 0x7f800000 ? 1.0f : mark;
    }
    partial[partial0 + 2 * p] = squares;
    partial[partial0 + 2 * p + 1] = mark;
}

#else

/* -1 where an exponent is all ones: infinity or NaN. By the bits, since some compilers take every
 * float for finite. */
int8 not_finite(float8 g) { return (as_int8(g) & 0x7f800000) == 0x7f800000; }

kernel void gradient_norm_partial(global const float *gradients, ulong gradients0,
                                  global float *partial, ulong partial0, ulong count) {
    local float scratch[GROUP];
    /* A stretch of its own for each group, which memory likes better than every 64th piece. */
    const ulong vectors = count / 8, stretch = (vectors + PARTIALS - 1) / PARTIALS;
    const ulong end = min((get_group_id(0) + 1) * stretch, vectors);
    gradients += gradients0;
    /* Vectors, since a compiler may not reorder the sum by itself. */
    float8 square = (float8)(0.0f);
    int8 broken = (int8)(0);
    for (ulong v = get_group_id(0) * stretch + get_local_id(0); v < end; v += GROUP) {
        const float8 g = vload8(v, gradients);
        square += g * g;
        broken |= not_finite(g);
    }
    const ulong rest = vectors * 8 + get_global_id(0);
    if (rest < count) {
        const float8 g = (float8)(gradients[rest], 0, 0, 0, 0, 0, 0, 0);
        square += g * g;
        broken |= not_finite(g);
    }
    const float4 four = square.lo + square.hi;
    const float2 two = four.lo + four.hi;
    const float squares = group_sum(scratch, two.x + two.y);
    const float mark = group_max(scratch, any(broken) ? 1.0f : 0.0f);
    if (get_local_id(0) == 0) {
        partial[partial0 + 2 * get_group_id(0)] = squares;
        partial[partial0 + 2 * get_group_id(0) + 1] = mark;
    }
}

#endif

kernel void gradient_norm_total(global const float *partial, ulong partial0,
                                global const float *records, ulong records0, global float *norm,
                                ulong norm0, global int *status, ulong status0, uint rows,
                                float least, int update) {
    ROW_BEGIN(group, 1)
    partial += partial0;
    records += records0;
    float squares = 0.0f, broken = 0.0f;
    IN_ORDER for (uint i = ROW_FIRST; i < PARTIALS; i += ROW_STEP) {
        squares += partial[2 * i];
        broken = fmax(broken, partial[2 * i + 1]);
    }
    for (uint n = ROW_FIRST; n < rows; n += ROW_STEP)
        broken = (as_int(records[5 * (ulong)n]) & 0x7f800000) == 0x7f800000 ? 1.0f : broken;
    squares = ROW_SUM(squares);
    broken = ROW_MAX(broken);
    if (ROW_IS_MINE(0)) {
        const float length = sqrt(squares);
        norm[norm0] = length;
        status += status0;
        if (status[0] == 0 && status[1] == 0) {
            if (broken > 0.0f)
                status[0] = update;
            else if (length <= least)
                status[1] = update;
        }
    }
}
