/* What is launched on a device between two readings by the host: a run. Of the last one can be told
 * what was launched, and, where memory is recorded, too, files be written that do it again without
 * descent. */
#ifndef DS_RECORDING_H
#define DS_RECORDING_H

#include "device/device.h"

/* Notes runs from now on, forgetting those before; with `memory` all that they work on as well. */
ds_status ds_recording_begin(ds_device *device, bool memory);

/* Notes nothing any more, but keeps the last run, of which `place` is the first element that is
 * wrong, or ""; forgets it, too. */
void ds_recording_close(ds_device *device, const char *place);
void ds_recording_end(ds_device *device);

/* Of the last run, or, where nothing was launched, the last program: its hash, the options it was
 * built with and "relu_forward global 128x1 local 64x1, ..."; all "" where there is none. */
ds_status ds_recording_describe(const ds_device *device, char program[65], char **options,
                                char **work);

/* What the first elements of a buffer must hold behind the run. DS_SAME_BITS in place of a bound
 * (`bound` NULL: of all): just this; an infinite one: any number, or, where the value is NaN, anything. */
#define DS_SAME_BITS (-1.0)
ds_status ds_recording_expect(const ds_buffer *buffer, const char *name, bool is_int, int64_t count,
                              const double *value, const double *bound);

/* Writes the run into a folder, which must not be there or be empty: the kernels' text, the
 * contents of all buffers, a C program that launches the kernels and compares what they leave with
 * what they must, and a file for Oclgrind of each launch. `of` is what was run. */
ds_status ds_recording_write(const ds_device *device, const char *folder, const ds_doctor_case *of);

/* Whether that can be. */
ds_status ds_recording_check(const ds_device *device, const char *folder);

#endif
