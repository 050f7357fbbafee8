#include "data/dataset.h"

#include <string.h>

#include "data/encode.h"
#include "data/encoding_plan.h"
#include "data/guess_columns.h"
#include "data/kept_encoding.h"
#include "data/normalize.h"
#include "data/series.h"
#include "data/set_notes.h"
#include "data/target_names.h"

void ds_set_clear(ds_set *set) {
    ds_matrix_clear(&set->features);
    ds_matrix_clear(&set->targets);
    ds_free(set->row);
    ds_free(set->date);
    ds_free(set->missing);
    ds_free(set->naive);
    ds_source_destroy(set->source);
    *set = (ds_set){0};
}

int64_t ds_set_file_row(const ds_set *set, int64_t row) {
    int64_t at = set->row ? set->row[row] : row;
    return (set->from ? ds_source_file_row(set->from, at) : at) + 1;
}

const char *ds_set_file(const ds_set *set) {
    return set->from && set->from->table.line ? set->from->table.source : NULL;
}

int64_t ds_set_line(const ds_set *set, int64_t row) {
    return ds_set_file(set) ? set->from->table.line[set->row ? set->row[row] : row] : 0;
}

static int most(int a, int b) {
    return a > b ? a : b;
}

/* Splits the source's rows, fits the encoding on the training rows and fills the sets. */
static ds_status fill_sets(ds_data *data, const ds_data_options *options, ds_source *source,
                           bool fit, uint64_t seed, ds_text *notes) {
    static const char *const names[] = {"training set", "validation set", "test set"};
    ds_status status = DS_OK;
    ds_rows usable = {0}, part[3] = {{0}};
    ds_set *const sets[] = {&data->train, &data->validation, &data->test};
    ds_encoding *encoding = data->encoding;
    const char *file = source->is_array ? source->array.source : source->table.source;
    DS_TRY(ds_rows_usable(&usable, encoding, source, true, !fit));
    if (usable.count < source->rows)
        DS_TRY(ds_text_add(notes, "%s: %lld of %lld rows have a missing cell and are left out\n",
                           file, (long long)(source->rows - usable.count),
                           (long long)source->rows));
    DS_TRY(ds_rows_split(part, &usable, options, source, encoding, seed, notes));
    if (part[0].count == 0) {
        status = ds_fail(DS_BAD_INPUT, "make the shares of validation and test smaller",
                         "%s: the split leaves no row for training", file);
        goto cleanup;
    }
    if (fit) {
        DS_TRY(ds_encoding_keep_trained(encoding, source, &part[0]));
        DS_TRY(ds_fit_missing(encoding, source, &part[0]));
    }
    for (int k = 0; k < 3; k++) {
        ds_lookback lookback = {.set = names[k],
                                .lags = most(encoding->steps, options->history),
                                .naive = data->naive,
                                .naives = data->naives,
                                .before = options->history_before,
                                .lenient = !fit,
                                .notes = notes};
        DS_TRY(ds_rows_drop_history(&part[k], source, encoding, &lookback));
        DS_TRY(ds_encode(sets[k], encoding, source, &part[k], true, true, notes));
        DS_TRY(ds_encode_naive(sets[k], encoding, source, &part[k], data->naive, data->naives));
    }
    if (fit)
        DS_TRY(ds_fit_features(encoding, &data->train.features, options, source->scale, notes));
    if (fit && options->normalize_numbers && encoding->kind == DS_TARGET_NUMBERS)
        DS_TRY(ds_fit_targets(encoding, &data->train.targets, notes));
    for (int k = 0; k < 3; k++)
        DS_TRY(ds_encode_constants(sets[k], encoding));

cleanup:
    ds_rows_clear(&usable);
    for (int k = 0; k < 3; k++)
        ds_rows_clear(&part[k]);
    return status;
}

/* What a later file is asked for beside the features. */
typedef struct apply_wish {
    bool with_targets;
    const ds_naive *naive;
    int naives;
    int history;    /* rows at the start that are history only */
    ds_text *notes; /* or NULL */
} apply_wish;

