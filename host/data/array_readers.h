/* Files of numbers in binary: IDX (MNIST's format) and NPY (NumPy's). */
#ifndef DS_ARRAY_READERS_H
#define DS_ARRAY_READERS_H

#include "data/binary_cells.h"

bool ds_is_npy(const ds_bytes *bytes);
bool ds_is_idx(const ds_bytes *bytes);

/* Both may take the bytes over (`bytes` is empty then). The first extent counts the samples. */
ds_status ds_npy_read(ds_array_file *out, ds_bytes *bytes, const char *path);
ds_status ds_idx_read(ds_array_file *out, ds_bytes *bytes, const char *path);

#endif
