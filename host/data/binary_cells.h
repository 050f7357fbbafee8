/* Numbers of IDX and NPY files: any size, either byte order. */
#ifndef DS_BINARY_CELLS_H
#define DS_BINARY_CELLS_H

#include "base/files.h"
#include "data/matrix.h"

typedef struct ds_binary_cells {
    char type; /* 'u', 'i', 'f', or 'b' for bool */
    int size;  /* bytes of one */
    bool big_endian;
} ds_binary_cells;

/* An array file: a matrix with one row per sample, and the sample's own shape. */
typedef struct ds_array_file {
    char *source; /* file name, for messages */
    ds_matrix cells;
    int rank; /* of one sample, 1 to 3 */
    int64_t shape[3];
    double scale; /* what a cell is divided by to begin with: 255 for the bytes of an image */
} ds_array_file;

void ds_array_file_clear(ds_array_file *file);

/* The rest of an array file: `extents` of the whole array (1 to 4 of them), cells from byte `start`
 * on to the end. Takes the bytes over where they can be kept as they are. */
ds_status ds_array_file_fill(ds_array_file *out, ds_bytes *bytes, size_t start,
                             ds_binary_cells cells, int rank, const int64_t *extents,
                             const char *path);

/* A NAN or infinity is an error that names its row and column. */
ds_status ds_array_file_check(const ds_array_file *file);

#endif
