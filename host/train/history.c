#include "train/history.h"

#include <stddef.h>
#include <string.h>

#include "base/number.h"
#include "train/baseline_scores.h"

/* Where a row has what. */
enum {
    EPOCH,
    UPDATES,
    SECONDS,
    RATE,
    SCORES, /* of the training set, then of the validation set */
    ROWS = 0,
    LOSS,
    ACCURACY,
    MAE,
    RMSE,
    R2,
    MAX_ERROR,
    COUNT_SCORES
};

int ds_history_columns(bool validation) {
    return SCORES + (validation ? 2 : 1) * COUNT_SCORES;
}

static void put_scores(double *to, const ds_scores *s) {
    to[ROWS] = (double)s->rows;
    to[LOSS] = s->loss;
    to[ACCURACY] = s->accuracy;
    to[MAE] = s->mae;
    to[RMSE] = s->rmse;
    to[R2] = s->r2;
    to[MAX_ERROR] = s->max_error;
}

static ds_scores take_scores(const double *from) {
    return (ds_scores){.rows = (int64_t)from[ROWS],
                       .loss = from[LOSS],
                       .accuracy = from[ACCURACY],
                       .mae = from[MAE],
                       .rmse = from[RMSE],
                       .r2 = from[R2],
                       .max_error = from[MAX_ERROR]};
}

/* Whether row i has its place for good, and is not only the last one so far. */
static bool stays(const ds_history *history, int64_t i) {
    int64_t epoch = (int64_t)history->value[i * history->columns + EPOCH];
    return i == 0 || epoch % history->stride == 0;
}

/* Leaves out every other row, by twice the stride. */
static void thin_out(ds_history *history) {
    const size_t columns = (size_t)history->columns;
    int64_t kept = 0;
    history->stride *= 2;
    for (int64_t i = 0; i < history->rows; i++)
        if (stays(history, i) || i == history->rows - 1)
            memmove(history->value + (size_t)kept++ * columns, history->value + (size_t)i * columns,
                    columns * sizeof *history->value);
    history->rows = kept;
}

ds_status ds_history_add(ds_history *history, const ds_history_row *row) {
    if (history->rows == 0)
        history->columns = ds_history_columns(row->validation.rows > 0);
    if (history->stride == 0)
        history->stride = 1;
    if (history->rows == DS_HISTORY_ROWS)
        thin_out(history);
    if (history->rows && !stays(history, history->rows - 1))
        history->rows--;
    if (history->rows == history->room) {
        int64_t room = history->room ? 2 * history->room : 64;
        DS_CHECK(
            ds_resize(&history->value, (size_t)(room * history->columns), sizeof *history->value));
        history->room = room;
    }
    double *to = history->value + history->rows++ * history->columns;
    to[EPOCH] = (double)row->epoch;
    to[UPDATES] = (double)row->updates;
    to[SECONDS] = row->seconds;
    to[RATE] = row->rate;
    put_scores(to + SCORES, &row->train);
    if (history->columns > SCORES + COUNT_SCORES)
        put_scores(to + SCORES + COUNT_SCORES, &row->validation);
    return DS_OK;
}

ds_history_row ds_history_at(const ds_history *history, int64_t i) {
    const double *from = history->value + i * history->columns;
    ds_history_row row = {.epoch = (int64_t)from[EPOCH],
                          .updates = (int64_t)from[UPDATES],
                          .seconds = from[SECONDS],
                          .rate = from[RATE],
                          .train = take_scores(from + SCORES)};
    if (history->columns > SCORES + COUNT_SCORES)
        row.validation = take_scores(from + SCORES + COUNT_SCORES);
    return row;
}

void ds_history_clear(ds_history *history) {
    ds_free(history->value);
    *history = (ds_history){0};
}

/* ---- the table ---- */

/* The metrics that fit. Several targets have no r2 here: it is each one's own, and records are of
 * all of them together. */
typedef struct column_view {
    const char *name;
    size_t offset; /* in ds_scores */
} column_view;

