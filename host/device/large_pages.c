#define _DEFAULT_SOURCE /* madvise */
#include "device/large_pages.h"

#include <stdint.h>
#include <sys/mman.h>

ds_large_pages *ds_large_pages_take(size_t bytes) {
#if defined(MAP_ANONYMOUS) && defined(MADV_HUGEPAGE)
    if (bytes > SIZE_MAX / 2)
        return NULL;
    size_t size = (bytes + 2 * sizeof(ds_large_pages)) / DS_LARGE_PAGE * DS_LARGE_PAGE;
    size += DS_LARGE_PAGE;
    unsigned char *mapped = mmap(NULL, size + DS_LARGE_PAGE, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED)
        return NULL;
    /* What lies before the first page's begin and behind the last one's end goes back at once. */
    size_t before = (DS_LARGE_PAGE - (uintptr_t)mapped % DS_LARGE_PAGE) % DS_LARGE_PAGE;
    unsigned char *memory = mapped + before;
    if (before)
        munmap(mapped, before);
    munmap(memory + size, DS_LARGE_PAGE - before);
    (void)madvise(memory, size, MADV_HUGEPAGE); /* else small pages serve */
    ds_large_pages *pages = (ds_large_pages *)(void *)(memory + size) - 1;
    *pages = (ds_large_pages){memory, size};
    return pages;
#else
    (void)bytes;
    return NULL;
#endif
}

void ds_large_pages_give_back(ds_large_pages *pages) {
    munmap(pages->memory, pages->bytes);
}
