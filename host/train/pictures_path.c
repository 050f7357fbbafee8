#include "train/pictures_path.h"

#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "train/number_columns.h"

enum { MOST_POINTS = 1000 };

ds_status ds_path_create(ds_path **out, const ds_surface *surface, int64_t total_updates) {
    DS_CHECK(ds_new(out, 1, sizeof **out));
    (*out)->surface = *surface;
    (*out)->every = (total_updates + MOST_POINTS - 1) / MOST_POINTS;
    if ((*out)->every < 1)
        (*out)->every = 1;
    return DS_OK;
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

static ds_status add_point(ds_path *path, const double point[DS_PATH_WIDTH]) {
    if (path->count == path->room) {
        int64_t room = path->room ? 2 * path->room : 64;
        DS_CHECK(ds_resize(&path->point, (size_t)room, DS_PATH_WIDTH * sizeof *path->point));
        path->room = room;
    }
    memcpy(path->point + path->count++ * DS_PATH_WIDTH, point, DS_PATH_WIDTH * sizeof *point);
    return DS_OK;
}

ds_status ds_path_follow(ds_path *path, ds_trainer *t, bool end) {
    double point[DS_PATH_WIDTH] = {(double)t->updates};
    if (path->count && path->point[(path->count - 1) * DS_PATH_WIDTH] >= point[0])
        return DS_OK;
    if (t->updates % path->every != 0 && !end)
        return DS_OK;
    for (int i = 0; i < path->surface.axes; i++)
        DS_CHECK(t->executor->read(t->executor, DS_PARAMETERS, path->surface.offset[i], 1,
                                   &point[1 + i]));
    return add_point(path, point);
}

/* ---- path.csv ---- */

ds_status ds_path_write(const ds_path *path, const char *folder) {
    ds_status status = DS_OK;
    ds_text csv = {0};
    char *file = NULL;
    DS_TRY(ds_path_join(&file, folder, "path.csv"));
    DS_TRY(ds_text_add(&csv, "update"));
    for (int k = 0; k < path->surface.axes; k++)
        DS_TRY(ds_text_add(&csv, ",%s", path->surface.name[k]));
    for (int64_t i = 0; i < path->count; i++) {
        const double *point = path->point + i * DS_PATH_WIDTH;
        DS_TRY(ds_text_add(&csv, "\n%.0f", point[0]));
        for (int k = 0; k < path->surface.axes; k++) {
            DS_TRY(ds_text_add(&csv, ","));
            DS_TRY(ds_text_number(&csv, point[1 + k]));
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
    const ds_column *column[DS_PATH_WIDTH] = {0};
    char *file = NULL;
    DS_TRY(ds_path_join(&file, folder, "path.csv"));
    if (!ds_file_exists(file))
        goto cleanup;
    DS_TRY(ds_number_columns_read(&table, file));
    column[0] = ds_table_find(&table, "update");
    for (int k = 0; k < path->surface.axes; k++)
        column[1 + k] = ds_table_find(&table, path->surface.name[k]);
    for (int k = 0; k <= path->surface.axes; k++)
        if (!column[k])
            goto cleanup;
    for (int64_t i = 0; i < table.rows && column[0]->numbers[i] <= (double)last_update; i++) {
        double point[DS_PATH_WIDTH] = {0};
        for (int k = 0; k <= path->surface.axes; k++)
            point[k] = column[k]->numbers[i];
        DS_TRY(add_point(path, point));
    }

cleanup:
    ds_table_clear(&table);
    ds_free(file);
    return status;
}
