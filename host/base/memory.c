#include "base/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static atomic_long held;
static atomic_long allocations_left = -1; /* -1: no failure is planned */

static bool may_allocate(void) {
    long left = atomic_load(&allocations_left);
    if (left < 0)
        return true;
    if (left > 0)
        atomic_fetch_sub(&allocations_left, 1);
    return left > 0;
}

bool ds_new_quietly(void *out, size_t size) {
    void *memory = may_allocate() ? calloc(1, size ? size : 1) : NULL;
    if (!memory)
        return false;
    atomic_fetch_add(&held, 1);
    memcpy(out, &memory, sizeof memory);
    return true;
}

ds_status ds_new(void *out, size_t count, size_t size) {
    if ((size && count > SIZE_MAX / 2 / size) || !ds_new_quietly(out, count * size))
        return ds_fail(DS_OUT_OF_MEMORY, "use a smaller batch or less data",
                       "no memory for %zu elements of %zu bytes", count, size);
    return DS_OK;
}

ds_status ds_resize(void *out, size_t count, size_t size) {
    void *memory;
    memcpy(&memory, out, sizeof memory);
    if (!memory)
        return ds_new(out, count, size);
    void *grown = NULL;
    if ((!size || count <= SIZE_MAX / 2 / size) && may_allocate())
        grown = realloc(memory, count && size ? count * size : 1);
    if (!grown)
        return ds_fail(DS_OUT_OF_MEMORY, "use a smaller batch or less data",
                       "no memory for %zu elements of %zu bytes", count, size);
    memcpy(out, &grown, sizeof grown);
    return DS_OK;
}

void ds_free(void *memory) {
    if (!memory)
        return;
    atomic_fetch_sub(&held, 1);
    free(memory);
}

ds_status ds_copy_text(char **out, const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = NULL;
    DS_CHECK(ds_new(&copy, size, 1));
    *out = memcpy(copy, text, size);
    return DS_OK;
}

void ds_fail_allocation(long nth) {
    atomic_store(&allocations_left, nth - 1);
}

long ds_memory_held(void) {
    return atomic_load(&held);
}
