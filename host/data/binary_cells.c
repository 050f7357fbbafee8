#include "data/binary_cells.h"

#include <math.h>
#include <string.h>

#include "data/table.h"

void ds_array_file_clear(ds_array_file *file) {
    ds_free(file->source);
    ds_matrix_clear(&file->cells);
    *file = (ds_array_file){0};
}

static bool host_is_big_endian(void) {
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 0;
}

/* The cell's bits as the lowest bits of a word. */
static uint64_t cell_bits(const unsigned char *at, int size, bool big_endian) {
    uint64_t bits = 0;
    for (int i = 0; i < size; i++)
        bits = bits << 8 | at[big_endian ? i : size - 1 - i];
    return bits;
}

static double cell_value(const unsigned char *at, ds_binary_cells cells) {
    uint64_t bits = cell_bits(at, cells.size, cells.big_endian);
    if (cells.type == 'f' && cells.size == 4) {
        uint32_t low = (uint32_t)bits;
        float value;
        memcpy(&value, &low, sizeof value);
        return (double)value;
    }
    if (cells.type == 'f') {
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    uint64_t sign = (uint64_t)1 << (8 * cells.size - 1);
    if (cells.type == 'i' && bits & sign) /* two's complement */
        return -(double)((~bits & (sign - 1)) + 1);
    return (double)bits;
}

static ds_cell kept_as(ds_binary_cells cells) {
    if (cells.size == 1 && cells.type != 'i')
        return DS_CELL_UINT8;
    return cells.type == 'f' && cells.size == 4 ? DS_CELL_FLOAT32 : DS_CELL_FLOAT64;
}

static ds_status convert(ds_matrix *out, const unsigned char *from, ds_binary_cells cells,
                         const char *source) {
    DS_CHECK(ds_matrix_new(out, out->cell, out->rows, out->columns));
    int64_t count = out->rows * out->columns;
    for (int64_t i = 0; i < count; i++) {
        double value = cell_value(from + i * cells.size, cells);
        if (cells.size == 8 && cells.type != 'f' && fabs(value) > 0x1p53)
            return ds_fail(DS_BAD_INPUT,
                           "save ids as texts in a CSV file, or numbers that may be rounded with "
                           "array.astype(\"float64\")",
                           "%s: row %lld: the whole number %.17g is beyond 2^53, where a double no "
                           "longer holds them all",
                           source, (long long)(i / out->columns) + 1, value);
        if (out->cell == DS_CELL_FLOAT32)
            ((float *)out->cells)[i] = (float)value;
        else
            ((double *)out->cells)[i] = value;
    }
    return DS_OK;
}

/* Rows and columns of the matrix, and that the file is as long as they say. */
static ds_status measure(ds_array_file *file, size_t available, ds_binary_cells cells, int rank,
                         const int64_t *extents) {
    uint64_t samples = (uint64_t)extents[0], width = 1, most = (uint64_t)1 << 62;
    for (int i = 1; i < rank; i++) {
        if (extents[i] > 0 && width > most / (uint64_t)extents[i])
            width = most;
        else
            width *= (uint64_t)extents[i];
    }
    if (samples == 0 || width == 0)
        return ds_fail(DS_BAD_INPUT, "", "%s: the file holds no numbers", file->source);
    uint64_t there = available / (uint64_t)cells.size;
    bool fits = width <= there && samples <= there / width;
    if (!fits || samples * width * (uint64_t)cells.size != available)
        return ds_fail(
            DS_BAD_INPUT, "the file is damaged: fetch or write it again",
            "%s: its header says %llu x %llu numbers of %d bytes, but %zu bytes follow%s",
            file->source, (unsigned long long)samples, (unsigned long long)width, cells.size,
            available, fits ? "" : ": it is cut short");
    file->cells.rows = (int64_t)samples;
    file->cells.columns = (int64_t)width;
    file->rank = rank > 1 ? rank - 1 : 1;
    file->shape[0] = 1;
    for (int i = 1; i < rank; i++)
        file->shape[i - 1] = extents[i];
    return DS_OK;
}

ds_status ds_array_file_fill(ds_array_file *out, ds_bytes *bytes, size_t start,
                             ds_binary_cells cells, int rank, const int64_t *extents,
                             const char *path) {
    ds_status status = DS_OK;
    ds_array_file file = {.scale = 1};
    DS_TRY(ds_copy_text(&file.source, ds_source_name(path)));
    DS_TRY(measure(&file, bytes->size - start, cells, rank, extents));
    file.cells.cell = kept_as(cells);
    if (cells.size == 1 ? cells.type != 'i'
                        : cells.type == 'f' && cells.big_endian == host_is_big_endian()) {
        memmove(bytes->data, bytes->data + start, bytes->size - start);
        file.cells.cells = bytes->data;
        *bytes = (ds_bytes){0};
    } else {
        DS_TRY(convert(&file.cells, bytes->data + start, cells, file.source));
    }
    *out = file;
    file = (ds_array_file){0};

cleanup:
    ds_array_file_clear(&file);
    return status;
}

ds_status ds_array_file_check(const ds_array_file *file) {
    const ds_matrix *cells = &file->cells;
    for (int64_t i = 0; cells->cell != DS_CELL_UINT8 && i < cells->rows; i++)
        for (int64_t j = 0; j < cells->columns; j++) {
            double value = ds_matrix_cell(cells, i, j);
            if (!isfinite(value))
                return ds_fail(
                    DS_BAD_INPUT,
                    "correct it, or train without such rows, with --set data.missing=drop, or "
                    "with the mean in its place, --set data.missing=mean",
                    "%s: row %lld, column %lld: expected a finite number, got %g", file->source,
                    (long long)i + 1, (long long)j + 1, value);
        }
    return DS_OK;
}
