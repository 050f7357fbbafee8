/* The sum over the batch's samples of the loss's record, as a record of the history:
 * record (rows, 4) -> history (4). One group. */

kernel void record(global const float *records, ulong records0, global float *history,
                   ulong history0, uint rows) {
    local float scratch[GROUP];
    records += records0;
    for (uint word = 0; word < 4; word++) {
        float sum = 0.0f;
        for (uint n = get_local_id(0); n < rows; n += GROUP)
            sum += records[4 * n + word];
        sum = group_sum(scratch, sum);
        if (get_local_id(0) == 0)
            history[history0 + word] = sum;
    }
}
