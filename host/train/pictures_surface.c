/* The loss on the training set over two parameters, the others as they are at the end, and the path
 * that descent took; over one parameter, a curve with the path's points on it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plot/heatmap.h"
#include "plot/plot_words.h"
#include "train/pictures_kinds.h"
#include "train/pictures_path.h"

static const double margin = 0.3; /* around the path, as a share of its span */

ds_status ds_picture_surface_check(const ds_picture_source *source, const ds_picture *picture) {
    ds_surface surface;
    return ds_surface_parse(&surface, picture, source->model);
}

/* ---- the loss at many places ---- */

/* What is needed to evaluate the training set with other parameters. */
typedef struct ground {
    ds_trainer *trainer;
    const ds_surface *surface;
    double *record;
} ground;

static ds_status set_place(const ground *g, const double *place) {
    ds_executor *executor = g->trainer->executor;
    for (int i = 0; i < g->surface->axes; i++)
        DS_CHECK(executor->write(executor, DS_PARAMETERS, g->surface->offset[i], 1, &place[i]));
    return DS_OK;
}

static double loss_of(const ground *g, const double *record, int64_t records) {
    ds_tally tally = {0};
    for (int64_t k = 0; k < records; k++)
        ds_tally_add(&tally, record + k * DS_RECORD_SIZE,
                     ds_trainer_evaluation_count(g->trainer, 0, k));
    return ds_tally_scores(&tally, g->trainer->classes, NAN).loss;
}

/* Losses at `count` places, `axes` numbers each. As many evaluations are issued at once as the
 * device's history has room for. */
static ds_status find_losses(const ground *g, const double *place, int64_t count, double *loss) {
    ds_executor *executor = g->trainer->executor;
    int64_t records = ds_trainer_evaluation_records(g->trainer, 0);
    int64_t at_once = g->trainer->record_room / records;
    for (int64_t i = 0; i < count; i++) {
        int64_t slot = at_once ? i % at_once : 0;
        DS_CHECK(set_place(g, place + i * g->surface->axes));
        if (at_once == 0) { /* a set of many thousand batches */
            ds_scores scores;
            DS_CHECK(ds_trainer_evaluate(g->trainer, 0, &scores));
            loss[i] = scores.loss;
            continue;
        }
        DS_CHECK(ds_trainer_issue_evaluation(g->trainer, 0, slot * records));
        if (slot + 1 < at_once && i + 1 < count)
            continue;
        DS_CHECK(executor->read(executor, DS_HISTORY, 0, (slot + 1) * records * DS_RECORD_SIZE,
                                g->record));
        for (int64_t k = 0; k <= slot; k++)
            loss[i - slot + k] = loss_of(g, g->record + k * records * DS_RECORD_SIZE, records);
    }
    return DS_OK;
}

/* ---- where to look ---- */

/* The path and the parameters at the end, with a margin; what the recipe says goes before it. */
static void find_span(const ds_surface *s, int axis, const ds_path *path, const double *parameters,
                      double *from, double *to) {
    double end = parameters[s->offset[axis]];
    *from = *to = end;
    for (int64_t i = 0; i < path->count; i++)
        ds_plot_extent(path->point + i * DS_PATH_WIDTH + 1 + axis, 1, from, to);
    double span = *to - *from;
    double room = fmax(margin * span, span == 0 ? fmax(0.5 * fabs(end), 0.5) : 1e-6 * fabs(end));
    *from -= room;
    *to += room;
    if (s->from[axis] < s->to[axis]) {
        *from = s->from[axis];
        *to = s->to[axis];
    }
}

static void fill_axis(double *out, int64_t points, double from, double to) {
    for (int64_t i = 0; i < points; i++)
        out[i] = from + (to - from) * (double)i / (double)(points - 1);
}

/* ---- the two pictures ---- */

typedef struct view {
    ground ground;
    const ds_path *path;
    const double *axis[2];
    double *place, *loss; /* room for every place of the grid and of the path */
    const char *folder;
    char y_label[80];
} view;

