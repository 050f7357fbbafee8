/* The loss on the training set over two parameters, the others as they are at the end, and the path
 * that descent took; over one parameter, a curve with the path's points on it. Of a sweep, the
 * paths of all runs over the loss of the first. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plot/gnuplot.h"
#include "plot/heatmap.h"
#include "plot/plot_words.h"
#include "train/pictures_kinds.h"
#include "train/pictures_path.h"

static const double margin = 0.3; /* around the paths, as a share of their span */

ds_status ds_picture_surface_check(const ds_picture_source *source, const ds_picture *picture) {
    ds_surface surface;
    return ds_surface_parse(&surface, picture, source->model);
}

/* ---- where descent went ---- */

typedef struct track {
    const char *name;   /* of its run; NULL: there is one alone */
    ds_surface surface; /* as its model has it */
    int64_t count;      /* at least one point, the end */
    double *value[2];   /* of the parameters; value[0] holds both */
    double *loss;       /* at the points, where a curve is drawn */
} track;

typedef struct view {
    const ds_picture_source *source;
    track *track;
    int tracks;
    double *axis[2];      /* of the grid */
    double *place, *loss; /* at every place of it */
    char z_label[80];
    const char *folder;
} view;

static void view_clear(view *v) {
    for (int i = 0; v->track && i < v->tracks; i++) {
        ds_free(v->track[i].value[0]);
        ds_free(v->track[i].loss);
    }
    ds_free(v->track);
    ds_free(v->axis[0]);
    ds_free(v->place);
    ds_free(v->loss);
}

/* What is followed ends where the model is; that alone is known of a run whose path was not kept.
 */
static ds_status read_track(track *t, const ds_picture_source *source, const ds_picture *picture) {
    ds_status status = DS_OK;
    ds_path *path = NULL;
    DS_TRY(ds_surface_parse(&t->surface, picture, source->model));
    DS_TRY(ds_path_open(&path, &t->surface, source->folder));
    t->count = path->count ? path->count : 1;
    DS_TRY(ds_new(&t->value[0], 2 * (size_t)t->count, sizeof *t->value[0]));
    t->value[1] = t->value[0] + t->count;
    for (int k = 0; k < t->surface.axes; k++)
        for (int64_t i = 0; i < t->count; i++)
            t->value[k][i] = path->count ? ds_path_value(path, i, k)
                                         : source->model->parameters[t->surface.offset[k]];

cleanup:
    ds_path_destroy(path);
    return status;
}

static bool same_parameters(const ds_surface *a, const ds_surface *b) {
    return a->axes == b->axes && strcmp(a->name[0], b->name[0]) == 0 &&
           strcmp(a->name[1], b->name[1]) == 0;
}

/* ---- where to look ---- */

/* The paths with a margin; what the recipe says goes before it. */
static void find_span(const view *v, int axis, double *from, double *to) {
    const ds_surface *s = &v->track[0].surface;
    *from = INFINITY;
    *to = -INFINITY;
    for (int i = 0; i < v->tracks; i++)
        ds_plot_extent(v->track[i].value[axis], v->track[i].count, from, to);
    double span = *to - *from, end = fmax(fabs(*from), fabs(*to));
    double room = fmax(margin * span, span == 0 ? fmax(0.5 * end, 0.5) : 1e-6 * end);
    *from -= room;
    *to += room;
    if (s->from[axis] < s->to[axis]) {
        *from = s->from[axis];
        *to = s->to[axis];
    }
}

/* The grid's places, and the loss of the first run's network there. */
static ds_status survey(view *v) {
    const ds_surface *s = &v->track[0].surface;
    int64_t points = s->points, places = s->axes == 1 ? points : points * points;
    DS_CHECK(ds_new(&v->axis[0], 2 * (size_t)points, sizeof *v->axis[0]));
    DS_CHECK(ds_new(&v->place, 2 * (size_t)places, sizeof *v->place));
    DS_CHECK(ds_new(&v->loss, (size_t)places, sizeof *v->loss));
    v->axis[1] = v->axis[0] + points;
    for (int k = 0; k < s->axes; k++) {
        double from, to;
        find_span(v, k, &from, &to);
        for (int64_t i = 0; i < points; i++)
            v->axis[k][i] = from + (to - from) * (double)i / (double)(points - 1);
    }
    for (int64_t i = 0; i < places; i++) {
        v->place[s->axes * i] = v->axis[0][i % points];
        if (s->axes == 2)
            v->place[2 * i + 1] = v->axis[1][i / points];
    }
    return ds_surface_losses(&v->source[0], s, v->place, places, v->loss);
}

/* ---- the two pictures ---- */

static const char *color_of(const view *v, int k) {
    return v->tracks == 1 ? ds_plot_color(1) : ds_plot_shade(k, v->tracks);
}

/* Is its end another place than its start? */
static bool went(const track *t) {
    bool other = false;
    for (int k = 0; k < t->surface.axes; k++)
        other = other || t->value[k][t->count - 1] != t->value[k][0];
    return other;
}

