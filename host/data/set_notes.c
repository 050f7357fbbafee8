#include "data/set_notes.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/remedy.h"

enum { SETS = 3, SHOWN = 8, MOST_NOTES = 2000 /* characters on single columns */ };

/* ---- classes ---- */

static ds_status count_classes(int64_t *count, const ds_set *set) {
    for (int64_t i = 0; i < set->rows; i++) {
        double number;
        ds_matrix_read(&set->targets, i, 1, NULL, &number);
        count[(int64_t)number]++;
    }
    return DS_OK;
}

static ds_status note_absent(const ds_encoding *encoding, int64_t *const count[SETS], bool all,
                             ds_text *notes) {
    int64_t classes = encoding->classes.count, absent = 0;
    ds_status status = DS_OK;
    ds_text list = {0};
    for (int64_t k = 0; k < classes; k++) {
        if (count[0][k] || !(all || count[1][k] || count[2][k]))
            continue;
        if (absent++ < SHOWN)
            DS_TRY(ds_text_add(&list, "%s \"%.40s\"", absent > 1 ? "," : "",
                               encoding->classes.word[k]));
    }
    if (absent)
        DS_TRY(ds_text_add(notes,
                           "no training row has the class%s%s%s of \"%s\": the network cannot "
                           "learn %s\n",
                           absent == 1 ? "" : "es", list.characters, absent > SHOWN ? ", ..." : "",
                           encoding->output[0].name, absent == 1 ? "it" : "them"));

cleanup:
    ds_text_clear(&list);
    return status;
}

/* A set of which every answer is the same. */
static ds_status note_single(const ds_encoding *encoding, const int64_t *count, const char *set,
                             int64_t rows, ds_text *notes) {
    for (int64_t k = 0; k < encoding->classes.count && encoding->classes.count > 1; k++)
        if (rows > 0 && count[k] == rows)
            return ds_text_add(notes,
                               "all %lld %s rows are of the class \"%.40s\": accuracy there says "
                               "nothing of the others\n",
                               (long long)rows, set, encoding->classes.word[k]);
    return DS_OK;
}

ds_status ds_class_notes(const ds_data *data, bool all, ds_text *notes) {
    static const char *const names[SETS] = {"training", "validation", "test"};
    const ds_set *const sets[SETS] = {&data->train, &data->validation, &data->test};
    const ds_encoding *encoding = data->encoding;
    ds_status status = DS_OK;
    int64_t *count[SETS] = {NULL};
    if (encoding->classes.count == 0)
        return DS_OK;
    for (int k = 0; k < SETS; k++) {
        DS_TRY(ds_new(&count[k], (size_t)encoding->classes.count, sizeof **count));
        DS_TRY(count_classes(count[k], sets[k]));
    }
    DS_TRY(note_absent(encoding, count, all, notes));
    for (int k = 0; k < SETS; k++)
        DS_TRY(note_single(encoding, count[k], names[k], sets[k]->rows, notes));

cleanup:
    for (int k = 0; k < SETS; k++)
        ds_free(count[k]);
    return status;
}

/* ---- precision ---- */

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* A column's values in its own units, and what they become. */
typedef struct values {
    double *value;
    int64_t count;
    double subtract, divide;
    double least, most;
    bool whole; /* all of them */
} values;

static void take_in(values *v) {
    v->least = v->most = v->value[0];
    v->whole = true;
    for (int64_t i = 0; i < v->count; i++) {
        v->least = fmin(v->least, v->value[i]);
        v->most = fmax(v->most, v->value[i]);
        v->whole = v->whole && v->value[i] == floor(v->value[i]);
    }
}

static float narrow(const values *v, double value) {
    return (float)((value - v->subtract) / v->divide);
}

/* The distance between neighbouring numbers of float32, at the largest of the values, in their own
 * units. Numbers below the smallest normal one may be 0 on a device. */
static double step_of(const values *v) {
    double size = fmax(fabs(narrow(v, v->least)), fabs(narrow(v, v->most)));
    return fmax(size * FLT_EPSILON / 2, FLT_MIN) * fabs(v->divide);
}

/* How many of the values differ, as they are and as float32. */
static void count_different(values *v, int64_t *wide, int64_t *narrow_ones) {
    qsort(v->value, (size_t)v->count, sizeof *v->value, by_size);
    *wide = *narrow_ones = 1;
    for (int64_t i = 1; i < v->count; i++) {
        *wide += v->value[i] != v->value[i - 1];
        *narrow_ones += narrow(v, v->value[i]) != narrow(v, v->value[i - 1]);
    }
}

