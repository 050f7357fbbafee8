/* The loss of every run of a sweep, from its sweep.csv: over the swept key where that is one
 * number, else over the runs' names. */
#include <math.h>
#include <string.h>

#include "base/files.h"
#include "base/number.h"
#include "data/csv_reader.h"
#include "train/pictures_kinds.h"

enum { SETS = 3 };

ds_status ds_picture_sweep_check(const ds_picture_source *source, const ds_picture *picture) {
    (void)source;
    return ds_picture_without_options(picture);
}

static const char *const loss_columns[SETS] = {"train_loss", "validation_loss", "test_loss"};
static const char *const set_names[SETS] = {"training", "validation", "test"};

/* The losses as numbers, what was swept as text. */
static ds_column_kind kind_of(const void *context, const char *name, bool *named) {
    static const char *const skipped[] = {"status", "epochs", "updates", "seconds"};
    (void)context;
    *named = true;
    for (int i = 0; i < SETS; i++) {
        size_t set = strcspn(loss_columns[i], "_") + 1;
        if (strcmp(name, loss_columns[i]) == 0)
            return DS_COLUMN_NUMBER;
        if (strncmp(name, loss_columns[i], set) == 0)
            return DS_COLUMN_SKIPPED;
    }
    for (int i = 0; i < 4; i++)
        if (strcmp(name, skipped[i]) == 0)
            return DS_COLUMN_SKIPPED;
    return strcmp(name, "samples_per_second") == 0 ? DS_COLUMN_SKIPPED : DS_COLUMN_TEXT;
}

static const char *cell(const ds_column *column, int64_t row) {
    return column->codes[row] < 0 ? "" : column->words.word[column->codes[row]];
}

static int keys_of(const ds_table *table) {
    int keys = 0;
    while (keys < table->columns && table->column[keys].kind == DS_COLUMN_TEXT)
        keys++;
    return keys;
}

/* Runs as places on the x axis: their numbers, or 0, 1, ... with a name each. */
typedef struct places {
    double *x;
    char **name; /* NULL: numbers */
    int64_t count;
} places;

static void places_clear(places *p) {
    for (int64_t i = 0; p->name && i < p->count; i++)
        ds_free(p->name[i]);
    ds_free(p->name);
    ds_free(p->x);
}

static bool all_numbers(const ds_table *table, double *x) {
    for (int64_t i = 0; i < table->rows; i++) {
        if (!ds_number_parse(cell(&table->column[0], i), &x[i]) || (i && x[i] <= x[i - 1]))
            return false;
    }
    return true;
}

static ds_status place_runs(places *p, const ds_table *table) {
    int keys = keys_of(table);
    p->count = table->rows;
    DS_CHECK(ds_new(&p->x, (size_t)table->rows, sizeof *p->x));
    if (keys == 1 && all_numbers(table, p->x))
        return DS_OK;
    DS_CHECK(ds_new(&p->name, (size_t)table->rows, sizeof *p->name));
    for (int64_t i = 0; i < table->rows; i++) {
        ds_text name = {0};
        ds_status status = DS_OK;
        p->x[i] = (double)i;
        for (int k = 0; k < keys && status == DS_OK; k++)
            status = ds_text_add(&name, "%s%s", k ? ", " : "", cell(&table->column[k], i));
        if (status == DS_OK)
            status = ds_text_take(&name, &p->name[i]);
        ds_text_clear(&name);
        DS_CHECK(status);
    }
    return DS_OK;
}

static bool has_numbers(const ds_column *column, int64_t rows) {
    for (int64_t i = 0; column && i < rows; i++)
        if (isfinite(column->numbers[i]))
            return true;
    return false;
}

static ds_status draw(const ds_table *table, const places *p, const char *folder, ds_text *drawn,
                      ds_text *notes) {
    ds_series series[SETS];
    int count = 0;
    for (int s = 0; s < SETS; s++) {
        const ds_column *losses = ds_table_find(table, loss_columns[s]);
        if (has_numbers(losses, table->rows))
            series[count++] =
                (ds_series){set_names[s], p->name ? DS_LOOK_POINTS : DS_LOOK_LINE_POINTS,
                            table->rows, p->x, losses->numbers};
    }
    ds_chart chart = {.title = "Loss of every run",
                      .x = {.label = keys_of(table) == 1 ? table->column[0].name : "run",
                            .scale = p->name ? DS_SCALE_LINEAR : DS_SCALE_AUTO,
                            .name = (const char *const *)p->name,
                            .names = p->name ? (int)p->count : 0},
                      .y = {.label = "loss", .scale = DS_SCALE_AUTO},
                      .series = series,
                      .series_count = count};
    if (count == 0)
        return ds_text_add(notes, "no run of the sweep has a loss to draw\n");
    return ds_picture_chart(&chart, folder, "sweep", drawn, notes);
}

ds_status ds_picture_sweep_draw(const ds_picture_source *source, const ds_picture *picture,
                                const char *folder, ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    ds_wish wish = {.kind = kind_of, .header = DS_HEADER_YES};
    ds_bytes bytes = {0};
    ds_table table = {0};
    places p = {0};
    char *path = NULL;
    (void)picture;
    DS_TRY(ds_path_join(&path, source->folder, "sweep.csv"));
    DS_TRY(ds_file_read(&bytes, path));
    DS_TRY(ds_csv_read(&table, &bytes, path, &wish));
    DS_TRY(place_runs(&p, &table));
    DS_TRY(draw(&table, &p, folder, drawn, notes));

cleanup:
    places_clear(&p);
    ds_table_clear(&table);
    ds_free(bytes.data);
    ds_free(path);
    return status;
}
