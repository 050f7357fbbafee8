#include "data/csv_reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/cell_text.h"
#include "data/csv_probe.h"

enum { CHUNK = 1 << 20 };

typedef struct csv_reading {
    ds_table table;
    ds_status status; /* of the first failure; libcsv's callbacks cannot stop the parser */
    int64_t capacity; /* rows there is room for */
    int64_t line;     /* where the parser is, counted from 1 */
    int64_t begun;    /* line on which this row began */
    int cell;         /* cells of this row so far */
    ds_decimal decimal;
    bool after_cr; /* the last line ended in CR: an LF that follows belongs to it */
    bool header;   /* this row is the header */
} csv_reading;

static ds_status grow(csv_reading *self) {
    ds_table *table = &self->table;
    int64_t capacity = self->capacity ? self->capacity * 2 : 256;
    if (capacity > (int64_t)1 << 32)
        return ds_fail(DS_BAD_INPUT, "split the file", "%s: more than %lld rows", table->source,
                       (long long)self->capacity);
    for (int j = 0; j < table->columns; j++) {
        ds_column *column = &table->column[j];
        if (column->kind == DS_COLUMN_NUMBER)
            DS_CHECK(ds_resize(&column->numbers, (size_t)capacity, sizeof(double)));
        if (column->kind == DS_COLUMN_TEXT)
            DS_CHECK(ds_resize(&column->codes, (size_t)capacity, sizeof(int32_t)));
    }
    DS_CHECK(ds_resize(&table->line, (size_t)capacity, sizeof(int64_t)));
    self->capacity = capacity;
    return DS_OK;
}

static ds_status store_number(csv_reading *self, ds_column *column, const char *text) {
    int64_t row = self->table.rows;
    double value;
    char excerpt[64];
    if (ds_cell_number(text, self->decimal, &value) && isfinite(value)) {
        column->numbers[row] = value;
        return DS_OK;
    }
    if (ds_cell_is_missing(text)) {
        column->numbers[row] = NAN;
        return DS_OK;
    }
    ds_cell_excerpt(excerpt, text);
    if (ds_cell_number(text, self->decimal, &value))
        return ds_cell_fail(&self->table, column, row, "remove the row, or correct the cell",
                            "expected a finite number, got \"%s\"", excerpt);
    return ds_cell_no_number(&self->table, column, row, text);
}

static ds_status store_text(csv_reading *self, ds_column *column, const char *text) {
    int64_t row = self->table.rows;
    if (ds_cell_is_missing(text)) {
        column->codes[row] = -1;
        return DS_OK;
    }
    int32_t before = column->words.count;
    DS_CHECK(ds_words_add(&column->words, text, &column->codes[row]));
    if (column->words.count > before && !ds_is_utf8(text))
        return ds_cell_fail(&self->table, column, row, "save the file as UTF-8",
                            "the text is not UTF-8");
    return DS_OK;
}

static ds_status take_cell(csv_reading *self, const char *text, size_t length) {
    ds_table *table = &self->table;
    if (self->cell == 0)
        self->begun = self->line;
    int index = self->cell++;
    self->after_cr = false;
    if (index < table->columns && !self->header) {
        if (table->rows == self->capacity)
            DS_CHECK(grow(self));
        ds_column *column = &table->column[index];
        table->line[table->rows] = self->begun;
        if (column->kind == DS_COLUMN_NUMBER)
            return store_number(self, column, text); /* which spans no lines */
        if (column->kind == DS_COLUMN_TEXT)
            DS_CHECK(store_text(self, column, text));
    }
    for (size_t i = 0; i < length; i++) /* a quoted cell may span lines */
        self->line += text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n');
    return DS_OK;
}

static void on_cell(void *text, size_t length, void *context) {
    csv_reading *self = context;
    if (self->status == DS_OK)
        self->status = take_cell(self, text, length);
}

static void on_row(int end, void *context) {
    csv_reading *self = context;
    if (self->status != DS_OK)
        return;
    if (self->cell > 0) {
        if (self->cell != self->table.columns)
            self->status =
                ds_fail(DS_BAD_INPUT,
                        self->cell < self->table.columns
                            ? "every row needs as many cells as the first row has"
                            : "every row needs as many cells as the first row has; a cell with a "
                              "comma in it stands in quotes, and beside decimal commas `;` is "
                              "between cells",
                        "%s:%lld: expected %d cells, got %d", self->table.source,
                        (long long)self->begun, self->table.columns, self->cell);
        else if (!self->header)
            self->table.rows++;
        self->header = false;
    }
    self->cell = 0;
    self->line += !(end == '\n' && self->after_cr);
    self->after_cr = end == '\r';
}