/* `key` is what would mend it, where the column is not normalized. */
static ds_status note_values(values *v, const char *what, const char *name, const char *key,
                             ds_text *notes) {
    int64_t wide, narrow_ones;
    take_in(v);
    double step = step_of(v), spread = v->most - v->least;
    if (spread == 0 || isinf(v->divide))
        return DS_OK;
    bool coarse = spread < 1024 * step;
    if (!coarse && !(v->whole && step > 1))
        return DS_OK;
    count_different(v, &wide, &narrow_ones);
    if (narrow_ones == wide)
        return DS_OK;
    DS_CHECK(ds_text_add(notes,
                         "%s \"%s\": its %lld different values become %lld in float32, which "
                         "devices compute in",
                         what, name, (long long)wide, (long long)narrow_ones));
    if (v->divide == 1 && v->subtract == 0 && coarse)
        return ds_text_add(notes, ": --set data.%s=standard\n", key);
    DS_CHECK(ds_text_add(notes, ": if these are ids, "));
    DS_CHECK(ds_text_remedy(notes, "data.categories+=", name));
    DS_CHECK(ds_text_add(notes, ", or leave it out: "));
    DS_CHECK(ds_text_remedy(notes, "data.exclude+=", name));
    return ds_text_add(notes, "\n");
}

/* Whether nothing can be lost: decimals of a column whose own spread is the unit. */
static bool is_safe(const ds_view_part *part, double divide) {
    const ds_column *column = part->column;
    return column->scaled && column->decimals > 0 && divide != 1;
}

/* The columns of an array of doubles. */
static ds_status note_cells(const ds_encoding *encoding, const ds_matrix *features, values *v,
                            ds_text *notes) {
    const double *cell = features->cells;
    size_t before = notes->length;
    for (int64_t j = 0; j < features->columns; j++) {
        v->subtract = encoding->subtract[j];
        v->divide = encoding->divide[j];
        for (int64_t i = 0; i < v->count; i++)
            v->value[i] = cell[i * features->columns + j];
        DS_CHECK(note_values(v, "column", encoding->feature[j], "normalize", notes));
        if (notes->length > before + MOST_NOTES)
            break;
    }
    return DS_OK;
}

static ds_status note_features(const ds_encoding *encoding, const ds_set *train, values *v,
                               ds_text *notes) {
    const ds_column_view *view = train->features.view;
    int64_t column = 0;
    size_t before = notes->length;
    if (!view && train->features.cell == DS_CELL_FLOAT64)
        return note_cells(encoding, &train->features, v, notes);
    for (int p = 0; view && p < view->parts && notes->length < before + MOST_NOTES;
         column += view->part[p++].width) {
        const ds_view_part *part = &view->part[p];
        v->subtract = encoding->subtract[column];
        v->divide = encoding->divide[column];
        if (part->category || is_safe(part, v->divide))
            continue;
        for (int64_t i = 0; i < v->count; i++)
            v->value[i] = ds_column_number(part->column, view->row[i]);
        for (int64_t i = 0; i < v->count && !part->column->complete; i++)
            v->value[i] = isnan(v->value[i]) ? part->fill : v->value[i];
        if (!isnan(v->value[0]))
            DS_CHECK(note_values(v, "column", part->column->name, "normalize", notes));
    }
    return DS_OK;
}

ds_status ds_precision_notes(const ds_data *data, ds_text *notes) {
    const ds_encoding *encoding = data->encoding;
    const ds_set *train = &data->train;
    ds_status status = DS_OK;
    values v = {.count = train->rows};
    DS_TRY(ds_new(&v.value, (size_t)v.count, sizeof *v.value));
    DS_TRY(note_features(encoding, train, &v, notes));
    for (int k = 0; k < encoding->outputs && encoding->kind == DS_TARGET_NUMBERS; k++) {
        const double *cell = train->targets.cells;
        v.subtract = encoding->output[k].subtract;
        v.divide = encoding->output[k].divide;
        for (int64_t i = 0; i < v.count; i++)
            v.value[i] = cell[i * encoding->outputs + k];
        DS_TRY(note_values(&v, "target", encoding->output[k].name, "normalize_target", notes));
    }

cleanup:
    ds_free(v.value);
    return status;
}
