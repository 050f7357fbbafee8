#include "data/matrix.h"

#include <string.h>

size_t ds_cell_size(ds_cell cell) {
    return cell == DS_CELL_UINT8 ? 1 : cell == DS_CELL_FLOAT32 ? sizeof(float) : sizeof(double);
}

ds_status ds_matrix_new(ds_matrix *out, ds_cell cell, int64_t rows, int64_t columns) {
    ds_matrix matrix = {.cell = cell, .rows = rows, .columns = columns};
    size_t size = ds_cell_size(cell);
    if (columns > 0 && (uint64_t)rows > SIZE_MAX / 2 / size / (uint64_t)columns)
        return ds_fail(DS_OUT_OF_MEMORY, "use less data", "no memory for %lld x %lld cells",
                       (long long)rows, (long long)columns);
    DS_CHECK(ds_new(&matrix.cells, (size_t)rows * (size_t)columns, size));
    *out = matrix;
    return DS_OK;
}

static const void *row_cells(const ds_matrix *matrix, int64_t row) {
    size_t width = (size_t)matrix->columns * ds_cell_size(matrix->cell);
    return (const char *)matrix->cells + (size_t)row * width;
}

ds_status ds_matrix_gather(ds_matrix *out, const ds_matrix *from, const int64_t *rows,
                           int64_t count) {
    DS_CHECK(ds_matrix_new(out, from->cell, count, from->columns));
    size_t width = (size_t)from->columns * ds_cell_size(from->cell);
    for (int64_t i = 0; i < count; i++)
        memcpy((char *)out->cells + (size_t)i * width, row_cells(from, rows[i]), width);
    return DS_OK;
}

double ds_matrix_cell(const ds_matrix *matrix, int64_t row, int64_t column) {
    const void *cells = row_cells(matrix, row);
    if (matrix->cell == DS_CELL_UINT8)
        return ((const unsigned char *)cells)[column];
    if (matrix->cell == DS_CELL_FLOAT32)
        return ((const float *)cells)[column];
    return ((const double *)cells)[column];
}

ds_status ds_matrix_set_constants(ds_matrix *matrix, const double *subtract, const double *divide) {
    size_t size = (size_t)matrix->columns * sizeof(double);
    if (!matrix->subtract)
        DS_CHECK(ds_new(&matrix->subtract, (size_t)matrix->columns, sizeof(double)));
    if (!matrix->divide)
        DS_CHECK(ds_new(&matrix->divide, (size_t)matrix->columns, sizeof(double)));
    memcpy(matrix->subtract, subtract, size);
    memcpy(matrix->divide, divide, size);
    return DS_OK;
}

/* One row from CELL to OUT; a macro, so that each pair of types is a loop of its own that the
 * compiler can vectorize. */
#define READ_ROW(CELL, OUT)                                                                        \
    do {                                                                                           \
        const CELL *cells = from;                                                                  \
        for (int64_t j = 0; j < columns; j++)                                                      \
            to[j] = s ? (OUT)(((double)cells[j] - s[j]) / d[j]) : (OUT)cells[j];                   \
    } while (0)

#define READ_ROWS(OUT)                                                                             \
    do {                                                                                           \
        const int64_t columns = matrix->columns;                                                   \
        const double *s = matrix->subtract, *d = matrix->divide;                                   \
        for (int64_t i = 0; i < count; i++) {                                                      \
            const void *from = row_cells(matrix, order ? order[i] : first + i);                    \
            OUT *to = out + i * columns;                                                           \
            if (matrix->cell == DS_CELL_UINT8)                                                     \
                READ_ROW(unsigned char, OUT);                                                      \
            else if (matrix->cell == DS_CELL_FLOAT32)                                              \
                READ_ROW(float, OUT);                                                              \
            else                                                                                   \
                READ_ROW(double, OUT);                                                             \
        }                                                                                          \
    } while (0)

void ds_matrix_read(const ds_matrix *matrix, int64_t first, int64_t count, const int32_t *order,
                    double *out) {
    READ_ROWS(double);
}

void ds_matrix_read_floats(const ds_matrix *matrix, int64_t first, int64_t count,
                           const int32_t *order, float *out) {
    READ_ROWS(float);
}

void ds_matrix_clear(ds_matrix *matrix) {
    ds_free(matrix->cells);
    ds_free(matrix->subtract);
    ds_free(matrix->divide);
    *matrix = (ds_matrix){0};
}
