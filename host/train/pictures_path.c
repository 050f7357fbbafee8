#include "train/pictures_path.h"

#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "train/earlier_run.h"
#include "train/number_columns.h"

/* Of a path that a picture of the recipe shows, and of one that is kept for later. */
enum { MOST_POINTS = 1000, LATER_POINTS = 200 };

double ds_path_value(const ds_path *path, int64_t point, int k) {
    return path->point[point * (1 + path->width) + 1 + k];
}

static void follow(ds_path *path, const ds_model *model, int64_t offset) {
    for (int i = 0; i < path->width; i++)
        if (path->offset[i] == offset)
            return;
    if (path->width == DS_PATH_MOST)
        return;
    path->offset[path->width] = offset;
    ds_value_name(model, offset, path->name[path->width++]);
}

static ds_status follow_surfaces(ds_path *path, const ds_node *plots, const ds_model *model) {
    for (const ds_node *entry = ds_pictures_first(plots); entry;
         entry = ds_pictures_next(plots, entry)) {
        ds_picture picture;
        ds_surface surface;
        DS_CHECK(ds_picture_parse(&picture, entry));
        if (strcmp(picture.kind->name, "surface") != 0)
            continue;
        DS_CHECK(ds_surface_parse(&surface, &picture, model));
        for (int k = 0; k < surface.axes; k++)
            follow(path, model, surface.offset[k]);
    }
    return DS_OK;
}

ds_status ds_path_create(ds_path **out, const ds_node *plots, const ds_model *model,
                         int64_t total_updates) {
    ds_status status = DS_OK;
    ds_path *path = NULL;
    DS_CHECK(ds_new(&path, 1, sizeof *path));
    DS_TRY(follow_surfaces(path, plots, model));
    int64_t points = path->width ? MOST_POINTS : LATER_POINTS;
    path->every = (total_updates + points - 1) / points;
    if (path->every < 1)
        path->every = 1;
    path->width = 0;
    for (int64_t i = 0; model->values <= DS_PATH_MOST && i < model->values; i++)
        follow(path, model, i);
    DS_TRY(follow_surfaces(path, plots, model));
    if (path->width) {
        *out = path;
        path = NULL;
    }

cleanup:
    ds_path_destroy(path);
    return status;
}

ds_status ds_path_open(ds_path **out, const ds_surface *surface, const char *folder) {
    ds_path *path = NULL;
    DS_CHECK(ds_new(&path, 1, sizeof *path));
    path->width = surface->axes;
    for (int k = 0; k < surface->axes; k++) {
        path->offset[k] = surface->offset[k];
        memcpy(path->name[k], surface->name[k], sizeof path->name[k]);
    }
    ds_status status = ds_path_read(path, folder, INT64_MAX);
    if (status == DS_OK)
        *out = path;
    else
        ds_path_destroy(path);
    return status;
}

void ds_path_destroy(ds_path *path) {
    if (!path)
        return;
    ds_free(path->point);
    ds_free(path);
}

int64_t ds_path_stretch(const ds_path *path, int64_t updates) {
    return path->every - updates % path->every;
}

static ds_status add_point(ds_path *path, const double *point) {
    size_t width = 1 + (size_t)path->width;
    if (path->count == path->room) {
        int64_t room = path->room ? 2 * path->room : 64;
        DS_CHECK(ds_resize(&path->point, (size_t)room, width * sizeof *path->point));
        path->room = room;
    }
    memcpy(path->point + path->count++ * (int64_t)width, point, width * sizeof *point);
    return DS_OK;
}

/* The values from the first to the last that is followed. */
static int64_t span_of(const ds_path *path, int64_t *first) {
    int64_t last = *first = path->offset[0];
    for (int i = 1; i < path->width; i++) {
        *first = path->offset[i] < *first ? path->offset[i] : *first;
        last = path->offset[i] > last ? path->offset[i] : last;
    }
    return last - *first + 1;
}

