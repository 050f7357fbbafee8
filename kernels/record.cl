/* The loss's records of the batch's samples as one record of the history: the sums of the first four
 * words, the largest of the fifth. record (rows, 5) -> history (5). One group. */

kernel void record(global const float *records, ulong records0, global float *history,
                   ulong history0, uint rows) {
    local float scratch[GROUP];
    records += records0;
    for (uint word = 0; word < 4; word++) {
        float sum = 0.0f;
        for (uint n = get_local_id(0); n < rows; n += GROUP)
            sum += records[5 * n + word];
        sum = group_sum(scratch, sum);
        if (get_local_id(0) == 0)
            history[history0 + word] = sum;
    }
    float largest = 0.0f;
    for (uint n = get_local_id(0); n < rows; n += GROUP)
        largest = larger(largest, records[5 * n + 4]);
    largest = group_largest(scratch, largest);
    if (get_local_id(0) == 0)
        history[history0 + 4] = largest;
}
