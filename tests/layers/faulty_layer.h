/* What the files of the faulty layer share. Settings are numbers of the environment,
 * FAULTY_GROUP=64 and the like; see faulty_layer.c. */
#ifndef FAULTY_LAYER_H
#define FAULTY_LAYER_H

#include <CL/cl_layer.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the loader would call without the layer. */
extern const cl_icd_dispatch *faulty_target;

/* 0 where it is not set. */
static inline long faulty_setting(const char *name) {
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

/* faulty_limits.c: puts its functions into the table; judges a launch. */
void faulty_limits_join(cl_icd_dispatch *table);
cl_int faulty_limits_judge(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                           const size_t *global, const size_t *local);

/* faulty_flips.c: the same; launches, and flips bits in what the launch has written, or in what was
 * read. */
void faulty_flips_join(cl_icd_dispatch *table);
cl_int faulty_flips_launch(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                           const size_t *offset, const size_t *global, const size_t *local);
void faulty_flips_read(void *data, size_t bytes);

/* faulty_writes.c: the same; what is to become of the next write, fill or copy; how many of its
 * bytes arrive, in whole units; and what is done behind it, for whoever waits for its event. */
typedef enum faulty_write {
    FAULTY_SOUND,
    FAULTY_DROPPED,
    FAULTY_HALVED,
    FAULTY_FLIPPED
} faulty_write;

void faulty_writes_join(cl_icd_dispatch *table);
faulty_write faulty_writes_next(void);
size_t faulty_writes_bytes(faulty_write how, size_t bytes, size_t unit);
cl_int faulty_writes_end(faulty_write how, cl_int code, cl_command_queue queue, cl_mem buffer,
                         size_t offset, size_t bytes, cl_event *event);

#endif
