#include "data/encode.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/cell_text.h"
#include "data/series.h"

/* In the words of who trains: a prediction's cell has no options of its own. */
static ds_status missing_cell(const ds_table *table, const ds_column *column, int64_t row,
                              const char *ways) {
    char hint[240];
    snprintf(hint, sizeof hint, "fill it in, or train with --set data.missing=%s", ways);
    return ds_cell_fail(table, column, row, hint, "the cell is missing");
}

static ds_status missing_feature(const ds_table *table, const ds_column *column, int64_t row) {
    bool text = column->kind == DS_COLUMN_TEXT;
    return missing_cell(table, column, row,
                        text ? "word, a category of its own, or --set data.missing=drop; where "
                               "NA is a word, data.missing_words=[] keeps it"
                             : "drop, --set data.missing=mean or --set data.missing=median");
}

/* The class of every word of a column; -1: not among the classes. */
static ds_status map_words(int32_t **out, const ds_words *classes, const ds_words *words) {
    DS_CHECK(ds_new(out, (size_t)words->count, sizeof **out));
    for (int32_t i = 0; i < words->count; i++)
        (*out)[i] = ds_words_find_class(classes, words->word[i]);
    return DS_OK;
}

/* How often words occur that training did not have, and where first. */
typedef struct unseen_words {
    int64_t count, row;
} unseen_words;

static ds_status note_unseen(const unseen_words *unseen, const ds_table *table,
                             const ds_column *column, ds_text *notes) {
    char excerpt[64];
    if (unseen->count == 0 || !notes)
        return DS_OK;
    ds_cell_excerpt(excerpt, column->words.word[column->codes[unseen->row]]);
    return ds_text_add(notes,
                       "%s: column \"%s\" has %lld cell%s with words that training did not have, "
                       "such as \"%s\": they count as none of its categories\n",
                       table->source, column->name, (long long)unseen->count,
                       unseen->count == 1 ? "" : "s", excerpt);
}

static ds_status plan_words(ds_view_part *part, const ds_encoding *encoding, const ds_input *input,
                            const ds_table *table, const ds_rows *rows, ds_text *notes) {
    const ds_column *column = part->column;
    unseen_words unseen = {0}, nothing = {0}; /* nothing: cells that are missing */
    DS_CHECK(map_words(&part->category, &input->categories, &column->words));
    part->missing = input->missing_word ? input->categories.count : -1;
    for (int64_t i = 0; i < rows->count; i++) {
        int64_t row = rows->row[i];
        int32_t code = column->codes[row];
        if (code < 0 && part->missing < 0 && input->missing.what != DS_MISSING_WORD)
            return missing_feature(table, column, row);
        if (code < 0 && part->missing < 0 && nothing.count++ == 0)
            nothing.row = row;
        if (code < 0 || part->category[code] >= 0)
            continue;
        if (encoding->unseen_error) {
            char excerpt[64];
            ds_cell_excerpt(excerpt, column->words.word[code]);
            return ds_cell_fail(table, column, row,
                                "correct it, train on data that has it, or train with --set "
                                "data.unseen=zeros",
                                "\"%s\" does not occur in the training data", excerpt);
        }
        if (unseen.count++ == 0)
            unseen.row = row;
    }
    if (nothing.count && notes)
        DS_CHECK(ds_text_add(notes,
                             "%s: column \"%s\" has %lld missing cell%s, of which training had "
                             "none: they count as none of its categories\n",
                             table->source, column->name, (long long)nothing.count,
                             nothing.count == 1 ? "" : "s"));
    return note_unseen(&unseen, table, column, notes);
}

/* Numbers in another unit than training's would be taken for what they are not. A file without a
 * currency's sign is taken to be in the same. */
static ds_status check_unit(const ds_column *column, const char *unit, const char *file) {
    bool percent = *unit == '%', now = *column->unit == '%';
    bool currency = *unit && *column->unit && strcmp(unit, column->unit) != 0;
    if (percent == now && !currency)
        return DS_OK;
    return ds_fail(DS_BAD_INPUT, "write the column in the unit that the model was trained with",
                   "%s: column \"%s\" is written %s%s, in training it was %s%s", file, column->name,
                   *column->unit ? "with " : "without ", *column->unit ? column->unit : unit,
                   *unit ? "with " : "without ", *unit ? unit : column->unit);
}

