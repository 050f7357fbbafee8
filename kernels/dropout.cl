/* dropout: an element is 0 where its 32 random bits are below `threshold` = floor(p 2^32), else
 * multiplied by `scale` = 1 / (1 - p); backward does the same to the gradient. The bits are word
 * unit % 4 of Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011)
 * for counter (unit / 4, sample's position in the global batch, update, stream) and the seed as
 * key, as host/base/random.h says, so that they can be drawn again anywhere.
 *
 *     x, y, dy, dx (count / units, units); one work-item for the 4 WIDTH units of WIDTH counters */

/* Counters are drawn for as many at a time as make a vector: in a network for the samples of a REAL,
 * else for the units of a sample, four by four. On their way through the rounds the words of a
 * vector have the room of 64 bits, as their products do, or a CPU would do little else than move
 * them; of scalars, compilers know such products better than mul_hi. */
#if defined(NETWORK) && LANES * VECTORS > 1
#define DRAWS LANES
#else
#define DRAWS WIDTH
#endif
#if DRAWS == 1
#define WORDS uint
#define STATE uint
#define LONG_WORDS ulong
#define TO_WORDS
#define TO_STATE
#define MULTIPLY_WORD(word, factor) ((ulong)(word) * (factor))
#define HIGH_WORD(product) ((uint)((product) >> 32))
#define LOW_WORD(product) ((uint)(product))
#define WORDS_LOAD(v, p) (p)[v]
#define WORDS_STORE(value, v, p) (p)[v] = (value)
#else
#define WORDS JOIN(uint, DRAWS)
#define STATE JOIN(ulong, DRAWS)
#define LONG_WORDS STATE
#define TO_WORDS JOIN(convert_uint, DRAWS)
#define TO_STATE JOIN(convert_ulong, DRAWS)
#define MULTIPLY_WORD(word, factor) ((word) * (factor))
#define HIGH_WORD(product) ((product) >> 32)
#define LOW_WORD(product) ((product) & 0xFFFFFFFFul)
#define WORDS_LOAD JOIN(vload, DRAWS)
#define WORDS_STORE JOIN(vstore, DRAWS)
#endif

/* The four words of each counter (number, position, update, stream). */
ALWAYS_INLINE void philox(const WORDS number, const WORDS position, const uint update,
                          const uint stream, uint key0, uint key1, WORDS *bits) {
    STATE c0 = TO_STATE(number), c1 = TO_STATE(position), c2 = update, c3 = stream;
#pragma unroll
    for (int i = 0; i < 10; i++) {
        const LONG_WORDS p = MULTIPLY_WORD(c0, 0xD2511F53ul);
        const LONG_WORDS q = MULTIPLY_WORD(c2, 0xCD9E8D57ul);
        c0 = HIGH_WORD(q) ^ c1 ^ key0;
        c1 = LOW_WORD(q);
        c2 = HIGH_WORD(p) ^ c3 ^ key1;
        c3 = LOW_WORD(p);
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    bits[0] = TO_WORDS(c0);
    bits[1] = TO_WORDS(c1);
    bits[2] = TO_WORDS(c2);
    bits[3] = TO_WORDS(c3);
}

#if !defined(NETWORK) || LANES * VECTORS == 1

/* Elements of a sample from unit 4 `quad` on, four for each counter. */
ALWAYS_INLINE void drop_units(SPACE const float *from, SPACE float *to, const uint quad,
                              const uint units, const uint threshold, const float scale,
                              const uint stream, const uint update, const uint position,
                              const uint seed_low, const uint seed_high, const uint accumulate) {
    uint number[WIDTH], word[4 * WIDTH], mixed[4 * WIDTH];
    WORDS bits[4];
    for (uint i = 0; i < WIDTH; i++)
        number[i] = quad + i;
    philox(WORDS_LOAD(0, number), position, update, stream, seed_low, seed_high, bits);
#pragma unroll
    for (uint i = 0; i < 4; i++)
        WORDS_STORE(bits[i], i, word);
#pragma unroll
    for (uint k = 0; k < 4 * WIDTH; k++)
        mixed[k] = word[k % 4 * WIDTH + k / 4];
#pragma unroll
    for (uint c = 0; c < 4; c++) {
        const uint k = 4 * quad + c * WIDTH;
        const WIDE value = wide_get(from, k, units) * scale;
        WIDE kept = WORDS_LOAD(c, mixed) < threshold ? (WIDE)(0.0f) : value;
        if (accumulate)
            kept += wide_get(to, k, units);
        wide_put(kept, to, k, units);
    }
}

#endif

#ifndef NETWORK

void drop(global const float *from, global float *to, uint count, uint units, uint threshold,
          float scale, uint layer, uint update, uint position, uint seed_low, uint seed_high,
          uint accumulate) {
    const uint i = get_global_id(0), across = (units + 4 * WIDTH - 1) / (4 * WIDTH);
    const uint sample = i / across, quad = (i - sample * across) * WIDTH;
    const uint stream = 256u * layer; /* DS_STREAM_DROPOUT is 0 */
    if (sample < count / units)
        drop_units(from + (ulong)sample * units, to + (ulong)sample * units, quad, units,
                   threshold, scale, stream, update, position + sample, seed_low, seed_high,
                   accumulate);
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
