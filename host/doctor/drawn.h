/* The numbers that the doctor fills memory with: a thousand million of them. */
#ifndef DS_DRAWN_H
#define DS_DRAWN_H

#include <stdint.h>

/* Three numbers in [0, 1) that belong to an element of a storage. */
typedef struct ds_draw {
    double size, choice, share;
} ds_draw;

/* The finalizer of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
 * Generators", 2014). */
static inline ds_draw ds_drawn(uint64_t seed, int storage, int64_t element) {
    uint64_t bits =
        ((seed << 8 | (uint64_t)storage) << 32 | (uint64_t)element) * 0x9e3779b97f4a7c15;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
    bits ^= bits >> 31;
    return (ds_draw){(double)(bits >> 36) * 0x1p-28, (double)(bits >> 18 & 0x3ffff) * 0x1p-18,
                     (double)(bits & 0x3ffff) * 0x1p-18};
}

#endif
