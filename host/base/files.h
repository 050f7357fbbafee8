/* Files: read whole, written whole or not at all. The only caller of write, fsync and rename. */
#ifndef DS_FILES_H
#define DS_FILES_H

#include "base/memory.h"

typedef struct ds_bytes {
    unsigned char *data; /* followed by a zero byte that `size` does not count */
    size_t size;
} ds_bytes;

/* Reads a whole file, uncompressed if it is gzip's; "-" is standard input. DS_BAD_INPUT names the
 * path and the reason. Given back by ds_free(bytes.data). */
ds_status ds_file_read(ds_bytes *out, const char *path);

/* Writes to a temporary file beside `path`, syncs and renames: after a failure or a crash the old
 * file is still there, whole. DS_IO_FAILED. */
ds_status ds_file_write(const char *path, const void *data, size_t size);

/* The same piece by piece: what was appended takes the place of the old file at the end, and is
 * gone where it is dropped before. Ending frees it, whatever the outcome; dropping takes NULL. */
typedef struct ds_file_draft ds_file_draft;
ds_status ds_file_begin(ds_file_draft **out, const char *path);
ds_status ds_file_append(ds_file_draft *draft, const void *data, size_t size);
ds_status ds_file_end(ds_file_draft *draft);
void ds_file_drop(ds_file_draft *draft);

/* ds_file_write without an error record: false, and errno says why. What is not durable may be lost
 * or damaged by a power failure, and is written without waiting for the disk. */
bool ds_file_replace(const char *path, const void *data, size_t size, bool durable);

/* Makes a folder and those above it; being there already is success. */
ds_status ds_folder_make(const char *path);

/* The same without an error record: false, with `path` cut behind the folder that could not be
 * made, and errno says why. */
bool ds_folder_try(char *path);

/* Whether a folder can be made there: nothing is, or an empty one. */
bool ds_folder_is_free(const char *path);

/* Files of a folder that is there whole or not at all: they are written to `draft`, a folder beside
 * it, which then takes its place, or, not `whole`, goes with what is in it. Given back by ds_free.
 */
ds_status ds_folder_begin(char **draft, const char *path);
ds_status ds_folder_end(const char *draft, const char *path, bool whole);

/* DS_IO_FAILED where the folder takes no new file; leaves nothing behind. */
ds_status ds_folder_check(const char *path);
bool ds_folder_exists(const char *path);
bool ds_file_exists(const char *path);

/* When a file was last written, in seconds since 1970; -1 where it is not there. */
double ds_file_time(const char *path);

/* "folder/name"; just `name` where it is absolute or the folder is NULL, "" or ".". */
ds_status ds_path_join(char **out, const char *folder, const char *name);

/* The path from the root on; of a path that is not there, as it was given. */
ds_status ds_path_absolute(char **out, const char *path);

/* The part of a path before the last '/': "." where there is none. */
ds_status ds_path_folder(char **out, const char *path);

#endif
