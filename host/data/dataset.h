/* Data as training sees it: matrices whose rows are samples, split into sets, and the encoding that
 * made numbers of columns. Everything that reads a file, names a column or normalizes stands behind
 * these few calls. */
#ifndef DS_DATASET_H
#define DS_DATASET_H

#include <cjson/cJSON.h>

#include "base/yaml.h"

/* How a matrix keeps its cells; they are given out as double or float. */
typedef enum ds_cell { DS_CELL_UINT8, DS_CELL_FLOAT32, DS_CELL_FLOAT64, DS_CELL_VIEW } ds_cell;

/* rows x columns, row-major. A value read is (cell - subtract[column]) / divide[column], computed
 * in double; `subtract` and `divide` are NULL for cells taken as they are. `divide` is INFINITY for
 * a column that was constant in training: whatever it holds, its value is 0. */
typedef struct ds_matrix {
    ds_cell cell;
    int64_t rows, columns;
    void *cells;
    struct ds_column_view *view; /* in place of cells */
    double *subtract, *divide;
} ds_matrix;

/* Rows `order[0 .. count-1]` (first, first + 1, ... where `order` is NULL) as count x columns. */
void ds_matrix_read(const ds_matrix *matrix, int64_t first, int64_t count, const int32_t *order,
                    double *out);
void ds_matrix_read_floats(const ds_matrix *matrix, int64_t first, int64_t count,
                           const int32_t *order, float *out);
void ds_matrix_clear(ds_matrix *matrix);

/* Rows first .. first + count - 1 of a matrix, which must outlive them; not to be cleared. */
ds_status ds_matrix_slice(ds_matrix *out, const ds_matrix *matrix, int64_t first, int64_t count);
void ds_matrix_slice_clear(ds_matrix *slice);

/* What the matrix takes in memory, which may be far less than its cells would. */
int64_t ds_matrix_bytes(const ds_matrix *matrix);

/* A checksum of all its cells and constants, going on from `sum`. */
unsigned long ds_matrix_checksum(const ds_matrix *matrix, unsigned long sum);

/* One set of samples. Class targets are one column of class numbers. */
typedef struct ds_set {
    int64_t rows; /* 0: there is no such set */
    ds_matrix features, targets;
    const struct ds_source *from; /* what the rows are of; NULL: memory of the program's */
    int32_t *row;                 /* of each row, its row in that; NULL: in order */
    double *date;     /* of each row, seconds since 1970; NULL: the rows have no dates */
    int64_t *missing; /* how many dates are missing before each row, in its file; likewise */
    struct ds_source *source; /* what the features are views of, where the set owns it; or NULL */
    double *naive; /* what each of the data's naive forecasts says of each row, in the target's
                      own units: forecasts x rows x targets; NULL: there are none */
} ds_set;

/* What makes features and targets of a file's columns; fitted on training rows alone; kept in the
 * model. Opaque: encode.c and those who read files know its inside. */
typedef struct ds_encoding ds_encoding;

/* What the loss says of the target. */
typedef enum ds_target_kind {
    DS_TARGET_AUTO,    /* text: classes; numbers: numbers */
    DS_TARGET_NUMBERS, /* mse, mae, huber */
    DS_TARGET_CLASSES, /* cross_entropy: classes 0 .. k-1 */
    DS_TARGET_BINARY   /* binary_cross_entropy: two classes as 0 and 1, or columns of 0 and 1 */
} ds_target_kind;

/* A naive forecast: the target's own value `steps` rows before. */
typedef struct ds_naive {
    int steps;
    char name[32]; /* "last", "seasonal 7" */
} ds_naive;

struct ds_data {
    ds_set train, validation, test;
    ds_naive naive[DS_MOST_BASELINES];
    int naives;
    ds_encoding *encoding;
    struct ds_source *source; /* what the sets' features are views of; or NULL */
    int shared;               /* how many more than one hold it */
};

/* One more holds the data, and destroys it when it is done with it; returns it. */
ds_data *ds_data_share(ds_data *data);

