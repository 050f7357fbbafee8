/* The loss's records of the batch's samples as one record of the history: the sums of the first four
 * words, the largest of the fifth. record (rows, 5) -> history (5). One group. */

#ifdef PORTABLE

/* One item a word, from the first sample to the last. */
kernel void record(global const float *records, ulong records0, global float *history,
                   ulong history0, uint rows) {
    ROW_BEGIN(word, 5)
    float total = 0.0f;
    IN_ORDER for (uint n = 0; n < rows; n++) {
        const float next = records[records0 + 5 * (ulong)n + word];
        total = word < 4 ? total + next : larger(total, next);
    }
    history[history0 + word] = total;
}

#else

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

#endif
