/* Host memory: the only caller of malloc, realloc and free. */
#ifndef DS_MEMORY_H
#define DS_MEMORY_H

#include "base/status.h"

/* Gives `count` zeroed elements of `size` bytes through `out` (a pointer to a pointer of any type);
 * at least one byte, so that the pointer is never NULL. Given back by ds_free. */
ds_status ds_new(void *out, size_t count, size_t size);

/* Changes the size of what `out` points to; new bytes are not zeroed. */
ds_status ds_resize(void *out, size_t count, size_t size);

/* Like ds_new for one object, but false instead of an error: for the error record itself. */
bool ds_new_quietly(void *out, size_t size);

ds_status ds_copy_text(char **out, const char *text);

/* The Nth allocation from now on fails, and each after it; 0 turns this off. For tests. */
void ds_fail_allocation(long nth);

/* Blocks held now, for leak tests. */
long ds_memory_held(void);

#endif
