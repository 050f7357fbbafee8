/* A result of every run of a sweep, from its sweep.csv: over what was swept where that is one
 * number, else over the runs' names. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/pictures_kinds.h"

enum { SETS = 3 };
static const char *const columns[SETS] = {"train", "validation", "test"};
static const char *const set_names[SETS] = {"training", "validation", "test"};

/* Of every set; the others are of the run. */
static const char *const of_sets[] = {"loss", "accuracy", "mae", "rmse", "r2", "max_error", NULL};
static const char *const results[] = {"loss",    "accuracy",           "mae",    "rmse",
                                      "r2",      "max_error",          "epochs", "updates",
                                      "seconds", "samples_per_second", NULL};

static bool is_among(const char *word, const char *const *list) {
    while (*list && strcmp(word, *list) != 0)
        list++;
    return *list != NULL;
}

/* `sweep: samples_per_second` */
static ds_status parse(const ds_picture *picture, const char **result) {
    *result = results[0];
    if (!picture->options)
        return DS_OK;
    DS_CHECK(ds_node_word(picture->options, "sweep", result));
    if (is_among(*result, results))
        return DS_OK;
    return ds_node_fail(picture->options,
                        "one of loss, accuracy, mae, rmse, r2, max_error, epochs, updates, "
                        "seconds, samples_per_second",
                        "sweep: no result is called \"%s\"", *result);
}

ds_status ds_picture_sweep_check(const ds_picture_source *source, const ds_picture *picture) {
    const char *result;
    (void)source;
    return parse(picture, &result);
}

/* ---- the chart ---- */

static bool has_numbers(const ds_column *column, int64_t rows) {
    for (int64_t i = 0; column && i < rows; i++)
        if (isfinite(column->numbers[i]))
            return true;
    return false;
}

/* Of every set there is, or of the run. */
static void add_results(ds_sweep_chart *c, const char *result) {
    const ds_sweep_rows *rows = &c->rows;
    bool sets = is_among(result, of_sets);
    ds_look look = rows->numbers || rows->numbered ? DS_LOOK_LINE_POINTS : DS_LOOK_MARKS;
    for (int s = 0; s < (sets ? SETS : 1); s++) {
        char name[64];
        snprintf(name, sizeof name, sets ? "%s_%s" : "%.0s%s", columns[s], result);
        const ds_column *column = ds_table_find(&rows->table, name);
        if (column && column->kind == DS_COLUMN_NUMBER && has_numbers(column, rows->runs))
            c->series[c->chart.series_count++] = (ds_series){
                sets ? set_names[s] : NULL, look, rows->runs, rows->place, column->numbers};
    }
}

/* "samples_per_second" as words. */
static void print_words(ds_sweep_chart *c, const char *result) {
    snprintf(c->label, sizeof c->label, "%s", result);
    for (char *at = c->label; *at; at++)
        *at = *at == '_' ? ' ' : *at;
    snprintf(c->title, sizeof c->title, "%s of every run", c->label);
    if (*c->title >= 'a' && *c->title <= 'z')
        *c->title = (char)(*c->title - 'a' + 'A');
}

ds_status ds_sweep_chart_read(ds_sweep_chart *out, const char *folder, const char *result) {
    *out = (ds_sweep_chart){0};
    DS_CHECK(ds_sweep_rows_read(&out->rows, folder));
    const ds_sweep_rows *rows = &out->rows;
    add_results(out, result);
    print_words(out, result);
    out->chart.title = out->title;
    out->chart.x = (ds_axis){.label = rows->by,
                             .scale = rows->numbers ? DS_SCALE_AUTO : DS_SCALE_LINEAR,
                             .name = rows->numbers ? NULL : (const char *const *)rows->name,
                             .names = rows->numbers ? 0 : rows->runs,
                             .at = rows->place};
    if (!rows->numbers) { /* room for the words at both ends */
        double span = rows->place[rows->runs - 1] - rows->place[0];
        double room = rows->numbered ? 0.06 * span : 0.5;
        out->chart.x.from = rows->place[0] - room;
        out->chart.x.to = rows->place[rows->runs - 1] + room;
    }
    out->chart.y = (ds_axis){.label = out->label, .scale = DS_SCALE_AUTO};
    out->chart.series = out->series;
    return DS_OK;
}

void ds_sweep_chart_clear(ds_sweep_chart *chart) {
    ds_sweep_rows_clear(&chart->rows);
}

/* ---- the picture ---- */

ds_status ds_picture_sweep_draw_runs(const ds_picture_runs *runs, const ds_picture *picture,
                                     const char *folder, ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    ds_sweep_chart c = {0};
    const char *result;
    char file[64] = "sweep";
    DS_TRY(parse(picture, &result));
    DS_TRY(ds_sweep_chart_read(&c, runs->folder, result));
    if (picture->options)
        snprintf(file, sizeof file, "sweep_%s", result);
    if (c.chart.series_count)
        DS_TRY(ds_picture_chart(&c.chart, folder, file, drawn, notes));
    else
        DS_TRY(ds_text_add(notes, "no run of the sweep has a result \"%s\" to draw\n", result));

cleanup:
    ds_sweep_chart_clear(&c);
    return status;
}
