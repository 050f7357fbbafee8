/* Whole numbers: what <stdint.h> leaves out. */
#ifndef DS_WHOLE_H
#define DS_WHOLE_H

#include <stdint.h>

static inline int64_t ds_least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static inline int64_t ds_most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* Groups of so many that hold them all. */
static inline int64_t ds_groups_of(int64_t value, int64_t step) {
    return (value + step - 1) / step;
}

/* The largest power of two that is at most `most`, which is at least 1. */
static inline unsigned ds_power_of_two(int64_t most) {
    unsigned power = 1;
    while (power < 1u << 31 && 2 * (int64_t)power <= most)
        power *= 2;
    return power;
}

#endif