/* That every number is there or becomes one, and that its powers can be computed. */
static ds_status check_numbers(const ds_view_part *part, const ds_table *table,
                               const ds_rows *rows) {
    const ds_column *column = part->column;
    int first = part->lags ? 1 : 0;
    bool complete = column->complete || !isnan(part->fill);
    for (int64_t i = 0; i < rows->count && !complete; i++)
        for (int lag = first; lag <= part->lags; lag++)
            if (isnan(ds_column_number(column, rows->row[i] - lag)))
                return missing_feature(table, column, rows->row[i] - lag);
    double power[DS_HIGHEST_POWER];
    for (int64_t i = 0; i < rows->count && part->powers > 1; i++) {
        double value = ds_column_number(column, rows->row[i]);
        if (!isnan(value) && !ds_encode_powers(power, value, part->powers))
            return ds_cell_fail(table, column, rows->row[i], "take a lower power",
                                "%g to the power of %d is too large", value, part->powers);
    }
    return DS_OK;
}

static ds_status plan_part(ds_view_part *part, const ds_encoding *encoding, const ds_input *input,
                           const ds_table *table, const ds_rows *rows, ds_text *notes) {
    DS_CHECK(ds_table_need(table, input->name, &part->column));
    part->width = ds_input_width(input);
    part->lags = input->lags;
    part->powers = input->powers;
    part->indicator = input->missing.indicator;
    part->fill = input->fill;
    if (input->categories.count)
        return plan_words(part, encoding, input, table, rows, notes);
    DS_CHECK(check_unit(part->column, input->unit, table->source));
    return check_numbers(part, table, rows);
}

/* A view of the table's columns, whose rows are `row`, which must outlive it. */
static ds_status encode_table(ds_matrix *out, const ds_encoding *encoding, const ds_table *table,
                              const ds_rows *rows, const int32_t *row, ds_text *notes) {
    ds_status status = DS_OK;
    ds_matrix matrix = {.cell = DS_CELL_VIEW, .rows = rows->count, .columns = encoding->features};
    DS_TRY(ds_new(&matrix.view, 1, sizeof *matrix.view));
    DS_TRY(ds_new(&matrix.view->part, (size_t)encoding->inputs, sizeof *matrix.view->part));
    matrix.view->row = row;
    for (int i = 0; i < encoding->inputs; i++)
        DS_TRY(plan_part(&matrix.view->part[matrix.view->parts++], encoding, &encoding->input[i],
                         table, rows, notes));
    *out = matrix;
    matrix = (ds_matrix){0};

cleanup:
    ds_matrix_clear(&matrix);
    return status;
}

static ds_status encode_classes(double *to, const ds_encoding *encoding, const ds_table *table,
                                ds_column *column, const ds_rows *rows) {
    ds_status status = DS_OK;
    int32_t *number = NULL;
    DS_TRY(ds_column_to_text(column, table->rows));
    DS_TRY(map_words(&number, &encoding->classes, &column->words));
    for (int64_t i = 0; i < rows->count; i++) {
        int32_t code = column->codes[rows->row[i]];
        if (code < 0) {
            status = missing_cell(table, column, rows->row[i], "drop");
            goto cleanup;
        }
        if (number[code] < 0) {
            char excerpt[64];
            ds_cell_excerpt(excerpt, column->words.word[code]);
            status = ds_cell_fail(table, column, rows->row[i],
                                  "correct it, or train on data that has it",
                                  "the class \"%s\" does not occur in the training data", excerpt);
            goto cleanup;
        }
        to[i] = number[code];
    }

cleanup:
    ds_free(number);
    return status;
}

static ds_status encode_targets(ds_matrix *out, const ds_encoding *encoding, ds_source *source,
                                const ds_rows *rows) {
    ds_table *table = NULL;
    ds_column *column = NULL;
    DS_CHECK(ds_matrix_new(out, DS_CELL_FLOAT64, rows->count, encoding->outputs));
    double *to = out->cells;
    for (int j = 0; j < encoding->outputs; j++) {
        DS_CHECK(ds_source_target(source, encoding->output[j].name, &table, &column));
        if (!encoding->classes.count)
            DS_CHECK(check_unit(column, encoding->output[j].unit, table->source));
        if (encoding->classes.count)
            return encode_classes(to, encoding, table, column, rows);
        for (int64_t i = 0; i < rows->count; i++) {
            double value = ds_column_number(column, rows->row[i]);
            if (isnan(value))
                return missing_cell(table, column, rows->row[i], "drop");
            if (encoding->kind == DS_TARGET_BINARY && !(value >= 0 && value <= 1))
                return ds_cell_fail(table, column, rows->row[i],
                                    "binary_cross_entropy takes two classes, or columns of 0 and 1",
                                    "expected a number from 0 to 1, got %g", value);
            to[i * out->columns + j] = value;
        }
    }
    return DS_OK;
}

