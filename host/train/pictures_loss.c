/* Training and validation loss over the epochs or updates of a run. */
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "plot/gnuplot.h"
#include "train/number_columns.h"
#include "train/pictures_kinds.h"
#include "train/trained_model.h"

/* `loss: {x: updates}`: the column of history.csv, and what the axis is called. */
static ds_status parse(const ds_picture *picture, const char **column) {
    static const char *const keys[] = {"x", NULL};
    static const char *const words[] = {"epochs", "updates", "seconds"};
    static const char *const columns[] = {"epoch", "updates", "seconds"};
    const ds_node *x = ds_node_get(picture->options, "x");
    const char *word;
    *column = columns[0];
    if (picture->options)
        DS_CHECK(ds_node_only_keys(picture->options, "loss", keys));
    if (!x)
        return DS_OK;
    DS_CHECK(ds_node_word(x, "loss.x", &word));
    for (int i = 0; i < 3; i++)
        if (strcmp(word, words[i]) == 0) {
            *column = columns[i];
            return DS_OK;
        }
    return ds_node_fail(x, "write epochs, updates or seconds", "loss.x: got \"%s\"", word);
}

/* Runs are of very different speed: what the fast one does first is seen, too. */
static ds_axis axis_of(const char *column) {
    bool time = strcmp(column, "seconds") == 0;
    return (ds_axis){.label = column, .scale = time ? DS_SCALE_LOG : DS_SCALE_LINEAR};
}

/* Marks the epoch whose parameters were kept, at its validation loss. */
static ds_status mark(ds_loss_history *h, const ds_table *table, int64_t kept) {
    const ds_series *validation = &h->series[1];
    const ds_column *epoch;
    DS_CHECK(ds_table_need(table, "epoch", &epoch));
    for (int64_t i = 0; i < table->rows; i++)
        if (epoch->numbers[i] == (double)kept) {
            snprintf(h->word, sizeof h->word, "kept: epoch %lld", (long long)kept);
            h->kept = (ds_callout){.x = validation->x[i], .y = validation->y[i], .text = h->word};
            h->chart.callout = &h->kept;
            h->chart.callouts = 1;
        }
    return DS_OK;
}

static ds_status fill(ds_loss_history *h, const ds_table *table, const char *x_name, int64_t kept) {
    const ds_column *x, *train, *validation = ds_table_find(table, "validation_loss");
    size_t rows = (size_t)table->rows;
    if (rows == 0)
        return DS_OK;
    DS_CHECK(ds_table_need(table, x_name, &x));
    DS_CHECK(ds_table_need(table, "train_loss", &train));
    DS_CHECK(ds_new(&h->values, 3 * rows, sizeof *h->values));
    double *at = h->values, *first = at + rows, *second = first + rows;
    memcpy(at, x->numbers, rows * sizeof *at);
    memcpy(first, train->numbers, rows * sizeof *at);
    /* A single epoch is a point, not a line. */
    ds_look look = rows == 1 ? DS_LOOK_POINTS : DS_LOOK_LINE;
    h->series[0] = (ds_series){"training", look, table->rows, at, first};
    if (validation) {
        memcpy(second, validation->numbers, rows * sizeof *at);
        h->series[1] = (ds_series){"validation", look, table->rows, at, second};
    }
    h->chart = (ds_chart){.title = validation ? "Training and validation loss" : "Training loss",
                          .x = axis_of(x_name),
                          .y = {.label = "loss", .scale = DS_SCALE_AUTO},
                          .series = h->series,
                          .series_count = validation ? 2 : 1};
    return validation && kept ? mark(h, table, kept) : DS_OK;
}

ds_status ds_loss_history_read(ds_loss_history *out, const char *run_folder, const char *x,
                               int64_t kept) {
    ds_status status = DS_OK;
    ds_table table = {0};
    char *path = NULL;
    *out = (ds_loss_history){0};
    DS_TRY(ds_path_join(&path, run_folder, "history.csv"));
    DS_TRY(ds_number_columns_read(&table, path));
    DS_TRY(fill(out, &table, x, kept));

cleanup:
    ds_table_clear(&table);
    ds_free(path);
    return status;
}

void ds_loss_history_clear(ds_loss_history *history) {
    ds_free(history->values);
    *history = (ds_loss_history){0};
}

ds_status ds_picture_loss_check(const ds_picture_source *source, const ds_picture *picture) {
    const char *x;
    (void)source;
    return parse(picture, &x);
}

/* The epoch that a run's model was kept from; 0: its last, or there is no model beside the history.
 */
static int64_t kept_epoch(const ds_picture_source *source) {
    ds_model *model = NULL;
    if (source->model)
        return source->model->best_epoch;
    int64_t kept = ds_model_load(&model, source->folder) == DS_OK ? model->best_epoch : 0;
    ds_model_destroy(model);
    return kept;
}

ds_status ds_picture_loss_draw(const ds_picture_source *source, const ds_picture *picture,
                               const char *folder, ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    ds_loss_history history = {0};
    const char *x;
    DS_TRY(parse(picture, &x));
    DS_TRY(ds_loss_history_read(&history, source->folder, x, kept_epoch(source)));
    if (history.chart.series_count == 0) {
        status = ds_text_add(notes, "no update was made: there is no loss to draw\n");
        goto cleanup;
    }
    DS_TRY(ds_picture_chart(&history.chart, folder, "loss", drawn, notes));

cleanup:
    ds_loss_history_clear(&history);
    return status;
}

/* ---- of all runs of a sweep: a colour for each, the validation loss dashed ---- */

typedef struct curves {
    ds_loss_history history[DS_PICTURE_MOST_RUNS];
    ds_series series[2 * DS_PICTURE_MOST_RUNS];
    int count;
    bool validation;
} curves;

static void add_curves(curves *c, int run, const ds_picture_runs *runs) {
    const ds_chart *chart = &c->history[run].chart;
    for (int k = 0; k < chart->series_count; k++) {
        ds_series *series = &c->series[c->count++];
        *series = chart->series[k];
        series->label = k == 0 ? runs->name[run] : NULL;
        series->color = ds_plot_shade(run, runs->count);
        if (k == 1 && series->look == DS_LOOK_LINE)
            series->look = DS_LOOK_DASHED;
        c->validation = c->validation || k == 1;
    }
}

ds_status ds_picture_loss_draw_runs(const ds_picture_runs *runs, const ds_picture *picture,
                                    const char *folder, ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    curves *c = NULL;
    char title[200];
    const char *x;
    DS_TRY(ds_new(&c, 1, sizeof *c));
    DS_TRY(parse(picture, &x));
    for (int i = 0; i < runs->count; i++) {
        DS_TRY(ds_loss_history_read(&c->history[i], runs->run[i].folder, x, 0));
        add_curves(c, i, runs);
    }
    if (c->count == 0) {
        status = ds_text_add(notes, "no run made an update: there is no loss to draw\n");
        goto cleanup;
    }
    ds_picture_runs_title(title, sizeof title, runs,
                          c->validation ? "Training and, dashed, validation loss"
                                        : "Training loss");
    ds_chart chart = {.title = title,
                      .x = axis_of(x),
                      .y = {.label = "loss", .scale = DS_SCALE_AUTO},
                      .series = c->series,
                      .series_count = c->count};
    DS_TRY(ds_picture_chart(&chart, folder, "loss", drawn, notes));

cleanup:
    for (int i = 0; c && i < DS_PICTURE_MOST_RUNS; i++)
        ds_loss_history_clear(&c->history[i]);
    ds_free(c);
    return status;
}