static ds_status draw_curve(const view *v, ds_text *drawn, ds_text *notes) {
    const ds_surface *s = v->ground.surface;
    const ds_path *path = v->path;
    double *place = v->place, *loss = v->loss;
    char title[200];
    memcpy(place, v->axis[0], (size_t)s->points * sizeof *place);
    for (int64_t i = 0; i < path->count; i++)
        place[s->points + i] = path->point[i * DS_PATH_WIDTH + 1];
    DS_CHECK(find_losses(&v->ground, place, s->points + path->count, loss));
    ds_series series[] = {
        {"loss", DS_LOOK_LINE, s->points, place, loss},
        {"path of descent", DS_LOOK_LINE_POINTS, path->count, place + s->points, loss + s->points}};
    int64_t last = s->points + path->count - 1;
    ds_callout ends[] = {{place[s->points], loss[s->points], "start"},
                         {place[last], loss[last], "end"}};
    bool moved = path->count > 1;
    snprintf(title, sizeof title, "Training loss over %s", s->name[0]);
    ds_chart chart = {.title = title,
                      .x = {.label = s->name[0]},
                      .y = {.label = v->y_label},
                      .series = series,
                      .series_count = moved ? 2 : 1,
                      .callout = moved ? ends : ends + 1,
                      .callouts = moved ? 2 : (int)path->count};
    return ds_picture_chart(&chart, v->folder, "surface", drawn, notes);
}

static ds_status draw_surface(const view *v, ds_text *drawn, ds_text *notes) {
    const ds_surface *s = v->ground.surface;
    const ds_path *path = v->path;
    double *path_x = v->place, *path_y = path_x + path->count;
    char title[200];
    for (int64_t i = 0; i < s->points * s->points; i++) {
        v->place[2 * i] = v->axis[0][i % s->points];
        v->place[2 * i + 1] = v->axis[1][i / s->points];
    }
    DS_CHECK(find_losses(&v->ground, v->place, s->points * s->points, v->loss));
    for (int64_t i = 0; i < path->count; i++) { /* the grid's places have been used */
        path_x[i] = path->point[i * DS_PATH_WIDTH + 1];
        path_y[i] = path->point[i * DS_PATH_WIDTH + 2];
    }
    snprintf(title, sizeof title, "Training loss%s",
             path->count > 1 ? " and the path of descent" : "");
    ds_heatmap map = {.title = title,
                      .x_label = s->name[0],
                      .y_label = s->name[1],
                      .z_label = v->y_label,
                      .columns = s->points,
                      .rows = s->points,
                      .x = v->axis[0],
                      .y = v->axis[1],
                      .z = v->loss,
                      .path_count = path->count,
                      .path_x = path_x,
                      .path_y = path_y};
    DS_CHECK(ds_heatmap_draw(&map, v->folder, "surface", notes));
    return ds_text_add(drawn, "surface\n");
}

ds_status ds_picture_surface_draw(const ds_picture_source *source, const ds_picture *picture,
                                  const char *folder, ds_text *drawn, ds_text *notes) {
    ds_status status = DS_OK;
    ds_surface surface;
    ds_path *path = NULL;
    double *axes = NULL;
    view v = {.ground = {.surface = &surface}, .folder = folder};
    DS_TRY(ds_surface_parse(&surface, picture, source->model));
    DS_TRY(ds_path_create(&path, &surface, 0));
    DS_TRY(ds_path_read(path, source->folder, INT64_MAX));
    v.path = path;
    snprintf(v.y_label, sizeof v.y_label, "loss (%s)", source->training->loss->name);
    size_t places = (size_t)(surface.points * surface.points + path->count);
    DS_TRY(ds_new(&v.place, 2 * places, sizeof *v.place));
    DS_TRY(ds_new(&v.loss, places, sizeof *v.loss));
    DS_TRY(ds_new(&axes, 2 * (size_t)surface.points, sizeof *axes));
    for (int k = 0; k < surface.axes; k++) {
        double from, to, *axis = axes + k * surface.points;
        find_span(&surface, k, path, source->model->parameters, &from, &to);
        fill_axis(axis, surface.points, from, to);
        v.axis[k] = axis;
    }
    DS_TRY(ds_trainer_open(&v.ground.trainer, source->model, source->data, source->device,
                           source->training, NULL, NULL));
    DS_TRY(ds_new(&v.ground.record, (size_t)(v.ground.trainer->record_room * DS_RECORD_SIZE),
                  sizeof *v.ground.record));
    DS_TRY(surface.axes == 1 ? draw_curve(&v, drawn, notes) : draw_surface(&v, drawn, notes));

cleanup:
    ds_path_destroy(path);
    ds_trainer_destroy(v.ground.trainer);
    ds_free(v.ground.record);
    ds_free(v.place);
    ds_free(v.loss);
    ds_free(axes);
    return status;
}
