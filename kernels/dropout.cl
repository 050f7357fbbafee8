/* dropout: an element is 0 where its 32 random bits are below `threshold` = floor(p 2^32), else
 * multiplied by `scale` = 1 / (1 - p); backward does the same to the gradient. The bits are word
 * unit % 4 of Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011)
 * for counter (unit / 4, sample's position in the global batch, update, stream) and the seed as
 * key, as host/base/random.h says, so that they can be drawn again anywhere.
 *
 *     x, y, dy, dx (count / units, units), one work-item an element */

uint philox_word(uint4 counter, uint2 key, uint word) {
    for (int i = 0; i < 10; i++) {
        const uint2 low = (uint2)(0xD2511F53u * counter.x, 0xCD9E8D57u * counter.z);
        const uint2 high =
            (uint2)(mul_hi(0xD2511F53u, counter.x), mul_hi(0xCD9E8D57u, counter.z));
        counter = (uint4)(high.y ^ counter.y ^ key.x, low.y, high.x ^ counter.w ^ key.y, low.x);
        key += (uint2)(0x9E3779B9u, 0xBB67AE85u);
    }
    return word < 2 ? (word == 0 ? counter.x : counter.y) : (word == 2 ? counter.z : counter.w);
}

float drop(float value, uint i, uint units, uint threshold, float scale, uint layer, uint update,
           uint position, uint seed_low, uint seed_high) {
    const uint sample = i / units, unit = i - sample * units;
    const uint stream = 256u * layer; /* DS_STREAM_DROPOUT is 0 */
    const uint bits = philox_word((uint4)(unit / 4, position + sample, update, stream),
                                  (uint2)(seed_low, seed_high), unit % 4);
    return bits < threshold ? 0.0f : value * scale;
}

kernel void dropout_forward(global const float *x, ulong x0, global float *y, ulong y0, uint count,
                            uint units, uint threshold, float scale, uint layer, uint update,
                            uint position, uint seed_low, uint seed_high) {
    const uint i = get_global_id(0);
    if (i < count)
        y[y0 + i] = drop(x[x0 + i], i, units, threshold, scale, layer, update, position, seed_low,
                         seed_high);
}

kernel void dropout_backward(global const float *dy, ulong dy0, global float *dx, ulong dx0,
                             uint count, uint units, uint threshold, float scale, uint layer,
                             uint update, uint position, uint seed_low, uint seed_high,
                             uint accumulate) {
    const uint i = get_global_id(0);
    if (i < count)
        put(dx + dx0, i,
            drop(dy[dy0 + i], i, units, threshold, scale, layer, update, position, seed_low,
                 seed_high),
            accumulate);
}
