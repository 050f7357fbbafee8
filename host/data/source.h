/* Where data comes from: one file with columns, or two files, one of features and one of targets.
 */
#ifndef DS_SOURCE_H
#define DS_SOURCE_H

#include "data/array_readers.h"
#include "data/table.h"

/* Names of files: "people.csv"; or images and labels; or features and target. */
typedef struct ds_files {
    char *features;
    char *targets; /* NULL: in the same file, or absent */
    bool pair;     /* written as a pair, though the second may be absent */
    bool images;   /* the pair is images and labels */
} ds_files;

/* From a recipe's value: a path, "images=A,labels=B", "features=A,target=B", or a map. */
ds_status ds_files_from_node(ds_files *out, const ds_node *node, const char *folder);
ds_status ds_files_from_text(ds_files *out, const char *text, const char *folder);
void ds_files_clear(ds_files *files);

typedef struct ds_source ds_source;
struct ds_source {
    int64_t rows;
    bool is_array; /* features are `array`, else columns of `table` */
    ds_array_file array;
    double scale; /* what a feature is divided by to begin with: 255 for an image's bytes, else 1 */
    ds_table table;
    bool has_labels; /* targets are the columns of `labels`, else of `table` */
    ds_table labels;
    int64_t *file_row; /* the row of the file that each row was; NULL: in order */
    int64_t *first;    /* of each row, the first of its series, whose rows follow each other; NULL:
                          there is one series */
    bool *hole;        /* rows without a target, which no forecast starts from; NULL: none */
    /* Of rows with dates, which are sorted by them within their series; else NULL. */
    double *date;    /* seconds since 1970 */
    int64_t *period; /* of each row: steps of the series since the first, the missing counted */
};

/* The row of the file, counted from 0, that a row was. */
int64_t ds_source_file_row(const ds_source *source, int64_t row);

/* Reads the files; what they are is told from their first bytes. `wish` says which columns of a
 * table to keep. Features of a pair stay an array unless `as_table`. */
ds_status ds_source_read(ds_source *out, const ds_files *files, const ds_wish *wish, bool as_table);
void ds_source_clear(ds_source *source);
void ds_source_destroy(ds_source *source); /* one made by ds_new; NULL is taken */

/* An array becomes a table of columns c1, c2, ... */
ds_status ds_source_to_table(ds_source *source);

/* Where a target's column stands; an error that names it where it is absent. */
ds_status ds_source_target(ds_source *source, const char *name, ds_table **table,
                           ds_column **column);

#endif
