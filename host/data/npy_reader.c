/* NPY: "\x93NUMPY", version, the header's length, a Python dictionary as text such as
 * {'descr': '<f4', 'fortran_order': False, 'shape': (60000, 784), }, the cells. */
#include <ctype.h>
#include <string.h>

#include "data/array_readers.h"
#include "data/table.h"

bool ds_is_npy(const ds_bytes *bytes) {
    return bytes->size >= 6 && memcmp(bytes->data, "\x93NUMPY", 6) == 0;
}

static ds_status damaged(const char *path, const char *what) {
    return ds_fail(DS_BAD_INPUT, "write the file again, with numpy.save", "%s: %s",
                   ds_source_name(path), what);
}

/* Where the value of a key begins in the header's dictionary; NULL where there is no such key. */
static const char *value_of(const char *header, const char *key) {
    const char *at = strstr(header, key);
    if (!at)
        return NULL;
    at += strlen(key);
    at += strspn(at, "'\" ");
    if (*at++ != ':')
        return NULL;
    return at + strspn(at, " ");
}

static ds_status parse_type(ds_binary_cells *cells, const char *header, const char *path) {
    const char *at = value_of(header, "descr");
    bool quoted = at && (*at == '\'' || *at == '"');
    const char *type = quoted ? at + 1 : "";
    size_t length = strcspn(type, "'\"");
    if (length == 3 && strchr("<>|=", type[0]) && strchr("1248", type[2])) {
        *cells = (ds_binary_cells){type[1], type[2] - '0', type[0] == '>'};
        if ((cells->type == 'f' && cells->size >= 4) || (cells->type == 'b' && cells->size == 1) ||
            cells->type == 'i' || cells->type == 'u')
            return DS_OK;
    }
    return ds_fail(DS_BAD_INPUT, "save it with numpy.save(file, array.astype(\"float32\"))",
                   "%s: expected float32, float64, integers or bool, got the type \"%.*s\"",
                   ds_source_name(path), quoted ? (length < 40 ? (int)length : 40) : 10,
                   quoted ? type : "structured");
}

static ds_status parse_shape(int *rank, int64_t extents[4], const char *header, const char *path) {
    const char *at = value_of(header, "shape");
    *rank = 0;
    if (!at || *at++ != '(')
        return damaged(path, "its header has no shape");
    for (at += strspn(at, " "); *at != ')'; at += strspn(at, ", ")) {
        int64_t extent = 0;
        if (!isdigit((unsigned char)*at))
            return damaged(path, "its header has no proper shape");
        for (; isdigit((unsigned char)*at); at++) {
            extent = extent * 10 + (*at - '0');
            if (extent > (int64_t)1 << 48)
                return damaged(path, "its shape is too large");
        }
        if (*rank == 4)
            return damaged(path, "an array of 1 to 4 dimensions is read, this has more");
        extents[(*rank)++] = extent;
    }
    if (*rank == 0)
        return damaged(path, "an array of 1 to 4 dimensions is read, this is a single number");
    return DS_OK;
}

/* The dictionary's text, and where the cells begin. */
static ds_status find_header(char **header, size_t *start, const ds_bytes *bytes,
                             const char *path) {
    const unsigned char *data = bytes->data;
    if (!ds_is_npy(bytes) || bytes->size < 10)
        return damaged(path, "not a whole NPY file");
    if (data[6] < 1 || data[6] > 3)
        return damaged(path, "NPY versions 1 to 3 are read, this is another");
    size_t from = data[6] == 1 ? 10 : 12, length = 0;
    if (bytes->size < from)
        return damaged(path, "the file is cut short inside its header");
    for (size_t i = from; i > 8; i--)
        length = length << 8 | data[i - 1];
    if (length > bytes->size - from)
        return damaged(path, "the file is cut short inside its header");
    DS_CHECK(ds_new(header, length + 1, 1));
    memcpy(*header, data + from, length);
    *start = from + length;
    return DS_OK;
}

ds_status ds_npy_read(ds_array_file *out, ds_bytes *bytes, const char *path) {
    ds_status status = DS_OK;
    char *header = NULL;
    size_t start = 0;
    ds_binary_cells cells = {0};
    int rank = 0;
    int64_t extents[4] = {0};
    DS_TRY(find_header(&header, &start, bytes, path));
    DS_TRY(parse_type(&cells, header, path));
    DS_TRY(parse_shape(&rank, extents, header, path));
    const char *order = value_of(header, "fortran_order");
    if (!order || (strncmp(order, "True", 4) != 0 && strncmp(order, "False", 5) != 0)) {
        status = damaged(path, "its header does not say the order of the cells");
        goto cleanup;
    }
    if (*order == 'T' && rank > 1) {
        status =
            ds_fail(DS_BAD_INPUT, "save it with numpy.save(file, numpy.ascontiguousarray(array))",
                    "%s: the array is in Fortran order; C order is read", ds_source_name(path));
        goto cleanup;
    }
    DS_TRY(ds_array_file_fill(out, bytes, start, cells, rank, extents, path));

cleanup:
    ds_free(header);
    return status;
}