ds_status ds_path_look(const ds_path *path, ds_trainer *t, int ticket) {
    int64_t first, count = span_of(path, &first);
    return t->executor->read_later(t->executor, ticket, DS_PARAMETERS, first, count);
}

ds_status ds_path_take(ds_path *path, ds_trainer *t, int ticket) {
    ds_status status = DS_OK;
    double point[1 + DS_PATH_MOST] = {(double)t->updates}, *values = NULL;
    int64_t first, count = span_of(path, &first);
    DS_TRY(ds_new(&values, (size_t)count, sizeof *values));
    DS_TRY(t->executor->arrive(t->executor, ticket, values));
    for (int i = 0; i < path->width; i++)
        point[1 + i] = values[path->offset[i] - first];
    DS_TRY(add_point(path, point));

cleanup:
    ds_free(values);
    return status;
}

/* In as few reads as there are stretches of values side by side. */
static ds_status read_values(const ds_path *path, ds_trainer *t, double *out) {
    for (int i = 0, count; i < path->width; i += count) {
        count = 1;
        while (i + count < path->width && path->offset[i + count] == path->offset[i] + count)
            count++;
        DS_CHECK(t->executor->read(t->executor, DS_PARAMETERS, path->offset[i], count, out + i));
    }
    return DS_OK;
}

ds_status ds_path_follow(ds_path *path, ds_trainer *t, bool end) {
    double point[1 + DS_PATH_MOST] = {(double)t->updates};
    if (path->count && path->point[(path->count - 1) * (1 + path->width)] >= point[0])
        return DS_OK;
    if (t->updates % path->every != 0 && !end)
        return DS_OK;
    DS_CHECK(read_values(path, t, point + 1));
    return add_point(path, point);
}

/* ---- path.csv ---- */

ds_status ds_path_write(const ds_path *path, const char *folder) {
    ds_status status = DS_OK;
    ds_text csv = {0};
    char *file = NULL;
    DS_TRY(ds_path_join(&file, folder, "path.csv"));
    if (!path) { /* what an earlier part of the run left ends too early now */
        ds_earlier_file_remove(folder, "path.csv");
        goto cleanup;
    }
    DS_TRY(ds_text_add(&csv, "update"));
    for (int k = 0; k < path->width; k++)
        DS_TRY(ds_text_add(&csv, ",%s", path->name[k]));
    for (int64_t i = 0; i < path->count; i++) {
        DS_TRY(ds_text_add(&csv, "\n%.0f", path->point[i * (1 + path->width)]));
        for (int k = 0; k < path->width; k++) {
            DS_TRY(ds_text_add(&csv, ","));
            DS_TRY(ds_text_number(&csv, ds_path_value(path, i, k)));
        }
    }
    DS_TRY(ds_text_add(&csv, "\n"));
    DS_TRY(ds_file_write(file, csv.characters, csv.length));

cleanup:
    ds_text_clear(&csv);
    ds_free(file);
    return status;
}

ds_status ds_path_read(ds_path *path, const char *folder, int64_t last_update) {
    ds_status status = DS_OK;
    ds_table table = {0};
    const ds_column *column[1 + DS_PATH_MOST] = {0};
    char *file = NULL;
    DS_TRY(ds_path_join(&file, folder, "path.csv"));
    if (!ds_file_exists(file))
        goto cleanup;
    DS_TRY(ds_number_columns_read(&table, file));
    column[0] = ds_table_find(&table, "update");
    for (int k = 0; k < path->width; k++)
        column[1 + k] = ds_table_find(&table, path->name[k]);
    for (int k = 0; k <= path->width; k++)
        if (!column[k])
            goto cleanup; /* of another model */
    for (int64_t i = 0; i < table.rows && column[0]->numbers[i] <= (double)last_update; i++) {
        double point[1 + DS_PATH_MOST] = {0};
        for (int k = 0; k <= path->width; k++)
            point[k] = column[k]->numbers[i];
        DS_TRY(add_point(path, point));
    }

cleanup:
    ds_table_clear(&table);
    ds_free(file);
    return status;
}
