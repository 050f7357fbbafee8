/* Host memory in large pages, where the system gives them: a processor spends less on finding its
 * way in a large buffer. */
#ifndef DS_LARGE_PAGES_H
#define DS_LARGE_PAGES_H

#include <stddef.h>

/* A large page; less than that is not worth it. */
#define DS_LARGE_PAGE ((size_t)1 << 21)

/* A stretch that ends with its own description. */
typedef struct ds_large_pages {
    void *memory; /* zeroed */
    size_t bytes;
} ds_large_pages;

/* With room for so many bytes; NULL where there are none to be had. */
ds_large_pages *ds_large_pages_take(size_t bytes);
void ds_large_pages_give_back(ds_large_pages *pages);

#endif
