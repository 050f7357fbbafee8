/* IDX: two zero bytes, the type, the rank, one big-endian 32-bit extent per dimension, the cells.
 */
#include "data/array_readers.h"
#include "data/table.h"

bool ds_is_idx(const ds_bytes *bytes) {
    return bytes->size >= 4 && bytes->data[0] == 0 && bytes->data[1] == 0;
}

static bool cells_of(ds_binary_cells *cells, unsigned char type) {
    static const struct {
        unsigned char code;
        char type;
        int size;
    } types[] = {{0x08, 'u', 1}, {0x09, 'i', 1}, {0x0b, 'i', 2},
                 {0x0c, 'i', 4}, {0x0d, 'f', 4}, {0x0e, 'f', 8}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].code == type) {
            *cells = (ds_binary_cells){types[i].type, types[i].size, true};
            return true;
        }
    return false;
}

ds_status ds_idx_read(ds_array_file *out, ds_bytes *bytes, const char *path) {
    const unsigned char *head = bytes->data;
    const char *name = ds_source_name(path);
    ds_binary_cells cells = {0};
    int64_t extents[4] = {0};
    if (!ds_is_idx(bytes) || !cells_of(&cells, head[2]))
        return ds_fail(DS_BAD_INPUT, "expected an IDX file such as train-images-idx3-ubyte.gz",
                       "%s: not an IDX file: it begins with the bytes %02x %02x %02x %02x", name,
                       head[0], bytes->size > 1 ? head[1] : 0u, bytes->size > 2 ? head[2] : 0u,
                       bytes->size > 3 ? head[3] : 0u);
    int rank = head[3];
    if (rank < 1 || rank > 4)
        return ds_fail(DS_BAD_INPUT, "",
                       "%s: an IDX file of 1 to 4 dimensions is read, this has %d", name, rank);
    size_t start = 4 + 4 * (size_t)rank;
    if (bytes->size < start)
        return ds_fail(DS_BAD_INPUT, "the file is damaged: fetch or write it again",
                       "%s: the file is cut short inside its header", name);
    for (int i = 0; i < rank; i++)
        for (int k = 0; k < 4; k++)
            extents[i] = extents[i] << 8 | head[4 + 4 * i + k];
    DS_CHECK(ds_array_file_fill(out, bytes, start, cells, rank, extents, path));
    if (cells.type == 'u' && rank > 1)
        out->scale = 255;
    return DS_OK;
}
