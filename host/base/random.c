#include "base/random.h"

#include <Random123/philox.h>
#include <math.h>

void ds_philox(uint32_t out[4], uint64_t seed, uint32_t stream, uint32_t c0, uint32_t c1,
               uint32_t c2) {
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    philox4x32_ctr_t counter = {{c0, c1, c2, stream}};
    philox4x32_ctr_t bits = philox4x32(counter, key);
    for (int i = 0; i < 4; i++)
        out[i] = bits.v[i];
}

static double unit_interval(uint32_t high, uint32_t low) {
    uint64_t bits = (uint64_t)high << 32 | low;
    return (double)(bits >> 11) * 0x1p-53;
}

double ds_random_uniform(uint64_t seed, ds_stream stream, uint32_t sequence, uint32_t index) {
    uint32_t bits[4];
    ds_philox(bits, seed, stream, index, 0, sequence);
    return unit_interval(bits[0], bits[1]);
}

double ds_random_normal(uint64_t seed, ds_stream stream, uint32_t sequence, uint32_t index) {
    uint32_t bits[4];
    ds_philox(bits, seed, stream, index, 1, sequence);
    double radius = sqrt(-2.0 * log1p(-unit_interval(bits[0], bits[1])));
    return radius * cos(2.0 * 3.14159265358979323846 * unit_interval(bits[2], bits[3]));
}

void ds_random_order(int32_t *order, int32_t count, uint64_t seed, ds_stream stream,
                     uint32_t sequence) {
    uint32_t bits[4] = {0};
    for (int32_t i = 0; i < count; i++)
        order[i] = i;
    for (int32_t i = count - 1, draw = 0; i > 0; i--, draw++) {
        if (draw % 4 == 0)
            ds_philox(bits, seed, stream, (uint32_t)(draw / 4), 2, sequence);
        int32_t j = (int32_t)(((uint64_t)bits[draw % 4] * (uint64_t)(i + 1)) >> 32);
        int32_t kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}