static ds_status apply_files(ds_set *out, const ds_encoding *encoding, const ds_files *files,
                             const apply_wish *asked, int64_t *all_rows);

/* Makes of the source what the encoding can take: an array as it is, or a table. */
static ds_status fit_source(ds_source *source, const ds_encoding *encoding) {
    const ds_array_file *array = &source->array;
    if (!source->is_array)
        return DS_OK;
    if (encoding->plain && array->cells.columns == encoding->features)
        return ds_array_file_check(array);
    if (encoding->rank > 1 || array->rank > 1)
        return ds_fail(DS_BAD_INPUT, "the samples must have the shape of those trained on",
                       "%s: a sample has %lld numbers, the model takes %lld", array->source,
                       (long long)array->cells.columns, (long long)encoding->features);
    return ds_source_to_table(source);
}

/* Reads the training file and makes its encoding. */
static ds_status read_and_plan(ds_data *data, ds_data_options *read, ds_text *notes) {
    ds_source *source = data->source;
    ds_wish wish = ds_data_options_wish(read);
    wish.notes = notes;
    DS_CHECK(ds_source_read(source, &read->train, &wish, ds_data_options_need_table(read)));
    if (source->is_array)
        DS_CHECK(ds_array_file_check(&source->array));
    DS_CHECK(ds_values_apply(&read->values, &source->table));
    DS_CHECK(ds_target_names(read, source));
    DS_CHECK(ds_guess_columns(read, source, notes));
    DS_CHECK(ds_encoding_plan(&data->encoding, read, source, notes));
    return ds_series_sort(source, data->encoding, read->naives, notes);
}

/* Reads it as a model that goes on wants it. */
static ds_status read_as_kept(ds_data *data, const ds_data_options *read, const ds_encoding *kept,
                              ds_text *notes) {
    ds_source *source = data->source;
    ds_encoding_wish columns = {kept, true};
    ds_wish wish = ds_encoding_table_wish(&columns);
    const ds_column *date;
    wish.notes = notes;
    wish.header = read->header ? read->header : kept->header; /* how this file is written */
    wish.decimal = read->decimal ? read->decimal : kept->decimal;
    if (read->missing_words)
        wish.missing = &read->missing_word;
    DS_CHECK(ds_kept_encoding_check(kept, read));
    DS_CHECK(ds_source_read(source, &read->train, &wish, false));
    DS_CHECK(fit_source(source, kept));
    if (read->date.column && !source->is_array)
        DS_CHECK(ds_table_need(&source->table, kept->date.column, &date));
    DS_CHECK(ds_values_apply(&kept->values, &source->table));
    DS_CHECK(ds_kept_encoding_compare(kept, read, source, notes));
    DS_CHECK(ds_encoding_copy(&data->encoding, kept));
    return ds_series_apply(source, kept, read->naives, notes);
}

ds_status ds_dataset_read(ds_data **out, const ds_node *options, const char *folder,
                          ds_target_kind kind, const ds_encoding *kept, uint64_t seed,
                          ds_text *notes) {
    ds_status status = DS_OK;
    ds_data *data = NULL;
    ds_data_options read = {0};
    int64_t rows;
    DS_TRY(ds_data_options_read(&read, options, folder, kind));
    DS_TRY(ds_new(&data, 1, sizeof *data));
    DS_TRY(ds_new(&data->source, 1, sizeof *data->source));
    DS_TRY(kept ? read_as_kept(data, &read, kept, notes) : read_and_plan(data, &read, notes));
    memcpy(data->naive, read.naive, sizeof data->naive);
    data->naives = read.naives;
    if (read.naives && data->encoding->kind != DS_TARGET_NUMBERS) {
        status = ds_node_fail(ds_node_get(options, "baselines"), "--set data.baselines=none",
                              "baselines: the target is classes, not a number");
        goto cleanup;
    }
    for (int k = 0; k < data->naives; k++)
        DS_TRY(ds_series_note_season(data->source, data->encoding, &data->naive[k], notes));
    DS_TRY(fill_sets(data, &read, data->source, !kept, seed, notes));
    apply_wish asked = {true, data->naive, data->naives, read.history, notes};
    if (read.test_node)
        DS_TRY(apply_files(&data->test, data->encoding, &read.test, &asked, &rows));
    DS_TRY(ds_class_notes(data, kept != NULL, notes));
    DS_TRY(ds_precision_notes(data, notes));
    *out = data;
    data = NULL;

cleanup:
    ds_data_destroy(data);
    ds_data_options_clear(&read);
    return status;
}

