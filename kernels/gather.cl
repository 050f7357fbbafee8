/* The batch's rows out of the data set: row n of the batch is row indices[first + n] of the set.
 *
 *     gather           features, targets, indices -> x (count, feature_columns), t (count,
 *                      target_columns); one work-item an element of both
 *     gather_features  features, indices -> x; one work-item an element
 */

/* Element i of a batch of rows. The row of the group's first element costs one division a group,
 * which is no work-item's own; from there most groups reach only the next row or two. */
ulong source_element(global const int *indices, uint start, uint i, uint columns) {
    uint n = start / columns;
    uint column = start - n * columns + (i - start);
    if (column >= columns) {
        const uint further = columns < GROUP ? column / columns : 1;
        n += further;
        column -= further * columns;
    }
    return (ulong)indices[n] * columns + column;
}

kernel void gather_features(global const float *features, ulong features0,
                            global const int *indices, ulong first, global float *x, ulong x0,
                            uint count, uint feature_columns) {
    const uint start = get_group_id(0) * GROUP, i = start + get_local_id(0);
    if (i < count * feature_columns)
        x[x0 + i] = features[features0 + source_element(indices + first, start, i, feature_columns)];
}

kernel void gather(global const float *features, ulong features0, global const float *targets,
                   ulong targets0, global const int *indices, ulong first, global float *x,
                   ulong x0, global float *t, ulong t0, uint count, uint feature_columns,
                   uint target_columns) {
    const uint start = get_group_id(0) * GROUP, i = start + get_local_id(0);
    const uint inputs = count * feature_columns, outputs = count * target_columns;
    if (i < inputs)
        x[x0 + i] = features[features0 + source_element(indices + first, start, i, feature_columns)];
    else if (i < inputs + outputs) {
        const uint j = i - inputs, n = j / target_columns;
        t[t0 + j] = targets[targets0 + (ulong)indices[first + n] * target_columns +
                            (j - n * target_columns)];
    }
}