static int list_columns(column_view column[4], const ds_units *units) {
    int count = 0;
    column[count++] = (column_view){"loss", offsetof(ds_scores, loss)};
    if (units->classes)
        column[count++] = (column_view){"accuracy", offsetof(ds_scores, accuracy)};
    if (units->classes || units->apart)
        return count;
    column[count++] = (column_view){"mae", offsetof(ds_scores, mae)};
    column[count++] = (column_view){"rmse", offsetof(ds_scores, rmse)};
    if (units->targets == 1)
        column[count++] = (column_view){"r2", offsetof(ds_scores, r2)};
    return count;
}

static ds_status print_header(const char *set, const ds_units *units, ds_text *out) {
    column_view column[4];
    int count = list_columns(column, units);
    for (int i = 0; i < count; i++)
        DS_CHECK(ds_text_add(out, ",%s_%s", set, column[i].name));
    return DS_OK;
}

static ds_status print_number(double value, int digits, ds_text *out) {
    char text[32];
    ds_number_round(text, digits, value);
    DS_CHECK(ds_text_append(out, ",", 1));
    return ds_text_append(out, text, strlen(text));
}

static ds_status print_scores(const ds_scores *s, const ds_history_view *view, ds_text *out) {
    column_view column[4];
    int count = list_columns(column, view->units), digits = view->digits;
    for (int i = 0; i < count; i++) {
        double value;
        memcpy(&value, (const char *)s + column[i].offset, sizeof value);
        if (value != value) /* no r2 where all targets are equal: an empty cell */
            DS_CHECK(ds_text_append(out, ",", 1));
        else
            DS_CHECK(print_number(value, digits, out));
    }
    return DS_OK;
}

enum { SETS = 3 };
static const char *const set_names[SETS] = {"train", "validation", "test"};

/* What a baseline says of a set; rows 0: there is no such set. */
static const ds_scores *baseline_of(const ds_history_view *view, int k, int set) {
    const ds_baseline *baseline = &view->baseline[k];
    return set == 0 ? &baseline->train : set == 1 ? &baseline->validation : &baseline->test;
}

static ds_status print_names(const ds_history_view *view, bool validation, ds_text *out) {
    DS_CHECK(ds_text_add(out, "epoch,updates,seconds,rate"));
    DS_CHECK(print_header("train", view->units, out));
    if (validation)
        DS_CHECK(print_header("validation", view->units, out));
    for (int k = 0; k < view->baselines; k++)
        for (int set = 0; set < SETS; set++)
            if (baseline_of(view, k, set)->rows)
                DS_CHECK(ds_baseline_column(set_names[set], view->baseline[k].name, out));
    return ds_text_add(out, "\n");
}

static ds_status print_baselines(const ds_history_view *view, ds_text *out) {
    for (int k = 0; k < view->baselines; k++)
        for (int set = 0; set < SETS; set++)
            if (baseline_of(view, k, set)->rows)
                DS_CHECK(print_number(baseline_of(view, k, set)->loss, view->digits, out));
    return DS_OK;
}

ds_status ds_history_print(const ds_history *history, const ds_history_view *view, ds_text *out) {
    bool validation = history->columns > SCORES + COUNT_SCORES;
    int digits = view->digits;
    DS_CHECK(print_names(view, validation, out));
    for (int64_t i = 0; i < history->rows; i++) {
        ds_history_row row = ds_history_at(history, i);
        DS_CHECK(ds_text_add(out, "%lld,%lld,%.6f", (long long)row.epoch, (long long)row.updates,
                             row.seconds));
        DS_CHECK(print_number(row.rate, digits, out));
        DS_CHECK(print_scores(&row.train, view, out));
        if (validation)
            DS_CHECK(print_scores(&row.validation, view, out));
        DS_CHECK(print_baselines(view, out));
        DS_CHECK(ds_text_append(out, "\n", 1));
    }
    return DS_OK;
}
