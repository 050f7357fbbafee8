/* ds_plot, ds_plot_text: pictures of a run that has ended, from the files it left. */
#include <string.h>

#include "base/files.h"
#include "plot/gnuplot.h"
#include "plot/text_chart.h"
#include "train/notes.h"
#include "train/past_run.h"
#include "train/pictures_kinds.h"
#include "train/pictures_runs.h"

enum { TEXT_HEIGHT = 20 };

/* Those of the run's recipe, where the kind is asked for as a word alone. */
static ds_status find_options(ds_picture *picture, const ds_node *recipe) {
    ds_picture of_recipe;
    bool found;
    if (picture->options)
        return DS_OK;
    DS_CHECK(
        ds_pictures_find(ds_node_get(recipe, "plots"), picture->kind->name, &of_recipe, &found));
    if (found)
        picture->options = of_recipe.options;
    return DS_OK;
}

/* ---- which files there are now ---- */

static ds_status add_file(ds_text *list, const char *folder, const char *name, bool *missing) {
    char *path = NULL;
    DS_CHECK(ds_drawing_path(&path, folder, name, "svg"));
    *missing = *missing || !ds_file_exists(path);
    ds_status status = ds_text_add(list, "%s/%s.svg\n", folder, name);
    ds_free(path);
    return status;
}

/* A picture that gnuplot did not draw is what the note says, which becomes the error. */
static ds_status list_files(const char *run_folder, ds_text *drawn, ds_text *notes, char **files) {
    ds_status status = DS_OK;
    ds_text list = {0};
    char *folder = NULL, *rest = NULL;
    bool missing = false;
    DS_TRY(ds_pictures_folder(&folder, run_folder));
    DS_TRY(ds_text_append(drawn, "", 0)); /* a run may leave nothing to draw */
    for (char *name = strtok_r(drawn->characters, "\n", &rest); name;
         name = strtok_r(NULL, "\n", &rest))
        DS_TRY(add_file(&list, folder, name, &missing));
    if (missing && notes->length) {
        notes->characters[strcspn(notes->characters, "\n")] = '\0';
        status = ds_fail(DS_IO_FAILED, "", "%s", notes->characters);
        goto cleanup;
    }
    if (files)
        DS_TRY(ds_text_take(&list, files));

cleanup:
    ds_text_clear(&list);
    ds_free(folder);
    return status;
}

/* ---- of a run, of a sweep ---- */

static ds_status open_device(ds_device **out, const char *name, ds_text *notes) {
    DS_CHECK(ds_device_open(out, name));
    ds_device_notes(*out, ds_notes_take, notes);
    return DS_OK;
}

static ds_status draw_run(ds_picture *picture, const char *folder, const char *device,
                          ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    ds_past_run run = {0};
    ds_device *opened = NULL;
    ds_picture_source source = {.folder = folder};
    if (!picture->kind->draw) {
        status = ds_node_fail(picture->place, "sweep: {batch: [1, 32, all]} in a recipe makes one",
                              "this run was not a sweep");
        goto cleanup;
    }
    if (strcmp(picture->kind->name, "loss") != 0) { /* that needs no more than history.csv */
        DS_TRY(ds_past_run_recipe(&run, folder));
        source.recipe = run.recipe->root;
        DS_TRY(find_options(picture, run.recipe->root));
    }
    if (!picture->kind->files_alone) {
        DS_TRY(ds_past_run_open(&run, folder));
        DS_TRY(open_device(&opened, device, notes));
        source = ds_past_run_source(&run, folder, opened);
    }
    DS_TRY(picture->kind->check(&source, picture));
    DS_TRY(ds_picture_draw(picture, &source, drawn, notes));

cleanup:
    ds_past_run_close(&run);
    ds_device_close(opened);
    return status;
}