/* Reads what `data:` of a recipe says. `folder` is what its file names are relative to. `seed`
 * decides a random split. `kept`, unless NULL, is the encoding of a model that goes on: columns and
 * classes are matched by name and nothing is fitted anew. Each note is a line for the user ("a
 * column is constant ..."), ended by '\n', appended to `notes`.
 *
 * The keys that have more to say than their name:
 *   missing: RULE, or {COLUMN: RULE, ...}   what a missing cell of a CSV file does, or a NaN of an
 *                                      NPY file: error (training stops), drop (its row is left
 *                                      out), mean, median, a number, word (of text: a category of
 *                                      its own), or {fill: RULE, indicator: true}. Default: error.
 *                                      A missing target costs its row. See data/missing_rule.h.
 *   missing_words: WORD or a list      what means a missing cell beside an empty one
 *   unseen: zeros | error              what a word that training did not have does
 *   exclude: COLUMN or a list          columns that are left out, where `features` is not given
 *   series: COLUMN                     names the series of a row; lags, gaps, baselines and splits
 *                                      stay within one
 *   categories: COLUMN or a list       columns of numbers that are taken as text
 *   values: {gender: {M: 0, F: 1}}     numbers for the texts of a column, feature or target
 *   header: auto | true | false        whether a CSV file begins with its columns' names
 *   decimal: auto | point | comma      what stands before decimals in a CSV file
 *   target_kind: numbers | classes | binary   for data without a loss; follows from it otherwise
 *   normalize_target: auto             standard where the target is numbers, none for classes
 *   stream: auto | true | false        accepted here, used by the training loop
 *   date: COLUMN, or {column: day, format: "%d/%m/%Y", gaps: keep | drop}
 *                                      rows are taken in the order of these dates, whatever the
 *                                      file's; never a feature; gaps: drop leaves out rows whose
 *                                      history spans a gap; {column: day, duplicates: error |
 *                                      mean}: under lags and baselines rows of one date (of
 *                                      one series) are an error, or become one; `auto`: the column
 *                                      whose cells are all dates; the target may be left out then,
 *                                      and is the only column of numbers that is left
 *                                      (ds_guess_columns); formats: base/calendar.h
 *   split: {at: 2021-01-01, validation_at: 2020-07-01}   rows from a date on are a set's
 *   split: {history: own | before}     whether the history of a set's first rows may be the rows
 *                                      before the set; default: own
 *   split: {history: 56}               as own, and so many first rows of a set are history only,
 *                                      even where lags need fewer: models with different lags
 *                                      share their rows
 *   baselines: [last, {seasonal: 7}]   naive forecasts to judge beside the model, by date where
 *                                      there is one (ds_series_naive_row)
 *
 * Columns of a file without names are c1, c2, ... by position. Classes are those of the whole
 * training file, categories those of its training rows. With lags, `features` may list columns that are known when a prediction
 * is made; they come after the lags. Rows of a set that lack history inside it are left out,
 * whether lags or a baseline would look back at it, so that all are judged on the same rows. */
ds_status ds_dataset_read(ds_data **out, const ds_node *options, const char *folder,
                          ds_target_kind kind, const ds_encoding *kept, uint64_t seed,
                          ds_text *notes);

/* Reads a file with an encoding already fitted, for predict and eval: columns are found by name in
 * any order. `path` may be "-", "images=FILE,labels=FILE" or "features=X.npy,target=y.npy", where
 * the second file may be left out. With `with_targets` the targets must be there; without it they
 * may be absent, and set->targets stays empty. `all_rows` receives the number of rows of the file;
 * ds_set_file_row says which of them the set holds: rows without enough history are left out, and
 * those where a cell is missing that has no rule. Notes, which may be NULL, say how many. */
ds_status ds_dataset_apply(ds_set *out, const ds_encoding *encoding, const char *path,
                           bool with_targets, int64_t *all_rows, ds_text *notes);
void ds_set_clear(ds_set *set);

/* The row of the file that a row of the set was, counted from 1 without the header. */
int64_t ds_set_file_row(const ds_set *set, int64_t row);

/* The CSV file that the rows are of, and the line of it where a row began; NULL and 0: none. */
const char *ds_set_file(const ds_set *set);
int64_t ds_set_line(const ds_set *set, int64_t row);

/* ---- what an encoding says ---- */

int64_t ds_encoding_features(const ds_encoding *encoding); /* columns of set->features */
int64_t ds_encoding_columns(const ds_encoding *encoding);  /* that ds_encoding_apply_array takes */
int64_t ds_encoding_targets(const ds_encoding *encoding);  /* columns of set->targets */
int64_t ds_encoding_classes(const ds_encoding *encoding);  /* 0: the targets are numbers; under
                                                              DS_TARGET_BINARY 2, with names */
ds_target_kind ds_encoding_kind(const ds_encoding *encoding); /* never DS_TARGET_AUTO */
const char *ds_encoding_class(const ds_encoding *encoding, int64_t index);
const char *ds_encoding_target(const ds_encoding *encoding, int64_t index);  /* column's name */
const char *ds_encoding_feature(const ds_encoding *encoding, int64_t index); /* "color=red" too */

/* Of a target whose texts have numbers by `values`: the text whose number is nearest; else NULL. */
const char *ds_encoding_nearest(const ds_encoding *encoding, int64_t target, double value);

/* A sample's own shape, for example 28 x 28: writes up to 3 extents, returns how many. */
int ds_encoding_sample_shape(const ds_encoding *encoding, int64_t shape[3]);

/* Under normalize_target: a prediction in the target's own units is output * scale + shift; 1 and 0
 * otherwise. */
void ds_encoding_target_units(const ds_encoding *encoding, int64_t target, double *scale,
                              double *shift);

/* Feature rows from memory (columns as in training, in order, before normalization and before
 * one-hot or powers) as the network wants them. Text columns cannot come this way; a column with
 * lags comes as its past values, t-1 first; an image as its bytes, 0 to 255. */
ds_status ds_encoding_apply_array(const ds_encoding *encoding, ds_array features, ds_matrix *out);

/* For the model file; numbers keep all their bits. */
ds_status ds_encoding_to_json(const ds_encoding *encoding, cJSON **out);
ds_status ds_encoding_from_json(ds_encoding **out, const cJSON *json, const char *source);
ds_status ds_encoding_copy(ds_encoding **out, const ds_encoding *encoding);
void ds_encoding_destroy(ds_encoding *encoding);

/* For `info`: one line per column and target. */
ds_status ds_encoding_describe(const ds_encoding *encoding, ds_text *out);

#endif