static void print_title(const view *v, const char *what, char *out, size_t size) {
    bool moved = false;
    for (int i = 0; i < v->tracks; i++)
        moved = moved || went(&v->track[i]);
    snprintf(out, size, "%s%s", what,
             !moved          ? ""
             : v->tracks > 1 ? ", and the paths of descent"
                             : ", and the path of descent");
}

/* A point of a track with its word; where a diverged run ended there may be no loss to mark. */
static int mark(ds_callout *out, const track *t, int64_t point, const char *word,
                const char *color) {
    *out = (ds_callout){t->value[0][point], t->loss[point], word, color};
    return isfinite(out->y);
}

static ds_status draw_curve(const view *v, ds_text *drawn, ds_text *notes) {
    const ds_surface *s = &v->track[0].surface;
    ds_series series[1 + DS_PICTURE_MOST_RUNS];
    ds_callout end[2 * DS_PICTURE_MOST_RUNS];
    int curves = 0, ends = 0;
    char title[200], what[160];
    series[curves++] = (ds_series){"loss",     DS_LOOK_LINE, s->points,
                                   v->axis[0], v->loss,      v->tracks > 1 ? "#555555" : NULL};
    for (int i = 0; i < v->tracks; i++) {
        track *t = &v->track[i];
        const char *color = color_of(v, i);
        DS_CHECK(ds_new(&t->loss, (size_t)t->count, sizeof *t->loss));
        DS_CHECK(ds_surface_losses(&v->source[i], &t->surface, t->value[0], t->count, t->loss));
        if (went(t) || t->name)
            series[curves++] = (ds_series){t->name ? t->name : "path of descent",
                                           DS_LOOK_LINE_POINTS,
                                           t->count,
                                           t->value[0],
                                           t->loss,
                                           color};
        if (went(t))
            ends += mark(&end[ends], t, 0, "start", color);
        ends += mark(&end[ends], t, t->count - 1, "end", color);
    }
    snprintf(what, sizeof what, "Training loss over %s", s->name[0]);
    print_title(v, what, title, sizeof title);
    ds_chart chart = {.title = title,
                      .x = {.label = s->name[0]},
                      .y = {.label = v->z_label},
                      .series = series,
                      .series_count = curves,
                      .callout = end,
                      .callouts = ends};
    return ds_picture_chart(&chart, v->folder, "surface", drawn, notes);
}

static ds_status draw_surface(const view *v, ds_text *drawn, ds_text *notes) {
    const ds_surface *s = &v->track[0].surface;
    ds_heatmap_path path[DS_PICTURE_MOST_RUNS];
    char title[200];
    for (int i = 0; i < v->tracks; i++) {
        const track *t = &v->track[i];
        path[i] = (ds_heatmap_path){.count = t->count,
                                    .x = t->value[0],
                                    .y = t->value[1],
                                    .start = t->name,
                                    .end = went(t) ? NULL : t->name,
                                    .color = color_of(v, i)};
    }
    print_title(v, "Training loss", title, sizeof title);
    ds_heatmap map = {.title = title,
                      .x_label = s->name[0],
                      .y_label = s->name[1],
                      .z_label = v->z_label,
                      .columns = s->points,
                      .rows = s->points,
                      .x = v->axis[0],
                      .y = v->axis[1],
                      .z = v->loss,
                      .paths = v->tracks,
                      .path = path};
    DS_CHECK(ds_heatmap_draw(&map, v->folder, "surface", notes));
    return ds_text_add(drawn, "surface\n");
}

static ds_status draw(const ds_picture_source *source, char *const *name, int count,
                      const ds_picture *picture, const char *folder, ds_text *drawn,
                      ds_text *notes) {
    ds_status status = DS_OK;
    view v = {.source = source, .tracks = count, .folder = folder};
    snprintf(v.z_label, sizeof v.z_label, "loss (%s)", source->training->loss->name);
    DS_TRY(ds_new(&v.track, (size_t)count, sizeof *v.track));
    for (int i = 0; i < count; i++) {
        v.track[i].name = name ? name[i] : NULL;
        DS_TRY(read_track(&v.track[i], &source[i], picture));
        if (!same_parameters(&v.track[i].surface, &v.track[0].surface)) {
            status = ds_picture_unsuitable(picture, "needs the same parameters in every run");
            goto cleanup;
        }
    }
    DS_TRY(survey(&v));
    DS_TRY(v.track[0].surface.axes == 1 ? draw_curve(&v, drawn, notes)
                                        : draw_surface(&v, drawn, notes));

cleanup:
    view_clear(&v);
    return status;
}

ds_status ds_picture_surface_draw(const ds_picture_source *source, const ds_picture *picture,
                                  const char *folder, ds_text *drawn, ds_text *notes) {
    return draw(source, NULL, 1, picture, folder, drawn, notes);
}

ds_status ds_picture_surface_draw_runs(const ds_picture_runs *runs, const ds_picture *picture,
                                       const char *folder, ds_text *drawn, ds_text *notes) {
    return draw(runs->run, runs->name, runs->count, picture, folder, drawn, notes);
}
