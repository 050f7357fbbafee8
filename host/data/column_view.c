#include "data/column_view.h"

#include <string.h>
#include <zlib.h>

void ds_column_view_destroy(ds_column_view *view) {
    if (!view)
        return;
    for (int i = 0; i < view->parts; i++)
        ds_free(view->part[i].category);
    ds_free(view->part);
    ds_free(view);
}

bool ds_encode_powers(double *out, double value, int powers) {
    out[0] = value;
    for (int k = 1; k < powers; k++)
        out[k] = out[k - 1] * value;
    return isfinite(out[powers - 1]);
}

int32_t ds_view_category(const ds_view_part *part, int64_t row) {
    int32_t code = part->column->codes[row];
    return code < 0 ? part->missing : part->category[code];
}

static double filled(const ds_view_part *part, int64_t row) {
    double value = ds_column_number(part->column, row);
    return isnan(value) ? part->fill : value;
}

void ds_view_part_read(const ds_view_part *part, int begin, int width, const int32_t *row,
                       int64_t count, double *out) {
    if (part->width == 1) {
        const ds_column *column = part->column;
        if (column->scaled && column->complete)
            for (int64_t i = 0; i < count; i++)
                out[i] = ds_column_number(column, row[i] - part->lags);
        else
            for (int64_t i = 0; i < count; i++)
                out[i] = filled(part, row[i] - part->lags);
        return;
    }
    int values = part->lags ? part->lags : part->powers;
    for (int64_t i = 0; i < count; i++, out += width) {
        for (int k = 0; k < width && part->lags && begin + k < values; k++)
            out[k] = filled(part, row[i] - begin - k - 1);
        if (!part->lags)
            (void)ds_encode_powers(out, filled(part, row[i]), part->powers);
        if (part->indicator && begin + width == part->width)
            out[width - 1] = isnan(ds_column_number(part->column, row[i]));
    }
}

unsigned long ds_view_part_checksum(const ds_view_part *part, const int32_t *row, int64_t count,
                                    unsigned long sum) {
    enum { BLOCK = 1024 };
    double value[BLOCK];
    int32_t category[BLOCK];
    sum = crc32_z(sum, (const unsigned char *)&part->fill, sizeof part->fill);
    for (int64_t first = 0; first < count; first += BLOCK) {
        size_t block = (size_t)(count - first < BLOCK ? count - first : BLOCK);
        for (size_t i = 0; i < block; i++) {
            if (part->category)
                category[i] = ds_view_category(part, row[first + (int64_t)i]);
            else
                value[i] = ds_column_number(part->column, row[first + (int64_t)i]);
        }
        sum = part->category
                  ? crc32_z(sum, (const unsigned char *)category, block * sizeof *category)
                  : crc32_z(sum, (const unsigned char *)value, block * sizeof *value);
    }
    return sum;
}
