/* The path of descent: the parameters that a surface is drawn over, every few updates of a run. */
#ifndef DS_PICTURES_PATH_H
#define DS_PICTURES_PATH_H

#include "train/pictures.h"
#include "train/trainer.h"

/* Which parameters, and which of their values, `surface` shows. */
typedef struct ds_surface {
    int axes; /* 2; 1: a curve */
    int64_t offset[2];
    char name[2][96];      /* "0.weight[0]" */
    int64_t points;        /* along each axis */
    double from[2], to[2]; /* from < to where the recipe says so */
} ds_surface;

ds_status ds_surface_parse(ds_surface *out, const ds_picture *picture, const ds_model *model);

struct ds_path {
    ds_surface surface;
    int64_t every; /* updates from point to point */
    int64_t count, room;
    double *point; /* count x (update, first, second) */
};

enum { DS_PATH_WIDTH = 3 };

/* An empty path for a run. */
ds_status ds_path_create(ds_path **out, const ds_surface *surface, int64_t total_updates);
void ds_path_destroy(ds_path *path);

/* Updates that may be issued before the next point is due. */
int64_t ds_path_stretch(const ds_path *path, int64_t updates);

/* Takes a point where one is due; with `end`, the last one, unless it was taken. */
ds_status ds_path_follow(ds_path *path, ds_trainer *trainer, bool end);

/* FOLDER/path.csv. Reading takes the points up to an update, where the file is there and is about
 * the same parameters. */
ds_status ds_path_write(const ds_path *path, const char *folder);
ds_status ds_path_read(ds_path *path, const char *folder, int64_t last_update);

#endif