static ds_status draw_sweep(ds_picture *picture, const char *folder, const char *device,
                            ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    ds_device *opened = NULL;
    ds_text hint = {0};
    if (!picture->kind->draw_runs) {
        DS_TRY(ds_text_add(&hint, "draw that of one: descent plot %s/1 %s", folder,
                           picture->kind->name));
        status = ds_node_fail(picture->place, hint.characters,
                              "this is a sweep, and \"%s\" is a picture of a single run",
                              picture->kind->name);
        goto cleanup;
    }
    if (!picture->kind->files_alone)
        DS_TRY(open_device(&opened, device, notes));
    DS_TRY(ds_sweep_draw(picture, folder, opened, drawn, notes));

cleanup:
    ds_text_clear(&hint);
    ds_device_close(opened);
    return status;
}

ds_status ds_plot(const char *folder, const char *picture_text, const char *device,
                  ds_note_callback note, void *context, char **files) {
    ds_status status = DS_OK;
    ds_node *entry = NULL;
    ds_picture picture;
    ds_text notes = {0}, drawn = {0};
    DS_TRY(ds_node_parse_argument(&entry, picture_text, folder));
    DS_TRY(ds_picture_parse(&picture, entry));
    picture.afterwards = true;
    DS_TRY((ds_is_sweep(folder) ? draw_sweep : draw_run)(&picture, folder, device, &drawn, &notes));
    DS_TRY(list_files(folder, &drawn, &notes, files));
    ds_notes_tell(&notes, note, context);

cleanup:
    ds_node_destroy(entry);
    ds_text_clear(&notes);
    ds_text_clear(&drawn);
    return status;
}

/* ---- as text ---- */

static ds_status print_history(const char *folder, int width, ds_text *out) {
    ds_loss_history history = {0};
    ds_status status = ds_loss_history_read(&history, folder, "epoch", 0);
    if (status == DS_OK && history.chart.series_count)
        status = ds_text_chart(&history.chart, width, TEXT_HEIGHT, out);
    ds_loss_history_clear(&history);
    return status;
}

/* Names have no room below a text: the runs are counted as the table lists them. */
static ds_status print_sweep(const char *folder, int width, ds_text *out) {
    ds_sweep_chart c = {0};
    ds_status status = ds_sweep_chart_read(&c, folder, "loss");
    if (status == DS_OK && c.chart.series_count) {
        if (c.chart.x.names) {
            for (int i = 0; i < c.rows.runs; i++)
                c.rows.place[i] = i + 1;
            c.chart.x = (ds_axis){.label = "run"};
        }
        status = ds_text_chart(&c.chart, width, TEXT_HEIGHT, out);
    }
    ds_sweep_chart_clear(&c);
    return status;
}

static ds_status print_search(const char *folder, int width, ds_text *out) {
    ds_search_curve curve = {0};
    ds_status status = ds_search_curve_read(&curve, folder);
    if (status == DS_OK && curve.chart.series_count)
        status = ds_text_chart(&curve.chart, width, TEXT_HEIGHT, out);
    else if (status == DS_OK)
        status = ds_text_add(out,
                             "a search over %d parameters is no curve; plots: [search] draws "
                             "one over two\n",
                             curve.table.columns - 1);
    ds_search_curve_clear(&curve);
    return status;
}

static ds_status print_run(const char *folder, int width, ds_text *out) {
    ds_status status = DS_OK;
    ds_past_run run = {0};
    DS_TRY(ds_past_run_recipe(&run, folder));
    status = ds_node_get(run.recipe->root, "search") ? print_search(folder, width, out)
                                                     : print_history(folder, width, out);

cleanup:
    ds_past_run_close(&run);
    return status;
}

ds_status ds_plot_text(const char *folder, int width, char **text) {
    ds_status status = DS_OK;
    ds_text out = {0};
    DS_TRY((ds_is_sweep(folder) ? print_sweep : print_run)(folder, width, &out));
    DS_TRY(ds_text_take(&out, text));

cleanup:
    ds_text_clear(&out);
    return status;
}
