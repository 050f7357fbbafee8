/* Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", 2011), the same here and in kernels/philox.cl. A number is a function of its key and
 * counter alone, so any part of a run can be drawn again. */
#ifndef DS_RANDOM_H
#define DS_RANDOM_H

#include <stdint.h>

/* What a stream of numbers is for; keeps the streams of one seed apart. */
typedef enum ds_stream {
    DS_STREAM_DROPOUT,
    DS_STREAM_INIT,
    DS_STREAM_SHUFFLE,
    DS_STREAM_SPLIT,
    DS_STREAM_DATA /* generated data sets */
} ds_stream;

/* 128 random bits for (seed, stream) and a counter. Dropout's, for unit u: word u % 4 of (c0 = u /
 * 4, c1 = sample's position in the global batch, c2 = update), stream DS_STREAM_DROPOUT + 256 *
 * layer. */
void ds_philox(uint32_t out[4], uint64_t seed, uint32_t stream, uint32_t c0, uint32_t c1,
               uint32_t c2);

/* Number `index` of a sequence: uniform in [0, 1) with 53 bits; standard normal (Box-Muller). */
double ds_random_uniform(uint64_t seed, ds_stream stream, uint32_t sequence, uint32_t index);
double ds_random_normal(uint64_t seed, ds_stream stream, uint32_t sequence, uint32_t index);

/* Fills `order` with a permutation of 0 .. count-1 (Fisher-Yates). */
void ds_random_order(int32_t *order, int32_t count, uint64_t seed, ds_stream stream,
                     uint32_t sequence);

#endif
