#include "train/pictures_runs.h"

#include <string.h>

#include "train/past_run.h"
#include "train/sweep_rows.h"

/* The runs of a sweep opened again. */
typedef struct opened {
    ds_sweep_rows rows;
    int count;
    ds_past_run run[DS_PICTURE_MOST_RUNS];
    ds_text folder[DS_PICTURE_MOST_RUNS];
    ds_picture_source source[DS_PICTURE_MOST_RUNS];
} opened;

static void opened_clear(opened *o) {
    for (int i = 0; i < DS_PICTURE_MOST_RUNS; i++) {
        ds_past_run_close(&o->run[i]);
        ds_text_clear(&o->folder[i]);
    }
    ds_sweep_rows_clear(&o->rows);
    ds_free(o);
}

static ds_status open_runs(opened *o, const ds_picture_kind *kind, const char *folder,
                           ds_device *device) {
    DS_CHECK(ds_sweep_rows_read(&o->rows, folder));
    o->count = o->rows.runs < DS_PICTURE_MOST_RUNS ? o->rows.runs : DS_PICTURE_MOST_RUNS;
    for (int i = 0; i < o->count; i++) {
        DS_CHECK(ds_text_add(&o->folder[i], "%s/%d", folder, i + 1));
        const char *of_run = o->folder[i].characters;
        o->source[i] = (ds_picture_source){.folder = of_run};
        if (kind->files_alone)
            continue;
        DS_CHECK(ds_past_run_open(&o->run[i], of_run));
        o->source[i] = ds_past_run_source(&o->run[i], of_run, device);
    }
    return DS_OK;
}

/* The options that the runs' own recipe has for the kind, where none are given. */
static ds_status find_options(ds_picture *picture, const opened *o) {
    ds_picture found;
    bool there = false;
    if (!picture->afterwards || picture->options || picture->kind->files_alone)
        return DS_OK;
    DS_CHECK(ds_pictures_find(ds_node_get(o->source[0].recipe, "plots"), picture->kind->name,
                              &found, &there));
    if (there)
        picture->options = found.options;
    return DS_OK;
}

ds_status ds_sweep_draw(const ds_picture *asked, const char *folder, ds_device *device,
                        ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    ds_picture picture = *asked;
    opened *o = NULL;
    DS_CHECK(ds_new(&o, 1, sizeof *o));
    DS_TRY(open_runs(o, picture.kind, folder, device));
    DS_TRY(find_options(&picture, o));
    for (int i = 0; i < o->count; i++)
        DS_TRY(picture.kind->check(&o->source[i], &picture));
    bool named = strcmp(o->rows.by, "run") == 0;
    ds_picture_runs runs = {folder, named ? NULL : o->rows.by, o->count, o->rows.name, o->source};
    DS_TRY(ds_picture_draw_runs(&picture, &runs, drawn, notes));
    if (o->count < o->rows.runs && picture.kind->draw)
        DS_TRY(ds_text_add(notes, "%s: the first %d of %d runs are drawn together\n",
                           picture.kind->name, o->count, o->rows.runs));

cleanup:
    opened_clear(o);
    return status;
}

ds_status ds_sweep_draw_all(const ds_node *recipe, const char *folder, ds_device *device,
                            ds_text *drawn, ds_text *notes) {
    const ds_node *plots = ds_node_get(recipe, "plots");
    for (const ds_node *entry = ds_pictures_first(plots); entry;
         entry = ds_pictures_next(plots, entry)) {
        ds_picture picture;
        DS_CHECK(ds_picture_parse(&picture, entry));
        if (picture.kind->draw_runs &&
            ds_sweep_draw(&picture, folder, device, drawn, notes) != DS_OK)
            DS_CHECK(ds_text_add(notes, "the runs are not drawn together: %s\n",
                                 ds_last_error()->message));
    }
    return DS_OK;
}

ds_status ds_sweep_leave_pictures(ds_node *recipe) {
    const ds_node *plots = ds_node_get(recipe, "plots");
    ds_picture picture;
    if (!plots || plots->kind != DS_LIST) {
        const ds_node *only = ds_pictures_first(plots);
        if (only)
            DS_CHECK(ds_picture_parse(&picture, only));
        if (only && !picture.kind->draw)
            ds_node_remove(recipe, "plots");
        return DS_OK;
    }
    ds_node *list = recipe->child;
    while (list != plots)
        list = list->next;
    for (ds_node **link = &list->child; *link;) {
        ds_node *entry = *link;
        DS_CHECK(ds_picture_parse(&picture, entry));
        if (picture.kind->draw) {
            link = &entry->next;
            continue;
        }
        *link = entry->next;
        entry->next = NULL;
        ds_node_destroy(entry);
    }
    return DS_OK;
}