static ds_status encode_array(ds_matrix *out, ds_source *source, const ds_rows *rows,
                              bool may_take) {
    ds_matrix *cells = &source->array.cells;
    if (!may_take || rows->count != cells->rows)
        return ds_matrix_gather(out, cells, rows->row, rows->count);
    *out = *cells;
    *cells = (ds_matrix){0};
    return DS_OK;
}

ds_status ds_encode(ds_set *out, const ds_encoding *encoding, ds_source *source,
                    const ds_rows *rows, bool with_targets, bool may_take, ds_text *notes) {
    ds_status status = DS_OK;
    ds_set set = {.rows = rows->count};
    if (rows->count == 0)
        return DS_OK;
    set.from = source;
    DS_TRY(ds_new(&set.row, (size_t)rows->count, sizeof *set.row));
    for (int64_t i = 0; i < rows->count; i++)
        set.row[i] = (int32_t)rows->row[i];
    if (with_targets)
        DS_TRY(encode_targets(&set.targets, encoding, source, rows));
    if (source->is_array)
        DS_TRY(encode_array(&set.features, source, rows, may_take));
    else
        DS_TRY(encode_table(&set.features, encoding, &source->table, rows, set.row, notes));
    if (source->date)
        DS_TRY(ds_new(&set.date, (size_t)rows->count, sizeof *set.date));
    if (source->date)
        DS_TRY(ds_new(&set.missing, (size_t)rows->count, sizeof *set.missing));
    for (int64_t i = 0; set.date && i < rows->count; i++) {
        set.date[i] = source->date[rows->row[i]];
        set.missing[i] = source->period[rows->row[i]] - rows->row[i];
    }
    *out = set;
    set = (ds_set){0};

cleanup:
    ds_set_clear(&set);
    return status;
}

ds_status ds_encode_naive(ds_set *set, const ds_encoding *encoding, ds_source *source,
                          const ds_rows *rows, const ds_naive *naive, int naives) {
    int64_t targets = encoding->outputs;
    if (naives == 0 || rows->count == 0)
        return DS_OK;
    DS_CHECK(ds_new(&set->naive, (size_t)(naives * rows->count * targets), sizeof *set->naive));
    for (int64_t j = 0; j < targets; j++) {
        ds_table *table = NULL;
        ds_column *column = NULL;
        DS_CHECK(ds_source_target(source, encoding->output[j].name, &table, &column));
        double *to = set->naive + j;
        for (int k = 0; k < naives; k++)
            for (int64_t i = 0; i < rows->count; i++, to += targets) {
                int64_t row = ds_series_naive_row(source, rows->row[i], naive[k].steps, 0);
                *to = ds_column_number(column, row);
                if (isnan(*to))
                    return missing_cell(table, column, row, "drop");
            }
    }
    return DS_OK;
}

ds_status ds_encode_feature_constants(ds_matrix *features, const ds_encoding *encoding) {
    bool any = false;
    for (int64_t j = 0; j < encoding->features && !any; j++)
        any = encoding->subtract[j] != 0 || encoding->divide[j] != 1;
    return any ? ds_matrix_set_constants(features, encoding->subtract, encoding->divide) : DS_OK;
}

ds_status ds_encode_constants(ds_set *set, const ds_encoding *encoding) {
    ds_status status = DS_OK;
    double *subtract = NULL, *divide = NULL;
    bool any = false;
    if (set->rows == 0)
        return DS_OK;
    DS_CHECK(ds_encode_feature_constants(&set->features, encoding));
    DS_TRY(ds_new(&subtract, (size_t)encoding->outputs, sizeof *subtract));
    DS_TRY(ds_new(&divide, (size_t)encoding->outputs, sizeof *divide));
    for (int j = 0; j < encoding->outputs; j++) {
        subtract[j] = encoding->output[j].subtract;
        divide[j] = encoding->output[j].divide;
        any = any || subtract[j] != 0 || divide[j] != 1;
    }
    if (any && set->targets.cells)
        DS_TRY(ds_matrix_set_constants(&set->targets, subtract, divide));

cleanup:
    ds_free(subtract);
    ds_free(divide);
    return status;
}
