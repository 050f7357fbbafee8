#include "model/safetensors.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "base/files.h"

enum { LENGTH_BYTES = 8, ALIGNMENT = 8, LONGEST_HEADER = 100 << 20, PIECE = 1 << 14 };

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

/* ---- writing ---- */

/* Little-endian, whatever the host is. */
static void put_bytes(unsigned char *to, uint64_t bits, size_t size) {
    for (size_t i = 0; i < size; i++)
        to[i] = (unsigned char)(bits >> (8 * i));
}

static uint64_t take_bytes(const unsigned char *from, size_t size) {
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits |= (uint64_t)from[i] << (8 * i);
    return bits;
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

static double take_value(const unsigned char *from, ds_tensor_type type) {
    uint64_t bits = take_bytes(from, element_size(type));
    if (type == DS_TYPE_F64) {
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    uint32_t narrow_bits = (uint32_t)bits;
    float narrow;
    memcpy(&narrow, &narrow_bits, sizeof narrow);
    return narrow;
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

/* ---- reading ---- */

static ds_status broken(const char *path, const char *what) {
    return ds_fail(DS_BAD_INPUT, "the file is damaged, or not in the safetensors format", "%s: %s",
                   path, what);
}

static bool whole_number(const cJSON *item, double most, int64_t *out) {
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= most) ||
        item->valuedouble != floor(item->valuedouble))
        return false;
    *out = (int64_t)item->valuedouble;
    return true;
}

/* Checks one entry of the header and says where its bytes are. */
static ds_status read_entry(const cJSON *entry, size_t data_size, ds_stored_tensor *tensor,
                            size_t *begin, const char *path) {
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(entry, "dtype");
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(entry, "shape");
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
    int64_t first, end;
    double count = 1, extents = 1; /* `extents` leaves out those that are 0 */
    if (!entry->string || strlen(entry->string) >= sizeof tensor->name)
        return broken(path, "a tensor's name is too long");
    memcpy(tensor->name, entry->string, strlen(entry->string) + 1);
    if (!cJSON_IsString(type) || !cJSON_IsArray(shape) || cJSON_GetArraySize(offsets) != 2 ||
        !whole_number(cJSON_GetArrayItem(offsets, 0), (double)data_size, &first) ||
        !whole_number(cJSON_GetArrayItem(offsets, 1), (double)data_size, &end) || end < first)
        return broken(path, "a tensor's description is not readable");
    if (strcmp(type->valuestring, "F32") != 0 && strcmp(type->valuestring, "F64") != 0)
        return ds_fail(DS_BAD_INPUT, "store it as float32 or float64", "%s: tensor \"%s\" is %.16s",
                       path, tensor->name, type->valuestring);
    tensor->type = strcmp(type->valuestring, "F64") == 0 ? DS_TYPE_F64 : DS_TYPE_F32;
    tensor->shape.rank = cJSON_GetArraySize(shape);
    if (tensor->shape.rank > DS_MAX_RANK)
        return broken(path, "a tensor has more than five dimensions");
    for (int i = 0; i < tensor->shape.rank; i++) {
        if (!whole_number(cJSON_GetArrayItem(shape, i), 1e15, &tensor->shape.extent[i]))
            return broken(path, "a tensor's shape is not readable");
        count *= (double)tensor->shape.extent[i];
        extents *= (double)(tensor->shape.extent[i] ? tensor->shape.extent[i] : 1);
    }
    if (extents > 1e15 || count * (double)element_size(tensor->type) != (double)(end - first))
        return broken(path, "a tensor's size does not fit its shape");
    *begin = (size_t)first;
    return DS_OK;
}

ds_status ds_safetensors_read(ds_stored_file *out, const char *path) {
    ds_status status = DS_OK;
    ds_stored_file file = {0};
    ds_bytes bytes = {0};
    size_t values = 0;
    DS_TRY(ds_file_read(&bytes, path));
    if (bytes.size < LENGTH_BYTES + 2) {
        status = broken(path, "too short to be a model");
        goto cleanup;
    }
    uint64_t length = take_bytes(bytes.data, LENGTH_BYTES);
    if (length > LONGEST_HEADER || length > bytes.size - LENGTH_BYTES) {
        status = broken(path, "not a safetensors file");
        goto cleanup;
    }
    file.header = cJSON_ParseWithLength((const char *)bytes.data + LENGTH_BYTES, (size_t)length);
    if (!cJSON_IsObject(file.header)) {
        status = broken(path, "not a safetensors file");
        goto cleanup;
    }
    const unsigned char *data = bytes.data + LENGTH_BYTES + length;
    size_t data_size = bytes.size - LENGTH_BYTES - (size_t)length;
    DS_TRY(ds_new(&file.tensor, (size_t)cJSON_GetArraySize(file.header) + 1, sizeof *file.tensor));
    DS_TRY(ds_new(&file.values, data_size / sizeof(float) + 1, sizeof *file.values));
    const cJSON *entry;
    cJSON_ArrayForEach(entry, file.header) {
        ds_stored_tensor *tensor = &file.tensor[file.tensors];
        size_t begin = 0;
        if (entry->string && strcmp(entry->string, "__metadata__") == 0)
            continue;
        DS_TRY(read_entry(entry, data_size, tensor, &begin, path));
        int64_t count = ds_shape_count(&tensor->shape);
        if (values + (size_t)count > data_size / sizeof(float)) {
            status = broken(path, "its tensors overlap");
            goto cleanup;
        }
        tensor->values = file.values + values;
        for (int64_t i = 0; i < count; i++)
            file.values[values++] =
                take_value(data + begin + (size_t)i * element_size(tensor->type), tensor->type);
        file.tensors++;
    }
    *out = file;
    file = (ds_stored_file){0};

cleanup:
    ds_stored_file_clear(&file);
    ds_free(bytes.data);
    return status;
}

void ds_stored_file_clear(ds_stored_file *file) {
    cJSON_Delete(file->header);
    ds_free(file->tensor);
    ds_free(file->values);
    *file = (ds_stored_file){0};
}

const ds_stored_tensor *ds_stored_find(const ds_stored_file *file, const char *name) {
    for (int i = 0; i < file->tensors; i++)
        if (strcmp(file->tensor[i].name, name) == 0)
            return &file->tensor[i];
    return NULL;
}

const char *ds_stored_metadata(const ds_stored_file *file, const char *key) {
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(file->header, "__metadata__");
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(metadata, key);
    return cJSON_IsString(text) ? text->valuestring : NULL;
}
