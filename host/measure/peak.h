/* What a device can do at most, by kernels of its own (kernels/peak.cl). */
#ifndef DS_MEASURE_PEAK_H
#define DS_MEASURE_PEAK_H

#include "device/device.h"

/* Bytes touched by a triad: from 64 KiB on, four times as many each. Small ones stay in a cache. */
enum { DS_TRIADS = 7, DS_TRIAD_LEAST = 1 << 16 };

typedef struct ds_peak {
    double operations;       /* a second, of multiply-adds in registers */
    double bytes[DS_TRIADS]; /* a second, by what is touched; 0 where that does not fit */
} ds_peak;

/* Raises `peak`, which begins with zeros, to what is reached in about so many seconds each; the
 * device must be profiled. */
ds_status ds_peak_measure(ds_peak *peak, ds_device *device, double seconds);

/* Multiply-adds a second, by the host's clock and from little work upwards, so that it takes
 * milliseconds of a simulator, too. */
ds_status ds_peak_glance(double *operations, ds_device *device);

/* Bytes a second of a triad that touches about as much. */
double ds_peak_bytes(const ds_peak *peak, double touched);

/* Of the largest triad: memory rather than a cache. */
double ds_peak_memory(const ds_peak *peak);

#endif
