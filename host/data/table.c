#include "data/table.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/remedy.h"

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
    for (int i = 0; i < table->columns; i++)
        ds_column_clear(&table->column[i]);
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
        ds_column_kind kind =
            wish ? wish->kind(wish->context, column->name, &named) : DS_COLUMN_NUMBER;
        if (kind == DS_COLUMN_SKIPPED || kind == DS_COLUMN_MAYBE)
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
    if (table->line && *name == 'c' && name[1] &&
        strspn(name + 1, "0123456789") == strlen(name + 1))
        DS_TRY(ds_text_add(&hint, "; if its first row is data, --set data.header=false"));
    status = ds_fail(DS_BAD_INPUT, hint.characters, "%s: no column \"%s\"", table->source, name);

cleanup:
    ds_free(names);
    ds_text_clear(&hint);
    return status;
}

ds_status ds_table_reorder(ds_table *table, const int64_t *order) {
    ds_status status = DS_OK;
    uint32_t *line = NULL;
    for (int j = 0; j < table->columns; j++)
        DS_TRY(ds_column_reorder(&table->column[j], order, table->rows));
    if (!table->line)
        return DS_OK;
    DS_TRY(ds_new(&line, (size_t)table->rows, sizeof *line));
    for (int64_t i = 0; i < table->rows; i++)
        line[i] = table->line[order[i]];
    ds_free(table->line);
    table->line = line;

cleanup:
    return status;
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
    char excerpt[64];
    double value;
    unsigned marks = 0;
    bool number = ds_cell_number(text, DS_DECIMAL_AUTO, &value, &marks);
    const char *way = "correct the cell";
    ds_text hint = {0};
    if (number && marks & DS_MARK_COMMA_EITHER)
        way = "if the comma stands between thousands, train with --set data.decimal=point, if "
              "before decimals, --set data.decimal=comma";
    else if (number && marks & DS_MARK_COMMA)
        way = "write decimals behind a point, 5.97, in all of the file, or behind a comma in all "
              "of it, with --set data.decimal=comma";
    else if (number && marks & DS_MARK_HAS_COMMA)
        way = "write thousands without commas, 1234567.5, or train with --set data.decimal=point";
    else if (number && isfinite(value))
        way = "write all decimals behind a point, and train with --set data.decimal=point";
    ds_cell_excerpt(excerpt, text);
    if (number && isinf(value))
        return ds_cell_fail(table, column, row, "remove the row, or correct the cell",
                            "expected a finite number, got \"%s\"", excerpt);
    ds_status status = ds_text_add(&hint, "%s; if the column holds words, train with ", way);
    if (status == DS_OK)
        status = ds_text_remedy(&hint, "data.categories+=", column->name);
    if (status == DS_OK)
        status = ds_text_add(&hint, ", or give them numbers by data.values: {M: 0, F: 1}; a word "
                                    "that means a missing cell stands under data.missing_words");
    if (status == DS_OK)
        status = ds_cell_fail(table, column, row, hint.characters, "expected a number, got \"%s\"",
                              excerpt);
    ds_text_clear(&hint);
    return status;
}

ds_status ds_cell_fail_excluding(const ds_table *table, const ds_column *column, int64_t row,
                                 const char *message) {
    ds_text hint = {0};
    ds_status status = ds_text_add(&hint, "leave the column out: ");
    if (status == DS_OK)
        status = ds_text_remedy(&hint, "data.exclude+=", column->name);
    if (status == DS_OK)
        status = ds_cell_fail(table, column, row, hint.characters, "%s", message);
    ds_text_clear(&hint);
    return status;
}
