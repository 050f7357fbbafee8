/* Reading a safetensors file, and all checks on it. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "model/safetensors.h"

enum { LENGTH_BYTES = 8, LONGEST_HEADER = 100 << 20 };

/* The types of the format; those of ds_tensor_type come first, in its order. */
static const struct {
    const char *name;
    int bits;
} types[] = {
    {"F32", 32},    {"F64", 64},    {"F16", 16},        {"BF16", 16},       {"BOOL", 8},
    {"U8", 8},      {"I8", 8},      {"I16", 16},        {"U16", 16},        {"I32", 32},
    {"U32", 32},    {"I64", 64},    {"U64", 64},        {"C64", 64},        {"F8_E4M3", 8},
    {"F8_E5M2", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"F6_E2M3", 6},
    {"F6_E3M2", 6}, {"F4", 4},
};

enum { TYPES = sizeof types / sizeof *types };

static ds_status broken(const char *path, const char *what) {
    return ds_fail(DS_BAD_INPUT, "the file is damaged, or not in the safetensors format", "%s: %s",
                   path, what);
}

/* ---- values ---- */

/* Little-endian, whatever the host is. */
static uint64_t take_bytes(const unsigned char *from, size_t size) {
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits |= (uint64_t)from[i] << (8 * i);
    return bits;
}

static double single_value(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* IEEE 754 binary16: a sign, five bits of exponent, ten of fraction. */
static double half_value(unsigned bits) {
    int exponent = (int)(bits >> 10 & 31), fraction = (int)(bits & 1023);
    double value = exponent == 31 ? (fraction ? (double)NAN : (double)INFINITY)
                   : exponent     ? ldexp(1024 + fraction, exponent - 25)
                                  : ldexp(fraction, -24);
    return bits >> 15 ? -value : value;
}

static double take_value(const unsigned char *from, ds_tensor_type type) {
    uint64_t bits = take_bytes(from, (size_t)types[type].bits / 8);
    double value;
    switch (type) {
    case DS_TYPE_F32:
        return single_value((uint32_t)bits);
    case DS_TYPE_F16:
        return half_value((unsigned)bits);
    case DS_TYPE_BF16: /* the upper half of a float32 */
        return single_value((uint32_t)bits << 16);
    default:
        memcpy(&value, &bits, sizeof value);
        return value;
    }
}

static bool is_read(const ds_stored_tensor *tensor) {
    return !tensor->unread;
}

/* The values of all tensors that are read, one after the other. */
static ds_status take_values(ds_stored_file *file, const unsigned char *data) {
    int64_t count = 0, taken = 0;
    for (int t = 0; t < file->tensors; t++)
        count += is_read(&file->tensor[t]) ? ds_shape_count(&file->tensor[t].shape) : 0;
    DS_CHECK(ds_new(&file->values, (size_t)count, sizeof *file->values));
    for (int t = 0; t < file->tensors; t++) {
        ds_stored_tensor *tensor = &file->tensor[t];
        if (!is_read(tensor))
            continue;
        tensor->values = file->values + taken;
        size_t size = (size_t)types[tensor->type].bits / 8;
        for (size_t at = tensor->begin; at < tensor->end; at += size)
            file->values[taken++] = take_value(data + at, tensor->type);
    }
    return DS_OK;
}

/* ---- the header ---- */

static bool whole_number(const cJSON *item, double most, int64_t *out) {
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= most) ||
        item->valuedouble != floor(item->valuedouble))
        return false;
    *out = (int64_t)item->valuedouble;
    return true;
}

static int type_index(const char *name) {
    for (int i = 0; i < TYPES; i++)
        if (strcmp(types[i].name, name) == 0)
            return i;
    return -1;
}

/* Says how many values it has. A tensor of more dimensions than a network's have is not read. */
static ds_status read_shape(const cJSON *shape, ds_stored_tensor *tensor, double *count,
                            const char *path) {
    const cJSON *entry;
    double extents = 1; /* without those that are 0 */
    int rank = 0;
    *count = 1;
    cJSON_ArrayForEach(entry, shape) {
        int64_t extent;
        if (!whole_number(entry, 1e15, &extent))
            return broken(path, "a tensor's shape is not readable");
        if (rank < DS_MAX_RANK)
            tensor->shape.extent[rank] = extent;
        rank++;
        *count *= (double)extent;
        extents *= (double)(extent ? extent : 1);
    }
    if (extents > 1e15)
        return broken(path, "a tensor's size does not fit its shape");
    tensor->shape.rank = rank < DS_MAX_RANK ? rank : DS_MAX_RANK;
    if (rank > DS_MAX_RANK)
        tensor->unread = "of more than five dimensions";
    return DS_OK;
}

