#include "data/table.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "data/cell_text.h"

const char *ds_source_name(const char *path) {
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

ds_status ds_table_new(ds_table *out, const char *source, int columns) {
    ds_table table = {.columns = columns};
    DS_CHECK(ds_new(&table.column, (size_t)columns, sizeof *table.column));
    ds_status status = ds_copy_text(&table.source, source);
    if (status != DS_OK)
        ds_free(table.column);
    else
        *out = table;
    return status;
}

void ds_table_clear(ds_table *table) {
    for (int i = 0; i < table->columns; i++) {
        ds_column *column = &table->column[i];
        ds_free(column->name);
        ds_free(column->numbers);
        ds_free(column->codes);
        ds_words_clear(&column->words);
    }
    ds_free(table->column);
    ds_free(table->source);
    ds_free(table->line);
    *table = (ds_table){0};
}

ds_status ds_table_from_matrix(ds_table *out, const ds_matrix *matrix, const char *source,
                               const char *prefix, const char *only, const ds_wish *wish) {
    ds_status status = DS_OK;
    ds_table table = {0};
    if (matrix->columns > INT32_MAX)
        return ds_fail(DS_BAD_INPUT, "", "%s: %lld columns are too many", source,
                       (long long)matrix->columns);
    DS_TRY(ds_table_new(&table, source, (int)matrix->columns));
    table.rows = matrix->rows;
    for (int j = 0; j < table.columns; j++) {
        ds_column *column = &table.column[j];
        ds_text name = {0};
        bool named;
        if (only && table.columns == 1)
            DS_TRY(ds_copy_text(&column->name, only));
        else {
            DS_TRY(ds_text_add(&name, "%s%d", prefix, j + 1));
            column->name = name.characters;
        }
        column->kind = DS_COLUMN_NUMBER;
        if (wish && wish->kind(wish->context, column->name, &named) == DS_COLUMN_SKIPPED)
            column->kind = DS_COLUMN_SKIPPED;
        if (column->kind == DS_COLUMN_SKIPPED)
            continue;
        DS_TRY(ds_new(&column->numbers, (size_t)table.rows, sizeof(double)));
        for (int64_t i = 0; i < table.rows; i++) {
            column->numbers[i] = ds_matrix_cell(matrix, i, j);
            if (isinf(column->numbers[i])) {
                status = ds_cell_fail(&table, column, i, "remove the row, or correct the cell",
                                      "expected a finite number, got %g", column->numbers[i]);
                goto cleanup;
            }
        }
    }
    *out = table;
    table = (ds_table){0};

cleanup:
    ds_table_clear(&table);
    return status;
}

const ds_column *ds_table_find(const ds_table *table, const char *name) {
    for (int i = 0; i < table->columns; i++)
        if (strcmp(table->column[i].name, name) == 0)
            return &table->column[i];
    return NULL;
}

ds_status ds_table_need(const ds_table *table, const char *name, const ds_column **out) {
    const ds_column *column = ds_table_find(table, name);
    if (column) {
        *out = column;
        return DS_OK;
    }
    ds_status status = DS_OK;
    const char **names = NULL;
    ds_text hint = {0};
    DS_TRY(ds_new(&names, (size_t)table->columns + 1, sizeof *names));
    for (int i = 0; i < table->columns; i++)
        names[i] = table->column[i].name;
    const char *nearest = ds_nearest_word(name, names);
    if (nearest)
        DS_TRY(ds_text_add(&hint, "did you mean \"%s\"?", nearest));
    else
        DS_TRY(ds_text_add(&hint, "its columns:"));
    for (int i = 0; !nearest && i < table->columns && i < 12; i++)
        DS_TRY(ds_text_add(&hint, "%s %s", i ? "," : "", names[i]));
    if (!nearest && table->columns > 12)
        DS_TRY(ds_text_add(&hint, ", ... (%d in all)", table->columns));
    status = ds_fail(DS_BAD_INPUT, hint.characters, "%s: no column \"%s\"", table->source, name);

cleanup:
    ds_free(names);
    ds_text_clear(&hint);
    return status;
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
        double value = column->numbers[i] + 0.0; /* -0 is 0 */
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

ds_status ds_table_reorder(ds_table *table, const int64_t *order) {
    for (int j = 0; j < table->columns; j++) {
        ds_column *column = &table->column[j];
        DS_CHECK(reorder(&column->numbers, sizeof *column->numbers, order, table->rows));
        DS_CHECK(reorder(&column->codes, sizeof *column->codes, order, table->rows));
    }
    return reorder(&table->line, sizeof *table->line, order, table->rows);
}

bool ds_column_is_missing(const ds_column *column, int64_t row) {
    return column->kind == DS_COLUMN_TEXT ? column->codes[row] < 0 : isnan(column->numbers[row]);
}

ds_status ds_cell_fail(const ds_table *table, const ds_column *column, int64_t row,
                       const char *hint, const char *format, ...) {
    char message[512], name[64];
    int number = (int)(column - table->column) + 1;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    ds_cell_excerpt(name, column->name);
    if (table->line)
        return ds_fail(DS_BAD_INPUT, hint, "%s:%lld:%d: %s (column \"%s\")", table->source,
                       (long long)table->line[row], number, message, name);
    return ds_fail(DS_BAD_INPUT, hint, "%s: row %lld, column %d: %s", table->source,
                   (long long)row + 1, number, message);
}

ds_status ds_cell_no_number(const ds_table *table, const ds_column *column, int64_t row,
                            const char *text) {
    static const char *const hints[] = {
        [DS_COMMA_NONE] = "correct the cell; or, if the column holds words, list it under "
                          "`categories` in the recipe's data, or under `values` with numbers for "
                          "them: {M: 0, F: 1}",
        [DS_COMMA_DECIMAL] = "write decimals behind a point, 5.97, in all of the file, or behind a "
                             "comma in all of it where `;` stands between cells; if the column "
                             "holds words, list it under `categories`",
        [DS_COMMA_THOUSANDS] = "write 1234567.5: thousands without commas, decimals behind a "
                               "point, or say `decimal: point` under `data`; if the column holds "
                               "words, list it under `categories`",
        [DS_COMMA_EITHER] = "say `decimal: comma` or `decimal: point` under `data`: the comma may "
                            "stand before decimals or behind thousands; if the column holds words, "
                            "list it under `categories`"};
    char excerpt[64];
    ds_cell_excerpt(excerpt, text);
    return ds_cell_fail(table, column, row, hints[ds_cell_comma(text)],
                        "expected a number, got \"%s\"", excerpt);
}
