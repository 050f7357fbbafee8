/* The safetensors format (Hugging Face): 8 bytes of little-endian header length, a JSON header of
 * names, types, shapes and offsets, then the tensors' bytes. */
#ifndef DS_SAFETENSORS_H
#define DS_SAFETENSORS_H

#include "ops/plan.h"

/* All four are read, the first two are written. */
typedef enum ds_tensor_type {
    DS_TYPE_F32,
    DS_TYPE_F64,
    DS_TYPE_F16,
    DS_TYPE_BF16,
    DS_TYPES_READ,
    DS_TYPE_UNKNOWN = -1
} ds_tensor_type;

/* One tensor of a file. To be written, `values` points to what is to be stored, or is NULL, and
 * `fetch` gives it piece by piece. Read, all that it points to is owned by the file. */
typedef struct ds_stored_tensor {
    const char *name;
    ds_tensor_type type;
    ds_shape shape;
    const double *values;
    ds_status (*fetch)(const void *context, int64_t first, int64_t count, double *values);
    const void *context;
    /* Only of a file that was read: where the tensor's bytes are in its data, and what the tensor
     * is that has no `values`: "I64", "of more than five dimensions". */
    size_t begin, end;
    const char *unread;
} ds_stored_tensor;

typedef struct ds_stored_text {
    const char *key;
    const char *text;
} ds_stored_text;

/* Writes a file whole or not at all, with `texts` as its __metadata__. */
ds_status ds_safetensors_write(const char *path, const ds_stored_tensor *tensor, int tensors,
                               const ds_stored_text *text, int texts);

typedef struct ds_stored_file {
    ds_stored_tensor *tensor; /* in the order of their bytes */
    int tensors;
    double *values;
    struct cJSON *header;
} ds_stored_file;

enum { DS_LONGEST_TENSOR_NAME = 255 };

/* Reads and checks a file. As in the safetensors library, tensors lie one after the other, from the
 * first byte of the data to the last, and no name comes twice. Tensors of other types than those
 * above are no error: they are there, without values. */
ds_status ds_safetensors_read(ds_stored_file *out, const char *path);
void ds_stored_file_clear(ds_stored_file *file);

/* By name, with values; NULL where there is none. */
const ds_stored_tensor *ds_stored_find(const ds_stored_file *file, const char *name);
const char *ds_stored_metadata(const ds_stored_file *file, const char *key);

bool ds_same_shape(const ds_shape *a, const ds_shape *b);

#endif
