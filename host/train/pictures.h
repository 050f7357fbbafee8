/* The pictures of a run that `plots:` of a recipe and `descent plot` ask for. Each kind has a file
 * of its own, pictures_NAME.c; pictures.c lists them. */
#ifndef DS_PICTURES_H
#define DS_PICTURES_H

#include "train/trained_model.h"
#include "train/training_options.h"

/* What a picture can be drawn from. */
typedef struct ds_picture_source {
    const char *folder;    /* of the run: history.csv, path.csv, plots/ */
    const ds_node *recipe; /* its root; this and what follows: NULL where files are enough */
    const ds_training *training;
    const ds_data *data;
    ds_model *model;
    ds_device *device; /* NULL while pictures are checked */
} ds_picture_source;

/* More runs than these no one tells apart in one picture. */
enum { DS_PICTURE_MOST_RUNS = 24 };

/* The runs of a sweep, for one picture of all of them. */
typedef struct ds_picture_runs {
    const char *folder; /* of the sweep: sweep.csv, plots/ */
    const char *by;     /* what was swept: "batch"; NULL: the runs have names */
    int count;
    char *const *name; /* "32", "8 sigmoids" */
    const ds_picture_source *run;
} ds_picture_runs;

typedef struct ds_picture_kind ds_picture_kind;

/* One entry of `plots`: "loss", or "surface: {points: 41}". */
typedef struct ds_picture {
    const ds_picture_kind *kind;
    const ds_node *place;   /* for messages */
    const ds_node *options; /* what stands behind its name, or NULL */
    bool afterwards;        /* it is asked for when the run has ended, not by a recipe */
} ds_picture;

struct ds_picture_kind {
    const char *name;
    bool files_alone; /* drawn from the run's files: needs neither model nor data */

    /* Do the options make sense, and does the picture suit model and data? */
    ds_status (*check)(const ds_picture_source *source, const ds_picture *picture);

    /* Writes its files to `folder`, and appends its name to `drawn` as a line for each picture.
     * NULL: there is none of a single run. */
    ds_status (*draw)(const ds_picture_source *source, const ds_picture *picture,
                      const char *folder, ds_text *drawn, ds_text *notes);

    /* The same for the runs of a sweep together; NULL: there is none. */
    ds_status (*draw_runs)(const ds_picture_runs *runs, const ds_picture *picture,
                           const char *folder, ds_text *drawn, ds_text *notes);
};

/* An entry of `plots`; an unknown kind is an error that names its place and the nearest one. */
ds_status ds_picture_parse(ds_picture *out, const ds_node *entry);

/* Checks every entry of the recipe's `plots`, a list or one entry, before anything is trained. */
ds_status ds_pictures_check(const ds_picture_source *source);

/* Draws them into the run's folder "plots". */
ds_status ds_pictures_draw(const ds_picture_source *source, ds_text *drawn, ds_text *notes);
ds_status ds_picture_draw(const ds_picture *picture, const ds_picture_source *source,
                          ds_text *drawn, ds_text *notes);
ds_status ds_picture_draw_runs(const ds_picture *picture, const ds_picture_runs *runs,
                               ds_text *drawn, ds_text *notes);

/* The entries of `plots` (may be NULL) one by one: of a list, or the one that stands alone. */
const ds_node *ds_pictures_first(const ds_node *plots);
const ds_node *ds_pictures_next(const ds_node *plots, const ds_node *entry);

/* Is there an entry of that kind? */
ds_status ds_pictures_find(const ds_node *plots, const char *kind, ds_picture *out, bool *found);

/* The folder of the pictures. */
ds_status ds_pictures_folder(char **out, const char *run_folder);

/* The files of what was drawn into it, a line for each: the SVG or, where gnuplot did not draw it,
 * the script. What has no room is left out. */
ds_status ds_pictures_list(const char *folder, const ds_text *drawn, char *out, size_t size);

#endif
