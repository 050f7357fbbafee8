#include "train/sweep_rows.h"

#include <string.h>

#include "base/files.h"
#include "base/number.h"
#include "data/csv_reader.h"

enum { MOST_LETTERS = 36 }; /* of a name */

/* ---- the table ---- */

/* The keys stand before the column "status", and what came out behind it. */
static ds_column_kind kind_of(const void *context, const char *name, bool *named) {
    bool *behind = *(bool *const *)context;
    *named = true;
    if (strcmp(name, "status") != 0)
        return *behind ? DS_COLUMN_NUMBER : DS_COLUMN_TEXT;
    *behind = true;
    return DS_COLUMN_SKIPPED;
}

static ds_status read_table(ds_sweep_rows *rows, const char *folder) {
    ds_status status = DS_OK;
    bool behind = false, *context = &behind;
    ds_wish wish = {.kind = kind_of, .context = &context, .header = DS_HEADER_YES, .doubles = true};
    ds_bytes bytes = {0};
    char *path = NULL;
    DS_TRY(ds_path_join(&path, folder, "sweep.csv"));
    DS_TRY(ds_file_read(&bytes, path));
    DS_TRY(ds_csv_read(&rows->table, &bytes, path, &wish));
    while (rows->keys < rows->table.columns &&
           rows->table.column[rows->keys].kind == DS_COLUMN_TEXT)
        rows->keys++;
    rows->runs = (int)rows->table.rows;

cleanup:
    ds_free(bytes.data);
    ds_free(path);
    return status;
}

/* ---- names and places ---- */

static const char *cell(const ds_column *column, int row) {
    return column->codes[row] < 0 ? "" : column->words.word[column->codes[row]];
}

/* The keys' names, or, of a run, their values: joined by ", ". */
static ds_status join(const ds_sweep_rows *rows, int run, char **out) {
    ds_status status = DS_OK;
    ds_text text = {0};
    for (int k = 0; k < rows->keys; k++) {
        const ds_column *column = &rows->table.column[k];
        DS_TRY(
            ds_text_add(&text, "%s%s", k ? ", " : "", run < 0 ? column->name : cell(column, run)));
    }
    DS_TRY(ds_text_take(&text, out));

cleanup:
    ds_text_clear(&text);
    return status;
}

/* Names too long for a picture give way to the runs' numbers. */
static ds_status shorten(ds_sweep_rows *rows) {
    bool fit = true;
    for (int i = 0; i < rows->runs; i++)
        fit = fit && strlen(rows->name[i]) <= MOST_LETTERS;
    for (int i = 0; i < rows->runs && !fit; i++) {
        ds_text number = {0};
        ds_free(rows->name[i]);
        rows->name[i] = NULL;
        DS_CHECK(ds_text_add(&number, "run %d", i + 1));
        DS_CHECK(ds_text_take(&number, &rows->name[i]));
    }
    if (fit)
        return DS_OK;
    ds_free(rows->by);
    rows->by = NULL;
    return ds_copy_text(&rows->by, "run");
}

/* The number that a word begins with, up to its first blank. */
static bool leading_number(const char *word, double *out) {
    char number[32];
    size_t length = strcspn(word, " ");
    if (length == 0 || length >= sizeof number)
        return false;
    memcpy(number, word, length);
    number[length] = '\0';
    return ds_number_parse(number, out);
}

static bool rises(const double *values, int count) {
    for (int i = 1; i < count; i++)
        if (!(values[i] > values[i - 1]))
            return false;
    return true;
}

static void place_runs(ds_sweep_rows *rows) {
    bool whole = rows->keys == 1, leading = rows->keys == 1;
    double ignored;
    for (int i = 0; i < rows->runs; i++) {
        leading = leading && leading_number(rows->name[i], &rows->place[i]);
        whole = whole && ds_number_parse(rows->name[i], &ignored);
    }
    bool placed = leading && rises(rows->place, rows->runs);
    rows->numbers = placed && whole;
    rows->numbered = placed && !whole;
    for (int i = 0; i < rows->runs && !placed; i++)
        rows->place[i] = i;
}

ds_status ds_sweep_rows_read(ds_sweep_rows *out, const char *folder) {
    ds_status status = DS_OK;
    ds_sweep_rows rows = {0};
    DS_TRY(read_table(&rows, folder));
    DS_TRY(join(&rows, -1, &rows.by));
    DS_TRY(ds_new(&rows.name, (size_t)rows.runs, sizeof *rows.name));
    DS_TRY(ds_new(&rows.place, (size_t)rows.runs, sizeof *rows.place));
    for (int i = 0; i < rows.runs; i++)
        DS_TRY(join(&rows, i, &rows.name[i]));
    DS_TRY(shorten(&rows));
    place_runs(&rows);
    *out = rows;
    rows = (ds_sweep_rows){0};

cleanup:
    ds_sweep_rows_clear(&rows);
    return status;
}

void ds_sweep_rows_clear(ds_sweep_rows *rows) {
    for (int i = 0; rows->name && i < rows->runs; i++)
        ds_free(rows->name[i]);
    ds_free(rows->name);
    ds_free(rows->place);
    ds_free(rows->by);
    ds_table_clear(&rows->table);
    *rows = (ds_sweep_rows){0};
}

/* ---- is it one? ---- */

static double written(const char *folder, const char *name) {
    char *path = NULL;
    if (ds_path_join(&path, folder, name) != DS_OK)
        return -1;
    double when = ds_file_time(path);
    ds_free(path);
    return when;
}

bool ds_is_sweep(const char *folder) {
    return written(folder, "sweep.csv") > written(folder, "checkpoint.safetensors");
}
