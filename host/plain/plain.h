/* The portable kernels as C functions: their own text, compiled with descent (opencl_as_c.h). */
#ifndef DS_PLAIN_H
#define DS_PLAIN_H

#include <stddef.h>
#include <stdint.h>

/* What they were compiled with: one work-item in a group. */
enum { DS_PLAIN_TILE_ITEM = 4, DS_PLAIN_TILE_DEPTH = 64 };

/* An argument of a kernel. All members begin at the same place, so that the bytes of any may be
 * copied to it. */
typedef union ds_plain_value {
    void *memory;
    uint64_t wide;
    uint32_t narrow;
    int32_t whole;
    float number;
} ds_plain_value;

enum { DS_PLAIN_ARGUMENTS = 32 };

typedef void (*ds_plain_kernel)(const ds_plain_value *argument);

ds_plain_kernel ds_plain_find(const char *name); /* or NULL */

/* Runs it for every group of a launch. */
void ds_plain_run(ds_plain_kernel kernel, const ds_plain_value *argument, const size_t groups[2]);

#endif
