/* Making and filling of the matrices that data/dataset.h gives out. */
#ifndef DS_MATRIX_H
#define DS_MATRIX_H

#include "data/dataset.h"

size_t ds_cell_size(ds_cell cell);

/* Zeroed cells, taken as they are. */
ds_status ds_matrix_new(ds_matrix *out, ds_cell cell, int64_t rows, int64_t columns);

/* The listed rows, without the constants. */
ds_status ds_matrix_gather(ds_matrix *out, const ds_matrix *from, const int64_t *rows,
                           int64_t count);

/* A cell as it is kept. */
double ds_matrix_cell(const ds_matrix *matrix, int64_t row, int64_t column);

/* Copies the constants of `columns` columns into the matrix. */
ds_status ds_matrix_set_constants(ds_matrix *matrix, const double *subtract, const double *divide);

#endif