/* Names and kinds of the columns, as the probe saw the first rows. */
static ds_status make_columns(ds_table *table, const ds_csv_probe *probe, const char *path,
                              const ds_wish *wish) {
    ds_status status = DS_OK;
    ds_words seen = {0};
    int32_t index;
    DS_TRY(ds_table_new(table, ds_source_name(path), probe->columns));
    for (int j = 0; j < probe->columns; j++) {
        ds_column *column = &table->column[j];
        char excerpt[64], number[16];
        bool named;
        snprintf(number, sizeof number, "c%d", j + 1);
        const char *name = probe->header && *probe->first[j] ? probe->first[j] : number;
        ds_cell_excerpt(excerpt, name);
        if (!ds_is_utf8(name)) {
            status = ds_fail(DS_BAD_INPUT, "save the file as UTF-8",
                             "%s: the name of column %d is not UTF-8", table->source, j + 1);
            goto cleanup;
        }
        DS_TRY(ds_words_add(&seen, name, &index));
        if (index < j) {
            status = ds_fail(DS_BAD_INPUT, "give every column a name of its own",
                             "%s: columns %d and %d are both named \"%s\"", table->source,
                             index + 1, j + 1, excerpt);
            goto cleanup;
        }
        DS_TRY(ds_copy_text(&column->name, name));
        column->kind = wish->kind(wish->context, name, &named);
        if (column->kind == DS_COLUMN_AUTO)
            column->kind = ds_csv_probe_kind(probe, j);
    }

cleanup:
    ds_words_clear(&seen);
    return status;
}

static ds_status parse_rows(csv_reading *self, const char *text, size_t size, char separator) {
    ds_status status = DS_OK;
    struct csv_parser parser;
    DS_CHECK(ds_csv_parser_open(&parser, separator, self->table.source));
    bool good = true;
    for (size_t done = 0; done < size && good && self->status == DS_OK; done += CHUNK) {
        size_t chunk = size - done < CHUNK ? size - done : CHUNK;
        good = csv_parse(&parser, text + done, chunk, on_cell, on_row, self) == chunk;
    }
    if (good && self->status == DS_OK)
        good = csv_fini(&parser, on_cell, on_row, self) == 0;
    status = self->status;
    if (status == DS_OK && !good) {
        if (csv_error(&parser) == CSV_EPARSE)
            status = ds_fail(DS_BAD_INPUT,
                             "a cell with quotes in it is written in quotes, and these doubled: "
                             "\"5\"\" pipe\"",
                             "%s:%lld:%d: a quote that is not closed, or stands inside a cell",
                             self->table.source, (long long)self->line, self->cell + 1);
        else
            status = ds_fail(DS_OUT_OF_MEMORY, "use less data", "no memory to read %s",
                             self->table.source);
    }
    csv_free(&parser);
    return status;
}

/* Gives back the room that no row took. */
static ds_status shrink(ds_table *table) {
    for (int j = 0; j < table->columns; j++) {
        ds_column *column = &table->column[j];
        if (column->numbers)
            DS_CHECK(ds_resize(&column->numbers, (size_t)table->rows, sizeof(double)));
        if (column->codes)
            DS_CHECK(ds_resize(&column->codes, (size_t)table->rows, sizeof(int32_t)));
    }
    return ds_resize(&table->line, (size_t)table->rows, sizeof(int64_t));
}

ds_status ds_csv_read(ds_table *out, const ds_bytes *bytes, const char *path, const ds_wish *wish) {
    ds_status status = DS_OK;
    ds_csv_probe probe = {0};
    csv_reading self = {.line = 1};
    const char *text = (const char *)bytes->data, *name = ds_source_name(path);
    size_t size = bytes->size;
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        size -= 3;
    }
    if (memchr(text, '\0', size))
        return ds_fail(DS_BAD_INPUT, "save it as CSV in UTF-8; IDX and NPY are read, too",
                       "%s: the file is not text", name);
    DS_TRY(ds_csv_probe_read(&probe, text, size, path, wish));
    self.header = probe.header;
    self.decimal = probe.decimal;
    DS_TRY(make_columns(&self.table, &probe, path, wish));
    DS_TRY(parse_rows(&self, text, size, probe.separator));
    if (self.table.rows == 0) {
        status = ds_fail(
            DS_BAD_INPUT, "a header and at least one row of data are needed",
            probe.columns ? "%s: no row of data, only a header" : "%s: the file is empty", name);
        goto cleanup;
    }
    DS_TRY(shrink(&self.table));
    *out = self.table;
    self.table = (ds_table){0};

cleanup:
    ds_csv_probe_clear(&probe);
    ds_table_clear(&self.table);
    return status;
}
