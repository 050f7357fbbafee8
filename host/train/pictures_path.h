/* The path of descent: the parameters that a surface may be drawn over, every few updates of a run.
 * Of a small model these are all, so that any surface can be drawn later; of others those that the
 * recipe's `surface` names. */
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

/* The training loss at `count` places, `axes` values each, of the run's network. */
ds_status ds_surface_losses(const ds_picture_source *source, const ds_surface *surface,
                            const double *place, int64_t count, double *loss);

/* "0.weight[3]" of a value of the flat buffer. */
void ds_value_name(const ds_model *model, int64_t offset, char name[96]);

enum { DS_PATH_MOST = 16 };

struct ds_path {
    int width; /* parameters that are followed */
    int64_t offset[DS_PATH_MOST];
    char name[DS_PATH_MOST][96];
    int64_t every; /* updates from point to point */
    int64_t count, room;
    double *point; /* count x (update, the parameters) */
};

/* Value `k` of a point. */
double ds_path_value(const ds_path *path, int64_t point, int k);

/* An empty path for a run whose recipe has `plots` (may be NULL); NULL where none is followed. */
ds_status ds_path_create(ds_path **out, const ds_node *plots, const ds_model *model,
                         int64_t total_updates);

/* The path of a finished run as a surface shows it; empty where none was followed. */
ds_status ds_path_open(ds_path **out, const ds_surface *surface, const char *folder);
void ds_path_destroy(ds_path *path);

/* Updates that may be issued before the next point is due. */
int64_t ds_path_stretch(const ds_path *path, int64_t updates);

/* A point in two parts: asked for behind the updates issued so far, and taken when they are done,
 * which are then the trainer's. */
ds_status ds_path_look(const ds_path *path, ds_trainer *trainer, int ticket);
ds_status ds_path_take(ds_path *path, ds_trainer *trainer, int ticket);

/* Takes a point where one is due; with `end`, the last one, unless it was taken. */
ds_status ds_path_follow(ds_path *path, ds_trainer *trainer, bool end);

/* FOLDER/path.csv, which is taken away where there is no path. Reading takes the points up to an
 * update, where the file is there and has all the parameters. */
ds_status ds_path_write(const ds_path *path, const char *folder);
ds_status ds_path_read(ds_path *path, const char *folder, int64_t last_update);

#endif
