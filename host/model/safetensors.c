#include "model/safetensors.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/files.h"

enum { LENGTH_BYTES = 8, ALIGNMENT = 8, PIECE = 1 << 14 };

static size_t element_size(ds_tensor_type type) {
    return type == DS_TYPE_F64 ? sizeof(double) : sizeof(float);
}

static const char *type_name(ds_tensor_type type) {
    return type == DS_TYPE_F64 ? "F64" : "F32";
}

bool ds_same_shape(const ds_shape *a, const ds_shape *b) {
    return a->rank == b->rank &&
           memcmp(a->extent, b->extent, (size_t)a->rank * sizeof *a->extent) == 0;
}

/* Little-endian, whatever the host is. */
static void put_bytes(unsigned char *to, uint64_t bits, size_t size) {
    for (size_t i = 0; i < size; i++)
        to[i] = (unsigned char)(bits >> (8 * i));
}

static void put_value(unsigned char *to, ds_tensor_type type, double value) {
    if (type == DS_TYPE_F64) {
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        put_bytes(to, bits, sizeof bits);
    } else {
        float narrow = (float)value;
        uint32_t bits;
        memcpy(&bits, &narrow, sizeof bits);
        put_bytes(to, bits, sizeof bits);
    }
}

static cJSON *shape_json(const ds_shape *shape) {
    cJSON *list = cJSON_CreateArray();
    for (int i = 0; list && i < shape->rank; i++)
        cJSON_AddItemToArray(list, cJSON_CreateNumber((double)shape->extent[i]));
    return list;
}

static ds_status header_json(char **out, const ds_stored_tensor *tensor, int tensors,
                             const ds_stored_text *text, int texts) {
    cJSON *root = cJSON_CreateObject(), *metadata = NULL;
    bool good = root != NULL;
    double offset = 0;
    if (texts) {
        metadata = cJSON_AddObjectToObject(root, "__metadata__");
        for (int i = 0; i < texts; i++)
            good = good && cJSON_AddStringToObject(metadata, text[i].key, text[i].text);
    }
    for (int i = 0; good && i < tensors; i++) {
        double end = offset + (double)element_size(tensor[i].type) *
                                  (double)ds_shape_count(&tensor[i].shape);
        double range[2] = {offset, end};
        cJSON *entry = cJSON_AddObjectToObject(root, tensor[i].name);
        good = entry && cJSON_AddStringToObject(entry, "dtype", type_name(tensor[i].type)) &&
               cJSON_AddItemToObject(entry, "shape", shape_json(&tensor[i].shape)) &&
               cJSON_AddItemToObject(entry, "data_offsets", cJSON_CreateDoubleArray(range, 2));
        offset = end;
    }
    char *printed = good ? cJSON_PrintUnformatted(root) : NULL;
    cJSON_Delete(root);
    if (!printed)
        return ds_fail(DS_OUT_OF_MEMORY, "", "no memory for a model's header");
    ds_status status = ds_copy_text(out, printed);
    cJSON_free(printed);
    return status;
}

static ds_status append_header(ds_file_draft *draft, const char *header) {
    static const char blanks[ALIGNMENT] = "        ";
    unsigned char begin[LENGTH_BYTES];
    size_t length = strlen(header), padding = (ALIGNMENT - length % ALIGNMENT) % ALIGNMENT;
    put_bytes(begin, length + padding, LENGTH_BYTES);
    DS_CHECK(ds_file_append(draft, begin, sizeof begin));
    DS_CHECK(ds_file_append(draft, header, length));
    return ds_file_append(draft, blanks, padding);
}

static ds_status append_values(ds_file_draft *draft, const ds_stored_tensor *tensor) {
    double fetched[PIECE];
    unsigned char bytes[PIECE * sizeof(double)];
    size_t size = element_size(tensor->type);
    int64_t count = ds_shape_count(&tensor->shape);
    for (int64_t done = 0, now; done < count; done += now) {
        now = count - done < PIECE ? count - done : PIECE;
        const double *values = tensor->values ? tensor->values + done : fetched;
        if (!tensor->values)
            DS_CHECK(tensor->fetch(tensor->context, done, now, fetched));
        for (int64_t i = 0; i < now; i++)
            put_value(bytes + (size_t)i * size, tensor->type, values[i]);
        DS_CHECK(ds_file_append(draft, bytes, (size_t)now * size));
    }
    return DS_OK;
}

ds_status ds_safetensors_write(const char *path, const ds_stored_tensor *tensor, int tensors,
                               const ds_stored_text *text, int texts) {
    ds_status status = DS_OK;
    char *header = NULL;
    ds_file_draft *draft = NULL;
    DS_TRY(header_json(&header, tensor, tensors, text, texts));
    DS_TRY(ds_file_begin(&draft, path));
    DS_TRY(append_header(draft, header));
    for (int i = 0; i < tensors; i++)
        DS_TRY(append_values(draft, &tensor[i]));
    status = ds_file_end(draft);
    draft = NULL;

cleanup:
    ds_file_drop(draft);
    ds_free(header);
    return status;
}
