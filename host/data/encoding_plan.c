#include "data/encoding_plan.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/remedy.h"
#include "data/target_plan.h"

enum { MOST_CATEGORIES = 1 << 16, MANY_CATEGORIES = 20 };

ds_status ds_encoding_plan_array(ds_encoding *encoding, const ds_array_file *array) {
    int64_t columns = array->cells.columns;
    if (columns > INT32_MAX)
        return ds_fail(DS_BAD_INPUT, "", "%s: %lld columns are too many", array->source,
                       (long long)columns);
    DS_CHECK(ds_new(&encoding->input, (size_t)columns, sizeof *encoding->input));
    encoding->inputs = (int)columns;
    for (int i = 0; i < encoding->inputs; i++) {
        ds_text name = {0};
        DS_CHECK(ds_text_add(&name, "c%d", i + 1));
        encoding->input[i] = (ds_input){.name = name.characters, .powers = 1, .fill = NAN};
    }
    encoding->rank = array->rank;
    memcpy(encoding->shape, array->shape, sizeof encoding->shape);
    return DS_OK;
}

/* The sorted categories of a text column. */
static ds_status plan_categories(ds_input *input, const ds_table *table, const ds_column *column,
                                 ds_text *notes) {
    int32_t count = column->words.count;
    char message[64];
    if (count == 0)
        return ds_cell_fail_excluding(table, column, 0, "the column holds nothing");
    if (count > MOST_CATEGORIES) {
        ds_format(message, sizeof message, "%d different texts are too many for categories", count);
        return ds_cell_fail_excluding(table, column, 0, message);
    }
    bool all_differ = count > 2 && count == table->rows;
    if (all_differ || (count > MANY_CATEGORIES && count > table->rows / 4)) {
        DS_CHECK(ds_text_add(notes,
                             "column \"%s\" is text with %d different values in %lld rows, each a "
                             "feature of its own: if it is a name, leave it out: ",
                             column->name, count, (long long)table->rows));
        DS_CHECK(ds_text_remedy(notes, "data.exclude+=", column->name));
        if (ds_date_column_begins(column)) {
            DS_CHECK(ds_text_add(notes, "; if it is a date, "));
            DS_CHECK(ds_text_remedy(notes, "data.date=", column->name));
        }
        DS_CHECK(ds_text_add(notes, "\n"));
    }
    for (int64_t i = 0; i < table->rows && input->missing.what == DS_MISSING_WORD; i++)
        input->missing_word = input->missing_word || column->codes[i] < 0;
    return ds_words_sort(&input->categories, &column->words);
}

static ds_status plan_input(ds_encoding *encoding, const ds_data_options *options,
                            const ds_table *table, const ds_column *column, int lags,
                            ds_text *notes) {
    ds_input *input = &encoding->input[encoding->inputs++];
    *input = (ds_input){.powers = 1, .lags = lags, .fill = NAN};
    memcpy(input->unit, column->unit, sizeof input->unit);
    DS_CHECK(ds_copy_text(&input->name, column->name));
    bool text = column->kind == DS_COLUMN_TEXT;
    DS_CHECK(ds_missing_rule_find(&input->missing, &options->missing, column->name, text));
    if (input->missing.indicator && lags)
        return ds_node_fail(ds_node_get(options->missing.node, column->name),
                            "leave `indicator` out",
                            "missing: \"%s\" has lags, which take no indicator", column->name);
    if (text)
        return plan_categories(input, table, column, notes);
    const ds_node *power = ds_node_get(options->expand, column->name);
    int64_t powers = 1;
    if (power)
        DS_CHECK(ds_node_integer(power, column->name, &powers));
    input->powers = (int)powers;
    return DS_OK;
}

/* The column a node of the recipe names; the error stands at that place of the recipe. */
static ds_status named_column(const ds_column **out, const ds_table *table, const ds_node *node,
                              const char *name) {
    ds_saved_error saved;
    ds_status status = ds_table_need(table, name, out);
    if (status != DS_BAD_INPUT)
        return status;
    ds_error_take(&saved);
    return ds_node_fail(node, saved.hint, "%s", saved.message);
}

static ds_status plan_table(ds_encoding *encoding, const ds_data_options *options,
                            const ds_table *table, ds_text *notes) {
    const ds_column *column = NULL;
    const ds_names *lagged = &options->lagged, *features = &options->features;
    size_t most = (size_t)table->columns + (size_t)lagged->count + (size_t)features->count;
    DS_CHECK(ds_new(&encoding->input, most, sizeof *encoding->input));
    for (int i = 0; i < lagged->count; i++) {
        DS_CHECK(named_column(&column, table, lagged->node[i], lagged->node[i]->text));
        DS_CHECK(plan_input(encoding, options, table, column, options->lags, notes));
    }
    for (int i = 0; i < features->count; i++) {
        DS_CHECK(named_column(&column, table, features->node[i], features->node[i]->text));
        DS_CHECK(plan_input(encoding, options, table, column, 0, notes));
    }
    for (int j = 0; j < table->columns && !lagged->count && !features->count; j++) {
        column = &table->column[j];
        bool date = options->date.column && strcmp(options->date.column, column->name) == 0;
        bool series = ds_names_find(&options->series, column->name);
        if (column->kind != DS_COLUMN_SKIPPED && !date && !series &&
            !ds_names_find(&options->target, column->name))
            DS_CHECK(plan_input(encoding, options, table, column, 0, notes));
    }
    if (encoding->inputs == 0)
        return ds_fail(DS_BAD_INPUT,
                       "a column beside the target is needed, or its own past: lags: {of: COLUMN, "
                       "steps: 7}",
                       "%s: no column is left to be a feature", table->source);
    return DS_OK;
}

