#include "data/column.h"

#include <string.h>

enum { MOST_DECIMALS = 9 };

static const int32_t powers[MOST_DECIMALS + 1] = {1,      10,      100,      1000,      10000,
                                                  100000, 1000000, 10000000, 100000000, 1000000000};

void ds_column_clear(ds_column *column) {
    ds_free(column->name);
    ds_free(column->numbers);
    ds_free(column->scaled);
    ds_free(column->codes);
    ds_words_clear(&column->words);
    *column = (ds_column){0};
}

void ds_column_read(const ds_column *column, int64_t first, int64_t count, double *to) {
    if (column->numbers) {
        memcpy(to, column->numbers + first, (size_t)count * sizeof *to);
        return;
    }
    const int32_t *scaled = column->scaled + first;
    int32_t lowest = INT32_MAX;
    for (int64_t i = 0; i < count; i++) {
        to[i] = scaled[i] / column->power;
        lowest = scaled[i] < lowest ? scaled[i] : lowest;
    }
    for (int64_t i = 0; lowest <= DS_SCALED_MINUS_ZERO && i < count; i++)
        if (scaled[i] <= DS_SCALED_MINUS_ZERO)
            to[i] = scaled[i] == DS_SCALED_MISSING ? (double)NAN : -0.0;
}

ds_status ds_column_reserve(ds_column *column, int64_t rows) {
    size_t room = (size_t)rows;
    column->room = rows;
    if (column->kind == DS_COLUMN_TEXT)
        return ds_resize(&column->codes, room, sizeof *column->codes);
    if (column->kind != DS_COLUMN_NUMBER)
        return DS_OK;
    if (column->numbers)
        return ds_resize(&column->numbers, room, sizeof *column->numbers);
    if (!column->scaled)
        column->power = 1;
    return ds_resize(&column->scaled, room, sizeof *column->scaled);
}

ds_status ds_column_widen(ds_column *column, int64_t rows) {
    double *numbers = NULL;
    if (column->numbers || !column->scaled)
        return DS_OK;
    DS_CHECK(ds_resize(&numbers, (size_t)column->room, sizeof *numbers));
    ds_column_read(column, 0, rows, numbers);
    column->numbers = numbers;
    ds_free(column->scaled);
    column->scaled = NULL;
    return DS_OK;
}

/* More decimals for the numbers that are there; false where they are too large for that. */
static bool rescale(ds_column *column, int64_t rows, int decimals) {
    int64_t factor = powers[decimals - column->decimals], most = INT32_MAX / factor;
    for (int64_t i = 0; i < rows; i++)
        if (column->scaled[i] > DS_SCALED_MINUS_ZERO &&
            (column->scaled[i] > most || column->scaled[i] < -most))
            return false;
    for (int64_t i = 0; i < rows; i++)
        if (column->scaled[i] > DS_SCALED_MINUS_ZERO)
            column->scaled[i] = (int32_t)(column->scaled[i] * factor);
    column->decimals = decimals;
    column->power = powers[decimals];
    return true;
}

/* As the column keeps it; false where it cannot but as a double. */
static bool put_scaled(ds_column *column, int64_t row, int64_t whole, int decimals) {
    if (decimals > column->decimals && !rescale(column, row, decimals))
        return false;
    whole *= powers[column->decimals - decimals];
    if (whole > INT32_MAX || whole < -INT32_MAX + 1)
        return false;
    column->scaled[row] = (int32_t)whole;
    return true;
}

ds_status ds_column_put(ds_column *column, int64_t row, double value) {
    if (column->scaled) {
        bool missing = isnan(value), whole = value == nearbyint(value) && fabs(value) < 1e9;
        if (missing || (value == 0 && signbit(value))) {
            column->scaled[row] = missing ? DS_SCALED_MISSING : DS_SCALED_MINUS_ZERO;
            return DS_OK;
        }
        if (whole && put_scaled(column, row, (int64_t)value, 0))
            return DS_OK;
        DS_CHECK(ds_column_widen(column, row));
    }
    column->numbers[row] = value;
    return DS_OK;
}

