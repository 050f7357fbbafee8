#include "train/history.h"

#include "train/baseline_scores.h"

ds_status ds_history_add(ds_history *history, const ds_history_row *row) {
    if (history->rows == history->room) {
        int64_t room = history->room ? 2 * history->room : 64;
        DS_CHECK(ds_resize(&history->row, (size_t)room, sizeof *history->row));
        history->room = room;
    }
    history->row[history->rows++] = *row;
    return DS_OK;
}

void ds_history_clear(ds_history *history) {
    ds_free(history->row);
    *history = (ds_history){0};
}

static ds_status print_header(const char *set, bool classes, ds_text *out) {
    if (classes)
        return ds_text_add(out, ",%s_loss,%s_accuracy", set, set);
    return ds_text_add(out, ",%s_loss,%s_mae,%s_rmse,%s_r2", set, set, set, set);
}

static ds_status print_scores(const ds_scores *s, bool classes, int digits, ds_text *out) {
    const double numbers[] = {s->loss, s->mae, s->rmse, s->r2}, shares[] = {s->loss, s->accuracy};
    for (int i = 0; i < (classes ? 2 : 4); i++) {
        double value = classes ? shares[i] : numbers[i];
        if (value != value) /* no r2 where all targets are equal: an empty cell */
            DS_CHECK(ds_text_add(out, ","));
        else
            DS_CHECK(ds_text_add(out, ",%.*g", digits, value));
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
    DS_CHECK(print_header("train", view->classes, out));
    if (validation)
        DS_CHECK(print_header("validation", view->classes, out));
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
                DS_CHECK(ds_text_add(out, ",%.*g", view->digits, baseline_of(view, k, set)->loss));
    return DS_OK;
}

ds_status ds_history_print(const ds_history *history, const ds_history_view *view, ds_text *out) {
    bool validation = false, classes = view->classes;
    int digits = view->digits;
    for (int64_t i = 0; i < history->rows; i++)
        validation = validation || history->row[i].validation.rows > 0;
    DS_CHECK(print_names(view, validation, out));
    for (int64_t i = 0; i < history->rows; i++) {
        const ds_history_row *row = &history->row[i];
        DS_CHECK(ds_text_add(out, "%lld,%lld,%.6f,%.*g", (long long)row->epoch,
                             (long long)row->updates, row->seconds, digits, row->rate));
        DS_CHECK(print_scores(&row->train, classes, digits, out));
        if (validation)
            DS_CHECK(print_scores(&row->validation, classes, digits, out));
        DS_CHECK(print_baselines(view, out));
        DS_CHECK(ds_text_add(out, "\n"));
    }
    return DS_OK;
}