/* That what the recipe says of columns is said of columns that are features. */
static ds_status check_names(const ds_encoding *encoding, const ds_data_options *options,
                             const ds_source *source) {
    const ds_table *table = &source->table;
    const ds_column *column = NULL;
    for (int i = 0; i < options->target.count && !source->has_labels; i++)
        DS_CHECK(
            named_column(&column, table, options->target.node[i], options->target.node[i]->text));
    for (int i = 0; i < options->exclude.count; i++)
        DS_CHECK(
            named_column(&column, table, options->exclude.node[i], options->exclude.node[i]->text));
    if (options->date.column)
        DS_CHECK(named_column(&column, table, options->date.node, options->date.column));
    for (int i = 0; i < options->categories.count; i++)
        DS_CHECK(named_column(&column, table, options->categories.node[i],
                              options->categories.node[i]->text));
    for (int i = 0; i < options->series.count; i++)
        DS_CHECK(
            named_column(&column, table, options->series.node[i], options->series.node[i]->text));
    DS_EACH_CHILD (entry, options->missing.node)
        DS_CHECK(named_column(&column, table, entry, entry->key));
    DS_EACH_CHILD (entry, options->values_node)
        DS_CHECK(named_column(&column, table, entry, entry->key));
    DS_EACH_CHILD (entry, options->expand) {
        DS_CHECK(named_column(&column, table, entry, entry->key));
        bool used = false;
        for (int i = 0; i < encoding->inputs; i++)
            used = used || strcmp(encoding->input[i].name, entry->key) == 0;
        if (!used)
            return ds_node_fail(entry, "--set data.features=none takes every column",
                                "expand: \"%s\" is not a feature", entry->key);
    }
    return DS_OK;
}

static ds_status plan_date(ds_encoding *encoding, const ds_data_options *options) {
    const ds_date_options *date = &options->date;
    encoding->date.drop_gaps = date->drop_gaps;
    encoding->date.join = date->join;
    if (date->column)
        DS_CHECK(ds_copy_text(&encoding->date.column, date->column));
    if (date->format)
        DS_CHECK(ds_copy_text(&encoding->date.format, date->format));
    return DS_OK;
}

ds_status ds_encoding_plan(ds_encoding **out, const ds_data_options *options, ds_source *source,
                           ds_text *notes) {
    ds_status status = DS_OK;
    ds_encoding *encoding = NULL;
    int32_t index;
    DS_TRY(ds_new(&encoding, 1, sizeof *encoding));
    encoding->unseen_error = options->unseen_error;
    encoding->own_missing = options->missing_words != NULL;
    DS_TRY(ds_words_copy(&encoding->missing_words, &options->missing_word));
    for (int i = 0; i < options->series.count; i++)
        DS_TRY(ds_words_add(&encoding->series, options->series.node[i]->text, &index));
    encoding->header = options->header;
    encoding->decimal = source->is_array ? options->decimal : source->table.decimal;
    DS_TRY(plan_date(encoding, options));
    DS_TRY(ds_values_copy(&encoding->values, &options->values));
    if (source->is_array) {
        DS_TRY(ds_encoding_plan_array(encoding, &source->array));
    } else {
        DS_TRY(plan_table(encoding, options, &source->table, notes));
        DS_TRY(check_names(encoding, options, source));
    }
    DS_TRY(ds_target_plan(encoding, options, source, notes));
    DS_TRY(ds_encoding_finish(encoding));
    *out = encoding;
    encoding = NULL;

cleanup:
    ds_encoding_destroy(encoding);
    return status;
}

/* Whether the categories became others. */
static ds_status keep_trained(bool *changed, ds_input *input, const ds_table *table,
                              const ds_rows *train) {
    ds_status status = DS_OK;
    const ds_column *column = NULL;
    ds_words words = {0}, sorted = {0};
    bool missing = false;
    int32_t index;
    DS_CHECK(ds_table_need(table, input->name, &column));
    for (int64_t i = 0; i < train->count; i++) {
        int32_t code = column->codes[train->row[i]];
        missing = missing || code < 0;
        if (code >= 0)
            DS_TRY(ds_words_add(&words, column->words.word[code], &index));
    }
    if (words.count == 0) {
        status = ds_cell_fail_excluding(table, column, train->row[0],
                                        "no training row has a word of this column");
        goto cleanup;
    }
    DS_TRY(ds_words_sort(&sorted, &words));
    bool word = input->missing_word && missing;
    *changed = sorted.count != input->categories.count || word != input->missing_word;
    input->missing_word = word;
    if (*changed) {
        ds_words_clear(&input->categories);
        input->categories = sorted;
        sorted = (ds_words){0};
    }

cleanup:
    ds_words_clear(&words);
    ds_words_clear(&sorted);
    return status;
}

ds_status ds_encoding_keep_trained(ds_encoding *encoding, const ds_source *source,
                                   const ds_rows *train) {
    bool any = false;
    for (int i = 0; i < encoding->inputs; i++) {
        bool changed = false;
        if (encoding->input[i].categories.count)
            DS_CHECK(keep_trained(&changed, &encoding->input[i], &source->table, train));
        any = any || changed;
    }
    return any ? ds_encoding_finish(encoding) : DS_OK;
}