/* How many rows of a file are not answered, and why. */
static ds_status note_unanswered(const ds_source *source, int64_t in_file, int64_t usable,
                                 int64_t answered, const ds_encoding *encoding,
                                 const apply_wish *asked) {
    int64_t missing = in_file - usable, short_of = usable - answered;
    if (missing + short_of == 0 || !asked->notes)
        return DS_OK;
    DS_CHECK(ds_text_add(asked->notes, "%s: %lld of %lld rows %s:",
                         source->is_array ? source->array.source : source->table.source,
                         (long long)(missing + short_of), (long long)in_file,
                         asked->with_targets ? "are left out" : "get no prediction"));
    if (missing)
        DS_CHECK(ds_text_add(asked->notes, " %lld with a missing cell%s", (long long)missing,
                             short_of ? "," : ""));
    if (short_of)
        DS_CHECK(ds_text_add(asked->notes, " %lld without the values of all %d rows before them",
                             (long long)short_of, encoding->steps));
    return ds_text_add(asked->notes, "\n");
}

static ds_status apply_files(ds_set *out, const ds_encoding *encoding, const ds_files *files,
                             const apply_wish *asked, int64_t *all_rows) {
    ds_status status = DS_OK;
    ds_rows rows = {0};
    ds_set set = {0};
    ds_source *source = NULL;
    bool with_targets = asked->with_targets;
    ds_encoding_wish columns = {encoding, with_targets};
    ds_wish wish = ds_encoding_table_wish(&columns);
    ds_lookback lookback = {.set = "file",
                            .lags = most(encoding->steps, asked->history),
                            .naive = asked->naive,
                            .naives = asked->naives,
                            .lenient = true,
                            .may_be_none = !with_targets};
    DS_TRY(ds_new(&source, 1, sizeof *source));
    DS_TRY(ds_source_read(source, files, &wish, false));
    DS_TRY(fit_source(source, encoding));
    DS_TRY(ds_values_apply(&encoding->values, &source->table));
    int64_t in_file = source->rows;
    DS_TRY(ds_series_apply(source, encoding, asked->naives, asked->notes));
    DS_TRY(ds_rows_usable(&rows, encoding, source, with_targets, true));
    int64_t usable = rows.count;
    DS_TRY(ds_rows_drop_history(&rows, source, encoding, &lookback));
    DS_TRY(note_unanswered(source, in_file, usable, rows.count, encoding, asked));
    DS_TRY(ds_encode(&set, encoding, source, &rows, with_targets, true, asked->notes));
    DS_TRY(ds_encode_naive(&set, encoding, source, &rows, asked->naive, asked->naives));
    DS_TRY(ds_encode_constants(&set, encoding));
    *all_rows = in_file;
    *out = set;
    out->source = source;
    set = (ds_set){0};
    source = NULL;

cleanup:
    ds_set_clear(&set);
    ds_rows_clear(&rows);
    ds_source_destroy(source);
    return status;
}

ds_status ds_dataset_apply(ds_set *out, const ds_encoding *encoding, const char *path,
                           bool with_targets, int64_t *all_rows, ds_text *notes) {
    ds_status status = DS_OK;
    ds_files files = {0};
    DS_TRY(ds_files_from_text(&files, path, NULL));
    apply_wish asked = {.with_targets = with_targets, .notes = notes};
    DS_TRY(apply_files(out, encoding, &files, &asked, all_rows));

cleanup:
    ds_files_clear(&files);
    return status;
}
