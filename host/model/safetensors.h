/* The safetensors format (Hugging Face): 8 bytes of little-endian header length, a JSON header of
 * names, types, shapes and offsets, then the tensors' bytes. */
#ifndef DS_SAFETENSORS_H
#define DS_SAFETENSORS_H

#include "ops/plan.h"

typedef enum ds_tensor_type { DS_TYPE_F32, DS_TYPE_F64 } ds_tensor_type;

/* One tensor of a file. To be written, `values` points to what is to be stored, or is NULL, and
 * `fetch` gives it piece by piece. Read, it is owned by the file. */
typedef struct ds_stored_tensor {
    char name[64];
    ds_tensor_type type;
    ds_shape shape;
    const double *values;
    ds_status (*fetch)(const void *context, int64_t first, int64_t count, double *values);
    const void *context;
} ds_stored_tensor;

typedef struct ds_stored_text {
    const char *key;
    const char *text;
} ds_stored_text;

/* Writes a file whole or not at all, with `texts` as its __metadata__. */
ds_status ds_safetensors_write(const char *path, const ds_stored_tensor *tensor, int tensors,
                               const ds_stored_text *text, int texts);

typedef struct ds_stored_file {
    ds_stored_tensor *tensor;
    int tensors;
    double *values;
    struct cJSON *header;
} ds_stored_file;

/* Reads and checks a file; tensors of types other than F32 and F64 are an error that names them. */
ds_status ds_safetensors_read(ds_stored_file *out, const char *path);
void ds_stored_file_clear(ds_stored_file *file);

/* By name; NULL where there is none. */
const ds_stored_tensor *ds_stored_find(const ds_stored_file *file, const char *name);
const char *ds_stored_metadata(const ds_stored_file *file, const char *key);

bool ds_same_shape(const ds_shape *a, const ds_shape *b);

#endif