static ds_status read_entry(const cJSON *entry, size_t data_size, ds_stored_tensor *tensor,
                            const char *path) {
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(entry, "dtype");
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(entry, "shape");
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
    int64_t begin, end;
    double count;
    tensor->name = entry->string;
    if (strlen(tensor->name) > DS_LONGEST_TENSOR_NAME)
        return broken(path, "a tensor's name is longer than 255 characters");
    if (!cJSON_IsString(type) || !cJSON_IsArray(shape) || cJSON_GetArraySize(offsets) != 2 ||
        !whole_number(cJSON_GetArrayItem(offsets, 0), (double)data_size, &begin) ||
        !whole_number(cJSON_GetArrayItem(offsets, 1), (double)data_size, &end) || end < begin)
        return broken(path, "a tensor's description is not readable");
    DS_CHECK(read_shape(shape, tensor, &count, path));
    int index = type_index(type->valuestring);
    if (index >= 0 && count * types[index].bits != 8 * (double)(end - begin))
        return broken(path, "a tensor's size does not fit its shape");
    tensor->type = index >= 0 && index < DS_TYPES_READ ? (ds_tensor_type)index : DS_TYPE_UNKNOWN;
    if (tensor->type == DS_TYPE_UNKNOWN)
        tensor->unread = type->valuestring;
    tensor->begin = (size_t)begin;
    tensor->end = (size_t)end;
    return DS_OK;
}

static ds_status read_metadata(const cJSON *metadata, const char *path) {
    const cJSON *text;
    bool good = cJSON_IsObject(metadata) || cJSON_IsNull(metadata);
    cJSON_ArrayForEach(text, metadata) good = good && cJSON_IsString(text);
    return good ? DS_OK : broken(path, "its __metadata__ is not made of texts");
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static ds_status refuse_equal_names(const cJSON *header, const char *path) {
    ds_status status = DS_OK;
    const char **name = NULL;
    const cJSON *entry;
    int count = 0;
    DS_TRY(ds_new(&name, (size_t)cJSON_GetArraySize(header), sizeof *name));
    cJSON_ArrayForEach(entry, header) name[count++] = entry->string;
    qsort(name, (size_t)count, sizeof *name, by_name);
    for (int i = 1; i < count; i++)
        if (strcmp(name[i], name[i - 1]) == 0) {
            status = broken(path, "two tensors have one name");
            goto cleanup;
        }

cleanup:
    ds_free(name);
    return status;
}

static int by_place(const void *a, const void *b) {
    const ds_stored_tensor *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Sorts the tensors by their places; each begins where the one before it ends. */
static ds_status check_places(ds_stored_file *file, size_t data_size, const char *path) {
    size_t end = 0;
    qsort(file->tensor, (size_t)file->tensors, sizeof *file->tensor, by_place);
    for (int t = 0; t < file->tensors; t++) {
        const ds_stored_tensor *tensor = &file->tensor[t];
        if (tensor->begin < end)
            return broken(path, "its tensors overlap");
        if (tensor->begin > end)
            return broken(path, "there are bytes between its tensors that belong to none");
        end = tensor->end;
    }
    return end == data_size ? DS_OK : broken(path, "there are bytes after its last tensor");
}

static ds_status read_header(ds_stored_file *file, size_t data_size, const char *path) {
    const cJSON *entry;
    DS_CHECK(refuse_equal_names(file->header, path));
    DS_CHECK(ds_new(&file->tensor, (size_t)cJSON_GetArraySize(file->header), sizeof *file->tensor));
    cJSON_ArrayForEach(entry, file->header) {
        if (strcmp(entry->string, "__metadata__") == 0)
            DS_CHECK(read_metadata(entry, path));
        else
            DS_CHECK(read_entry(entry, data_size, &file->tensor[file->tensors++], path));
    }
    return check_places(file, data_size, path);
}

/* An object, with nothing after it but white space. */
static cJSON *parse_header(const char *text, size_t length) {
    const char *rest = NULL;
    cJSON *header = cJSON_ParseWithLengthOpts(text, length, &rest, false);
    while (header && rest < text + length && strchr(" \t\r\n", *rest) && *rest)
        rest++;
    if (cJSON_IsObject(header) && rest == text + length)
        return header;
    cJSON_Delete(header);
    return NULL;
}

ds_status ds_safetensors_read(ds_stored_file *out, const char *path) {
    ds_status status = DS_OK;
    ds_stored_file file = {0};
    ds_bytes bytes = {0};
    DS_TRY(ds_file_read(&bytes, path));
    if (bytes.size < LENGTH_BYTES + 2) {
        status = broken(path, "too short to be a model");
        goto cleanup;
    }
    uint64_t length = take_bytes(bytes.data, LENGTH_BYTES);
    if (length <= LONGEST_HEADER && length <= bytes.size - LENGTH_BYTES)
        file.header = parse_header((const char *)bytes.data + LENGTH_BYTES, (size_t)length);
    if (!file.header) {
        status = broken(path, "not a safetensors file");
        goto cleanup;
    }
    DS_TRY(read_header(&file, bytes.size - LENGTH_BYTES - (size_t)length, path));
    DS_TRY(take_values(&file, bytes.data + LENGTH_BYTES + length));
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
        if (is_read(&file->tensor[i]) && strcmp(file->tensor[i].name, name) == 0)
            return &file->tensor[i];
    return NULL;
}

const char *ds_stored_metadata(const ds_stored_file *file, const char *key) {
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(file->header, "__metadata__");
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(metadata, key);
    return cJSON_IsString(text) ? text->valuestring : NULL;
}
