/* The text of kernels/ and of run.c.in, embedded at build time. */
#ifndef DS_KERNEL_SOURCE_H
#define DS_KERNEL_SOURCE_H

typedef struct ds_kernel_source {
    const char *name; /* "dense.cl"; NULL ends the list */
    const char *text;
} ds_kernel_source;

extern const ds_kernel_source ds_kernel_sources[];
extern const ds_kernel_source ds_reproducer_sources[]; /* see reproducer.c */

#endif
