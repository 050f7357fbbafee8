/* Training and validation loss over the epochs or updates of a run. */
#include <string.h>

#include "base/files.h"
#include "train/number_columns.h"
#include "train/pictures_kinds.h"

/* `loss: {x: updates}` */
static ds_status parse(const ds_picture *picture, bool *updates) {
    static const char *const keys[] = {"x", NULL};
    const ds_node *x = ds_node_get(picture->options, "x");
    const char *word;
    *updates = false;
    if (picture->options)
        DS_CHECK(ds_node_only_keys(picture->options, "loss", keys));
    if (!x)
        return DS_OK;
    DS_CHECK(ds_node_word(x, "loss.x", &word));
    *updates = strcmp(word, "updates") == 0;
    if (!*updates && strcmp(word, "epochs") != 0)
        return ds_node_fail(x, "write epochs or updates", "loss.x: got \"%s\"", word);
    return DS_OK;
}

static ds_status fill(ds_loss_history *h, const ds_table *table, bool updates) {
    const ds_column *x, *train, *validation = ds_table_find(table, "validation_loss");
    size_t rows = (size_t)table->rows;
    if (rows == 0)
        return DS_OK;
    DS_CHECK(ds_table_need(table, updates ? "updates" : "epoch", &x));
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
                          .x = {.label = updates ? "updates" : "epoch"},
                          .y = {.label = "loss", .scale = DS_SCALE_AUTO},
                          .series = h->series,
                          .series_count = validation ? 2 : 1};
    return DS_OK;
}

ds_status ds_loss_history_read(ds_loss_history *out, const char *run_folder, bool updates) {
    ds_status status = DS_OK;
    ds_table table = {0};
    char *path = NULL;
    *out = (ds_loss_history){0};
    DS_TRY(ds_path_join(&path, run_folder, "history.csv"));
    DS_TRY(ds_number_columns_read(&table, path));
    DS_TRY(fill(out, &table, updates));

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
    bool updates;
    (void)source;
    return parse(picture, &updates);
}

ds_status ds_picture_loss_draw(const ds_picture_source *source, const ds_picture *picture,
                               const char *folder, ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    ds_loss_history history = {0};
    bool updates;
    DS_TRY(parse(picture, &updates));
    DS_TRY(ds_loss_history_read(&history, source->folder, updates));
    if (history.chart.series_count == 0) {
        status = ds_text_add(notes, "no update was made: there is no loss to draw\n");
        goto cleanup;
    }
    DS_TRY(ds_picture_chart(&history.chart, folder, "loss", drawn, notes));

cleanup:
    ds_loss_history_clear(&history);
    return status;
}