ds_status ds_column_put_decimal(ds_column *column, int64_t row, const ds_decimal_number *number,
                                const char *text) {
    if (column->scaled && number->digits <= INT32_MAX && !number->exponent &&
        number->decimals <= MOST_DECIMALS && (number->digits || !number->negative)) {
        int64_t whole = (int64_t)number->digits;
        if (put_scaled(column, row, number->negative ? -whole : whole, number->decimals))
            return DS_OK;
    }
    return ds_column_put(column, row, ds_number_value(number, text));
}

/* Both with the same decimals. */
static bool match(ds_column *column, int64_t rows, ds_column *other, int64_t count) {
    if (!column->scaled || !other->scaled)
        return false;
    if (column->decimals < other->decimals)
        return rescale(column, rows, other->decimals);
    return column->decimals == other->decimals || rescale(other, count, column->decimals);
}

ds_status ds_column_append(ds_column *column, int64_t rows, ds_column *other, int64_t count) {
    if (match(column, rows, other, count)) {
        memcpy(column->scaled + rows, other->scaled, (size_t)count * sizeof *other->scaled);
        return DS_OK;
    }
    DS_CHECK(ds_column_widen(column, rows));
    ds_column_read(other, 0, count, column->numbers + rows);
    return DS_OK;
}

ds_status ds_column_to_text(ds_column *column, int64_t rows) {
    ds_status status = DS_OK;
    ds_words words = {0};
    int32_t *codes = NULL;
    int32_t small[256]; /* codes of 0 .. 255, which is what most labels are */
    memset(small, 0xff, sizeof small);
    if (column->kind == DS_COLUMN_TEXT)
        return DS_OK;
    DS_TRY(ds_new(&codes, (size_t)rows, sizeof *codes));
    for (int64_t i = 0; i < rows; i++) {
        double value = ds_column_number(column, i) + 0.0; /* -0 is 0 */
        bool is_small = value >= 0 && value < 256 && value == floor(value);
        if (isnan(value)) {
            codes[i] = -1;
        } else if (is_small && small[(int)value] >= 0) {
            codes[i] = small[(int)value];
        } else {
            char text[32];
            ds_number_print(text, value);
            DS_TRY(ds_words_add(&words, text, &codes[i]));
            if (is_small)
                small[(int)value] = codes[i];
        }
    }
    column->codes = codes;
    column->words = words;
    column->kind = DS_COLUMN_TEXT;
    codes = NULL;
    words = (ds_words){0};

cleanup:
    ds_free(codes);
    ds_words_clear(&words);
    return status;
}

/* Reorders what `cells`, a pointer to a pointer, points to: `rows` elements of `size` bytes. */
static ds_status reorder(void *cells, size_t size, const int64_t *order, int64_t rows) {
    char *from, *to = NULL;
    memcpy(&from, cells, sizeof from);
    if (!from)
        return DS_OK;
    DS_CHECK(ds_new(&to, (size_t)rows, size));
    for (int64_t i = 0; i < rows; i++)
        memcpy(to + (size_t)i * size, from + (size_t)order[i] * size, size);
    memcpy(cells, &to, sizeof to);
    ds_free(from);
    return DS_OK;
}

ds_status ds_column_reorder(ds_column *column, const int64_t *order, int64_t rows) {
    DS_CHECK(reorder(&column->numbers, sizeof *column->numbers, order, rows));
    DS_CHECK(reorder(&column->scaled, sizeof *column->scaled, order, rows));
    return reorder(&column->codes, sizeof *column->codes, order, rows);
}

bool ds_column_is_missing(const ds_column *column, int64_t row) {
    return column->kind == DS_COLUMN_TEXT ? column->codes[row] < 0
                                          : isnan(ds_column_number(column, row));
}
