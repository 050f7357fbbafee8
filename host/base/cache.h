/* The user's cache: what can be made anew, but is read sooner. It lies in $DESCENT_CACHE_DIR
 * (empty: no cache), else in descent/ under $XDG_CACHE_HOME or ~/.cache, with a folder for each
 * subject. Nothing here fails or records an error: what is missing, damaged or not to be read is
 * not found, and what cannot be written is not kept. */
#ifndef DS_CACHE_H
#define DS_CACHE_H

#include "base/files.h"

enum { DS_CACHE_PATH = 4096, DS_CACHE_ENTRIES = 200 };

/* Where an entry lies; false where there is no cache. */
bool ds_cache_path(char path[DS_CACHE_PATH], const char *subject, const char *name);

/* An entry as it was written. Given back by ds_free(bytes.data). */
bool ds_cache_read(ds_bytes *out, const char *subject, const char *name);

/* Is there a cache that takes new entries? To be asked before much is done for one. */
bool ds_cache_takes(const char *subject);

/* Keeps an entry and, of its subject, the DS_CACHE_ENTRIES that were read or written last. */
void ds_cache_write(const char *subject, const char *name, const void *data, size_t size);

#endif
