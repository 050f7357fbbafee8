/* The batch's rows out of the data set: row n of the batch is row indices[first + n] of the set.
 *
 *     gather           features, targets, indices -> x (count, feature_columns), t (count,
 *                      target_columns)
 *     gather_features  features, indices -> x
 *
 * A group copies a row after the other, `number of groups` apart: one group a row is best, and any
 * number is right. */

void copy_row(global const float *from, global float *to, uint columns) {
    const uint vectors = columns / 4;
    for (uint v = get_local_id(0); v < vectors; v += GROUP)
        vstore4(vload4(v, from), v, to);
    for (uint j = 4 * vectors + get_local_id(0); j < columns; j += GROUP)
        to[j] = from[j];
}

kernel void gather_features(global const float *features, ulong features0,
                            global const int *indices, ulong first, global float *x, ulong x0,
                            uint count, uint feature_columns) {
    for (uint n = get_group_id(0); n < count; n += get_num_groups(0))
        copy_row(features + features0 + (ulong)indices[first + n] * feature_columns,
                 x + x0 + (ulong)n * feature_columns, feature_columns);
}

kernel void gather(global const float *features, ulong features0, global const float *targets,
                   ulong targets0, global const int *indices, ulong first, global float *x,
                   ulong x0, global float *t, ulong t0, uint count, uint feature_columns,
                   uint target_columns) {
    for (uint n = get_group_id(0); n < count; n += get_num_groups(0)) {
        const ulong row = indices[first + n];
        copy_row(features + features0 + row * feature_columns,
                 x + x0 + (ulong)n * feature_columns, feature_columns);
        copy_row(targets + targets0 + row * target_columns, t + t0 + (ulong)n * target_columns,
                 target_columns);
    }
}
