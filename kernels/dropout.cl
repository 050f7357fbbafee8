/* dropout: an element is 0 where its 32 random bits are below `threshold` = floor(p 2^32), else
 * multiplied by `scale` = 1 / (1 - p); backward does the same to the gradient. The bits are word
 * unit % 4 of Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011)
 * for counter (unit / 4, sample's position in the global batch, update, stream) and the seed as
 * key, as host/base/random.h says, so that they can be drawn again anywhere.
 *
 *     x, y, dy, dx (count / units, units); one work-item for the four units of a counter, so that
 *     of one work-item an element many have nothing to do. */

/* Products of 32 bits as one of 64, which compilers know better than mul_hi. */
uint4 philox(uint c0, uint c1, uint c2, uint c3, uint key0, uint key1) {
    for (int i = 0; i < 10; i++) {
        const ulong p = 0xD2511F53ul * c0, q = 0xCD9E8D57ul * c2;
        c0 = (uint)(q >> 32) ^ c1 ^ key0;
        c1 = (uint)q;
        c2 = (uint)(p >> 32) ^ c3 ^ key1;
        c3 = (uint)p;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    uint4 bits;
    bits.x = c0;
    bits.y = c1;
    bits.z = c2;
    bits.w = c3;
    return bits;
}

float keep(float value, uint bits, uint threshold, float scale) {
    return bits < threshold ? 0.0f : value * scale;
}

#ifndef NETWORK

void drop(global const float *from, global float *to, uint count, uint units, uint threshold,
          float scale, uint layer, uint update, uint position, uint seed_low, uint seed_high,
          uint accumulate) {
    const uint i = get_global_id(0), quads = (units + 3) / 4;
    const uint sample = i / quads, quad = i - sample * quads;
    if (sample >= count / units)
        return;
    const uint stream = 256u * layer; /* DS_STREAM_DROPOUT is 0 */
    const uint4 bits = philox(quad, position + sample, update, stream, seed_low, seed_high);
    const uint rest = units - 4 * quad;
    from += (ulong)sample * units + 4 * quad;
    to += (ulong)sample * units + 4 * quad;
    put(to, 0, keep(from[0], bits.x, threshold, scale), accumulate);
    if (rest > 1)
        put(to, 1, keep(from[1], bits.y, threshold, scale), accumulate);
    if (rest > 2)
        put(to, 2, keep(from[2], bits.z, threshold, scale), accumulate);
    if (rest > 3)
        put(to, 3, keep(from[3], bits.w, threshold, scale), accumulate);
}

kernel void dropout_forward(global const float *x, ulong x0, global float *y, ulong y0, uint count,
                            uint units, uint threshold, float scale, uint layer, uint update,
                            uint position, uint seed_low, uint seed_high) {
    drop(x + x0, y + y0, count, units, threshold, scale, layer, update, position, seed_low,
         seed_high, 0);
}

kernel void dropout_backward(global const float *dy, ulong dy0, global float *dx, ulong dx0,
                             uint count, uint units, uint threshold, float scale, uint layer,
                             uint update, uint position, uint seed_low, uint seed_high,
                             uint accumulate) {
    drop(dy + dy0, dx + dx0, count, units, threshold, scale, layer, update, position, seed_low,
         seed_high, accumulate);
}

#endif
