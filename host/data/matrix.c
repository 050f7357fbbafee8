#include "data/matrix.h"

#include <string.h>
#include <zlib.h>

#include "data/column_view.h"

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

/* A feature of a view's row, before the constants. */
static double view_cell(const ds_column_view *view, int64_t row, int64_t column) {
    const ds_view_part *part = view->part;
    double cell[64]; /* a column and its powers, or one lag */
    for (; column >= part->width; part++)
        column -= part->width;
    if (part->category)
        return ds_view_category(part, view->row[row]) == column;
    int begin = part->lags ? (int)column : 0, width = part->lags ? 1 : part->width;
    ds_view_part_read(part, begin, width, &view->row[row], 1, cell);
    return cell[column - begin];
}

double ds_matrix_cell(const ds_matrix *matrix, int64_t row, int64_t column) {
    if (matrix->view)
        return view_cell(matrix->view, row, column);
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

/* ---- reading ---- */

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

enum { BLOCK_ROWS = 64, BLOCK_COLUMNS = 64 };

/* (value - subtract) / divide for `count` values, `stride` apart. */
static void apply_constants(double *value, int64_t stride, int64_t count, double subtract,
                            double divide) {
    if (stride == 1)
        for (int64_t i = 0; i < count; i++) /* a loop that the compiler can vectorize */
            value[i] = (value[i] - subtract) / divide;
    else
        for (int64_t i = 0; i < count; i++)
            value[i * stride] = (value[i * stride] - subtract) / divide;
}

/* A block of a view's rows, part by part: words as 0 and 1, which have no constants; numbers in
 * pieces of at most BLOCK_COLUMNS. */
#define READ_BLOCK(OUT)                                                                            \
    do {                                                                                           \
        const double *s = matrix->subtract, *d = matrix->divide;                                   \
        for (int64_t p = 0, column = 0; p < view->parts; column += view->part[p++].width) {        \
            const ds_view_part *part = &view->part[p];                                             \
            for (int64_t i = 0; part->category && i < rows; i++) {                                 \
                OUT *to = out + i * columns + column;                                              \
                int32_t category = ds_view_category(part, row[i]);                                 \
                memset(to, 0, (size_t)part->width * sizeof *to);                                   \
                if (category >= 0)                                                                 \
                    to[category] = 1;                                                              \
            }                                                                                      \
            for (int begin = 0, width; !part->category && begin < part->width; begin += width) {   \
                width = part->width - begin < BLOCK_COLUMNS ? part->width - begin : BLOCK_COLUMNS; \
                ds_view_part_read(part, begin, width, row, rows, cell);                            \
                for (int64_t k = 0, j = column + begin; k < width && s; k++, j++)                  \
                    apply_constants(cell + k, width, rows, s[j], d[j]);                            \
                for (int64_t i = 0; i < rows; i++)                                                 \
                    for (int64_t k = 0; k < width; k++)                                            \
                        out[i * columns + column + begin + k] = (OUT)cell[i * width + k];          \
            }                                                                                      \
        }                                                                                          \
    } while (0)

#define READ_VIEW(OUT)                                                                             \
    do {                                                                                           \
        const ds_column_view *view = matrix->view;                                                 \
        const int64_t columns = matrix->columns;                                                   \
        double cell[BLOCK_ROWS * BLOCK_COLUMNS];                                                   \
        for (int64_t done = 0, rows; done < count; done += rows, out += rows * columns) {          \
            int32_t row[BLOCK_ROWS];                                                               \
            rows = count - done < BLOCK_ROWS ? count - done : BLOCK_ROWS;                          \
            for (int64_t i = 0; i < rows; i++)                                                     \
                row[i] = view->row[order ? order[done + i] : first + done + i];                    \
            READ_BLOCK(OUT);                                                                       \
        }                                                                                          \
    } while (0)

void ds_matrix_read(const ds_matrix *matrix, int64_t first, int64_t count, const int32_t *order,
                    double *out) {
    if (matrix->view)
        READ_VIEW(double);
    else
        READ_ROWS(double);
}

void ds_matrix_read_floats(const ds_matrix *matrix, int64_t first, int64_t count,
                           const int32_t *order, float *out) {
    if (matrix->view)
        READ_VIEW(float);
    else
        READ_ROWS(float);
}

/* ---- the whole ---- */

ds_status ds_matrix_slice(ds_matrix *out, const ds_matrix *matrix, int64_t first, int64_t count) {
    ds_matrix slice = *matrix;
    slice.rows = count;
    if (matrix->view) {
        DS_CHECK(ds_new(&slice.view, 1, sizeof *slice.view));
        *slice.view = *matrix->view;
        slice.view->row += first;
    } else {
        slice.cells =
            (char *)matrix->cells + (size_t)(first * matrix->columns) * ds_cell_size(matrix->cell);
    }
    *out = slice;
    return DS_OK;
}

void ds_matrix_slice_clear(ds_matrix *slice) {
    ds_free(slice->view);
    *slice = (ds_matrix){0};
}

int64_t ds_matrix_bytes(const ds_matrix *matrix) {
    if (!matrix->view)
        return matrix->rows * matrix->columns * (int64_t)ds_cell_size(matrix->cell);
    return matrix->rows * (int64_t)sizeof(double) * (matrix->view->parts + 1);
}

static uLong add_bytes(uLong sum, const void *bytes, size_t size) {
    return bytes ? crc32_z(sum, bytes, size) : sum;
}

unsigned long ds_matrix_checksum(const ds_matrix *matrix, unsigned long sum) {
    const ds_column_view *view = matrix->view;
    size_t constants = (size_t)matrix->columns * sizeof(double);
    for (int p = 0; view && p < view->parts; p++)
        sum = ds_view_part_checksum(&view->part[p], view->row, matrix->rows, sum);
    if (!view)
        sum = add_bytes(sum, matrix->cells,
                        (size_t)(matrix->rows * matrix->columns) * ds_cell_size(matrix->cell));
    return add_bytes(add_bytes(sum, matrix->subtract, constants), matrix->divide, constants);
}

void ds_matrix_clear(ds_matrix *matrix) {
    ds_column_view_destroy(matrix->view);
    ds_free(matrix->cells);
    ds_free(matrix->subtract);
    ds_free(matrix->divide);
    *matrix = (ds_matrix){0};
}
