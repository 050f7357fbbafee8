/* Reading a file piece by piece, uncompressed if it is gzip's. */
#ifndef DS_INPUT_H
#define DS_INPUT_H

#include "base/files.h"

typedef struct ds_input ds_input;

/* Opens a path, or standard input for "-". DS_BAD_INPUT names the path and the reason. */
ds_status ds_input_open(ds_input **out, const char *path);
void ds_input_close(ds_input *input); /* NULL is taken */

/* The next `size` bytes, fewer only at the end: `got` receives how many. */
ds_status ds_input_read(ds_input *input, void *to, size_t size, size_t *got);

/* The first bytes, which will be read all the same; before anything was read. */
ds_status ds_input_peek(ds_input *input, unsigned char *to, size_t size, size_t *got);

/* All that was not read yet, followed by a zero byte that the size does not count. */
ds_status ds_input_rest(ds_input *input, ds_bytes *out);

/* Goes back to the beginning; false where that cannot be done, as in a pipe. */
bool ds_input_rewind(ds_input *input);

#endif
