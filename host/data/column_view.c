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

static void read_single(const ds_view_part *part, const int32_t *row, int64_t count, double *out) {
    const ds_column *column = part->column;
    int32_t least = DS_SCALED_MISSING; /* of the numbers, where they are scaled */
    if (column->scaled) {
        const int32_t *scaled = column->scaled - part->lags;
        least = INT32_MAX;
        for (int64_t i = 0; i < count; i++) {
            int32_t value = scaled[row[i]];
            out[i] = value / column->power;
            least = value < least ? value : least;
        }
    }
    for (int64_t i = 0; i < count && least <= DS_SCALED_MINUS_ZERO; i++)
        out[i] = filled(part, row[i] - part->lags);
}

void ds_view_part_read(const ds_view_part *part, int begin, int width, const int32_t *row,
                       int64_t count, double *out) {
    if (part->width == 1) {
        read_single(part, row, count, out);
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
    const ds_column *column = part->column;
    double value[BLOCK];
    int32_t whole[BLOCK];
    bool narrow = part->category || column->scaled;
    sum = crc32_z(sum, (const unsigned char *)&part->fill, sizeof part->fill);
    sum = crc32_z(sum, (const unsigned char *)&column->decimals, sizeof column->decimals);
    for (int64_t first = 0; first < count; first += BLOCK) {
        size_t block = (size_t)(count - first < BLOCK ? count - first : BLOCK);
        const int32_t *at = row + first;
        for (size_t i = 0; i < block && part->category; i++)
            whole[i] = ds_view_category(part, at[i]);
        for (size_t i = 0; i < block && !part->category && narrow; i++)
            whole[i] = column->scaled[at[i]];
        for (size_t i = 0; i < block && !narrow; i++)
            value[i] = column->numbers[at[i]];
        sum = narrow ? crc32_z(sum, (const unsigned char *)whole, block * sizeof *whole)
                     : crc32_z(sum, (const unsigned char *)value, block * sizeof *value);
    }
    return sum;
}
